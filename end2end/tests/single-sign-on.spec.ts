// Single sign-on against a provider that others wrote (`support/provider.mjs`): there and back in a
// browser, the role that it gives, who is turned away, and out again at both ends.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { freePort, serveAsItIs, stop, type Server } from "../support/server";

const PROVIDER = fileURLToPath(new URL("../support/provider.mjs", import.meta.url));

let provider: ChildProcess;
let host: string;
let server: Server;

test.describe.configure({ mode: "serial" });
// The provider's pages load a font from the internet, which is not there.
test.use({ storageState: { cookies: [], origins: [] }, allowedComplaints: [/ERR_|status of 403/] });

test.beforeAll(async ({}, info) => {
  const data = info.outputPath("data");
  mkdirSync(data, { recursive: true });
  const log = info.outputPath("serve.log");
  host = `127.0.0.1:${await freePort()}`;
  process.env.BOTSCOPE_OIDC_CLIENT_SECRET = "a secret between the two";
  server = await serveAsItIs(
    data,
    log,
    `--oidc-issuer=http://${host}`,
    "--oidc-client-id=botscope",
    "--oidc-role-claim=groups",
    "--oidc-role=security=analyst",
    "--oidc-role=staff=read_only",
  );
  delete process.env.BOTSCOPE_OIDC_CLIENT_SECRET;
  await setUp(log);
  const redirectUri = `${server.url}/sign-in/oidc/callback`;
  provider = spawn(process.execPath, [PROVIDER, redirectUri, host.split(":")[1]!], { stdio: ["ignore", "pipe", "ignore"] });
  await once(provider.stdout!, "data");
});

test.afterAll(async () => {
  await server.stop();
  await stop(provider);
});

/** Makes the first account, by the link that the server printed. */
async function setUp(log: string): Promise<void> {
  let link = "";
  await expect(() => {
    link = /Set up your account: (\S+)/.exec(readFileSync(log, "utf8"))![1]!;
  }).toPass();
  const form = { email: "root@shop.example", name: "Root", password: "seven copper kettles" };
  const answer = await fetch(link, { method: "POST", redirect: "manual", headers: { origin: server.url }, body: new URLSearchParams(form) });
  expect(answer.status, await answer.text()).toBe(303);
}

/** Signs in as somebody that the provider knows. */
async function signIn(page: Page, who: string): Promise<void> {
  await page.route("https://fonts.googleapis.com/**", (route) => route.abort());
  await page.goto(`${server.url}/settings/account`);
  await page.getByRole("link", { name: `Sign in with ${host}` }).click();
  await page.locator("[name=login]").fill(who);
  await page.locator("[name=password]").fill("not looked at");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("who is known there is in here, with the role that their group gives", async ({ page }) => {
  await signIn(page, "ada");
  await expect(page).toHaveURL(`${server.url}/settings/account`);
  const answer = await page.request.get(`${server.url}/api/v1/lists/entries?list=deny`);
  expect(answer.status(), await answer.text()).toBe(200);
  const cookies = await page.context().cookies(server.url);
  const ours = cookies.filter((cookie) => cookie.name.startsWith("botscope"));
  expect(ours).toHaveLength(1);
  expect(ours[0]).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
});

test("who is in no group that counts is told so", async ({ page }) => {
  await signIn(page, "bob");
  await expect(page.getByRole("alert")).toContainText("You are known to single sign-on but have no role here");
  await expect(page).toHaveURL(/\/sign-in\?problem=no_role$/);
  const axe = await new AxeBuilder({ page }).analyze();
  expect(axe.violations).toEqual([]);
  const answer = await page.request.get(`${server.url}/api/v1/overview`);
  expect(answer.status()).toBe(401);
});

test("who claims an address that is not confirmed gets no account", async ({ page }) => {
  await signIn(page, "eve");
  await expect(page.getByRole("alert")).toContainText("no confirmed e-mail address");
});

test("signing out here leads to the provider's own sign-out", async ({ page }) => {
  await signIn(page, "ada");
  await expect(page).toHaveURL(`${server.url}/settings/account`);
  await page.getByRole("button", { name: /^Ada L\., / }).click();
  await page.locator("#account-menu").getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(`${server.url}/sign-in?done=out`);
  await page.getByRole("link", { name: `Sign out of ${host} too` }).click();
  await page.getByRole("button", { name: /sign me out/i }).click();
  await expect(page).toHaveURL(`${server.url}/sign-in`);
});
