// The tenants of an installation in the console: made, renamed, looked into, suspended with a way
// back, and deleted after their name was typed. On a server of its own.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

axeFindsNothing(async (page) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "tenants", "Tenants");
  await settings.table("Tenants").getByRole("row").nth(1).waitFor();
});

// The last one: looking into another tenant gives the login another cookie than the other tests have.
test("a tenant is made, renamed, looked into, suspended and deleted", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "tenants", "Tenants");
  await settings.press("Make a tenant");
  await settings.dialog.getByLabel("Name").fill("Globex");
  await settings.dialog.getByRole("button", { name: "Make it" }).click();
  await settings.press("Rename Globex");
  await settings.dialog.getByLabel("Name").fill("Globex & Sons");
  await settings.dialog.getByRole("button", { name: "Rename", exact: true }).click();
  const row = settings.row("Tenants", "Globex & Sons");
  await expect(row).toBeVisible();

  await settings.press("Look into Globex & Sons");
  await expect(page.getByRole("heading", { level: 1, name: "People" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^You, Globex & Sons/ })).toBeVisible();
  await page.goto(`${server.url}/attacks`);
  await expect(page.getByRole("heading", { name: "Nothing to look at yet" })).toBeVisible();
  await expect(page.getByText("198.51.100.7")).toHaveCount(0);
  await page.getByRole("button", { name: /^You, / }).click();
  await page.locator("#account-menu").getByRole("listitem").filter({ hasNotText: "Globex" }).getByRole("button").first().click();
  // The console is loaded again for the other tenant: to go on before would leave a page that loads.
  await expect(page.getByRole("button", { name: /^You, (?!Globex)/ })).toBeVisible();

  await settings.open(server.url, "tenants", "Tenants");
  await settings.press("Suspend Globex & Sons");
  await expect(row).toContainText("suspended");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row).not.toContainText("suspended");

  await settings.press("Delete Globex & Sons");
  await settings.confirm("Delete the tenant", "Globex & Sons");
  await expect(row).toHaveCount(0);
});
