// A session of twenty thousand requests that goes on over midnight: scrolled, filtered, joined,
// taken home. Served from a store of its own.

import AxeBuilder from "@axe-core/playwright";
import { readFile } from "node:fs/promises";
import { EVER } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AFTER_MIDNIGHT, BEFORE_MIDNIGHT, longLog, MONITOR } from "../support/long";
import { serveOwn } from "../support/own";
import { SessionPage } from "../support/pages/session";
import { signedIn } from "../support/server";

const server = serveOwn("monitor", longLog, "default");
/** The session before midnight and the one after it. */
let sessions: string[];

test.beforeAll(async ({ playwright }) => {
  const request = await playwright.request.newContext({ baseURL: server.url, storageState: signedIn() });
  const response = await request.get("/api/v1/sessions", { params: { q: `ip:${MONITOR} ${EVER}` } });
  const items: { id: string; started_at: string }[] = (await response.json()).items;
  sessions = items.sort((a, b) => a.started_at.localeCompare(b.started_at)).map(({ id }) => id);
  expect(sessions).toHaveLength(2);
  await request.dispose();
});

async function open(page: import("@playwright/test").Page, query = "", which = 0): Promise<SessionPage> {
  await page.goto(`${server.url}/sessions/${sessions[which]}${query}`);
  const session = new SessionPage(page);
  // The first to open it waits until all of it was read.
  await expect(session.rows.first()).toContainText("/health", { timeout: 15_000 });
  return session;
}

test("the scroll bar is the list's: its middle and its end are a jump away", async ({ page }) => {
  const session = await open(page);
  expect(await session.count()).toBe(BEFORE_MIDNIGHT);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2));
  const places = async () =>
    session.rows.evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("aria-rowindex")) - 2));
  await expect.poll(async () => (await places())[0]).toBeGreaterThan(BEFORE_MIDNIGHT * 0.45);
  expect((await places()).at(-1)).toBeLessThan(BEFORE_MIDNIGHT * 0.55);
  await expect(session.table.locator(".skeleton")).toHaveCount(0);
  // Only what is in view exists.
  expect((await places()).length).toBeLessThan(100);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(session.row(BEFORE_MIDNIGHT - 1)).toBeInViewport();
  await expect(session.row(BEFORE_MIDNIGHT - 1)).toContainText("/health");
  const height = await page.evaluate(() => document.body.scrollHeight);
  expect(height).toBeGreaterThan(BEFORE_MIDNIGHT * 30);
});

test("the keyboard goes through the list, and the focus stays in it", async ({ page }) => {
  const session = await open(page);
  await session.toggle(0).focus();
  await page.keyboard.press("ArrowDown");
  await expect(session.toggle(1)).toBeFocused();
  await page.keyboard.press("PageDown");
  await expect(session.toggle(1)).not.toBeFocused();
  await page.keyboard.press("End");
  await expect(session.toggle(BEFORE_MIDNIGHT - 1)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(session.toggle(BEFORE_MIDNIGHT - 2)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(session.toggle(BEFORE_MIDNIGHT - 2)).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("Home");
  await expect(session.toggle(0)).toBeFocused();
  await expect(session.toggle(0)).toBeInViewport();
  // The row that had the focus goes, the next key still counts.
  await page.evaluate(() => window.scrollTo(0, 100_000));
  await expect(session.toggle(0)).toHaveCount(0);
  await page.keyboard.press("ArrowDown");
  await expect(session.toggle(1)).toBeFocused();
  // The list is one stop for Tab.
  await page.keyboard.press("Tab");
  expect(await session.table.evaluate((table) => table.contains(document.activeElement))).toBe(false);
});

test("values are shown only, several of them, or left out, and all of it is in the address", async ({ page }) => {
  const session = await open(page);
  await session.exclude("Responses", "200").click();
  await expect(page).toHaveURL(/not_status=200/);
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT / 100 + BEFORE_MIDNIGHT / 50);
  await session.only("Responses", "503").click();
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT / 100);
  await session.only("Responses", "204").click();
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT / 100 + BEFORE_MIDNIGHT / 50);
  await expect(session.only("Responses", "204")).toHaveAttribute("aria-current", "true");
  await expect(session.chips.getByRole("link")).toHaveText([/Responses: not 200/, /Responses: 503/, /Responses: 204/, "Clear the filters"]);
  await page.reload();
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT / 100 + BEFORE_MIDNIGHT / 50);
  await session.chips.getByRole("link", { name: "Remove: Responses 204" }).click();
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT / 100);
  await expect(session.only("Responses", "204")).not.toHaveAttribute("aria-current");
});

test("unusual requests are marked and say why", async ({ page }) => {
  const session = await open(page, "?unusual=odd_status");
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT / 100);
  await session.toggle(0).click();
  await expect(session.table).toContainText(/Of [\d]+ answers of this endpoint in this session, 200 had the status 503/);
});

test("days are joined over midnight on demand", async ({ page }) => {
  const session = await open(page);
  await expect(page.getByRole("link", { name: "Goes on the next day" })).toHaveAttribute("href", `/sessions/${sessions[1]}`);
  await page.getByRole("link", { name: "Join the days" }).click();
  await expect(page).toHaveURL(/join=true/);
  await expect.poll(() => session.count()).toBe(BEFORE_MIDNIGHT + AFTER_MIDNIGHT);
  await session.toggle(0).focus();
  await page.keyboard.press("End");
  await expect(session.toggle(BEFORE_MIDNIGHT + AFTER_MIDNIGHT - 1)).toBeFocused();
  const day = session.table.getByRole("rowheader").filter({ hasText: "2026-03-03 UTC" });
  await page.evaluate((rows) => window.scrollBy(0, -rows * 36), AFTER_MIDNIGHT);
  await expect(day).toBeVisible();
  await day.getByRole("link", { name: "Open this day alone" }).click();
  await expect(page).toHaveURL(new RegExp(`/sessions/${sessions[1]}$`));
  await expect(page.getByRole("link", { name: "Continues from the day before" })).toBeVisible();
});

test("a link leads to one request, wherever it is", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const session = await open(page);
  await session.toggle(0).focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  const detail = session.table.locator(".request-detail");
  await detail.getByRole("button", { name: "Copy as text" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^GET \/health HTTP\/1\.1\n/);
  await detail.getByRole("button", { name: "Copy link" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/\?request=\d+-\d+$/);
  await page.goto("about:blank");
  await page.goto(link);
  await expect(session.toggle(BEFORE_MIDNIGHT - 1)).toBeInViewport();
  await expect(session.toggle(BEFORE_MIDNIGHT - 1)).toHaveAttribute("aria-expanded", "true");
  await expect(session.toggle(BEFORE_MIDNIGHT - 1)).toBeFocused();
});

test.describe("a link to a request that the filter leaves out", () => {
  test.use({ allowedComplaints: [/404/] });

  test("says so", async ({ page }) => {
    await open(page, "?status=200&request=0-99");
    await expect(page.getByText("That request is not among those that are shown")).toBeVisible();
  });
});

test("the timeline leads to a moment", async ({ page }) => {
  const session = await open(page);
  const plot = page.getByRole("group", { name: /^Requests over time/ });
  await plot.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect.poll(async () => Number(await session.rows.last().getAttribute("aria-rowindex"))).toBeGreaterThan(BEFORE_MIDNIGHT * 0.9);
});

test("the requests can be taken home as they are filtered", async ({ page }) => {
  const session = await open(page, "?status=503");
  const download = page.waitForEvent("download");
  await session.csv.click();
  const file = await (await download).path();
  const lines = (await readFile(file, "utf8")).trimEnd().split("\r\n");
  expect(lines).toHaveLength(BEFORE_MIDNIGHT / 100 + 1);
  expect(lines[1]).toContain(",503,");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme} at ${width}`, () => {
      test.use({ colorScheme, viewport: { width, height: width > 1000 ? 900 : 844 } });

      test("axe finds nothing in a long session, joined, filtered, with a request open", async ({ page }) => {
        const session = await open(page, "?join=true&not_status=204");
        await session.toggle(1).click();
        await expect(session.table.locator(".request-detail")).toBeVisible();
        // Away from what would explain itself under the mouse.
        await page.mouse.move(1, 1);
        await page.evaluate(() => window.scrollBy(0, 400));
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
        expect(found).toEqual([]);
      });
    });
  }
}
