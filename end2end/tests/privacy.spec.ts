// Privacy in the console: what is hashed and masked, with a way back; somebody is found, erased
// after their name was typed, and the proof is there. On a server of its own.

import { readFileSync } from "node:fs";
import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

const WHO = "198.51.100.7";

test("what is hashed and masked is set, and undone", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "privacy", "Privacy");
  const save = page.getByRole("button", { name: "Save", exact: true });
  await expect(save).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel(/^Parameters, headers/).fill("email\n\n x-customer-id");
  await page.getByLabel("Read-only").check();
  await save.click();
  await expect(settings.message).toContainText("Saved");
  await page.reload();
  await expect(page.getByLabel(/^Parameters, headers/)).toHaveValue("email\nx-customer-id");
  await expect(page.getByLabel("Read-only")).toBeChecked();
  await page.getByLabel("Read-only").uncheck();
  await settings.press("Discard the changes");
  await expect(page.getByLabel("Read-only")).toBeChecked();
  await page.getByLabel("Read-only").uncheck();
  await save.click();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByLabel("Read-only")).toBeChecked();
});

test("everything of the tenant can be taken home", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "privacy", "Privacy");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export everything" }).click();
  const archive = await download;
  expect(archive.suggestedFilename()).toBe("tenant.tar.zst");
  const bytes = readFileSync(await archive.path());
  expect(bytes.readUInt32LE(0), "it is compressed by zstd").toBe(0xfd2fb528);
  expect(bytes.length, "the requests are in it").toBeGreaterThan(2_000);
});

test("somebody is found and erased, and the proof says that nothing is left", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "privacy", "Privacy");
  await page.getByLabel("Whose", { exact: true }).fill("192.0.2.250");
  await settings.press("Find");
  await expect(page.getByText("Nothing is stored of 192.0.2.250")).toBeVisible();
  await page.getByLabel("Whose", { exact: true }).fill(WHO);
  await settings.press("Find");
  await expect(page.locator(".traces")).toContainText("400 requests");
  await settings.press("Erase all of it");
  await expect(settings.dialog.getByRole("button", { name: "Erase", exact: true })).toHaveAttribute("aria-disabled", "true");
  await settings.confirm("Erase", WHO);
  const proof = settings.table("Proofs").getByRole("row").nth(1);
  await expect(proof).toContainText("400 requests");
  await expect(proof).toContainText("nothing", { timeout: 15_000 });
  await page.getByLabel("Whose", { exact: true }).fill(WHO);
  await settings.press("Find");
  await expect(page.getByText(`Nothing is stored of ${WHO}`)).toBeVisible();
});

axeFindsNothing(async (page) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "privacy", "Privacy");
  await settings.table("Proofs").getByText("nothing").waitFor();
});
