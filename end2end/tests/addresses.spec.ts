// Country and kind of place beside addresses: in the lists, on an attack and on a session, with
// their meaning on hover, and nothing where nothing is known.

import { EVER, findAttackOf, findSessionOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttacksPage } from "../support/pages/attacks";
import { ACTORS } from "../support/traffic";

test("the list of attacks says where a bot comes from, and what that means", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await attacks.open(EVER);
  const known = attacks.rows.filter({ hasText: ACTORS.guesser }).first();
  await expect(known.getByText("DE", { exact: true })).toBeVisible();
  await known.getByText("DE", { exact: true }).hover();
  await expect(page.getByRole("tooltip")).toHaveText("Germany");
  await known.getByText("aws", { exact: true }).hover();
  await expect(page.getByRole("tooltip")).toHaveText("A datacenter");
  const unknown = attacks.rows.filter({ hasText: ACTORS.prober }).first();
  await expect(unknown.locator(".source")).toHaveText(ACTORS.prober);
});

test("an attack and its session say it too", async ({ page, request }) => {
  const attack = await findAttackOf(request, ACTORS.guesser);
  await page.goto(`/attacks/${attack.id}`);
  const facts = page.getByRole("region", { name: "What was found" }).or(page.locator(".facts"));
  await expect(facts.getByText("DE", { exact: true }).first()).toBeVisible();
  await expect(facts.getByText("aws", { exact: true }).first()).toBeVisible();
  const session = await findSessionOf(request, attack.id);
  await page.goto(`/sessions/${session}`);
  const head = page.locator(".session-head");
  await expect(head.getByText("DE", { exact: true })).toBeVisible();
  await expect(head.getByText("aws", { exact: true })).toBeVisible();
});

test("a crawler that comes from its maker's addresses is verified", async ({ request }) => {
  const attack = await findAttackOf(request, ACTORS.lastScraper);
  const heatmaps = await (await request.get(`/api/v1/attacks/${attack.id}/heatmaps`)).json();
  const bubbles = heatmaps.performance.bubbles;
  const googlebot = bubbles.find((bubble: { label: string }) => bubble.label === "Googlebot");
  expect(googlebot.verification).toBe("verified");
});
