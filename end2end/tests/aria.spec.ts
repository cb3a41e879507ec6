// What a screen reader is told of the main pages, and the way from the list to the requests by
// keyboard alone, as docs/accessibility.md describes it.

import { EVER, findAttackOf, findSessionOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { ACTORS } from "../support/traffic";

const search = encodeURIComponent(EVER);

test("the list of attacks is a heading, counts, a search and a table", async ({ page }) => {
  await page.goto(`/attacks?q=${search}`);
  await expect(page.getByRole("table", { name: "Attacks" }).getByRole("row").nth(1)).toBeVisible();
  await expect(page.getByRole("banner")).toMatchAriaSnapshot(`
    - banner:
      - link "Botscope, to the attacks"
      - navigation "Sections":
        - link "Attacks"
        - link "API sessions"
        - link "IP lists"
        - link "Settings"
  `);
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - heading "Attacks" [level=1]
      - table "Attacks":
        - rowgroup:
          - row /Last seen .* Type .* Confidence/
  `);
});

test("an attack is a sentence, a course, a picture and what was found", async ({ page, request }) => {
  const attack = await findAttackOf(request, ACTORS.guesser);
  await page.goto(`/attacks/${attack.id}`);
  await expect(page.locator("svg.plot g.bubble").first()).toBeAttached();
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - article:
        - heading [level=1]
        - region "Requests over time"
        - tablist "Heatmaps":
          - tab "Performance" [selected]
          - tab "Behavior"
          - tab "HTTP errors"
        - heading "What was found" [level=2]
        - heading /detectors? voted/ [level=2]
        - region "Hits"
  `);
});

test("a session is a heading, its facets and its requests", async ({ page, request }) => {
  const attack = await findAttackOf(request, ACTORS.guesser);
  await page.goto(`/sessions/${await findSessionOf(request, attack.id)}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Session of ${ACTORS.guesser}`);
  await expect(page.getByRole("complementary")).toMatchAriaSnapshot(`
    - complementary "Filter requests":
      - group:
        - heading "Attack types" [level=2]
        - list:
          - listitem:
            - link /Show only Account takeover/
            - link "Exclude Account takeover"
  `);
});

test("from the list to the very requests and back by keyboard alone", async ({ page }) => {
  await page.goto("/attacks");
  await page.getByRole("heading", { level: 1, name: "Attacks" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(`account_takeover ${EVER}`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  const first = page.getByRole("table", { name: "Attacks" }).locator("tbody").getByRole("link").first();
  await expect(first).toBeVisible();
  await first.focus();
  await page.keyboard.press("Enter");
  const explore = page.getByRole("link", { name: "Explore the session" });
  await explore.waitFor();
  // Whoever reads the screen hears the page from its beginning.
  await expect(page.getByRole("main")).toBeFocused();
  const table = page.getByRole("button", { name: "View as table" });
  await table.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("table", { name: /Performance/ })).toBeVisible();
  await explore.focus();
  await page.keyboard.press("Enter");
  const back = page.getByRole("link", { name: "Explore the attack" }).first();
  await back.waitFor();
  await back.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Explore the session" })).toBeVisible();
});
