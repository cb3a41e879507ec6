// The front door: from the link of the first start into the console, out, in again with a code,
// and what is said to whoever forgot the password. On a server of its own, where nobody was before.

import { mkdirSync, readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { serveAsItIs, type Server } from "../support/server";
import { totp } from "../support/totp";

const EMAIL = "ann@example.com";
const PASSWORD = "seven copper kettles";

let server: Server;
let setUp: string;

test.describe.configure({ mode: "serial" });
test.use({ storageState: { cookies: [], origins: [] } });

test.beforeAll(async ({}, info) => {
  const data = info.outputPath("data");
  mkdirSync(data, { recursive: true });
  const log = info.outputPath("serve.log");
  server = await serveAsItIs(data, log);
  await expect(() => {
    setUp = /Set up your account: (\S+)/.exec(readFileSync(log, "utf8"))![1]!;
  }).toPass();
});

test.afterAll(() => server.stop());

async function signIn(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Ann .*: account$/ }).click();
  await page.locator("#account-menu").getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(`${server.url}/sign-in`);
}

test.describe("before there is an account", () => {
  test("every page says how to get one", async ({ page, request }) => {
    await page.goto(`${server.url}/attacks`);
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Set up Botscope");
    const answer = await request.get(`${server.url}/api/v1/overview`);
    expect(answer.status()).toBe(401);
  });
});

test.describe("with complaints of refused forms", () => {
  // What the server refuses, the browser notes in its console.
  test.use({ allowedComplaints: [/status of (401|404|422|429)/] });

  test("the link makes an account, and its faults stand at their fields", async ({ page }) => {
    await page.goto(setUp);
    await expect(page.getByLabel("E-mail address")).toBeFocused();
    await page.getByLabel("E-mail address").fill(EMAIL);
    await page.getByLabel("Your name, as others see it").fill("Ann <b>Example</b>");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Make the account" }).click();
    await expect(page.getByLabel("Password")).toBeFocused();
    await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/at least 12 characters/);
    await expect(page).toHaveTitle(/^Error: /);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Make the account" }).click();
    await expect(page.getByRole("banner").getByRole("link", { name: "Attacks", exact: true })).toBeVisible();
    await page.goto(setUp);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link does not hold");
  });

  test("a wrong password, the right one, and back to the page that was wanted", async ({ page }) => {
    await page.goto(`${server.url}/sessions?q=ip%3A192.0.2.1`);
    await signIn(page, "not the password");
    await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is wrong.");
    await signIn(page);
    await expect(page).toHaveURL(`${server.url}/sessions?q=ip%3A192.0.2.1`);
    await signOut(page);
    await page.goto(`${server.url}/sessions`);
    await expect(page).toHaveURL(/\/sign-in/);
  });

  test("a code of an app, once", async ({ page }) => {
    await page.goto(`${server.url}/sign-in`);
    await signIn(page);
    await expect(page.getByRole("banner")).toBeVisible();
    const secret = await page.evaluate(async (password) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/api/v1/me/totp", { method: "POST", headers, body: JSON.stringify({ password }) });
      return (await answer.json()).secret as string;
    }, PASSWORD);
    const confirmed = await page.evaluate(async (code) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/api/v1/me/totp/confirm", { method: "POST", headers, body: JSON.stringify({ code }) });
      return (await answer.json()).codes as string[];
    }, totp(secret, -1));
    expect(confirmed).toHaveLength(10);
    await signOut(page);

    await page.goto(`${server.url}/sign-in`);
    await signIn(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Enter your code");
    await page.getByLabel("Code").fill("000000");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByLabel("Code")).toHaveAccessibleDescription(/This code is wrong/);
    await page.getByLabel("Code").fill(totp(secret));
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("banner")).toBeVisible();
    await signOut(page);

    await page.goto(`${server.url}/sign-in`);
    await signIn(page);
    await page.getByLabel("Code").fill(confirmed[0]!);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("banner")).toBeVisible();
  });

  test("whoever forgot the password hears what to do", async ({ page }) => {
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole("link", { name: "Forgotten your password?" }).click();
    await expect(page.getByText("This installation sends no e-mail.")).toBeVisible();
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme} at ${width}`, () => {
      test.use({ colorScheme, viewport: { width, height: 844 }, javaScriptEnabled: true, allowedComplaints: [/status of 4/] });

      test("the pages fit, and axe finds nothing", async ({ page }) => {
        for (const path of ["/sign-in", "/forgotten", "/set-up/0", "/reset/0"]) {
          await page.goto(server.url + path);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow, path).toBeLessThanOrEqual(0);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations, path).toEqual([]);
          const out = process.env.SIGN_IN_SHOTS;
          if (out) await page.screenshot({ path: `${out}/${path.split("/")[1]}-${colorScheme}-${width}.png` });
        }
        await page.goto(`${server.url}/sign-in`);
        await page.getByRole("button", { name: "Sign in" }).click();
        await expect(page.getByLabel("E-mail address")).toHaveAccessibleDescription(/Expected an e-mail address/);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations).toEqual([]);
        const out = process.env.SIGN_IN_SHOTS;
        if (out) await page.screenshot({ path: `${out}/fault-${colorScheme}-${width}.png` });
      });
    });
  }
}
