// The search field and the quick filters of both lists: completion, negation, the date, what
// narrows the list as chips, one sheet on narrow screens, and the way back to a list.

import AxeBuilder from "@axe-core/playwright";
import { EVER } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttacksPage } from "../support/pages/attacks";
import { SessionsPage } from "../support/pages/sessions";
import { ACTORS, DAY } from "../support/traffic";
import { settled } from "../support/settled";

test("words, keys and then the store's values are completed by keyboard", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await page.keyboard.press("/");
  await expect(attacks.search).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.type(" scr");
  await expect(attacks.suggestions.first()).toContainText("scraping");
  await expect(attacks.search).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("Tab");
  await expect(attacks.search).toHaveValue(`${EVER} scraping `);
  await expect(attacks.suggestions).toHaveCount(0);

  await page.keyboard.type("ap");
  await page.keyboard.press("ArrowDown");
  await expect(attacks.search).toHaveAttribute("aria-activedescendant", "suggestion-0");
  await page.keyboard.press("ArrowDown");
  await expect(attacks.suggestions.nth(1)).toHaveAttribute("aria-selected", "true");
  await expect(attacks.suggestions.nth(1)).toContainText("app:");
  await page.keyboard.press("Enter");
  await expect(attacks.search).toHaveValue(`${EVER} scraping app:`);
  // The only application of the store, and in how many attacks of this search it is.
  await expect(attacks.suggestions).toHaveText(/app:shop\s*\d+/);
  await page.keyboard.press("Escape");
  await expect(attacks.suggestions).toHaveCount(0);
  await page.keyboard.press("ArrowDown");
  await expect(attacks.suggestions).toHaveCount(1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(attacks.search).toHaveValue(`${EVER} scraping app:shop `);
  await page.keyboard.press("Enter");
  await expect.poll(() => attacks.searchInAddress()).toBe(`${EVER} scraping app:shop`);
  await expect(attacks.filter("Application")).toContainText("shop");
});

test("questions for values that are outdated are not asked", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await attacks.search.focus();
  await page.keyboard.press("End");
  await page.keyboard.type(" ip:");
  await expect(attacks.suggestions.first()).toContainText("ip:");
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/values")) asked.push(new URL(request.url()).searchParams.get("prefix") ?? "");
  });
  await page.keyboard.type("203.0.113.66");
  await expect(attacks.suggestions).toHaveText([/ip:203\.0\.113\.66/]);
  await expect.poll(() => asked.at(-1)).toBe("203.0.113.66");
  expect(asked.length).toBeLessThan(6);
});

test("an error is underlined at its character and says what is possible", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await attacks.searchFor(`scraping statuscode:4o4 ${EVER}`);
  await expect(attacks.search).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("mark")).toHaveText("4o4");
  await expect(attacks.search).toHaveAccessibleDescription(/400-499/);
  const [field, mark] = [await attacks.search.boundingBox(), await page.locator("mark").boundingBox()];
  // 20 characters of the field's font come before it.
  const [before, wide] = [mark!.x - field!.x, mark!.width / 3];
  expect(Math.abs(before / wide - 20)).toBeLessThan(0.2);
  await attacks.search.press("End");
  await page.keyboard.type(" x");
  await expect(attacks.search).toHaveAttribute("aria-invalid", "false");
});

test("a mistyped word is answered with what was meant, one press away", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await attacks.searchFor(`!scrapping ${EVER}`);
  await expect(attacks.search).toHaveAccessibleDescription(/did you mean `scraping`\?/);
  await page.getByRole("button", { name: "Use !scraping" }).click();
  await expect(attacks.search).toHaveValue(`!scraping ${EVER}`);
  await expect(page).toHaveURL(/q=%21scraping|q=!scraping/);
  await expect(attacks.search).toBeFocused();
  await attacks.searchFor(`stauscode:5xx ${EVER}`);
  await page.getByRole("button", { name: "Use statuscode:" }).click();
  await expect(attacks.search).toHaveValue(`statuscode:5xx ${EVER}`);
});

test("a value is excluded by its button, and by ! in the text", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const types = await attacks.openFilter("Type");
  await types.getByRole("button", { name: "Exclude Scraping" }).click();
  await expect.poll(() => attacks.searchInAddress()).toBe(`!scraping ${EVER}`);
  await expect(attacks.filter("Type")).toContainText("not Scraping");
  await expect(attacks.chips).toHaveText(/not\s*Scraping/);
  await expect(attacks.attackFrom(ACTORS.scraper)).toHaveCount(0);
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();

  await attacks.searchFor(`!account_takeover ${EVER}`);
  await attacks.openFilter("Type");
  await expect(types.getByRole("button", { name: "Exclude Account takeover" })).toHaveAttribute("aria-pressed", "true");
  await expect(types.getByRole("button", { name: "Exclude Scraping" })).toHaveAttribute("aria-pressed", "false");
  // Choosing what is excluded asks for it instead.
  await types.getByRole("checkbox", { name: "Account takeover" }).check();
  await expect.poll(() => attacks.searchInAddress()).toBe(`account_takeover ${EVER}`);
});

test("a filter is operated by keyboard, and what is typed into it may be a range", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await attacks.filter("IP").focus();
  await page.keyboard.press("Enter");
  const panel = attacks.filters.getByRole("group", { name: "IP" });
  await expect(panel.getByRole("textbox")).toBeFocused();
  await expect(panel.getByRole("checkbox").first()).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(panel.getByRole("checkbox").first()).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.type("203.0.113.64/30");
  await page.keyboard.press("Enter");
  await expect.poll(() => attacks.searchInAddress()).toBe(`${EVER} ip:203.0.113.64/30`);
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.scraper)).toHaveCount(0);
  await page.keyboard.type("nonsense");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("status")).toContainText("no address");
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  await expect(attacks.filter("IP")).toBeFocused();
});

test("a filter with nothing to choose from says why", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const domains = await attacks.openFilter("Domain");
  await expect(domains.getByRole("status")).toContainText("name no host");
  const addresses = await attacks.openFilter("IP");
  await expect(addresses.getByRole("status")).toHaveCount(0);
  await expect(domains).toHaveCount(0);
  await page.goto(`/sessions?q=${encodeURIComponent(EVER)}`);
  const filters = page.getByRole("group", { name: "Filters" });
  await filters.getByRole("button", { name: "Role" }).click();
  await expect(filters.getByRole("group", { name: "Role" }).getByRole("status")).toContainText("No role is known");
});

test("the date is a usual period, or a from-to on the reader's clock that may end now", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  let dates = await attacks.openFilter("Date");
  await dates.getByRole("button", { name: "Last 30 days" }).click();
  await expect.poll(() => attacks.searchInAddress()).toBe("last 30 days");
  await expect(attacks.filter("Date")).toContainText("Last 30 days");

  dates = await attacks.openFilter("Date");
  await expect(dates.getByLabel("until now")).toBeChecked();
  await dates.getByLabel("From").fill(`${DAY}T00:00`);
  await dates.getByRole("button", { name: "Show" }).click();
  await expect.poll(() => attacks.searchInAddress()).toBe(`>=${DAY} 00:00`);
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();

  dates = await attacks.openFilter("Date");
  await dates.getByLabel("until now").uncheck();
  await dates.getByLabel("To", { exact: true }).fill(`${DAY}T13:00`);
  await dates.getByRole("button", { name: "Show" }).click();
  await expect.poll(() => attacks.searchInAddress()).toBe(`${DAY} 00:00-13:00`);
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.guesser)).toHaveCount(0);

  dates = await attacks.openFilter("Date");
  await dates.getByLabel("To", { exact: true }).fill("2020-01-01T00:00");
  await dates.getByRole("button", { name: "Show" }).click();
  await expect(dates.getByRole("status")).toContainText("ends before it begins");
});

test("what narrows the list is a row of chips, each removed by a press", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(`scraping account_takeover ip:203.0.113.0/24 ${EVER}`);
  await expect(attacks.chips).toHaveCount(3);
  await attacks.chips.filter({ hasText: "Scraping" }).click();
  await expect.poll(() => attacks.searchInAddress()).toBe(`account_takeover ${EVER} ip:203.0.113.0/24`);
  await expect(attacks.attackFrom(ACTORS.scraper)).toHaveCount(0);
  await page.getByRole("button", { name: "Clear all" }).click();
  await expect.poll(() => attacks.searchInAddress()).toBe(EVER);
  await expect(attacks.chips).toHaveCount(0);
});

test("what is going on right now is one press away", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const rightNow = attacks.counts.getByRole("button", { name: "right now" });
  await expect(rightNow).toHaveText(/^0 right now$/);
  await rightNow.click();
  await expect.poll(() => attacks.searchInAddress()).toBe(`ongoing ${EVER}`);
  await expect(rightNow).toHaveAttribute("aria-pressed", "true");
  await expect(attacks.chips).toHaveText(/Right now/);
  // All of the log is long over.
  await expect(page.getByRole("listitem").filter({ hasText: "without Right now" })).toContainText(/: \d+ attacks/);
  await rightNow.click();
  await expect.poll(() => attacks.searchInAddress()).toBe(EVER);
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
});

test("the sessions are filtered and searched as the attacks are", async ({ page }) => {
  const sessions = new SessionsPage(page);
  await sessions.open(EVER);
  await expect(sessions.counts).toContainText(/[\d,]+ sessions/);
  await expect(sessions.sessionsOf("198.51.100.").first()).toBeVisible();
  for (const name of ["Date", "Application", "Host", "IP", "Country", "Attack type", "Response code", "Method", "User", "Role", "Session ID", "Bot"]) {
    await expect(sessions.filter(name)).toBeVisible();
  }
  const methods = await sessions.openFilter("Method");
  await methods.getByRole("checkbox", { name: "POST" }).check();
  await expect.poll(() => sessions.searchInAddress()).toBe(`${EVER} method:POST`);
  await expect(sessions.sessionsOf(ACTORS.guesser).first()).toBeVisible();
  await expect(sessions.sessionsOf(ACTORS.scraper)).toHaveCount(0);

  await sessions.counts.getByRole("button", { name: /of bots?$/ }).click();
  await expect.poll(() => sessions.searchInAddress()).toBe(`bot ${EVER} method:POST`);
  await expect(sessions.filter("Bot")).toContainText("Part of an attack");
  await expect(sessions.sessionsOf("198.51.100.")).toHaveCount(0);

  await sessions.searchFor(`/wp-login.php ${EVER}`);
  await expect(sessions.sessionsOf(ACTORS.guesser).first()).toContainText("/wp-login.php");
  await expect(sessions.sessionsOf(ACTORS.scraper)).toHaveCount(0);
});

test("Back brings a list back as it was left: rows, scroll and search", async ({ page }) => {
  const sessions = new SessionsPage(page);
  await sessions.open(EVER);
  await expect(sessions.rows).toHaveCount(50);
  await sessions.showMore.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  await sessions.showMore.click();
  await expect.poll(() => sessions.rows.count()).toBeGreaterThan(50);
  expect(await page.evaluate(() => scrollY)).toBe(before);
  const rows = await sessions.rows.count();
  await sessions.rows.nth(49).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: /^Session of/ })).toBeVisible();
  await page.goBack();
  await expect(sessions.rows).toHaveCount(rows);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(before - 200);
  await settled(page);
  await expect(sessions.rows).toHaveCount(rows);
});

test.describe("at 390", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the filters fold into one sheet", async ({ page }) => {
    const attacks = new AttacksPage(page);
    await attacks.open(EVER);
    await expect(attacks.filter("Type")).toBeHidden();
    await page.getByRole("button", { name: /^Filters/ }).click();
    const types = await attacks.openFilter("Type");
    await types.getByRole("checkbox", { name: "Scraping" }).check();
    await expect.poll(() => attacks.searchInAddress()).toBe(`scraping ${EVER}`);
    await attacks.filters.getByRole("button", { name: "Done" }).click();
    await expect(types).toBeHidden();
    await expect(page.getByRole("button", { name: /^Filters/ })).toContainText("2");
    await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
    await expect(attacks.attackFrom(ACTORS.guesser)).toHaveCount(0);
    // The order is chosen here too.
    await attacks.table.getByRole("link", { name: "Hits" }).click();
    await expect(page).toHaveURL(/sort=-hits/);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`axe, ${colorScheme}`, () => {
    test.use({ colorScheme });
    test.describe.configure({ timeout: 120_000 });

    test("open panels, suggestions and errors have nothing to find", async ({ page }) => {
      const check = async (what: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
        expect(found, what).toEqual([]);
      };
      const attacks = new AttacksPage(page);
      await attacks.open(`!scraping ip:203.0.113.0/24 ${EVER}`);
      await expect(attacks.rows.first()).toBeVisible();
      await attacks.openFilter("Date");
      await check("the date");
      const codes = await attacks.openFilter("Response code");
      await expect(codes.getByRole("checkbox").nth(4)).toBeVisible();
      await check("response codes");
      await attacks.search.focus();
      await page.keyboard.press("End");
      await page.keyboard.type(" s");
      await expect(attacks.suggestions.first()).toBeVisible();
      await page.keyboard.press("ArrowDown");
      await check("suggestions");
      await attacks.searchFor("ddos");
      await expect(page.locator("mark")).toHaveText("ddos");
      await check("an error");
      const sessions = new SessionsPage(page);
      await sessions.open(EVER);
      await expect(sessions.rows.first()).toBeVisible();
      const methods = await sessions.openFilter("Method");
      await expect(methods.getByRole("checkbox").first()).toBeVisible();
      await check("sessions");
    });
  });
}
