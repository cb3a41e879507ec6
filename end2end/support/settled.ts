// When a page has nothing more to wait for. Playwright's "networkidle" never comes while the stream of
// changes is open.

import type { BrowserContext, Page, Request } from "@playwright/test";

/** How long nothing has to be on its way, in milliseconds. */
const QUIET = 500;

const onTheWay = new WeakMap<BrowserContext, Set<Request>>();

/** Counts what the pages of a context wait for, from now on. */
export function watch(context: BrowserContext): void {
  const waiting = new Set<Request>();
  onTheWay.set(context, waiting);
  context.on("request", (request) => {
    if (!new URL(request.url()).pathname.endsWith("/changes/stream")) waiting.add(request);
  });
  context.on("requestfinished", (request) => waiting.delete(request));
  context.on("requestfailed", (request) => waiting.delete(request));
}

/** Returns once nothing has been on its way for a moment. */
export async function settled(page: Page): Promise<void> {
  const waiting = onTheWay.get(page.context());
  if (!waiting) throw new Error("nobody watches this page");
  for (let since = Date.now(); Date.now() - since < QUIET; ) {
    await page.waitForTimeout(50);
    if (waiting.size > 0) since = Date.now();
  }
}
