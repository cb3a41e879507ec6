// Pictures of every page, both themes, both widths, into SHOTS_OUT. Asserts nothing.

import { join } from "node:path";
import { EVER, findAttacks, findSessionOf } from "../support/api";
import { test } from "../support/fixtures";

const out = process.env.SHOTS_OUT ?? "test-results/shots";

test.use({ allowedComplaints: [/.*/] });

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`${colorScheme} at ${width}`, async ({ browser, baseURL, emptyUrl, request }) => {
      const [attack] = await findAttacks(request);
      if (!attack) throw new Error("there is no attack to look at");
      const session = await findSessionOf(request, attack.id);
      const search = encodeURIComponent(EVER);
      const pages: [string, string][] = [
        ["attacks", `${baseURL}/attacks?q=${search}`],
        ["attacks-default-period", `${baseURL}/attacks`],
        ["attacks-nothing-stored", `${emptyUrl}/attacks`],
        ["attack", `${baseURL}/attacks/${attack.id}`],
        ["attack-unknown", `${baseURL}/attacks/0`],
        ["sessions", `${baseURL}/sessions?q=${search}`],
        ["session", `${baseURL}/sessions/${session}`],
        ["session-of-attack", `${baseURL}/sessions/${session}?attack=${attack.id}`],
        ["not-found", `${baseURL}/no-such-page`],
      ];
      const page = await browser.newPage({ colorScheme, viewport: { width, height: width > 1000 ? 900 : 844 } });
      const shoot = async (name: string) =>
        page.screenshot({ path: join(out, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      for (const [name, url] of pages) {
        await page.goto(url);
        await page.waitForLoadState("networkidle");
        await shoot(name);
        if (name === "attacks" || name === "sessions") {
          if (width < 720) await page.getByRole("button", { name: /^Filters/ }).click();
          await page.getByRole("button", { name: /^IP/ }).click();
          await page.getByRole("checkbox").first().waitFor();
          await page.screenshot({ path: join(out, `${name}-filter-${colorScheme}-${width}.png`) });
        }
        if (name === "attack") {
          for (const tab of await page.getByRole("tab").all()) {
            await tab.click();
            await page.waitForTimeout(400);
            await shoot(`${name}-${((await tab.textContent()) ?? "tab").trim().toLowerCase().replaceAll(/\W+/g, "-")}`);
          }
        }
      }
      await page.close();
    });
  }
}
