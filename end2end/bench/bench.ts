// What a browser takes to draw: how soon the first bubble of a heatmap is there, how even the
// frames are while the mouse hovers and drags, and while the longest session is scrolled.
// Figures by name go into BENCH_OUT.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { APIRequestContext, Page } from "@playwright/test";
import { EVER, findAttacks } from "../support/api";
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
  report(figures, { idle, hover, drag, travel, play });
});

test("a long session", async ({ page, baseURL, request }) => {
  const { id, requests } = await longest(request);
  const figures: Record<string, number> = { browser_session_requests: requests };
  const begun = Date.now();
  await page.goto(`${baseURL}/sessions/${id}`);
  const rows = page.locator(".request .request__code");
  await rows.first().waitFor();
  figures.browser_session_first_rows_ms = Date.now() - begun;
  await page.waitForTimeout(500);
  const box = page.viewportSize()!;
  await page.mouse.move(box.width * 0.6, box.height * 0.7);
  // The wheel, as fast as it is turned.
  const wheel = await frames(page, async () => {
    for (let turn = 0; turn < 150; turn++) {
      await page.mouse.wheel(0, 240);
      await page.waitForTimeout(10);
    }
  });
  // The scroll bar, dragged from one end to the other in three seconds.
  const dragged = await frames(page, () =>
    page.evaluate(async () => {
      const height = document.body.scrollHeight - window.innerHeight;
      const begun = performance.now();
      for (let along = 0; along < 1; ) {
        await new Promise(requestAnimationFrame);
        along = Math.min(1, (performance.now() - begun) / 3_000);
        window.scrollTo(0, height * along);
      }
    }),
  );
  await rows.first().waitFor();
  report(figures, { session_wheel: wheel, session_scroll_bar: dragged });
});

/** Adds what a browser took for its frames, and everything to BENCH_OUT. */
function report(figures: Record<string, number>, actions: Record<string, number[]>): void {
  for (const [name, taken] of Object.entries(actions)) {
    figures[`browser_${name}_frames`] = taken.length;
    figures[`browser_${name}_frame_median_ms`] = quantile(taken, 0.5);
    figures[`browser_${name}_frame_p95_ms`] = quantile(taken, 0.95);
    figures[`browser_${name}_frame_worst_ms`] = quantile(taken, 1);
    figures[`browser_${name}_frames_dropped`] = taken.filter((ms) => ms > DROPPED_MS).length;
  }
  const out = process.env.BENCH_OUT;
  if (!out) {
    console.log(figures);
    return;
  }
  const before = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")) : {};
  writeFileSync(out, JSON.stringify({ ...before, ...figures }));
}

/** The session with the most requests, among those that began last and those of a long log. */
async function longest(request: APIRequestContext): Promise<{ id: string; requests: number }> {
  const sessions: { id: string; requests: number }[] = [];
  for (const q of [EVER, `app:long ${EVER}`]) {
    const response = await request.get("/api/v1/sessions", { params: { q, limit: 200 } });
    sessions.push(...(await response.json()).items);
  }
  const [first] = sessions.sort((a, b) => b.requests - a.requests);
  if (!first) throw new Error("there is no session to measure with");
  return first;
}

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
