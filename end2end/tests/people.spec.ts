// The people of a tenant in the console: invited with a link, joined in a browser of their own,
// given another role with a way back, helped to a new password, removed after a question.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { join } from "../support/people";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

const PASSWORD = "four unrelated words here";

test("somebody is invited, joins, sees what their role may see, and is removed", async ({ page, browser }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "people", "People");
  await settings.press("Invite somebody");
  await expect(settings.dialog.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.type("anna@example.com");
  await settings.dialog.getByLabel("Role").selectOption("Analyst");
  await settings.dialog.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(settings.told).toContainText("anna@example.com is invited");
  await expect(settings.row("Invitations", "anna@example.com")).toContainText("Analyst");
  const link = await settings.told.locator("code").textContent();

  const anna = await join(browser, link!, "Anna Karenina", PASSWORD);
  await anna.getByRole("button", { name: /^Anna Karenina/ }).click();
  await expect(anna.locator("#account-menu")).toContainText("Analyst");
  await anna.locator("#account-menu").getByRole("link", { name: "Settings", exact: true }).click();
  const ways = anna.getByRole("navigation", { name: "Settings" }).getByRole("link");
  await expect(ways).toHaveText(["My account", "Applications", "People", "Single sign-on"]);
  await ways.filter({ hasText: "People" }).click();
  const invite = anna.getByRole("button", { name: "Invite somebody" });
  await expect(invite).toHaveAccessibleDescription("Needs the role Administrator; yours is Analyst.");

  await page.reload();
  await expect(page.getByText("Nobody is invited who has not come yet.")).toBeVisible();
  const row = settings.row("Members", "Anna Karenina");
  await row.getByRole("combobox", { name: "Role of Anna Karenina" }).selectOption("Read-only");
  await expect(settings.message).toContainText("Anna Karenina is Read-only now");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row.getByRole("combobox")).toHaveValue("analyst");

  await row.getByRole("button", { name: "Reset the password of Anna Karenina" }).click();
  await expect(settings.told).toContainText("A new password for Anna Karenina");
  await settings.press("I have kept it");

  await row.getByRole("button", { name: "Remove Anna Karenina" }).click();
  await expect(settings.dialog).toContainText("sees nothing of this tenant from now on");
  await settings.confirm("Remove");
  await expect(settings.message).toContainText("Anna Karenina is removed");
  await expect(row).toHaveCount(0);
  await anna.close();
});

test.describe("invitations", () => {
  test.use({ allowedComplaints: [/409/] });

  test("one is taken back, and who is a member already is said in the form", async ({ page }) => {
    const settings = new SettingsPage(page);
    await settings.open(server.url, "people", "People");
    await settings.press("Invite somebody");
    await settings.dialog.getByLabel("E-mail").fill("bo@example.com");
    await settings.dialog.getByRole("button", { name: "Invite", exact: true }).click();
    const row = settings.row("Invitations", "bo@example.com");
    await expect(row).toBeVisible();
    await settings.press("Invite somebody");
    await settings.dialog.getByLabel("E-mail").fill("you@example.com");
    await settings.dialog.getByRole("button", { name: "Invite", exact: true }).click();
    await expect(settings.dialog.getByRole("alert")).toBeVisible();
    await page.keyboard.press("Escape");
    await settings.press("Take the invitation of bo@example.com back");
    await settings.confirm("Take it back");
    await expect(settings.message).toContainText("bo@example.com is no longer invited");
    await expect(row).toHaveCount(0);
  });
});

axeFindsNothing(async (page) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "people", "People");
  await settings.row("Members", "you@example.com").or(page.getByText("Nobody belongs")).first().waitFor();
});
