// The API's documentation: it comes from this server alone, can be read without scripts, and
// what it offers to try works.

import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../support/fixtures";
import { AttacksPage } from "../support/pages/attacks";

test("the console leads to the API, where an operation can be tried", async ({ page, baseURL }) => {
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${baseURL}/`) && !url.startsWith("data:")) elsewhere.push(url);
  });
  const attacks = new AttacksPage(page);
  await attacks.open();
  await page.getByRole("banner").getByRole("link", { name: "API", exact: true }).click();
  await expect(page).toHaveURL(/\/api\/docs$/);
  await expect(page.getByRole("banner").getByRole("heading", { level: 1 })).toHaveText("Botscope API");

  const operation = page.locator("#operations-attacks-get_attacks");
  await operation.getByRole("button", { name: /The attacks that a search finds/i }).first().click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table");
  await expect(answer.locator(".response-col_status").last()).toContainText("200");
  await expect(operation.locator(".curl-command")).toContainText("/api/v1/attacks?");
  // The examples are about what is stored: the newest attack is found.
  await expect(answer).toContainText('"bot_type"');
  expect(elsewhere).toEqual([]);
});

test("an example of one attack runs as it stands", async ({ page }) => {
  await page.goto("/api/docs#/attacks/get_attacks_id");
  const operation = page.locator("#operations-attacks-get_attacks_id");
  await operation.getByRole("button", { name: "Execute" }).click();
  await expect(operation.locator(".live-responses-table .response-col_status").last()).toContainText("200");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("every operation can be read, with a command to copy", async ({ page, request }) => {
    await page.goto("/api/docs");
    const document = await (await request.get("/api/v1/openapi.json")).json();
    for (const path of Object.keys(document.paths)) {
      await expect(page.getByRole("heading", { level: 3 }).filter({ hasText: path }).first()).toBeVisible();
    }
    const command = page.getByText(/^curl .*\/api\/v1\/attacks\/[0-9a-f]{16}"$/).first();
    await expect(command).toBeVisible();
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme} at ${width}`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });

      test("the page fits, and axe finds nothing in what is ours", async ({ page }) => {
        await page.goto("/api/docs");
        await expect(page.locator(".opblock").first()).toBeVisible();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page }).exclude("#swagger-ui").analyze();
        expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
      });
    });
  }
}
