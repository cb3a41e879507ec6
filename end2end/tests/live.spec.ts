// What goes on while it is looked at: an open attack and the lists follow, and nothing moves
// under the reader.

import type { Page, Route } from "@playwright/test";
import { EVER, findAttackOf } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import { settled } from "../support/settled";
import { ACTORS } from "../support/traffic";

/** Has the server tell of a change whenever it is asked, from now on: of these, if any are named. There is no
 * stream: the console does without. */
async function somethingGoesOn(page: Page, of: { applications?: string[]; attacks?: string[] } = {}): Promise<void> {
  let seq = 1_000_000;
  await page.route("**/api/v1/changes/stream*", (route) => route.fulfill({ status: 204 }));
  await page.route("**/api/v1/changes*", (route) =>
    route.fulfill({ json: { seq: seq++, missed: false, applications: [], judged: [], attacks: [], lists: false, ...of } }),
  );
}

/** Answers with what the server says, changed. */
async function changed(route: Route, change: (body: any) => void): Promise<void> {
  const response = await route.fetch();
  const body = await response.json();
  change(body);
  await route.fulfill({ response, json: body });
}

test("an open attack follows what goes on, each part in its place", async ({ page, request }) => {
  test.setTimeout(90_000);
  const { id, application_id } = await findAttackOf(request, ACTORS.lastScraper);
  let more = 0;
  await page.route(`**/api/v1/attacks/${id}`, (route) =>
    changed(route, (attack) => {
      attack.state = "ongoing";
      attack.sentence = `${attack.sentence}, ${more} more`;
    }),
  );
  await page.route(`**/api/v1/attacks/${id}/heatmaps`, (route) =>
    changed(route, (heatmaps) => {
      heatmaps.live = true;
      heatmaps.bots_total += more;
      for (const bubble of heatmaps.performance.bubbles) if (bubble.this_bot) bubble.y *= 1 + more;
    }),
  );
  await somethingGoesOn(page, { attacks: [id], applications: [application_id] });
  const attack = new AttackPage(page);
  const heatmaps = await attack.openHeatmaps(id);
  await heatmaps.settle();
  await heatmaps.pin(heatmaps.thisBot);
  await heatmaps.drag([0.1, 0.1], [0.9, 0.9]);
  await expect(heatmaps.resetZoom).toBeVisible();
  await heatmaps.settle();
  const details = page.getByText(/detectors? found nothing/).first();
  await details.click();
  await heatmaps.stage.focus();
  await page.mouse.wheel(0, 150);
  await page.waitForFunction(() => scrollY > 100);
  const kept = ["h1", ".heatmap__stage", ".plot", ".timeline__plot", ".detectors", ".table--hits tbody tr"];
  await page.evaluate((kept) => {
    for (const selector of kept) document.querySelector(selector)!.toggleAttribute("data-kept", true);
  }, kept);
  const [before, scrolled] = [await heatmaps.places(), await page.evaluate(() => scrollY)];

  more = 3;
  await expect(attack.sentence).toContainText("3 more", { timeout: 15_000 });
  await expect.poll(() => heatmaps.places()).not.toEqual(before);
  for (const selector of kept) await expect(page.locator(selector).first(), selector).toHaveAttribute("data-kept", "");
  await expect(heatmaps.resetZoom).toBeVisible();
  await expect(heatmaps.plot.locator(".plot__pinned")).toHaveCount(1);
  await expect(heatmaps.stage).toBeFocused();
  await expect(page.locator("details[open]").filter({ has: details })).toHaveCount(1);
  expect(await page.evaluate(() => scrollY)).toBe(scrolled);

  // A past moment stands still.
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  const asked = page.waitForRequest(`**/api/v1/attacks/${id}/heatmaps`, { timeout: 9_000 });
  await expect(asked).rejects.toThrow();
  await page.getByRole("button", { name: "To the end" }).click();
  await page.waitForRequest(`**/api/v1/attacks/${id}/heatmaps`, { timeout: 15_000 });
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("an open attack asks nothing while only others go on", async ({ page, request }) => {
  test.setTimeout(60_000);
  const { id, application_id } = await findAttackOf(request, ACTORS.lastScraper);
  const other = (await findAttackOf(request, ACTORS.guesser)).id;
  await somethingGoesOn(page, { attacks: [other], applications: [application_id] });
  await new AttackPage(page).openHeatmaps(id);
  await settled(page);
  const asked = page.waitForRequest(`**/api/v1/attacks/**`, { timeout: 13_000 });
  await page.waitForResponse("**/api/v1/changes?after=*", { timeout: 12_000 });
  await expect(asked).rejects.toThrow();
});

for (const [path, name] of [["attacks", "Attacks"], ["sessions", "Sessions"]] as const) {
  test(`the list of ${path} follows at its top, and stands still under the reader`, async ({ page }) => {
    test.setTimeout(60_000);
    await somethingGoesOn(page);
    await page.goto(`/${path}?q=${encodeURIComponent(EVER)}`);
    const rows = page.getByRole("table", { name }).locator("tbody tr");
    await expect(rows.first()).toBeVisible();
    const list = new RegExp(`/api/v1/${path}\\?`);
    const first = await rows.first().getByRole("link").getAttribute("href");
    let arrived = 0;
    await page.route(list, (route) =>
      changed(route, ({ items }) => {
        for (let id = 0; id < arrived; id++) items.unshift({ ...items[0], id: `f00${id}` });
      }),
    );
    const newest = async () => rows.first().getByRole("link").getAttribute("href");
    await page.mouse.move(5, 5);
    await page.waitForRequest(list, { timeout: 15_000 });
    await rows.nth(1).hover();
    await settled(page);
    // What comes while somebody reads waits, and says so.
    arrived = 2;
    const button = page.getByRole("button", { name: `2 new ${path}` });
    await expect(button).toBeVisible({ timeout: 15_000 });
    expect(await newest()).toBe(first);
    await button.click();
    await expect(rows.first().getByRole("link")).toHaveAttribute("href", /f001$/);
    await expect(rows.first().getByRole("link")).toBeFocused();
    await expect(button).toHaveCount(0);
    // At the top, with nobody at a row, it shows by itself.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.mouse.move(5, 5);
    arrived = 3;
    await expect(rows.first().getByRole("link")).toHaveAttribute("href", /f002$/, { timeout: 15_000 });
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });
}

test("what happens is streamed: the list follows without asking, and goes on after a break", async ({ page }) => {
  test.setTimeout(60_000);
  let [seq, streams] = [1_000_000, 0];
  const asked: string[] = [];
  page.on("request", (request) => {
    if (/\/api\/v1\/(changes\?|attacks\?)/.test(request.url())) asked.push(request.url());
  });
  // Each stream tells one thing and ends, as if the server went away.
  await page.route("**/api/v1/changes/stream*", (route) => {
    streams += 1;
    const data = { seq: seq++, missed: streams > 1, applications: [], judged: [], attacks: [], lists: false };
    return route.fulfill({ contentType: "text/event-stream", body: `id: ${data.seq}\ndata: ${JSON.stringify(data)}\n\n` });
  });
  await page.route("**/api/v1/changes?*", (route) =>
    route.fulfill({ json: { seq, missed: false, applications: [], judged: [], attacks: [], lists: false } }),
  );
  const stream = page.waitForRequest("**/api/v1/changes/stream");
  await page.goto(`/attacks?q=${encodeURIComponent(EVER)}`);
  await stream;
  await page.mouse.move(5, 5);
  // Another begins where the last one ended, and the list is asked for again.
  await page.waitForRequest("**/api/v1/changes/stream?after=*", { timeout: 15_000 });
  await expect.poll(() => asked.filter((url) => url.includes("/attacks?")).length, { timeout: 15_000 }).toBeGreaterThan(1);
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("without a stream the console asks, and says quietly that it is not live", async ({ page }) => {
  test.setTimeout(60_000);
  await somethingGoesOn(page);
  await page.goto(`/attacks?q=${encodeURIComponent(EVER)}`);
  await page.waitForResponse("**/api/v1/changes?after=*", { timeout: 15_000 });
  await expect(page.getByRole("banner").getByText("Not live")).toBeVisible({ timeout: 20_000 });
  // The server streams again.
  await page.unroute("**/api/v1/changes/stream*");
  await expect(page.getByRole("banner").getByText("Not live")).toHaveCount(0, { timeout: 40_000 });
  await page.unrouteAll({ behavior: "ignoreErrors" });
});
