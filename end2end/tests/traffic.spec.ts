// Traffic as it arrives: the way to connect a source with texts to copy, and the page that says what is taken and
// what is rejected. On a server of its own, because it changes what is stored.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

/** How traffic of the application arrives, as the server would say. */
function health(of: { application_id: string; application: string }) {
  const now = new Date().toISOString();
  const steps = Array.from({ length: 60 }, (_, step) => ({ accepted: 40 + 10 * (step % 7), rejected: step === 50 ? 12 : 0 }));
  return {
    now,
    since: now,
    step_s: 5,
    applications: [
      {
        ...of,
        accepted: 4_120,
        rejected: 12,
        bytes: 1_234_567,
        last_at: now,
        per_second: 13.7,
        steps,
        lag: { median_ms: 640, p99_ms: 2_100 },
        backlog: { bytes: 48_000, oldest_at: now },
        slowed: { last_at: now, times: 2, now: false },
        rejects: [
          { reason: "invalid_date", label: "no date, or an impossible one", count: 12, last_at: now, example: HOSTILE },
        ],
        sources: [
          { sender: "nginx of portal", address: "198.51.100.1", format: "JSON lines", accepted: 4_120, rejected: 12, bytes: 1_234_567, first_at: now, last_at: now },
        ],
        other_sources: 3,
      },
    ],
  };
}

const HOSTILE = '<img src=x onerror="alert(1)"> \u202egnp.exe';

async function portal(page: import("@playwright/test").Page): Promise<{ application_id: string; application: string }> {
  const { items } = await (await page.request.get(`${server.url}/api/v1/applications`)).json();
  return { application_id: items[0].id, application: items[0].name };
}

test("a source is connected: a tool, an application, a token, a text to copy, and the first request", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const settings = new SettingsPage(page);
  await settings.open(server.url, "traffic", "Traffic");
  await page.getByRole("main").getByRole("link", { name: "Connect a source" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Connect a source" })).toBeVisible();
  await page.getByRole("link", { name: "Vector", exact: true }).click();
  await expect(page).toHaveURL(/tool=vector/);
  const snippet = page.locator(".snippet__text");
  await expect(snippet).toContainText(`uri: ${server.url}/api/v1/ingest`);
  await expect(snippet).toContainText("token: TOKEN");

  await page.getByRole("combobox", { name: "Application" }).selectOption("A new one …");
  await page.getByLabel("Its name").fill("webshop");
  await settings.press("Make a token");
  await expect(page.getByText("Vector of webshop")).toBeVisible();
  const secret = await page.locator(".told code").textContent();
  await expect(snippet).toContainText(`token: ${secret}`);
  await page.locator(".snippet").getByRole("button", { name: "Copy" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await snippet.textContent());
  // It may send requests of this application, and see nothing.
  const seen = await fetch(`${server.url}/api/v1/attacks`, { headers: { authorization: `Bearer ${secret}` } });
  expect(seen.status).toBe(403);

  const waiting = page.getByRole("status").filter({ hasText: "Waiting for the first request" });
  await expect(waiting).toBeVisible();
  const send = (body: string) =>
    fetch(`${server.url}/api/v1/ingest`, { method: "POST", headers: { authorization: `Bearer ${secret}` }, body });
  expect((await send("Hello, is this a log?\n")).status).toBe(200);
  await expect(page.getByText("1 line arrived, and none could be read")).toBeVisible({ timeout: 10_000 });
  const lines = Array.from({ length: 12 }, (_, index) => line(`/products/${index}`));
  expect(await (await send(lines.join("\n"))).json()).toMatchObject({ accepted: 12, rejected: 0 });
  await expect(page.getByText("Received 12 requests")).toBeVisible({ timeout: 10_000 });

  // Whoever comes again makes another one, and is told that there are two.
  await page.reload();
  await page.getByRole("combobox", { name: "Application" }).selectOption("webshop");
  await settings.press("Make a token");
  await expect(page.getByText("Vector of webshop 2")).toBeVisible();
  await expect(page.getByText("There was a token called Vector of webshop already.")).toBeVisible();
  await expect(snippet).not.toContainText(`token: ${secret}`);
  // Another application has a token of its own; this one's is still there.
  await page.getByRole("combobox", { name: "Application" }).selectOption("portal");
  await expect(snippet).toContainText("token: TOKEN");
  await page.getByRole("combobox", { name: "Application" }).selectOption("webshop");
  await expect(page.getByText("Vector of webshop 2")).toBeVisible();

  // Who makes an application that there is gets a token of that one.
  await page.reload();
  await page.getByRole("combobox", { name: "Application" }).selectOption("A new one …");
  await page.getByLabel("Its name").fill("webshop");
  await settings.press("Make a token");
  await expect(page.getByText("Vector of webshop 3")).toBeVisible();
  await expect(page.getByText("There was an application called webshop already")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Application" }).getByRole("option", { selected: true })).toHaveText("webshop");

  await page.getByRole("link", { name: "See what arrives" }).click();
  await expect(page.getByRole("heading", { name: "webshop" })).toBeVisible();
  await expect(settings.row("Senders", "Vector of webshop").first()).toContainText("12");
  await expect(settings.row("Rejects", "Hello, is this a log?")).toBeVisible();
});

/** A line of an access log, of now. */
function line(path: string): string {
  const [day, month, year, time] = new Date().toUTCString().split(" ").slice(1);
  return `198.51.100.7 - - [${day}/${month}/${year}:${time} +0000] "GET ${path} HTTP/1.1" 200 512 "-" "Mozilla/5.0"`;
}

test("what is rejected is told with its reason and an example, as text", async ({ page }) => {
  const of = await portal(page);
  await page.route("**/api/v1/ingest/health", (route) => route.fulfill({ json: health(of) }));
  const settings = new SettingsPage(page);
  await settings.open(server.url, "traffic", "Traffic");
  await expect(page.getByRole("heading", { name: "portal" })).toBeVisible();
  await expect(page.getByText("Arriving")).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "13.7 /s" })).toBeVisible();
  const reject = settings.row("Rejects", "no date, or an impossible one");
  await expect(reject).toContainText('<img src=x onerror="alert(1)"> ⟨U+202E⟩gnp.exe');
  await expect(settings.row("Senders", "nginx of portal")).toContainText("198.51.100.1");
  await page.getByRole("link", { name: "Say what they are called" }).click();
  await expect(page.getByRole("heading", { name: "Field names" })).toBeInViewport();
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

axeFindsNothing(
  async (page) => {
    const of = await portal(page);
    await page.route("**/api/v1/ingest/health", (route) => route.fulfill({ json: health(of) }));
    const settings = new SettingsPage(page);
    await settings.open(server.url, "traffic", "Traffic");
    await expect(settings.row("Senders", "nginx of portal")).toBeVisible();
  },
  async (page) => {
    const settings = new SettingsPage(page);
    await settings.open(server.url, "traffic/connect", "Connect a source");
    await expect(page.locator(".snippet").first()).toBeVisible();
  },
);
