// The heatmaps beyond one picture: the course of time, two bots side by side, all three at once,
// campaigns unfolded, files to take along, and links that restore what is seen.

import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { findAttackOf, findCampaign } from "../support/api";
import { expect, test } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import { Heatmaps } from "../support/pages/heatmaps";
import { ACTORS } from "../support/traffic";
import { settled } from "../support/settled";

const WIDE = { width: 1440, height: 1000 };

test.describe("heatmaps beyond one picture", () => {
  let heatmaps: Heatmaps;
  let attackId: string;

  // A fake clock draws every frame, links are opened twice, axe takes its time.
  test.describe.configure({ timeout: 120_000 });
  test.use({ viewport: WIDE });

  test.beforeEach(async ({ page, request }) => {
    attackId = (await findAttackOf(request, ACTORS.lastScraper)).id;
    heatmaps = await new AttackPage(page).openHeatmaps(attackId);
    await heatmaps.settle();
  });

  test("dragging the time bar shows the bots as they were, and the end is where it began", async ({ page, request }) => {
    const [count, places] = [await heatmaps.bubbles.count(), await heatmaps.places()];
    await heatmaps.dragTime(1, 0.5);
    const at = new URL(await settledUrl(page, "at")).searchParams.get("at");
    await expect(page.getByText(/\d of the \d+ bots by 2 Mar/)).toBeVisible();
    const then = await (await request.get(`/api/v1/attacks/${attackId}/heatmaps?at=${at}`)).json();
    await expect(heatmaps.bubbles).toHaveCount(then.performance.bubbles.length);
    expect(then.performance.bubbles.length).toBeLessThan(count);

    await page.getByRole("button", { name: "To the end" }).click();
    await heatmaps.settle();
    expect(await heatmaps.places()).toEqual(places);
    await expect(page).not.toHaveURL(/[?&]at=/);
  });

  test("this bot leaves a trail of where it came along", async ({ page }) => {
    await heatmaps.slider.focus();
    await page.keyboard.press("ArrowLeft");
    await heatmaps.settle();
    await expect(heatmaps.plot.locator("path.plot__trail")).toHaveAttribute("d", /^M.*L/);
    await page.keyboard.press("End");
    await expect(heatmaps.plot.locator("path.plot__trail")).toHaveAttribute("d", "");
  });

  test("playing goes through the window by itself and ends at its end", async ({ page }) => {
    await page.clock.install();
    await page.reload();
    await heatmaps.bubbles.first().waitFor();
    // From here on time stands still but for what the test lets pass, however busy the machine is.
    await page.clock.pauseAt(Date.now() + 5_000);
    const play = page.getByRole("button", { name: "Play" });
    for (const next of ["Speed 2×", "Speed 4×"]) {
      await page.getByRole("button", { name: /^Speed / }).click();
      await expect(page.getByRole("button", { name: next })).toBeVisible();
    }
    await heatmaps.slider.focus();
    await page.keyboard.press("Space");
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    await page.clock.runFor(500);
    const early = Number(await heatmaps.slider.getAttribute("aria-valuenow"));
    const few = await heatmaps.bubbles.count();
    await page.clock.runFor(1_000);
    const later = Number(await heatmaps.slider.getAttribute("aria-valuenow"));
    expect(early).toBeGreaterThan(0);
    expect(later).toBeGreaterThan(early);
    await page.clock.runFor(2_500);
    await expect(play).toBeVisible();
    await expect(heatmaps.slider).toHaveAttribute("aria-valuetext", /the end$/);
    expect(await heatmaps.bubbles.count()).toBeGreaterThan(few);
  });

  test("with less motion it plays from change to change", async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.clock.install();
    await page.reload();
    await heatmaps.bubbles.first().waitFor();
    // From here on time stands still but for what the test lets pass, however busy the machine is.
    await page.clock.pauseAt(Date.now() + 5_000);
    await page.getByRole("button", { name: "Play" }).click();
    const first = await heatmaps.slider.getAttribute("aria-valuetext");
    await page.clock.runFor(300);
    expect(await heatmaps.slider.getAttribute("aria-valuetext")).toBe(first);
    await page.clock.runFor(1_000);
    expect(await heatmaps.slider.getAttribute("aria-valuetext")).not.toBe(first);
  });

  test("two pinned bots keep ring and label and stand side by side with their ratio", async ({ page, request }) => {
    await heatmaps.pin(heatmaps.thisBot);
    await expect(page.getByText("Pin another bot")).toBeVisible();
    await heatmaps.stage.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Space");
    const table = page.getByRole("region", { name: "Two bots side by side" });
    await expect(table).toBeVisible();
    await expect(heatmaps.plot.locator(".plot__pinned")).toHaveCount(2);
    await expect(heatmaps.plot.locator(".plot__label--pinned")).toHaveCount(2);
    const all = await (await request.get(`/api/v1/attacks/${attackId}/heatmaps`)).json();
    for (const map of [all.performance, all.behavior, all.http_errors]) {
      for (const dimension of [map.y, map.color, map.size]) {
        await expect(table.getByRole("row", { name: new RegExp(`^${dimension.label}`) })).toHaveCount(1);
      }
    }
    await expect(table.getByRole("row", { name: /^Requests \d/ })).toHaveCount(1);
    expect(new URL(await settledUrl(page, "pins")).searchParams.get("pins")?.split(",")).toHaveLength(2);
    await page.getByRole("button", { name: /^Unpin / }).first().click();
    await expect(table).toHaveCount(0);
  });

  test("all three stand beside one another, and a bot pointed at in one stands out in all", async ({ page }) => {
    await page.getByRole("button", { name: "All three" }).click();
    await expect(heatmaps.plot).toHaveCount(3);
    await expect(page.getByRole("tab")).toHaveCount(0);
    const tops = await heatmaps.plot.evaluateAll((plots) => plots.map((plot) => Math.round(plot.getBoundingClientRect().top)));
    expect(new Set(tops).size).toBe(1);
    const { x, y } = await heatmaps.centre(heatmaps.thisBot.first());
    await page.mouse.move(x, y);
    await expect(page.locator("g.bubble[data-lit]")).toHaveCount(3);
    await expect(heatmaps.plot.locator(".plot__cursor")).toHaveCount(3);
    await expect(heatmaps.card).toHaveCount(1);
    await page.mouse.move(5, 5);
    await expect(page.locator("g.bubble[data-lit]")).toHaveCount(0);
    await page.keyboard.down("Shift");
    await page.mouse.click(x, y);
    await page.keyboard.up("Shift");
    await expect(heatmaps.plot.locator(".plot__pinned")).toHaveCount(3);
  });

  test("a drag over one of the three marks its bots in all and zooms none", async ({ page }) => {
    await page.getByRole("button", { name: "All three" }).click();
    await expect(heatmaps.plot).toHaveCount(3);
    const box = (await heatmaps.plot.first().boundingBox())!;
    await page.mouse.move(box.x + 50, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 12, box.y + box.height - 70, { steps: 4 });
    await page.mouse.up();
    const marked = await page.locator("g.bubble[data-lit]").count();
    expect(marked).toBeGreaterThan(3);
    expect(marked % 3).toBe(0);
    await expect(heatmaps.resetZoom).toHaveCount(0);
    await heatmaps.stage.first().press("Escape");
    await expect(page.locator("g.bubble[data-lit]")).toHaveCount(0);
  });

  test("a campaign unfolds into its addresses and folds again", async ({ page, request }) => {
    const campaign = await findCampaign(request);
    heatmaps = await new AttackPage(page).openHeatmaps(campaign.id);
    await heatmaps.stage.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("u");
    const members = page.locator("g.bubble[data-role=member]");
    const steps = await (await request.get(`/api/v1/attacks/${campaign.id}/heatmaps/steps?of=${campaign.id}`)).json();
    expect(steps.bots_total).toBe(campaign.ip_count);
    await expect(members).toHaveCount(steps.bots.length);
    await expect(heatmaps.plot.locator("path.plot__tether")).toHaveAttribute("d", /^M/);
    await expect(page).toHaveURL(new RegExp(`unfold=${campaign.id}`));
    const file = page.getByRole("link", { name: "Save the data as CSV" });
    const text = await (await request.get((await file.getAttribute("href"))!)).text();
    expect(text.split(`,address,${campaign.id},`)).toHaveLength(1 + steps.bots.length);
    await page.keyboard.press("u");
    await expect(members).toHaveCount(0);
    await expect(page).not.toHaveURL(/unfold=/);
    await expect(file).not.toHaveAttribute("href", /of=/);
  });

  test("the picture is saved as an SVG that needs nothing else, and as a PNG", async ({ page }) => {
    const save = async (name: string) => {
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name }).click();
      return readFileSync(await (await download).path());
    };
    const whole = (await save("Save the picture as SVG")).toString("utf8");
    // Its fonts are in it. The page's policy allows none of them in what is parsed here.
    const fonts = /<style>((?:@font-face\{[^{}<]*url\(data:font\/woff2;base64,[\w+/=]{1000,}\)[^{}<]*\})+)<\/style>/;
    expect(whole.match(fonts)?.[1]?.match(/@font-face/g)).toHaveLength(3);
    const svg = whole.replace(fonts, "");
    const report = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      return {
        errors: parsed.querySelectorAll("parsererror").length,
        title: parsed.querySelector("title")?.textContent ?? "",
        text: parsed.documentElement.textContent ?? "",
        circles: parsed.querySelectorAll("circle").length,
        colours: [...parsed.querySelectorAll("[fill]")].map((part) => part.getAttribute("fill") ?? ""),
      };
    }, svg);
    expect(report.errors).toBe(0);
    expect(report.title).toContain("Performance heatmap of 203.0.113.89 on shop");
    expect(report.text).toContain("24 h to 2 Mar");
    expect(report.text).toContain("Scheduled requests");
    expect(report.circles).toBeGreaterThan(await heatmaps.bubbles.count());
    expect(report.colours.every((colour) => /^(#[0-9a-f]{6}|none|url\(['#].*\))$/.test(colour)), report.colours.join()).toBe(true);
    expect(svg).not.toMatch(/var\(|<script|href=/);

    const png = await save("Save the picture as PNG");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const box = await heatmaps.box();
    expect(png.readUInt32BE(16)).toBeGreaterThan(2 * box.width);
  });

  test("the data are saved as CSV, of the moment that is shown", async ({ page }) => {
    const save = async () => {
      const download = page.waitForEvent("download");
      await page.getByRole("link", { name: "Save the data as CSV" }).click();
      return readFileSync(await (await download).path(), "utf8").trim().split("\r\n");
    };
    const now = await save();
    expect(now).toHaveLength(1 + (await heatmaps.bubbles.count()));
    expect(now[0]).toContain("bot,role,attack_id");
    await heatmaps.dragTime(1, 0.4);
    await settledUrl(page, "at");
    expect((await save()).length).toBeLessThan(now.length);
  });

  test("a link opened in another page shows exactly the same", async ({ page, context, request }) => {
    await heatmaps.choose("HTTP errors");
    await heatmaps.pin(heatmaps.thisBot);
    await heatmaps.drag([0.2, 0.1], [0.98, 0.95]);
    await heatmaps.dragTime(1, 0.93);
    await heatmaps.settle();
    const url = await settledUrl(page, "at");
    for (const name of ["map", "pins", "zoom"]) expect(new URL(url).searchParams.has(name), name).toBe(true);
    await sameElsewhere(page, url, () => context.newPage());

    const campaign = await findCampaign(request);
    await page.goto(`/attacks/${campaign.id}?maps=all&unfold=${campaign.id}&bot=${campaign.id}`);
    await expect(page.locator("g.bubble[data-role=member]").first()).toBeVisible();
    await sameElsewhere(page, page.url(), () => context.newPage());
  });

  test("a link of nonsense shows the whole", async ({ page }) => {
    const places = await heatmaps.places();
    await page.goto(`/attacks/${attackId}?map=<b>&maps=1&at=soon&pins=~~,💥&bot=zz&unfold=-1&zoom=9~x~y!!`);
    await heatmaps.bubbles.first().waitFor();
    await heatmaps.settle();
    expect(await heatmaps.places()).toEqual(places);
  });

  test("another bot is opened in the same view", async ({ page }) => {
    await heatmaps.choose("Behavior");
    await heatmaps.stage.focus();
    for (const key of ["Home", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowUp"]) {
      await page.keyboard.press(key);
      if (((await heatmaps.card.textContent()) ?? "").includes("opens its attack")) break;
    }
    await page.keyboard.press("Enter");
    await expect(page).not.toHaveURL(new RegExp(attackId));
    await expect(page).toHaveURL(/\/attacks\/\w+\?map=behavior$/);
    await expect(heatmaps.tab("Behavior")).toHaveAttribute("aria-selected", "true");
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing in ${colorScheme} with everything open`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await heatmaps.pin(heatmaps.thisBot);
      await heatmaps.stage.focus();
      for (const key of ["End", "Space"]) await page.keyboard.press(key);
      await heatmaps.slider.focus();
      await page.keyboard.press("ArrowLeft");
      await heatmaps.settle();
      const scan = () => new AxeBuilder({ page }).include(".heatmap").analyze();
      expect((await scan()).violations).toEqual([]);
      await page.getByRole("button", { name: "All three" }).click();
      await heatmaps.settle();
      expect((await scan()).violations).toEqual([]);
    });
  }
});

/** The address once it says what is shown. */
async function settledUrl(page: Page, parameter: string): Promise<string> {
  await expect(page).toHaveURL(new RegExp(`[?&]${parameter}=`));
  await page.waitForTimeout(300);
  return page.url();
}

/** Compares what is drawn here with what a fresh page draws of the same address. */
async function sameElsewhere(page: Page, url: string, open: () => Promise<Page>): Promise<void> {
  const drawn = async (one: Page) => {
    await one.mouse.move(2, 2);
    await new Heatmaps(one).settle();
    await one.waitForTimeout(200);
    return one.locator(".heatmap").evaluate((heatmap) => heatmap.outerHTML.replaceAll(/<!--.*?-->/g, "").replaceAll(/ (data-hk|data-moving)="[^"]*"/g, ""));
  };
  const other = await open();
  await other.setViewportSize(WIDE);
  await other.goto(url);
  await new Heatmaps(other).bubbles.first().waitFor();
  await settled(other);
  expect(await drawn(other)).toBe(await drawn(page));
  await other.close();
}
