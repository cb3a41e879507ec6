// Where session key, user and role of an application stand: what is offered, saving, the job
// that judges again, what comes of it, and the way back. On a server of its own, because it
// changes what is stored.

import { axeFindsNothing } from "../support/axe";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { ApplicationSettingsPage } from "../support/pages/settings";
import { portalLog } from "../support/portal";

const server = serveOwn("portal", portalLog);

test("a found key is used, judged by in the background, and undone", async ({ page, request }) => {
  await page.goto(`${server.url}/attacks`);
  const settings = new ApplicationSettingsPage(page);
  await settings.open("portal");
  await expect(settings.list("Session key").getByRole("listitem")).toHaveText([/Usual names/]);
  await expect(settings.preview).toContainText("1 session of 400 requests");

  const trail = settings.found("session key").getByRole("listitem").filter({ hasText: "trail" });
  await expect(trail).toContainText("20 values, 100% of requests, 20 requests each");
  await expect(settings.save).toHaveAttribute("aria-disabled", "true");
  await trail.getByRole("button", { name: "Use" }).click();
  await expect(trail).toContainText("In use");
  await expect(settings.preview).toContainText("20 sessions of 400 requests");

  // By keyboard: the new source first, and the focus stays with it.
  await page.getByRole("button", { name: "Move trail up" }).focus();
  await page.keyboard.press("Enter");
  await expect(settings.list("Session key").getByRole("listitem")).toHaveText([/trail/, /Usual names/]);
  await expect(page.getByRole("button", { name: "Move trail up" })).toBeFocused();
  await settings.found("user").getByRole("button", { name: /Use field:customer\.email/ }).click();
  await settings.save.click();
  await expect(settings.job).toContainText("Judged again");
  await expect(settings.save).toHaveAttribute("aria-disabled", "true");

  await settings.job.getByRole("link", { name: "API sessions" }).click();
  await expect(page.getByRole("main").getByRole("table")).toContainText("p3@example.com");
  const answer = await request.get(`${server.url}/api/v1/sessions`, { params: { q: ">2000-01-01" } });
  const sessions: { user: string; role: string; requests: number }[] = (await answer.json()).items;
  expect(sessions).toHaveLength(20);
  expect(sessions.find((session) => session.user === "p3@example.com")).toMatchObject({ role: "admin", requests: 20 });

  await page.goBack();
  await page.getByRole("button", { name: "Remove trail" }).click();
  await settings.save.click();
  await expect(settings.job).toContainText("Judged again");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(settings.list("Session key").getByRole("listitem")).toHaveText([/trail/, /Usual names/]);
});

test("a source is added by hand, nonsense is explained, and changes can be discarded", async ({ page }) => {
  await page.goto(`${server.url}/settings`);
  const settings = new ApplicationSettingsPage(page);
  await settings.open("portal");
  const before = await settings.list("Role").getByRole("listitem").count();
  const name = page.getByRole("textbox", { name: "Name of the source to add as role" });
  await name.fill("a b");
  await name.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "needs a name" })).toBeVisible();
  await page.getByRole("combobox", { name: "Kind of source to add as role" }).selectOption("Query parameter");
  await name.fill("plan");
  await name.press("Enter");
  await expect(settings.list("Role").getByRole("listitem")).toHaveCount(before + 1);
  await expect(settings.list("Role")).toContainText("Query parameter");
  await page.getByRole("button", { name: "Discard the changes" }).click();
  await expect(settings.list("Role").getByRole("listitem")).toHaveCount(before);
});

test.describe("fields called otherwise", () => {
  test.use({ allowedComplaints: [/status of 400/] });

  test("they are named, a name of no field is explained, and all is undone", async ({ page }) => {
    await page.goto(`${server.url}/attacks`);
    await new ApplicationSettingsPage(page).open("portal");
    const section = page.getByRole("region", { name: "Field names" });
    const names = section.getByLabel("Which field is called what, one a line");
    const save = section.getByRole("button", { name: "Save the field names" });
    await expect(names).toHaveValue("");
    await expect(save).toHaveAttribute("aria-disabled", "true");
    await names.fill("ip=client.addr\nwhen=at");
    await save.click();
    await expect(section.getByRole("alert")).toHaveText(/^there is no field `when`; the fields are: time, ip, /);
    await expect(names).toHaveValue("ip=client.addr\nwhen=at");
    await names.fill("ip = client.addr\n\n time=at");
    await save.click();
    await expect(page.getByText("Field names saved")).toBeVisible();
    await expect(save).toHaveAttribute("aria-disabled", "true");
    await expect(section).not.toContainText("there is no field");

    await page.getByRole("button", { name: "Undo" }).click();
    await expect(names).toHaveValue("");
    await names.fill("ip=client.addr");
    await save.click();
    await expect(save).toHaveAttribute("aria-disabled", "true");
    await page.reload();
    await expect(names).toHaveValue("ip=client.addr");
    await names.fill("");
    await section.getByRole("button", { name: "Discard the changes" }).click();
    await expect(names).toHaveValue("ip=client.addr");
  });
});

axeFindsNothing(
  async (page) => {
    await page.goto(`${server.url}/settings/applications`);
    await expect(page.getByRole("link").filter({ hasText: "portal" })).toBeVisible();
  },
  async (page) => {
    await new ApplicationSettingsPage(page).open("portal");
    await expect(page.getByRole("button", { name: "Move trail up" }).or(page.getByText("trail").first()).first()).toBeVisible();
  },
);
