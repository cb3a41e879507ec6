// Demo traffic: started where there is nothing, labelled, removed in one click, brought back.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "../support/fixtures";
import { AttacksPage } from "../support/pages/attacks";
import { serve, type Server } from "../support/server";

// A server of its own: the others hold what the tests beside this one rely on.
let server: Server;
let data: string;

test.beforeAll(async ({}, info) => {
  data = mkdtempSync(join(tmpdir(), "botscope-demo-"));
  server = await serve(data, info.outputPath("server.log"));
});

test.afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

test("demo traffic is started, labelled, removed in one click and brought back", async ({ page }) => {
  test.setTimeout(120_000);
  const attacks = new AttacksPage(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/v1/changes?")) asked.push(request.url());
  });
  await page.goto(`${server.url}/attacks`);
  await expect(page.getByRole("heading", { name: "Nothing to look at yet" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Connect a source" })).toBeVisible();
  await page.getByRole("button", { name: "Start demo traffic" }).click();
  const banner = page.getByRole("region", { name: "Demo traffic" });
  await expect(banner).toContainText("Demo traffic, made up from seed 7.");
  await expect(banner.getByRole("button", { name: "Copy the command" })).toBeVisible();
  // The day fills by itself, without anybody reloading the page.
  await expect(attacks.rows.first()).toBeVisible({ timeout: 60_000 });
  await expect(attacks.rows.first()).toContainText("demo");
  await expect(attacks.counts).toContainText(/\d+ attacks/);
  expect(asked, "what happens is streamed, not asked for").toEqual([]);

  await banner.getByRole("button", { name: "Remove it" }).click();
  await expect(banner).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Nothing to look at yet" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(banner).toBeVisible();
  await expect(attacks.rows.first()).toBeVisible();

  await attacks.rows.first().getByRole("link").first().click();
  await expect(page.getByRole("main").getByText("demo", { exact: true })).toBeVisible();
});
