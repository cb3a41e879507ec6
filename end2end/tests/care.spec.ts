// Small things that every page has: its keys, how it prints, that nothing jumps.

import type { Page } from "@playwright/test";
import { EVER, findAttackOf, findSessionOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { ACTORS } from "../support/traffic";
import { settled } from "../support/settled";

const search = encodeURIComponent(EVER);

test("a question mark opens the sheet of keys, Escape closes it and gives the focus back", async ({ page }) => {
  await page.goto(`/attacks?q=${search}`);
  const button = page.getByRole("button", { name: "Keys" });
  await button.focus();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await expect(sheet).toBeVisible();
  await expect(sheet).toContainText("Go from bot to bot");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(button).toBeFocused();
});

test("g and a letter lead to a section, and a slash into its search", async ({ page }) => {
  await page.goto(`/attacks?q=${search}`);
  await expect(page.getByRole("heading", { level: 1, name: "Attacks" })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page.getByRole("heading", { level: 1, name: "API sessions" })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page.getByRole("heading", { level: 1, name: "Applications" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "API sessions" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.locator("main [data-search]")).toBeFocused();
  // What is written is written, and leads nowhere.
  await page.keyboard.type("ga?");
  await expect(page.locator("main [data-search]")).toHaveValue(/ga\?$/);
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("an attack prints as a report: light, without what only a screen can do", async ({ page, request }) => {
  const attack = await findAttackOf(request, ACTORS.guesser);
  await page.goto(`/attacks/${attack.id}`);
  await expect(page.locator("svg.plot g.bubble").first()).toBeAttached();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("banner")).toBeHidden();
  await expect(page.getByRole("button", { name: /denylist|Explore|Load more/ })).toHaveCount(0);
  const ground = await page.locator("html").evaluate((html) => getComputedStyle(html).backgroundColor);
  expect(ground).toBe("rgb(255, 255, 255)");
  const paper = await page.pdf({ format: "A4", printBackground: true });
  expect(paper.subarray(0, 5).toString()).toBe("%PDF-");
});

test("what a page asks first is on its way before the console is there, and is asked once", async ({ page, request }) => {
  const attack = await findAttackOf(request, ACTORS.guesser);
  const session = await findSessionOf(request, attack.id);
  for (const [path, first] of [
    [`/attacks/${attack.id}`, [`/attacks/${attack.id}`, `/attacks/${attack.id}/heatmaps`]],
    [`/sessions/${session}`, [`/sessions/${session}`]],
  ] as [string, string[]][]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await settled(page);
    const answers = await page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).map(({ name, initiatorType }) => ({
        path: new URL(name).pathname.replace("/api/v1", ""),
        by: initiatorType,
      })),
    );
    for (const route of first) {
      expect(answers.filter((answer) => answer.path === route)).toEqual([{ path: route, by: "link" }]);
    }
  }
});

test.describe("nothing jumps while a page fills", () => {
  for (const [name, open] of [
    ["attacks", async () => `/attacks?q=${search}`],
    ["an attack", async (request) => `/attacks/${(await findAttackOf(request, ACTORS.guesser)).id}`],
    ["sessions", async () => `/sessions?q=${search}`],
    [
      "a session",
      async (request) => `/sessions/${await findSessionOf(request, (await findAttackOf(request, ACTORS.guesser)).id)}`,
    ],
  ] as [string, (request: import("@playwright/test").APIRequestContext) => Promise<string>][]) {
    test(name, async ({ page, request }) => {
      await recordShifts(page);
      await page.goto(await open(request));
      await settled(page);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      // What Google calls good is 0.1; a skeleton that keeps its place stays far below.
      expect(await page.evaluate(() => (window as unknown as { shifts: number }).shifts)).toBeLessThan(0.05);
    });
  }
});

/** Adds up the page's layout shifts (https://wicg.github.io/layout-instability/). */
async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, { shifts: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
        if (!entry.hadRecentInput) (window as unknown as { shifts: number }).shifts += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}
