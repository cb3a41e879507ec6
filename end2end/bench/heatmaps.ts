// What a browser takes to draw heatmaps: how soon the first bubble is there, how even the frames
// are while the mouse hovers and drags and while the time bar moves.

import type { Page } from "@playwright/test";
import { test } from "../support/fixtures";
import { frames, mostCrowded, ofFrames, quantile, report } from "../support/measure";
import { Heatmaps } from "../support/pages/heatmaps";
import { signedIn } from "../support/server";

const NAVIGATIONS = 10;

test("heatmap", async ({ browser, page, baseURL, request }) => {
  const { id, bubbles } = await mostCrowded(request);
  const url = `${baseURL}/attacks/${id}`;
  const figures: Record<string, number> = { browser_bubbles: bubbles };

  const first: number[] = [];
  for (let navigation = 0; navigation < NAVIGATIONS; navigation++) {
    // A context of its own has an empty cache.
    const context = await browser.newContext({ storageState: signedIn() });
    first.push(await timeToFirstBubble(await context.newPage(), url));
    await context.close();
  }
  figures.browser_first_heatmap_cold_median_ms = quantile(first, 0.5);
  figures.browser_first_heatmap_cold_worst_ms = quantile(first, 1);

  const again: number[] = [];
  const context = await browser.newContext({ storageState: signedIn() });
  for (let navigation = 0; navigation <= NAVIGATIONS; navigation++) {
    const tab = await context.newPage();
    const ms = await timeToFirstBubble(tab, url);
    // The first of them fills the cache.
    if (navigation > 0) again.push(ms);
    await tab.close();
  }
  await context.close();
  figures.browser_first_heatmap_cached_median_ms = quantile(again, 0.5);
  figures.browser_first_heatmap_cached_worst_ms = quantile(again, 1);

  await page.goto(url);
  const heatmaps = new Heatmaps(page);
  await heatmaps.bubbles.first().waitFor();
  await page.waitForTimeout(500);
  const box = await heatmaps.box();
  const across = async (steps: number) => {
    for (let step = 0; step <= steps; step++) {
      const along = step / steps;
      const wave = 0.5 + 0.4 * Math.sin(along * 12);
      await page.mouse.move(box.x + box.width * (0.15 + 0.7 * along), box.y + box.height * wave);
    }
  };
  const idle = await frames(page, () => page.waitForTimeout(1_000));
  const hover = await frames(page, () => across(200));
  const drag = await frames(page, async () => {
    await page.mouse.down();
    await across(200);
    await page.keyboard.press("Escape");
    await page.mouse.up();
  });
  await heatmaps.slider.scrollIntoViewIfNeeded();
  const bar = (await heatmaps.slider.boundingBox())!;
  const travel = await frames(page, async () => {
    await page.mouse.move(bar.x + bar.width - 2, bar.y + 8);
    await page.mouse.down();
    for (let step = 0; step <= 200; step++) {
      await page.mouse.move(bar.x + bar.width * (0.5 + 0.5 * Math.cos(step / 12)), bar.y + 8);
    }
    await page.mouse.up();
  });
  const play = await frames(page, async () => {
    await page.getByRole("button", { name: "Play" }).click();
    await page.waitForTimeout(3_000);
  });
  report({ ...figures, ...ofFrames({ idle, hover, drag, travel, play }) });
});

async function timeToFirstBubble(page: Page, url: string): Promise<number> {
  await page.addInitScript((selector) => {
    const look = () => {
      if (document.querySelector(selector)) {
        observer.disconnect();
        // Counts once the browser has painted it.
        requestAnimationFrame(() => setTimeout(() => Object.assign(window, { firstBubble: performance.now() })));
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true });
  }, Heatmaps.BUBBLE);
  await page.goto(url);
  const handle = await page.waitForFunction(() => (window as unknown as { firstBubble?: number }).firstBubble);
  return (await handle.jsonValue()) as number;
}
