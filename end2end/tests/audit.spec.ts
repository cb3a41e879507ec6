// The audit log in the console: what was done is in it with before and after, it is narrowed by
// what an entry says, the view is in the address, all of it is there as CSV, and it can be checked.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { ListsPage } from "../support/pages/lists";
import { SettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

test("what was done is in the log, with what became different", async ({ page }) => {
  const lists = new ListsPage(page);
  await lists.open(server.url, "deny");
  await lists.add("203.0.113.77", { duration: "1 hour", reason: "tried passwords" });
  await expect(lists.row("203.0.113.77")).toBeVisible();

  const settings = new SettingsPage(page);
  await settings.open(server.url, "audit", "Audit log");
  const entry = settings.row("Audit log", "list_entry.create");
  await expect(entry).toContainText("203.0.113.77");
  const toggle = entry.getByRole("button", { name: /^Before and after/ });
  await expect(toggle).toHaveAttribute("aria-expanded", "false");
  await toggle.focus();
  await page.keyboard.press("Enter");
  await expect(toggle).toHaveAttribute("aria-expanded", "true");
  await expect(settings.table("Audit log")).toContainText("tried passwords");
});

test("a press narrows it, the view is in the address, and nothing found says so", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "audit", "Audit log");
  await settings.table("Audit log").getByRole("link", { name: "list_entry.create" }).first().click();
  await expect(page).toHaveURL(/action=list_entry\.create/);
  await expect(page.getByLabel("About")).toHaveValue("list_entry.create");
  await expect(settings.table("Audit log").getByRole("link", { name: /\./ }).filter({ hasText: /application|token/ })).toHaveCount(0);
  await page.getByLabel("About").selectOption("IP lists");
  await expect(page).toHaveURL(/action=list_entry$/);
  await page.getByLabel("Search", { exact: true }).fill("no such text");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "No entry is like that" })).toBeVisible();
  await page.getByRole("link", { name: "Show all entries" }).click();
  await expect(settings.row("Audit log", "list_entry.create").first()).toBeVisible();

  await page.getByLabel("To", { exact: true }).fill("2001-01-01");
  await page.keyboard.press("Tab");
  await expect(page).toHaveURL(/until=2001/);
  await page.reload();
  await expect(page.getByLabel("To", { exact: true })).toHaveValue("2001-01-01");
  await expect(page.getByRole("heading", { name: "No entry is like that" })).toBeVisible();
});

test("all of it is there as CSV, and it is as it was written", async ({ page }) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "audit", "Audit log");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await download).suggestedFilename()).toBe("audit.csv");
  await settings.press("Check the whole log");
  await expect(page.getByText(/^Unbroken: entries 1 to/)).toBeVisible();
});

axeFindsNothing(async (page) => {
  const settings = new SettingsPage(page);
  await settings.open(server.url, "audit", "Audit log");
  await settings.row("Audit log", "list_entry.create").first().getByRole("button").first().click();
});
