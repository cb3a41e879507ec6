// A verdict explained: every number, the arithmetic, and whether it comes out again.

import { findAttackOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import { ACTORS } from "../support/traffic";

test("a verdict is explained number by number, and the address says that it is", async ({ page, request }) => {
  const { id } = await findAttackOf(request, ACTORS.guesser);
  const attack = new AttackPage(page);
  await attack.open(id);
  const explain = page.getByRole("button", { name: "Explain", exact: true });
  await expect(explain).toHaveAttribute("aria-expanded", "false");
  await explain.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/explain=1/);

  const table = page.getByRole("region", { name: "Detectors in numbers" });
  const row = table.getByRole("row", { name: /Authentication abuse/ });
  await expect(row).toContainText("Account takeover");
  await expect(row).toContainText(/< /);
  const explained = page.locator(".explain");
  await expect(explained).toContainText("Σ weight × vote / Σ weight =");
  await expect(explained).toContainText(/requests of evidence: ×/);
  await expect(explained).toContainText(/Confidence [\d.]+%; from 60% on it is an attack/);
  await expect(explained).toContainText(/A verdict of \d+ requests by engine/);

  await page.getByRole("button", { name: "Hide" }).click();
  await expect(table).toHaveCount(0);
  await expect(page).not.toHaveURL(/explain/);
});

test("a link leads to the explanation, and the stored requests give the verdict again", async ({ page, request }) => {
  const { id } = await findAttackOf(request, ACTORS.prober);
  await page.goto(`/attacks/${id}?explain=1`);
  await expect(page.getByRole("region", { name: "Detectors in numbers" })).toBeInViewport();
  await page.getByRole("button", { name: "Reproduce" }).click();
  const explained = page.locator(".explain");
  await expect(explained).toContainText("Reproduced");
  await expect(explained).toContainText(/came to the same verdict, to the last digit/);
});

test("another verdict is shown number by number", async ({ page, request }) => {
  const { id } = await findAttackOf(request, ACTORS.prober);
  await page.route(/\/explain\?reproduce=true/, async (route) => {
    const answer = await (await route.fetch()).json();
    answer.reproduction.outcome = "differs";
    answer.reproduction.detail = "Judging again came to another verdict: 1 number differs.";
    answer.reproduction.differences = [
      { field: "Error rate: vote", stored: "<b>0.5</b>", recomputed: "0.75" },
    ];
    await route.fulfill({ json: answer });
  });
  await page.goto(`/attacks/${id}?explain=1`);
  await page.getByRole("button", { name: "Reproduce" }).click();
  const differs = page.getByRole("region", { name: "What differs" });
  await expect(differs.getByRole("row", { name: /Error rate: vote/ })).toContainText("<b>0.5</b>");
});

test.describe("a refusal", () => {
  test.use({ allowedComplaints: [/429/] });

  test("while a verdict is made again it says so, and a refusal can be tried again", async ({ page, request }) => {
    const { id } = await findAttackOf(request, ACTORS.prober);
    let refused = false;
    await page.route(/\/explain\?reproduce=true/, async (route) => {
      await new Promise((done) => setTimeout(done, 2_000));
      if (refused) return route.continue();
      refused = true;
      const problem = { type: "/problems/rate_limited", title: "Too many requests", status: 429, detail: "a verdict is being made again already", code: "rate_limited" };
      await route.fulfill({ status: 429, contentType: "application/problem+json", json: problem });
    });
    await page.goto(`/attacks/${id}?explain=1`);
    await page.getByRole("button", { name: "Reproduce" }).click();
    const explained = page.locator(".explain");
    await expect(explained).toContainText("Judging the stored requests again");
    await expect(explained.getByRole("alert")).toContainText("being made again already");
    await expect(page.getByRole("region", { name: "Detectors in numbers" })).toBeVisible();
    await explained.getByRole("button", { name: "Try again" }).click();
    await expect(explained).toContainText("Reproduced");
  });
});
