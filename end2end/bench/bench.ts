// What a browser takes to draw: how soon the first bubble of a heatmap is there, and how even
// the frames are while the mouse hovers and drags. Figures by name go into BENCH_OUT.

import { writeFileSync } from "node:fs";
import type { APIRequestContext, Page } from "@playwright/test";
import { findAttacks } from "../support/api";
import { test } from "../support/fixtures";
import { Heatmaps } from "../support/pages/heatmaps";

const NAVIGATIONS = 10;
/** A frame longer than this missed its turn at 60 frames a second. */
const DROPPED_MS = 25;

test("heatmap", async ({ browser, page, baseURL, request }) => {
  const { id, bubbles } = await mostCrowded(request);
  const url = `${baseURL}/attacks/${id}`;
  const figures: Record<string, number> = { browser_bubbles: bubbles };

  const first: number[] = [];
  for (let navigation = 0; navigation < NAVIGATIONS; navigation++) {
    // A context of its own has an empty cache.
    const context = await browser.newContext();
    first.push(await timeToFirstBubble(await context.newPage(), url));
    await context.close();
  }
  figures.browser_first_heatmap_cold_median_ms = quantile(first, 0.5);
  figures.browser_first_heatmap_cold_worst_ms = quantile(first, 1);

  const again: number[] = [];
  const context = await browser.newContext();
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
  for (const [name, taken] of Object.entries({ idle, hover, drag, travel, play })) {
    figures[`browser_${name}_frames`] = taken.length;
    figures[`browser_${name}_frame_median_ms`] = quantile(taken, 0.5);
    figures[`browser_${name}_frame_p95_ms`] = quantile(taken, 0.95);
    figures[`browser_${name}_frame_worst_ms`] = quantile(taken, 1);
    figures[`browser_${name}_frames_dropped`] = taken.filter((ms) => ms > DROPPED_MS).length;
  }
  if (process.env.BENCH_OUT) writeFileSync(process.env.BENCH_OUT, JSON.stringify(figures));
});

/** The attack whose heatmaps hold the most bubbles, among the first fifty. */
async function mostCrowded(request: APIRequestContext): Promise<{ id: string; bubbles: number }> {
  let best = { id: "", bubbles: 0 };
  for (const { id } of (await findAttacks(request)).slice(0, 50)) {
    const heatmaps = await (await request.get(`/api/v1/attacks/${id}/heatmaps`)).json();
    const bubbles: number = heatmaps.performance.bubbles.length;
    if (bubbles > best.bubbles) best = { id, bubbles };
  }
  if (!best.id) throw new Error("there is no attack to measure with");
  return best;
}

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

/** The time between the frames that the browser draws while `action` goes on. */
async function frames(page: Page, action: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(() => {
    const recorder = { taken: [] as number[], running: true };
    Object.assign(window, { recorder });
    let last = performance.now();
    const next = (now: number) => {
      recorder.taken.push(now - last);
      last = now;
      if (recorder.running) requestAnimationFrame(next);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(next);
    });
  });
  await action();
  return page.evaluate(() => {
    const { recorder } = window as unknown as { recorder: { taken: number[]; running: boolean } };
    recorder.running = false;
    return recorder.taken;
  });
}

function quantile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(p * (sorted.length - 1))] ?? 0;
}
