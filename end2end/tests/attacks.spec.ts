// The list of attacks: search, Type filter and address in step; order; the way to the newest
// data; nothing found; nothing stored.

import { EVER } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttacksPage } from "../support/pages/attacks";
import { ACTORS, DAY } from "../support/traffic";

test("the start of the console is the list of attacks", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/attacks$/);
  await expect(page).toHaveTitle(/Attacks/);
  await expect(new AttacksPage(page).heading).toBeVisible();
});

test("when the last 24 hours hold nothing, one click goes to the newest attacks", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open();
  const hint = page.getByRole("main");
  await expect(hint.getByRole("heading", { name: "No attacks in the last 24 hours" })).toBeVisible();
  await expect(hint.locator("time")).toHaveAttribute("datetime", new RegExp(`^${DAY}T`));
  await page.getByRole("link", { name: "Show the newest attacks" }).click();
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
  expect(attacks.searchInAddress()).toContain("2026-0");
  // What was pressed is gone; the keyboard goes on where the attacks begin.
  await expect(attacks.rows.first().getByRole("link").first()).toBeFocused();
});

test("every kind of bot is in the list, and people are not", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const expected = { [ACTORS.guesser]: "Account takeover", [ACTORS.prober]: "Security crawlers", [ACTORS.scraper]: "Scraping" };
  for (const [ip, type] of Object.entries(expected)) {
    await expect(attacks.attackFrom(ip)).toContainText(type);
  }
  // Addresses that guess in turn are one attack.
  const campaign = attacks.rows.filter({ hasText: "8 IPs" });
  await expect(campaign).toHaveCount(1);
  await expect(campaign).toContainText("Campaign");
  await expect(attacks.table).not.toContainText("198.51.100.");
  await expect(attacks.table).not.toContainText("192.0.2.");
});

test("a type chosen in the filter is in the search field and in the address", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const types = await attacks.openFilter("Type");
  await types.getByRole("checkbox", { name: "Account takeover" }).check();
  await expect(attacks.search).toHaveValue(/account_takeover/);
  await expect.poll(() => attacks.searchInAddress()).toMatch(/account_takeover/);
  await expect(attacks.filter("Type")).toContainText("Account takeover");
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.scraper)).toHaveCount(0);

  await types.getByRole("checkbox", { name: "Scraping" }).check();
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();

  await types.getByRole("button", { name: "Clear" }).click();
  await expect(attacks.search).not.toHaveValue(/account_takeover|scraping/);
  await expect(types.getByRole("checkbox", { name: "Scraping" })).not.toBeChecked();
  await expect(attacks.attackFrom(ACTORS.prober)).toBeVisible();
});

test("a type typed into the search field is chosen in the filter", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await expect(attacks.filter("Type")).not.toContainText("Security crawlers");
  await attacks.searchFor(`security_crawlers ${EVER}`);
  await expect(attacks.filter("Type")).toContainText("Security crawlers");
  const types = await attacks.openFilter("Type");
  await expect(types.getByRole("checkbox", { name: "Security crawlers" })).toBeChecked();
  await expect.poll(() => attacks.searchInAddress()).toContain("security_crawlers");
  await expect(attacks.attackFrom(ACTORS.prober)).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.scraper)).toHaveCount(0);

  await page.goBack();
  await expect(types.getByRole("checkbox", { name: "Security crawlers" })).not.toBeChecked();
  await expect(attacks.search).toHaveValue(EVER);
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
});

test("the address alone brings the whole view back", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(`scraping ip:203.0.113.0/24 !statuscode:404 ${EVER}`);
  await expect(attacks.filter("Type")).toContainText("Scraping");
  await expect(attacks.filter("IP")).toContainText("203.0.113.0/24");
  await expect(attacks.filter("Response code")).toContainText("not 404");
  await expect(attacks.chips).toHaveCount(3);
  await expect(attacks.search).toHaveValue(/scraping.*ip:203\.0\.113\.0\/24/);
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.guesser)).toHaveCount(0);
});

test("the list is sorted by the head of a column, and the address says how", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await attacks.table.getByRole("link", { name: "Hits" }).click();
  await expect(page).toHaveURL(/sort=-hits/);
  await expect(attacks.table.getByRole("columnheader", { name: "Hits" })).toHaveAttribute("aria-sort", "descending");
  const hits = async () => {
    const texts = await attacks.rows.locator(".attack__hits").allTextContents();
    return texts.map((text) => Number(text.replaceAll(/\D/g, "")));
  };
  await expect.poll(async () => (await hits()).length).toBeGreaterThan(3);
  await expect.poll(async () => (await hits()).every((value, row, all) => row === 0 || all[row - 1]! >= value)).toBe(true);
  await attacks.table.getByRole("link", { name: "Hits" }).click();
  await expect(page).toHaveURL(/sort=hits/);
  await expect.poll(async () => (await hits()).every((value, row, all) => row === 0 || all[row - 1]! <= value)).toBe(true);
});

test("the head counts attacks and hits", async ({ page, request }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const response = await request.get("/api/v1/attacks/counts", { params: { q: EVER } });
  const counts: { attacks: number; hits: number } = await response.json();
  expect(counts.attacks).toBeGreaterThan(3);
  await expect(attacks.counts).toContainText(`${counts.attacks} attacks`);
  await expect(attacks.counts).toContainText(`${counts.hits.toLocaleString("en-GB")} hits`);
  await expect(attacks.rows).toHaveCount(counts.attacks);
});

test("a mistake in the search is pointed at, and the list stays", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
  await attacks.searchFor(`${EVER} ip:999`);
  await expect(attacks.search).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("mark")).toHaveText("999");
  await expect(attacks.search).toHaveAccessibleDescription(/`999` is no address/);
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
});

test("filters that nothing passes say so and offer the way back", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(`ip:192.0.2.250 ${EVER}`);
  await expect(page.getByRole("heading", { name: "No attacks match this search" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Show all of this period" })).toBeVisible();
  // The one filter to drop, with what is found then.
  const wayOut = page.getByRole("listitem").filter({ hasText: "without IP 192.0.2.250" });
  await expect(wayOut).toContainText(/: \d+ attacks/);
  await wayOut.getByRole("link").click();
  await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
});

test("an empty store says how to fill it", async ({ page, emptyUrl }) => {
  await page.goto(`${emptyUrl}/attacks`);
  await expect(page.getByText("botscope import access.log")).toBeVisible();
  await expect(page.getByText("cargo xtask run access.log")).toBeVisible();
});

test("a row leads to its attack", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  await attacks.attackFrom(ACTORS.guesser).click();
  await expect(page).toHaveURL(/\/attacks\/\w+$/);
  await page.goBack();
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
});
