// What follows from who is signed in: controls of what one may not do are disabled with the reason
// or not there, the account menu, and the way to the page that signs in.

import AxeBuilder from "@axe-core/playwright";
import { EVER, findAttackOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { ANALYST, READER, signedInAs } from "../support/me";
import { ACTORS } from "../support/traffic";

const WHY = "Needs the role Analyst; yours is Read-only.";

test("who may only look sees why a button does nothing, by mouse and by keyboard", async ({ page, request }) => {
  await signedInAs(page, READER);
  const attack = await findAttackOf(request, ACTORS.guesser);
  await page.goto(`/attacks/${attack.id}`);
  const deny = page.getByRole("button", { name: "Add source IP to denylist" }).first();
  await expect(deny).toHaveAttribute("aria-disabled", "true");
  await expect(deny).toHaveAccessibleDescription(WHY);
  await deny.focus();
  await expect(page.getByRole("tooltip")).toHaveText(WHY);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Escape");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.goto("/lists/deny");
  await expect(page.getByRole("button", { name: "Add", exact: true })).toHaveAttribute("aria-disabled", "true");
});

test("whose role may is not hindered, unless addresses are seen in part only", async ({ page, request }) => {
  const attack = await findAttackOf(request, ACTORS.guesser);
  await signedInAs(page, ANALYST);
  await page.goto(`/attacks/${attack.id}`);
  const deny = page.getByRole("button", { name: "Add source IP to denylist" }).first();
  await expect(deny).not.toHaveAttribute("aria-disabled");
  await deny.click();
  await expect(page.getByRole("dialog")).toBeVisible();

  await signedInAs(page, { ...ANALYST, masks_addresses: true });
  await page.goto(`/attacks/${attack.id}`);
  await expect(deny).toHaveAccessibleDescription("Your role sees addresses only in part.");
});

test("the settings show the pages that one may see, and say why for another", async ({ page }) => {
  await signedInAs(page, READER);
  await page.goto("/settings");
  const ways = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
  await expect(ways).toHaveText(["My account", "Applications", "Traffic"]);
  await page.goto("/settings/people");
  await expect(page.getByRole("heading", { name: "Not for your role" })).toBeVisible();
  await expect(page.getByText(WHY)).toBeVisible();
});

test("the account menu says who it is, opens and closes by keyboard, and leads out", async ({ page }) => {
  await signedInAs(page, ANALYST);
  await page.route("**/api/v1/me/tenant", (route) => route.fulfill({ status: 204 }));
  await page.goto(`/attacks?q=${encodeURIComponent(EVER)}`);
  const button = page.getByRole("button", { name: "Ada Lovelace, Acme: account" });
  await button.focus();
  await page.keyboard.press("Enter");
  const menu = page.locator("#account-menu");
  await expect(menu).toContainText("ada@example.com");
  await expect(menu).toContainText("Acme · Analyst");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();

  await button.click();
  const switched = page.waitForRequest((request) => request.method() === "PUT" && request.url().endsWith("/me/tenant"));
  await menu.getByRole("button", { name: "Globex" }).click();
  expect((await switched).postDataJSON()).toEqual({ tenant_id: "0000000000000002" });
  await expect(page).toHaveURL(/\/attacks$/);
});

test.describe("no longer signed in", () => {
  test.use({ allowedComplaints: [/401/] });

  test("leads to where one signs in, and back to the page", async ({ page }) => {
    await page.route("**/api/v1/sessions?*", (route) =>
      route.fulfill({
        status: 401,
        contentType: "application/problem+json",
        json: { type: "/problems/unauthorized", title: "Unauthorized", status: 401, detail: "sign in", code: "unauthorized" },
      }),
    );
    await page.route("**/sign-in?*", (route) => route.fulfill({ contentType: "text/html", body: "<h1>Sign in</h1>" }));
    await page.goto("/sessions?q=bot");
    await expect(page).toHaveURL(/\/sign-in\?next=%2Fsessions%3Fq%3Dbot$/);
  });
});
