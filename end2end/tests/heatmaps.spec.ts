// The three heatmaps: what they say, zoom, hover, keys, selection, click through, table.

import { findAttackOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import type { Heatmaps, Tab } from "../support/pages/heatmaps";
import { ACTORS } from "../support/traffic";

const TABS: Tab[] = ["Performance", "Behavior", "HTTP errors"];

test.describe("heatmaps", () => {
  let heatmaps: Heatmaps;
  let attackId: string;

  test.beforeEach(async ({ page, request }) => {
    attackId = (await findAttackOf(request, ACTORS.lastScraper)).id;
    heatmaps = await new AttackPage(page).openHeatmaps(attackId);
  });

  test("each shows every bot of the 24 hours with axes, units and legends", async ({ request }) => {
    const all = await (await request.get(`/api/v1/attacks/${attackId}/heatmaps`)).json();
    for (const [tab, data] of [
      ["Performance", all.performance],
      ["Behavior", all.behavior],
      ["HTTP errors", all.http_errors],
    ] as const) {
      await heatmaps.choose(tab);
      await expect(heatmaps.bubbles).toHaveCount(data.bubbles.length);
      await expect(heatmaps.thisBot).toHaveCount(1);
      await expect(heatmaps.plot).toContainText(data.x.label);
      await expect(heatmaps.plot).toContainText(data.y.label);
      expect((await heatmaps.ticks()).length).toBeGreaterThan(3);
      await expect(heatmaps.legend).toContainText(data.color.label);
      await expect(heatmaps.legend).toContainText(data.size.label);
      expect(await heatmaps.legend.locator("text").count()).toBeGreaterThan(3);
    }
    expect(all.bots_total).toBeGreaterThan(3);
  });

  test("the caption says who is compared over which time", async ({ page }) => {
    await expect(page.getByText(/(all|top) \d+.*bots?, 24 h to 2 Mar( 2026)? \d\d:\d\d UTC/)).toBeVisible();
  });

  test("this bot is ringed and named, and a named crawler stands beside the bots", async () => {
    await expect(heatmaps.plot.locator(".plot__ring")).toBeVisible();
    await expect(heatmaps.plot.locator(".plot__label--this")).toContainText(ACTORS.lastScraper);
    await expect(heatmaps.references).toHaveCount(1);
    await expect(heatmaps.plot).toContainText("Googlebot");
  });

  test("a sentence says how to read it, and Show more explains all four dimensions", async ({ page }) => {
    for (const tab of TABS) {
      await heatmaps.choose(tab);
      const more = heatmaps.region.getByRole("button", { name: "Show more" });
      await more.click();
      await expect(heatmaps.region.getByRole("term")).toHaveCount(4);
      for (const channel of ["Further right", "Further up", "Redder", "Bigger"]) {
        await expect(heatmaps.region.getByRole("term").filter({ hasText: channel })).toBeVisible();
      }
      await page.getByRole("button", { name: "Show less" }).click();
      await expect(heatmaps.region.getByRole("term").first()).toBeHidden();
    }
  });

  for (const [how, reset] of [
    ["Escape", async () => heatmaps.stage.press("Escape")],
    ["a double click", async () => heatmaps.page.mouse.dblclick(...(await emptyCorner(heatmaps)))],
    ["a button", async () => heatmaps.resetZoom.click()],
  ] as [string, () => Promise<void>][]) {
    test(`dragging a rectangle zooms in, ${how} resets`, async () => {
      const [ticks, places] = [await heatmaps.ticks(), await heatmaps.places()];
      await heatmaps.drag([0.3, 0.2], [0.7, 0.6]);
      await expect(heatmaps.resetZoom).toBeVisible();
      await heatmaps.settle();
      expect(await heatmaps.ticks()).not.toEqual(ticks);
      expect(await heatmaps.places()).not.toEqual(places);

      await reset();
      await expect(heatmaps.resetZoom).toHaveCount(0);
      await heatmaps.settle();
      expect(await heatmaps.ticks()).toEqual(ticks);
      expect(await heatmaps.places()).toEqual(places);
    });
  }

  test("hovering a bubble shows all its values", async ({ page, request }) => {
    const { performance } = await (await request.get(`/api/v1/attacks/${attackId}/heatmaps`)).json();
    const { x, y } = await heatmaps.centre(heatmaps.thisBot);
    await page.mouse.move(x, y);
    await expect(heatmaps.card).toContainText(ACTORS.lastScraper);
    for (const dimension of [performance.x, performance.y, performance.color, performance.size]) {
      await expect(heatmaps.card).toContainText(dimension.label);
    }
    const box = await heatmaps.box();
    await page.mouse.move(box.x + box.width + 20, box.y - 20);
    await expect(heatmaps.card).toHaveCount(0);
  });

  test("the keyboard walks over the bubbles, picks one and lets it go", async ({ page }) => {
    await heatmaps.stage.focus();
    await page.keyboard.press("ArrowRight");
    await expect(heatmaps.card).toContainText(ACTORS.lastScraper);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Home");
    const seen = new Set<string>();
    const count = await heatmaps.bubbles.count();
    for (let step = 0; step < 2 * count; step++) {
      seen.add((await heatmaps.card.locator(".card__label").first().textContent()) ?? "");
      await page.keyboard.press(step < count ? "ArrowRight" : "ArrowLeft");
    }
    expect(seen.size).toBeGreaterThan(2);
    await page.keyboard.press("Space");
    const unpin = heatmaps.region.getByRole("button", { name: /^Unpin / });
    await expect(unpin).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(unpin).toHaveCount(0);
  });

  test("a bot picked in one tab stays picked in the others", async ({ page }) => {
    const { x, y } = await heatmaps.centre(heatmaps.others.last());
    await page.keyboard.down("Shift");
    await page.mouse.click(x, y);
    await page.keyboard.up("Shift");
    const unpin = heatmaps.region.getByRole("button", { name: /^Unpin / });
    const name = await unpin.getAttribute("aria-label");
    for (const tab of TABS) {
      await heatmaps.choose(tab);
      await expect(unpin).toHaveAttribute("aria-label", name ?? "");
      await expect(heatmaps.plot.locator(".plot__pinned")).toHaveCount(1);
    }
  });

  test("a click on another bot opens its attack", async ({ page }) => {
    await heatmaps.stage.focus();
    const picked = await pointAtAnother(heatmaps);
    await page.keyboard.press("Enter");
    await expect(page).not.toHaveURL(new RegExp(attackId));
    await expect(page).toHaveURL(/\/attacks\/\w+$/);
    await expect(page).toHaveTitle(new RegExp(`from ${picked.replaceAll(".", "\\.")}`));
  });

  test("the mouse opens the attack of a bubble that stands alone", async ({ page }) => {
    const alone = await bubbleAlone(heatmaps);
    test.skip(alone === null, "no bubble of another bot stands alone");
    await page.mouse.click(alone!.x, alone!.y);
    await expect(page).not.toHaveURL(new RegExp(attackId));
    await expect(page).toHaveURL(/\/attacks\/\w+$/);
  });

  test("the same data are there as a table", async ({ page, request }) => {
    const { performance } = await (await request.get(`/api/v1/attacks/${attackId}/heatmaps`)).json();
    await heatmaps.region.getByRole("button", { name: "View as table" }).click();
    const table = heatmaps.region.getByRole("table", { name: "Performance heatmap as a table" });
    await expect(table.locator("tbody").getByRole("row")).toHaveCount(performance.bubbles.length);
    await expect(table.getByRole("columnheader", { name: new RegExp(performance.color.label) })).toBeVisible();
    await expect(table.getByRole("row", { name: new RegExp(`${ACTORS.lastScraper}.*this bot`) })).toBeVisible();
    await heatmaps.tab("HTTP errors").click();
    await expect(heatmaps.region.getByRole("table", { name: "HTTP errors heatmap as a table" })).toBeVisible();
    await table.or(heatmaps.region.getByRole("table")).getByRole("button", { name: /^203\.0\.113\./ }).first().click();
    await expect(page).not.toHaveURL(new RegExp(attackId));
  });
});

/** Points at another bot than this one with the keyboard and returns its name. */
async function pointAtAnother(heatmaps: Heatmaps): Promise<string> {
  for (const key of ["ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp"]) {
    await heatmaps.page.keyboard.press(key);
    const text = (await heatmaps.card.textContent()) ?? "";
    if (text.includes("opens its attack")) {
      return ((await heatmaps.card.locator(".card__label").first().textContent()) ?? "").trim();
    }
  }
  throw new Error("the keyboard finds no other bot");
}

/** The middle of another bot's bubble that no other bubble is near. */
async function bubbleAlone(heatmaps: Heatmaps): Promise<{ x: number; y: number } | null> {
  await heatmaps.plot.scrollIntoViewIfNeeded();
  return heatmaps.bubbles.evaluateAll((bubbles) => {
    const all = bubbles.map((bubble) => {
      const box = bubble.getBoundingClientRect();
      return { role: bubble.getAttribute("data-role"), x: box.x + box.width / 2, y: box.y + box.height / 2, r: box.width / 2 };
    });
    const isAlone = (one: (typeof all)[number]) =>
      all.every((other) => other === one || Math.hypot(other.x - one.x, other.y - one.y) > one.r + other.r);
    const found = all.find((bubble) => bubble.role === "other" && isAlone(bubble));
    return found ? { x: found.x, y: found.y } : null;
  });
}

/** A place in the picture that no bubble is near. */
async function emptyCorner(heatmaps: Heatmaps): Promise<[number, number]> {
  const box = await heatmaps.box();
  const boxes = await heatmaps.bubbles.evaluateAll((bubbles) => bubbles.map((bubble) => bubble.getBoundingClientRect().toJSON()));
  for (const [x, y] of [[0.95, 0.1], [0.95, 0.85], [0.15, 0.15], [0.15, 0.85], [0.5, 0.5]] as const) {
    const at = { x: box.x + box.width * x, y: box.y + box.height * y };
    const isFree = boxes.every((bubble) => Math.hypot(bubble.x + bubble.width / 2 - at.x, bubble.y + bubble.height / 2 - at.y) > bubble.width / 2 + 20);
    if (isFree) return [at.x, at.y];
  }
  throw new Error("there are bubbles everywhere");
}
