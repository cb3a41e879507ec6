// One's own account in the console: name, password, two-step verification with an app and recovery
// codes, logins, tokens, and signing out. As somebody who joined, in a browser of their own.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { join, strangersPage } from "../support/people";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";
import { totp } from "../support/totp";

const server = serveOwn("portal", portalLog);

const [PASSWORD, ANOTHER] = ["four unrelated words here", "five other words to keep"];

async function invited(page: import("@playwright/test").Page, email: string): Promise<string> {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "people", "People");
  await settings.press("Invite somebody");
  await settings.dialog.getByLabel("E-mail").fill(email);
  await settings.dialog.getByRole("button", { name: "Invite", exact: true }).click();
  return (await settings.told.locator("code").textContent())!;
}

test("name, password and two-step verification are one's own, and signing in asks for what is set", async ({ page, browser }) => {
  test.setTimeout(90_000);
  const bo = await join(browser, await invited(page, "bo@example.com"), "Bo", PASSWORD);
  const settings = new SettingsPage(bo);
  await settings.open(server.url, "account", "My account");
  await bo.getByRole("textbox", { name: "Name", exact: true }).fill("Bo Diddley");
  await settings.press("Save");
  await expect(bo.getByRole("button", { name: /^Bo Diddley/ })).toBeVisible();

  await settings.press("Change the password");
  await settings.dialog.getByLabel("Password now").fill("not my password at all");
  await settings.dialog.getByLabel("New password").fill(ANOTHER);
  await settings.dialog.getByRole("button", { name: "Change it" }).click();
  await expect(settings.dialog.getByRole("alert")).toBeVisible();
  await settings.dialog.getByLabel("Password now").fill(PASSWORD);
  await settings.dialog.getByRole("button", { name: "Change it" }).click();
  await expect(settings.message).toContainText("The password is changed");

  await settings.press("Turn it on");
  await settings.dialog.getByLabel("Your password").fill(ANOTHER);
  await settings.dialog.getByRole("button", { name: "Go on" }).click();
  await expect(settings.dialog.getByRole("img", { name: "QR code with the key" })).toBeVisible();
  const key = (await settings.dialog.locator("code").textContent())!;
  await settings.dialog.getByLabel("The code that it shows now").fill(totp(key));
  await settings.dialog.getByRole("button", { name: "Turn it on" }).click();
  await expect(settings.told).toContainText("Your recovery codes");
  const codes = (await settings.told.locator("code").textContent())!.split("\n");
  expect(codes.length).toBeGreaterThanOrEqual(8);
  await settings.press("I have kept it");
  await expect(bo.getByText(`${codes.length} recovery codes are left`)).toBeVisible();

  await bo.getByRole("button", { name: /^Bo Diddley/ }).click();
  await settings.press("Sign out");
  await bo.getByLabel("E-mail address").fill("bo@example.com");
  await bo.getByLabel("Password", { exact: true }).fill(ANOTHER);
  await bo.getByRole("button", { name: "Sign in" }).click();
  await bo.getByLabel("Code", { exact: true }).fill(codes[0]!);
  await bo.getByRole("button", { name: "Sign in" }).click();
  await bo.getByRole("heading", { level: 1, name: "Attacks" }).waitFor();
  await settings.open(server.url, "account", "My account");
  await expect(bo.getByText(`${codes.length - 1} recovery codes are left`)).toBeVisible();
  await bo.close();
});

test("logins are listed with their browser, and the others are ended", async ({ page, browser }) => {
  const cy = await join(browser, await invited(page, "cy@example.com"), "Cy Twombly", PASSWORD);
  const elsewhere = await strangersPage(browser);
  await elsewhere.goto(`${server.url}/settings/account`);
  await elsewhere.getByLabel("E-mail address").fill("cy@example.com");
  await elsewhere.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await elsewhere.getByRole("button", { name: "Sign in" }).click();
  await elsewhere.getByRole("heading", { level: 1, name: "My account" }).waitFor();

  const settings = new SettingsPage(cy);
  await settings.open(server.url, "account", "My account");
  const logins = settings.table("Your logins").getByRole("row").filter({ hasText: "Chrome on" });
  await expect(logins).toHaveCount(2);
  await expect(logins.filter({ hasText: "this one" })).toHaveCount(1);
  await settings.press("Sign out everywhere else");
  await settings.dialog.getByLabel("Your password").fill(PASSWORD);
  await settings.dialog.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(settings.message).toContainText("signed out everywhere else");
  await expect(logins).toHaveCount(1);
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/sign-in\?next=/);

  await settings.press("Make a token");
  await settings.dialog.getByLabel("What it is for").fill("my script");
  await settings.dialog.getByRole("button", { name: "Make the token" }).click();
  await expect(settings.told).toContainText("my script is made");
  await expect(settings.row("API tokens", "my script")).toContainText("Read-only");
  await cy.close();
  await elsewhere.close();
});

axeFindsNothing(async (page) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "account", "My account");
  await settings.table("Your logins").getByText("this one").waitFor();
});
