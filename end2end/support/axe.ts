// What holds of every page of the settings, wide and narrow, in light and dark.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";

/** After each of the steps axe finds nothing, and after the last nothing is wider than the page. */
export function axeFindsNothing(...steps: ((page: Page) => Promise<void>)[]): void {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1440, 390]) {
      test(`axe finds nothing, ${colorScheme} at ${width}`, async ({ page }) => {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        for (const step of steps) {
          await step(page);
          expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(wide, "nothing is wider than the page").toBeLessThanOrEqual(0);
      });
    }
  }
}
