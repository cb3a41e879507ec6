// What the measurements in a browser share: what to measure with, the time between frames, the
// time from an input to the next paint, and where figures go.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { APIRequestContext, Page } from "@playwright/test";
import { EVER, findAttacks } from "./api";

/** A frame longer than this missed its turn at 60 frames a second. */
const DROPPED_MS = 25;

/** Adds figures to BENCH_OUT, or says them where it is not set. */
export function report(figures: Record<string, number>): void {
  const out = process.env.BENCH_OUT;
  if (!out) {
    console.log(figures);
    return;
  }
  const before = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")) : {};
  writeFileSync(out, JSON.stringify({ ...before, ...figures }));
}

/** What there is to say of the frames of some actions. */
export function ofFrames(actions: Record<string, number[]>): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [name, taken] of Object.entries(actions)) {
    figures[`browser_${name}_frames`] = taken.length;
    figures[`browser_${name}_frame_median_ms`] = quantile(taken, 0.5);
    figures[`browser_${name}_frame_p95_ms`] = quantile(taken, 0.95);
    figures[`browser_${name}_frame_worst_ms`] = quantile(taken, 1);
    figures[`browser_${name}_frames_dropped`] = taken.filter((ms) => ms > DROPPED_MS).length;
  }
  return figures;
}

/** The session with the most requests, among those that began last and those of a long log. */
export async function longest(request: APIRequestContext): Promise<{ id: string; requests: number }> {
  const sessions: { id: string; requests: number }[] = [];
  for (const q of [EVER, `app:long ${EVER}`]) {
    const response = await request.get("/api/v1/sessions", { params: { q, limit: 200 } });
    sessions.push(...(await response.json()).items);
  }
  const [first] = sessions.sort((a, b) => b.requests - a.requests);
  if (!first) throw new Error("there is no session to measure with");
  return first;
}

/** The attack whose heatmaps hold the most bubbles, among the largest and those of a crowd. */
export async function mostCrowded(request: APIRequestContext): Promise<{ id: string; bubbles: number }> {
  let best = { id: "", bubbles: 0 };
  for (const search of [EVER, `app:crowd ${EVER}`]) {
    for (const { id } of (await findAttacks(request, search)).slice(0, 50)) {
      const heatmaps = await (await request.get(`/api/v1/attacks/${id}/heatmaps`)).json();
      const bubbles: number = heatmaps.performance.bubbles.length;
      if (bubbles > best.bubbles) best = { id, bubbles };
    }
  }
  if (!best.id) throw new Error("there is no attack to measure with");
  return best;
}

/** The time between the frames that the browser draws while `action` goes on. */
export async function frames(page: Page, action: () => Promise<unknown>): Promise<number[]> {
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

/** How long the slowest of the inputs in `action` took until the page showed its effect, in steps
 * of 8 ms as the browser tells it (Event Timing). 0 if all were too quick to be told: under 16. */
export async function slowestInput(page: Page, action: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => {
    const held = window as unknown as { inputs?: PerformanceObserver; slowest: number };
    held.inputs?.disconnect();
    held.slowest = 0;
    held.inputs = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) held.slowest = Math.max(held.slowest, entry.duration);
    });
    held.inputs.observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  await action();
  // By then the browser has told of what was shown last.
  return page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    await new Promise((resolve) => setTimeout(resolve, 150));
    return (window as unknown as { slowest: number }).slowest;
  });
}

export function quantile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(p * (sorted.length - 1))] ?? 0;
}
