// What the console shows while it waits and when something fails.

import { EVER } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttacksPage } from "../support/pages/attacks";
import { ACTORS } from "../support/traffic";

test("while the list loads, its table keeps its place", async ({ page }) => {
  const attacks = new AttacksPage(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/api/v1/attacks?*", async (route) => {
    await held;
    await route.continue();
  });
  await attacks.open(EVER);
  await expect(attacks.table).toBeVisible();
  await expect(attacks.table.getByRole("columnheader", { name: "Type" })).toBeVisible();
  await expect(attacks.attackFrom(ACTORS.guesser)).toHaveCount(0);
  release();
  await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
});

test.describe("failures", () => {
  test.use({ allowedComplaints: [/Failed to load resource/] });

  test("a failed list says what failed and tries again", async ({ page }) => {
    const attacks = new AttacksPage(page);
    const problem = { type: "about:blank", title: "Internal error", status: 500, detail: "Something went wrong.", code: "internal", errors: [] };
    await page.route("**/api/v1/attacks?*", (route) =>
      route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }),
    );
    await attacks.open(EVER);
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("Internal error");
    await page.unroute("**/api/v1/attacks?*");
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(attacks.attackFrom(ACTORS.guesser)).toBeVisible();
    await expect(alert).toHaveCount(0);
  });

  test("a server that cannot be reached is said to be so", async ({ page }) => {
    const attacks = new AttacksPage(page);
    await page.route("**/api/v1/attacks?*", (route) => route.abort("connectionrefused"));
    await attacks.open(EVER);
    await expect(page.getByRole("alert")).toBeVisible();
  });

  test("an attack that is not there is not found", async ({ page }) => {
    await page.goto("/attacks/4242424242");
    await expect(page.getByRole("alert").or(page.getByRole("heading", { name: /not found|no such/i })).first()).toBeVisible();
  });
});

test("an address that leads nowhere says so and leads back", async ({ page }) => {
  await page.goto("/no/such/page");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.getByRole("main").getByRole("link").first().click();
  await expect(new AttacksPage(page).heading).toBeVisible();
});
