// Pictures of every page and panel, both themes, both widths, into SHOTS_OUT. Asserts nothing.

import { join } from "node:path";
import type { Page } from "@playwright/test";
import { test as base } from "../support/fixtures";
import { signedIn } from "../support/server";
import { settled, watch } from "../support/settled";
import { SCENES } from "./scenes";
import { Stores } from "./stores";

const out = process.env.SHOTS_OUT ?? "test-results/shots";

const test = base.extend<object, { stores: Stores }>({
  stores: [
    async ({}, use) => {
      const stores = new Stores(process.env.BOTSCOPE_URL!, process.env.BOTSCOPE_EMPTY_URL!);
      await use(stores);
      await stores.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

// What fails to load is part of some pictures.
test.use({ allowedComplaints: [/.*/], trace: "off" });
test.describe.configure({ timeout: 90_000 });

/** The page from its top; of a long list only the beginning. */
async function topOf(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  return page.evaluate((most) => {
    scrollTo(0, 0);
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { x: 0, y: 0, width: Math.max(innerWidth, scrollWidth), height: Math.min(scrollHeight, most) };
  }, 4_000);
}

for (const scene of SCENES) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      test(`${scene.name} ${colorScheme} ${width}`, async ({ browser, stores }) => {
        const url = await scene.at(stores);
        test.skip(url === undefined, "this store has nothing like it");
        const page = await browser.newPage({ storageState: signedIn(), colorScheme, viewport: { width, height: width > 1000 ? 900 : 844 } });
        page.setDefaultTimeout(20_000);
        watch(page.context());
        await page.goto(url!);
        await settled(page);
        await scene.first?.(page);
        if (scene.print) await page.emulateMedia({ media: "print" });
        await page.waitForTimeout(300);
        const path = join(out, `${scene.name}-${colorScheme}-${width}.png`);
        if (scene.window) await page.screenshot({ path, animations: "disabled" });
        else await page.screenshot({ path, animations: "disabled", fullPage: true, clip: await topOf(page) });
        await page.close();
      });
    }
  }
}
