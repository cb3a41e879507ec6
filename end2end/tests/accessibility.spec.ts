// axe finds nothing on any page, in both themes and at both widths.

import AxeBuilder from "@axe-core/playwright";
import { EVER, findAttackOf, findSessionOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { settled } from "../support/settled";
import { ACTORS } from "../support/traffic";

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme} at ${width}`, () => {
      // Every state of a page is looked at, and axe takes its time.
      test.describe.configure({ timeout: 180_000 });
      test.use({ colorScheme, viewport: { width, height: width > 1000 ? 900 : 844 } });

      test("lists", async ({ page, emptyUrl }) => {
        await expectNothing(page, `/attacks?q=${encodeURIComponent(EVER)}`);
        await expectNothing(page, "/attacks");
        await expectNothing(page, `/sessions?q=${encodeURIComponent(EVER)}`);
        await expectNothing(page, `${emptyUrl}/attacks`);
        await expectNothing(page, "/no/such/page");
      });

      test("an attack, each of its heatmaps, and their table", async ({ page, request }) => {
        const attack = await findAttackOf(request, ACTORS.guesser);
        await expectNothing(page, `/attacks/${attack.id}`);
        for (const tab of ["Behavior", "HTTP errors"]) {
          await page.getByRole("tab", { name: tab }).click();
          await expectNothing(page);
        }
        await page.getByRole("button", { name: "View as table" }).click();
        await expectNothing(page);
        await page.goto(`/attacks/${attack.id}?explain=1`);
        await page.getByRole("button", { name: "Reproduce" }).click();
        await page.locator(".explain__outcome").waitFor();
        await expectNothing(page);
      });

      test("a session", async ({ page, request }) => {
        const attack = await findAttackOf(request, ACTORS.guesser);
        const session = await findSessionOf(request, attack.id);
        await expectNothing(page, `/sessions/${session}?attack=${attack.id}`);
        await expectNothing(page, `/sessions/${session}`);
      });
    });
  }
}

async function expectNothing(page: import("@playwright/test").Page, url?: string): Promise<void> {
  if (url) {
    await page.goto(url);
    await settled(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(" ")).join(", ")})`);
  expect(found, `axe on ${url ?? page.url()}`).toEqual([]);
}
