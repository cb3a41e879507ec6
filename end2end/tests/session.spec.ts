// From an attack to the requests behind it and back.

import { EVER, findAttackOf, findSessionOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import { SessionPage } from "../support/pages/session";
import { ACTORS } from "../support/traffic";

test("from an attack to its flagged requests, to all of them, to one in detail, and back", async ({ page, request }) => {
  const found = await findAttackOf(request, ACTORS.guesser);
  const attack = new AttackPage(page);
  await attack.open(found.id);
  await attack.explore.click();

  const session = new SessionPage(page);
  await expect(session.heading).toContainText(ACTORS.guesser);
  await expect(page).toHaveURL(new RegExp(`/sessions/\\w+\\?attack=${found.id}`));
  await expect(session.rows.first()).toContainText("/wp-login.php");
  await expect(session.rows.filter({ hasText: "/about/" })).toHaveCount(0);

  await session.showAll.click();
  await expect(session.rows.filter({ hasText: "/about/" })).toHaveCount(1);
  await expect(page).toHaveURL(/attack=/);
  await session.showMalicious.click();
  await expect(session.rows.filter({ hasText: "/about/" })).toHaveCount(0);

  const toggle = session.rows.first().getByRole("button");
  await expect(toggle).toHaveAttribute("aria-expanded", "false");
  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-expanded", "true");
  await expect(session.table).toContainText("POST /wp-login.php HTTP/1.1");
  await expect(session.table).toContainText("Firefox/40.1");
  await expect(session.table).toContainText("Authentication abuse");
  await expect(session.table).toContainText("Session grouped by");
  await toggle.click();
  await expect(session.table).not.toContainText("Session grouped by");

  await session.exploreAttack.click();
  await expect(page).toHaveURL(new RegExp(`/attacks/${found.id}$`));
  await expect(attack.sentence).toBeVisible();
});

test("the requests are in order, and all of them are there", async ({ page, request }) => {
  const found = await findAttackOf(request, ACTORS.guesser);
  const session = new SessionPage(page);
  await page.goto(`/sessions/${await findSessionOf(request, found.id)}`);
  await expect(session.rows.first()).toBeVisible();
  expect(await session.count()).toBe(624);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(session.row(623)).toContainText("302");
  const times = await session.rows.locator("time").evaluateAll((all) => all.map((time) => time.getAttribute("datetime") ?? ""));
  expect(times.length).toBeGreaterThan(10);
  expect(times).toEqual([...times].sort());
});

test("the facets count the requests and narrow them on a click", async ({ page, request }) => {
  const found = await findAttackOf(request, ACTORS.guesser);
  const session = new SessionPage(page);
  await page.goto(`/sessions/${await findSessionOf(request, found.id)}`);
  for (const heading of ["Attack types", "Responses", "Methods", "Endpoints", "Sources"]) {
    await expect(session.facet(heading).getByRole("listitem").first()).toContainText(/\d/);
  }
  const entry = session.only("Methods", "GET");
  await entry.click();
  await expect(page).toHaveURL(/method=GET/);
  await expect(entry).toHaveAttribute("aria-current", "true");
  await expect(session.rows).toHaveCount(4);
  await expect(session.rows.filter({ hasText: "POST" })).toHaveCount(0);
  await session.chips.getByRole("link", { name: "Clear the filters" }).click();
  await expect(session.rows.filter({ hasText: "POST" }).first()).toBeVisible();
});

test("the list of sessions leads to a person's visit, which no attack is part of", async ({ page }) => {
  await page.goto(`/sessions?q=${encodeURIComponent(`ip:${ACTORS.visitor} ${EVER}`)}`);
  await page.getByRole("main").getByRole("table").getByRole("link").filter({ hasNotText: /sort/ }).last().click();
  const session = new SessionPage(page);
  await expect(session.heading).toContainText(ACTORS.visitor);
  await expect(session.exploreAttack).toHaveCount(0);
  await expect(session.rows.first()).toBeVisible();
});

test("a button that can't lead to a session says why", async ({ page, request }) => {
  const found = await findAttackOf(request, ACTORS.guesser);
  await page.route(`**/api/v1/attacks/${found.id}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), sessions: [], stored_sessions: 0 } });
  });
  const attack = new AttackPage(page);
  await attack.open(found.id);
  await expect(attack.explore).toHaveCount(0);
  const button = page.getByRole("button", { name: "Explore the session" });
  await expect(button).toHaveAttribute("aria-disabled", "true");
  await expect(button).toHaveAccessibleDescription(/stored/);
});
