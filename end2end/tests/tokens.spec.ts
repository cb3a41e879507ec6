// API tokens in the console: made with a secret that is shown once and opens the API, listed, and
// revoked after a question. On a server of its own, because it changes what is stored.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

test("a token is made, its secret is shown once and opens the API, and it is revoked", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "tokens", "API tokens");
  await expect(page.getByText("There is none yet.")).toBeVisible();
  await settings.press("Make a token");
  await expect(settings.dialog.getByLabel("What it is for")).toBeFocused();
  await page.keyboard.type("monthly report");
  await settings.dialog.getByLabel("Role").selectOption("Read-only");
  await expect(settings.dialog).toContainText("Looks into everything and changes nothing.");
  await page.keyboard.press("Escape");
  await settings.press("Make a token");
  await settings.dialog.getByLabel("What it is for").fill("monthly report");
  await settings.dialog.getByRole("button", { name: "Make the token" }).click();

  await expect(settings.told).toContainText("monthly report is made");
  await expect(settings.told).toBeFocused();
  const [secret, call] = await settings.told.locator("code").allTextContents();
  expect(call).toContain(`Bearer ${secret}`);
  const answer = await fetch(`${server.url}/api/v1/attacks`, { headers: { authorization: `Bearer ${secret}` } });
  expect(answer.status).toBe(200);
  await expect(settings.row("API tokens", "monthly report")).toContainText("Read-only");
  await settings.press("I have kept it");
  await expect(settings.told).toHaveCount(0);
  await page.reload();
  await expect(settings.row("API tokens", "monthly report")).toBeVisible();
  await expect(page.getByText(secret!)).toHaveCount(0);

  await settings.press("Revoke monthly report");
  await expect(settings.dialog).toContainText("are refused from now on");
  await expect(settings.dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(settings.dialog).toBeHidden();
  await settings.press("Revoke monthly report");
  await settings.confirm("Revoke");
  await expect(settings.message).toContainText("monthly report is revoked");
  await expect(settings.table("API tokens").getByRole("row").filter({ hasText: "monthly" })).toHaveCount(0);
  const refused = await fetch(`${server.url}/api/v1/attacks`, { headers: { authorization: `Bearer ${secret}` } });
  expect(refused.status).toBe(401);
});

test("one that only adds requests is for one application, and may hold forever", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "tokens", "API tokens");
  await settings.press("Make a token");
  const application = settings.dialog.getByRole("combobox", { name: "Application", exact: true });
  await expect(application).toHaveCount(0);
  await settings.dialog.getByLabel("Role").selectOption("Ingest-only");
  await application.selectOption("portal");
  await settings.dialog.getByLabel("What it is for").fill("web-1");
  await settings.dialog.getByLabel("Holds for").selectOption("Forever");
  await settings.dialog.getByRole("button", { name: "Make the token" }).click();
  await expect(settings.row("API tokens", "web-1")).toContainText("Ingest-only, portal only");
  await expect(settings.row("API tokens", "web-1")).toContainText("never");
});

axeFindsNothing(
  async (page) => {
    const settings = new SettingsPage(page);
    await settings.open(server.url, "tokens", "API tokens");
    await expect(settings.row("API tokens", "web-1")).toBeVisible();
  },
  async (page) => {
    const settings = new SettingsPage(page);
    await settings.press("Make a token");
    await expect(settings.dialog).toBeVisible();
  },
);
