// One attack: what happened, when, why, and the requests that count.

import { findAttackOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import { ACTORS } from "../support/traffic";

test("a sentence says what happened and how it ended", async ({ page, request }) => {
  const attack = new AttackPage(page);
  await attack.open((await findAttackOf(request, ACTORS.guesser)).id);
  await expect(attack.sentence).toContainText(/6\d\d/);
  await expect(attack.sentence).toContainText(/login|sign-in|password/i);
  await expect(page.getByRole("main")).toContainText(ACTORS.guesser);
  await expect(page).toHaveTitle(/Account takeover from 203\.0\.113\.66/);
});

test("the timeline shows the requests over time", async ({ page, request }) => {
  const attack = new AttackPage(page);
  await attack.open((await findAttackOf(request, ACTORS.guesser)).id);
  await expect(attack.timeline).toBeVisible();
  await expect(attack.timeline.locator("svg").first()).toBeVisible();
});

test("every detector that voted has its value, its normal and the distance between them", async ({ page, request }) => {
  const { id } = await findAttackOf(request, ACTORS.guesser);
  const detail = await (await request.get(`/api/v1/attacks/${id}`)).json();
  const voters: { detector: string; vote: number; direction: string }[] = detail.detectors.filter(
    (result: { worked: boolean; vote: number }) => result.worked && result.vote > 0,
  );
  expect(voters.length).toBeGreaterThan(1);

  const attack = new AttackPage(page);
  await attack.open(id);
  await expect(attack.detectors.getByRole("heading")).toContainText(`${voters.length} detectors voted`);
  const row = attack.detectors.getByRole("listitem").filter({ hasText: "Authentication abuse" });
  await expect(row).toContainText(/normal < /);
  await expect(row).toContainText(/× above/);
});

test("the hits are below, and all of them are there as CSV", async ({ page, request }) => {
  const found = await findAttackOf(request, ACTORS.guesser);
  const attack = new AttackPage(page);
  await attack.open(found.id);
  await expect(attack.hits.getByRole("row").nth(1)).toContainText("/wp-login.php");

  const download = page.waitForEvent("download");
  await attack.csv.click();
  const stream = await (await download).createReadStream();
  let text = "";
  for await (const chunk of stream) text += chunk;
  const lines = text.trimEnd().split("\n");
  expect(lines.length).toBe(found.hits + 1);
  expect(lines[1]).toContain("/wp-login.php");
});

test("of hits that are counted and not listed their number is told", async ({ page, request }) => {
  const found = await findAttackOf(request, ACTORS.guesser);
  await page.route(`**/api/v1/attacks/${found.id}/hits*`, async (route) => {
    const response = await route.fetch();
    const { items } = await response.json();
    await route.fulfill({ response, json: { items: items.slice(0, 5) } });
  });
  const attack = new AttackPage(page);
  await attack.open(found.id);
  await expect(page.getByText(`${found.hits - 5} more hits came before there was a suspicion`)).toBeVisible();
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("what a log says is shown as text, never as markup", async ({ page, request }) => {
  const attack = new AttackPage(page);
  await attack.open((await findAttackOf(request, ACTORS.prober)).id);
  await expect(page.getByText("<img src=x onerror=").first()).toBeVisible();
  expect(await page.locator("main img").count()).toBe(0);
  await expect(page).not.toHaveTitle(/broken/);
});

test("the way back leads to the list as it was", async ({ page }) => {
  await page.goto(`/attacks?q=${encodeURIComponent(`account_takeover >2000-01-01`)}&sort=-hits`);
  await page.getByRole("table", { name: "Attacks" }).getByRole("link", { name: /from 203\.0\.113\.66/ }).first().click();
  await expect(page).toHaveURL(/\/attacks\/\w+$/);
  await page.getByRole("main").getByRole("link", { name: "Attacks" }).click();
  await expect(page).toHaveURL(/account_takeover/);
  await expect(page).toHaveURL(/sort=-hits/);
});
