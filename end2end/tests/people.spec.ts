// The people of a tenant in the console: invited with a link, joined in a browser of their own,
// given another role with a way back, helped to a new password, removed after a question.

import type { Page } from "@playwright/test";

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { join } from "../support/people";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";
import { totp } from "../support/totp";

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
  await expect(ways).toHaveText(["My account", "Applications", "Traffic", "People", "Single sign-on"]);
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

test("a member’s logins are seen, and ended everywhere", async ({ page, browser }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "people", "People");
  await settings.press("Invite somebody");
  await settings.dialog.getByLabel("E-mail").fill("dora@example.com");
  await settings.dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = await settings.told.locator("code").textContent();
  const dora = await join(browser, link!, "Dora Maar", PASSWORD);
  await page.reload();
  await settings.row("Members", "Dora Maar").getByRole("button", { name: "Logins of Dora Maar" }).click();
  await expect(settings.dialog.getByRole("row").filter({ hasText: "Chrome on" })).toHaveCount(1);
  await settings.dialog.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(settings.message).toContainText("Dora Maar is signed out everywhere");
  // The page asks whether anything changed, and is led out.
  await expect(dora).toHaveURL(/\/sign-in/, { timeout: 20_000 });
  // What was seen before is not there for whoever presses Back.
  await dora.goBack();
  await expect(dora.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await dora.close();
});

test.describe("a second factor", () => {
  test.use({ allowedComplaints: [/409|403/] });

  test("is required by whoever has one, and set up by whoever has none", async ({ page, browser }) => {
    test.setTimeout(90_000);
    const settings = new SettingsPage(page);
    await settings.open(server.url, "people", "People");
    await settings.press("Invite somebody");
    await settings.dialog.getByLabel("E-mail").fill("egon@example.com");
    await settings.dialog.getByLabel("Role").selectOption("Administrator");
    await settings.dialog.getByRole("button", { name: "Invite", exact: true }).click();
    const link = await settings.told.locator("code").textContent();
    const egon = await join(browser, link!, "Egon Schiele", PASSWORD);
    const his = new SettingsPage(egon);
    await his.open(server.url, "people", "People");
    const choice = egon.getByRole("combobox", { name: "Required of" });
    await choice.selectOption("Whoever signs in with a password");
    await expect(his.message).toContainText("lock yourself out");
    await expect(choice).toHaveValue("nobody");
    await turnOn(egon, his);
    await his.open(server.url, "people", "People");
    await choice.selectOption("Whoever signs in with a password");
    await expect(his.message).toContainText("is required from now on");

    await page.goto(`${server.url}/attacks`);
    await expect(page).toHaveURL(/\/settings\/account$/);
    await expect(page.getByText("Your tenant requires two-step verification")).toBeVisible();
    await expect(page.getByRole("table")).toHaveCount(0);

    await choice.selectOption("Nobody");
    await expect(his.message).toContainText("Nobody has to");
    await page.goto(`${server.url}/attacks`);
    await page.getByRole("heading", { level: 1, name: "Attacks" }).waitFor();
    await egon.close();
  });
});

async function turnOn(page: Page, settings: SettingsPage): Promise<void> {
  await settings.open(server.url, "account", "My account");
  await settings.press("Turn it on");
  await settings.dialog.getByLabel("Your password").fill(PASSWORD);
  await settings.dialog.getByRole("button", { name: "Go on" }).click();
  const key = (await settings.dialog.locator("code").textContent())!;
  await settings.dialog.getByLabel("The code that it shows now").fill(totp(key));
  await settings.dialog.getByRole("button", { name: "Turn it on" }).click();
  await expect(settings.told).toContainText("Your recovery codes");
  await settings.press("I have kept it");
  await expect(page.getByText("recovery codes are left")).toBeVisible();
}

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
