// What the product was ordered to do, sentence by sentence, each in our own words. Most of it is
// tested in more depth elsewhere; here every sentence has the one test that fails when it is no
// longer true. On a server of its own: the day of the other tests, a crowd of bots on another
// application, and one whose sessions are no longer stored.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIRequestContext, Page } from "@playwright/test";
import { EVER, findAttackOf, findAttacks, findSessionOf } from "../support/api";
import { expect, test as base } from "../support/fixtures";
import { AttackPage } from "../support/pages/attack";
import { AttacksPage } from "../support/pages/attacks";
import type { Tab } from "../support/pages/heatmaps";
import { ListsPage } from "../support/pages/lists";
import { SessionPage } from "../support/pages/session";
import { importLog, serve, signedIn, type Server } from "../support/server";
import { accessLog, ACTORS, CROWD, crowdedLog, LONE_PROBER, quietLog } from "../support/traffic";

const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), "botscope-mission-"));
      const data = join(folder, "data");
      const load = (name: string, log: string, ...options: string[]) => {
        const file = join(folder, `${name}.log`);
        writeFileSync(file, log);
        importLog(data, name, file, ...options);
      };
      load("shop", accessLog());
      load("crowded", crowdedLog());
      load("forgotten", quietLog(), "--retention", "1");
      const server = await serve(data, join(folder, "serve.log"));
      await use(server);
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  // Signed in there too, once it runs.
  storageState: async ({ server }, use) => use(server && signedIn()),
});

// One worker, one server.
test.describe.configure({ mode: "default", timeout: 60_000 });

/** The types that the order names, with the words for them in the search and in the filter. */
const TYPES = [
  ["api_abuse", "Suspicious API activity"],
  ["account_takeover", "Account takeover"],
  ["scraping", "Scraping"],
  ["security_crawlers", "Security crawlers"],
] as const;

interface Dimension {
  label: string;
  explanation: string;
}

interface Bubble {
  label: string;
  attack_id?: string;
  this_bot: boolean;
  x?: number;
  y?: number;
  color?: number;
  size?: number;
}

type Heatmap = Record<"x" | "y" | "color" | "size", Dimension> & { bubbles: Bubble[] };

interface Heatmaps {
  window_from: string;
  window_until: string;
  bots_total: number;
  bots_shown: number;
  performance: Heatmap;
  behavior: Heatmap;
  http_errors: Heatmap;
}

async function heatmapsOf(request: APIRequestContext, attack: string): Promise<Heatmaps> {
  return (await request.get(`/api/v1/attacks/${attack}/heatmaps`)).json();
}

function byTab(heatmaps: Heatmaps): [Tab, Heatmap][] {
  return [
    ["Performance", heatmaps.performance],
    ["Behavior", heatmaps.behavior],
    ["HTTP errors", heatmaps.http_errors],
  ];
}

/** The attack of an address on the application of the other tests. */
async function attackOnShop(request: APIRequestContext, ip: string): Promise<string> {
  const [attack] = await findAttacks(request, `ip:${ip} app:shop ${EVER}`);
  if (!attack) throw new Error(`no attack from ${ip} on the shop`);
  return attack.id;
}

/** The page of the crowd's last bot. */
async function openCrowd(page: Page, request: APIRequestContext): Promise<{ attack: AttackPage; id: string; heatmaps: Heatmaps }> {
  const { id } = await findAttackOf(request, CROWD.last);
  const attack = new AttackPage(page);
  await attack.openHeatmaps(id);
  return { attack, id, heatmaps: await heatmapsOf(request, id) };
}

test.describe("attacks", () => {
  test("bots are told from people by statistics and by what was learned of the application", async ({ request }) => {
    const { id } = await findAttackOf(request, CROWD.last);
    const detail = await (await request.get(`/api/v1/attacks/${id}`)).json();
    const results: { detector: string; worked: boolean; vote: number; normal_source: string }[] = detail.detectors;
    // No list of bad addresses: several behaviours voted, some against a learned normal.
    expect(results.filter(({ vote }) => vote > 0).length).toBeGreaterThan(1);
    expect(results.filter(({ normal_source }) => /learned|blended/.test(normal_source)).length).toBeGreaterThan(0);
    expect(results.find(({ detector }) => detector === "suspicious_behavior")?.worked).toBe(true);
    expect(await findAttacks(request, `ip:198.51.100.0/24 ${EVER}`)).toEqual([]);
    expect(await findAttacks(request, `ip:192.0.2.0/24 ${EVER}`)).toEqual([]);
  });

  test("no single request gives a bot away, so that an attack is looked at from many angles", async ({ page, request }) => {
    const attack = new AttackPage(page);
    await attack.open(await attackOnShop(request, ACTORS.scraper));
    // What it asked for is what people ask for, and was answered.
    await expect(attack.hits.getByRole("row").nth(1)).toContainText(/GET.*\/catalogue\/\d+\//);
    await expect(attack.hits.getByRole("row").nth(1)).toContainText("200");
    await expect(attack.sentence).toContainText(/\d/);
    await expect(attack.timeline.locator("svg").first()).toBeVisible();
    await expect(attack.heatmaps.region.getByRole("tab")).toHaveCount(3);
    await expect(attack.detectors.getByRole("listitem").first()).toContainText(/normal/);
    for (const angle of ["Responses", "Methods", "Top endpoints", /^\d+ sessions?$/]) {
      await expect(page.getByRole("heading", { name: angle, level: 3 })).toBeVisible();
    }
  });

  test("attacks performed by bots are explored in the section Attacks", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Attacks" }).click();
    const attacks = new AttacksPage(page);
    await attacks.searchFor(EVER);
    for (const ip of [ACTORS.guesser, ACTORS.prober, ACTORS.scraper]) await expect(attacks.attackFrom(ip)).toBeVisible();
  });

  for (const [key, name] of TYPES) {
    test(`the search key ${key} finds them, and so does the option ${name} of the filter Type`, async ({ page, request }) => {
      const attacks = new AttacksPage(page);
      const found = await findAttacks(request, `${key} ${EVER}`);
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThan((await findAttacks(request)).length);
      const shown = async () => {
        await expect(attacks.counts).toContainText(`${found.length} attacks`);
        // Of some it is a secondary type: those first of which it is the primary one.
        const primary = found.find(({ bot_type }) => bot_type === key);
        await expect(attacks.attackFrom(primary!.top_ip)).toContainText(name);
        await expect(attacks.rows).toHaveCount(found.length);
        return attacks.rows.allTextContents();
      };
      await attacks.open(`${key} ${EVER}`);
      await expect(attacks.filter("Type")).toContainText(name);
      const byKey = await shown();

      await attacks.open(EVER);
      const types = await attacks.openFilter("Type");
      await types.getByRole("checkbox", { name }).check();
      await expect(attacks.search).toHaveValue(new RegExp(key));
      expect(await shown()).toEqual(byKey);
    });
  }
});

test.describe("heatmaps", () => {
  test("what is known of a bot is drawn in three heatmaps", async ({ page, request }) => {
    const { attack } = await openCrowd(page, request);
    await expect(attack.heatmaps.region.getByRole("tab")).toHaveText(["Performance", "Behavior", "HTTP errors"]);
    for (const tab of ["Performance", "Behavior", "HTTP errors"] as const) {
      await attack.heatmaps.choose(tab);
      await expect(attack.heatmaps.plot).toBeVisible();
      await expect(attack.heatmaps.thisBot).toHaveCount(1);
    }
  });

  test("the bigger a bubble, the redder, the nearer to the upper right corner, the more suspicious its bot", async ({ page, request }) => {
    test.setTimeout(120_000);
    const { attack, heatmaps } = await openCrowd(page, request);
    for (const [tab, heatmap] of byTab(heatmaps)) {
      await attack.heatmaps.choose(tab);
      const drawn = new Map((await attack.heatmaps.walk()).map((bot) => [bot.name, bot]));
      expect([...drawn.keys()].sort(), tab).toEqual(heatmap.bubbles.map(({ label }) => label).sort());
      // Places differ whenever values do; size and colour have an end, and colour has steps.
      expectOrder(`${tab}: right`, heatmap.bubbles, "x", (bot) => drawn.get(bot.label)!.x);
      expectOrder(`${tab}: up`, heatmap.bubbles, "y", (bot) => drawn.get(bot.label)!.y);
      expectOrder(`${tab}: bigger`, heatmap.bubbles, "size", (bot) => drawn.get(bot.label)!.radius);
      expectOrder(`${tab}: redder`, heatmap.bubbles, "color", (bot) => drawn.get(bot.label)!.redness);
    }
  });

  test("this bot is compared with the others that attacked the same application within 24 hours", async ({ page, request }) => {
    const { attack, id, heatmaps } = await openCrowd(page, request);
    await expect(attack.heatmaps.plot.locator(".plot__label--this")).toContainText("This bot");
    await expect(attack.heatmaps.plot.locator(".plot__ring")).toBeVisible();
    const hours = (Date.parse(heatmaps.window_until) - Date.parse(heatmaps.window_from)) / 3_600_000;
    expect(hours).toBe(24);
    const found = await findAttacks(request, `app:crowded ${EVER}`);
    const ofApplication = new Set(found.map((attack) => attack.id));
    const recent = found.filter(({ ended_at }) => ended_at >= heatmaps.window_from);
    expect(found.some(({ top_ip }) => top_ip === CROWD.dayBefore)).toBe(true);
    expect(heatmaps.bots_total).toBe(recent.length);
    const { bubbles } = heatmaps.performance;
    expect(bubbles.filter(({ this_bot }) => this_bot).map(({ attack_id }) => attack_id)).toEqual([id]);
    expect(bubbles.every(({ attack_id }) => ofApplication.has(attack_id!))).toBe(true);
    expect(bubbles.map(({ label }) => label)).not.toContain(CROWD.dayBefore);
    await expect(attack.heatmaps.bubbles).toHaveCount(bubbles.length);
  });

  test("of too many bots only the 30 most suspicious are drawn beside this one", async ({ page, request }) => {
    const { attack, id: own, heatmaps } = await openCrowd(page, request);
    expect(heatmaps.bots_total).toBeGreaterThan(31);
    expect(heatmaps.bots_shown).toBe(31);
    await expect(attack.heatmaps.others).toHaveCount(30);
    await expect(page.getByText(`top 30 of ${heatmaps.bots_total} bots, 24 h to`)).toBeVisible();
    const others = (await findAttacks(request, `app:crowded ${EVER}`)).filter(({ id, ended_at }) => id !== own && ended_at >= heatmaps.window_from);
    const shown = new Set(heatmaps.performance.bubbles.map(({ attack_id }) => attack_id));
    const least = Math.min(...others.filter(({ id }) => shown.has(id)).map(({ confidence }) => confidence));
    const left = others.filter(({ id }) => !shown.has(id));
    expect(left).toHaveLength(heatmaps.bots_total - 31);
    for (const { top_ip, confidence } of left) expect(confidence, top_ip).toBeLessThanOrEqual(least);
  });

  for (const [tab, dimensions] of [
    ["Performance", ["Requests per second", "Request rate", "Scheduled requests", "Request non-uniqueness"]],
    ["Behavior", ["Requests per second", /detectors/i, /suspicious behaviou?r score/i, /critical or sensitive requests/i]],
    ["HTTP errors", ["Requests per second", /error/i, /unsafe/i, "Different endpoints"]],
  ] as [Tab, (string | RegExp)[]][]) {
    test(`${tab} shows ${dimensions.map((dimension) => (dimension instanceof RegExp ? dimension.source : dimension)).join(", ")}`, async ({ page, request }) => {
      const { attack, heatmaps } = await openCrowd(page, request);
      await attack.heatmaps.choose(tab);
      await attack.heatmaps.region.getByRole("button", { name: "Show more" }).click();
      await expect(attack.heatmaps.region.getByRole("term")).toHaveCount(4);
      for (const [place, dimension] of dimensions.entries()) {
        await expect(attack.heatmaps.region.getByRole("term").nth(place)).toContainText(dimension);
      }
      // What is explained is what is drawn, and every bot's values can be read.
      const { x, y, color, size } = new Map(byTab(heatmaps)).get(tab)!;
      for (const axis of [x, y]) await expect(attack.heatmaps.plot.locator("text.plot__title").filter({ hasText: axis.label })).toHaveCount(1);
      for (const scale of [color, size]) await expect(attack.heatmaps.legend).toContainText(scale.label);
      await attack.heatmaps.stage.focus();
      await page.keyboard.press("ArrowRight");
      for (const { label } of [x, y, color, size]) await expect(attack.heatmaps.card).toContainText(label);
      if (tab === "Performance") {
        await expect(attack.heatmaps.plot).toContainText("interval");
        await expect(attack.heatmaps.card).toContainText(/Request interval\s*[\d.]+\s*s/);
      }
    });
  }
});

/** Nothing of a higher value is drawn lower, and the highest is drawn higher than the lowest. */
function expectOrder(what: string, bubbles: Bubble[], channel: "x" | "y" | "color" | "size", drawn: (bubble: Bubble) => number): void {
  const measured = bubbles.filter((bubble) => bubble[channel] !== undefined);
  const rising = measured.sort((one, other) => one[channel]! - other[channel]!);
  expect(rising.length, what).toBeGreaterThan(2);
  for (const [place, bubble] of rising.entries()) {
    const before = rising[place - 1];
    if (before) expect(drawn(bubble), `${what}: ${bubble.label} after ${before.label}`).toBeGreaterThanOrEqual(drawn(before) - 0.01);
  }
  const [least, most] = [rising[0]!, rising.at(-1)!];
  expect(drawn(most), `${what}: ${most.label} and ${least.label}`).toBeGreaterThan(drawn(least));
}

test.describe("sessions", () => {
  test("Explore the session switches from an attack to API sessions, where it is checked", async ({ page, request }) => {
    const id = await attackOnShop(request, ACTORS.guesser);
    const attack = new AttackPage(page);
    await attack.open(id);
    await attack.explore.click();
    await expect(page).toHaveURL(`/sessions/${await findSessionOf(request, id)}?attack=${id}`);
    await expect(page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "API sessions" })).toHaveAttribute("aria-current", /.+/);
    await expect(new SessionPage(page).heading).toContainText(ACTORS.guesser);
  });

  test("the button is available only for attacks with sessions that are still stored", async ({ page, request }) => {
    const attack = new AttackPage(page);
    await attack.open(await attackOnShop(request, ACTORS.prober));
    await expect(attack.explore).toBeVisible();
    await attack.open((await findAttackOf(request, LONE_PROBER)).id);
    await expect(attack.hits.getByRole("row").nth(1)).toContainText("/.env");
    await expect(attack.explore).toHaveCount(0);
    const button = page.getByRole("button", { name: "Explore the session" });
    await expect(button).toHaveAttribute("aria-disabled", "true");
    await expect(button).toHaveAccessibleDescription(/none of its sessions is stored/i);
  });

  test("a session shows the sequence that matches the malicious pattern, and why it was judged", async ({ page, request }) => {
    const id = await attackOnShop(request, ACTORS.guesser);
    const session = new SessionPage(page);
    await page.goto(`/sessions/${await findSessionOf(request, id)}?attack=${id}`);
    const { hits } = (await findAttacks(request, `attack:${id} ${EVER}`))[0]!;
    await expect(session.rows.first()).toContainText("/wp-login.php");
    expect(await session.count()).toBe(hits);
    await expect(session.rows.first()).toContainText("Account takeover");
    await page.getByRole("button", { name: "Where the bar was crossed" }).click();
    const crossed = session.table.locator("tr.table__row").filter({ hasText: "crossed the bar" });
    await expect(crossed).toHaveCount(1);
    await expect(session.table).toContainText("The bar was crossed with this request.");
    await expect(session.table).toContainText("Authentication abuse");
  });

  test("all requests of the session can be viewed, so that the context is understood", async ({ page, request }) => {
    const id = await attackOnShop(request, ACTORS.guesser);
    const sessionId = await findSessionOf(request, id);
    const detail = await (await request.get(`/api/v1/sessions/${sessionId}`)).json();
    const session = new SessionPage(page);
    await page.goto(`/sessions/${sessionId}?attack=${id}`);
    await expect(session.rows.first()).toBeVisible();
    const flagged = await session.count();
    await session.showAll.click();
    await expect(session.rows.first()).not.toContainText("/wp-login.php");
    expect(await session.count()).toBe(detail.requests);
    expect(detail.requests).toBeGreaterThan(flagged);
    await session.showMalicious.click();
    await expect(session.rows.first()).toContainText("/wp-login.php");
    expect(await session.count()).toBe(flagged);
  });

  test("the details of a session tell the flagged requests from the others", async ({ page, request }) => {
    const id = await attackOnShop(request, ACTORS.guesser);
    const session = new SessionPage(page);
    await page.goto(`/sessions/${await findSessionOf(request, id)}`);
    const ordinary = session.rows.filter({ hasText: "/about/" });
    await expect(ordinary).toHaveCount(1);
    await expect(ordinary).not.toContainText("Account takeover");
    await expect(session.rows.filter({ hasText: "POST" }).first()).toContainText("Account takeover");
    await expect(session.facet("Attack types").getByRole("listitem").first()).toContainText(/Account takeover.*\d/);
  });

  test("a request is expanded, its content viewed, and its source IP denied from there at once", async ({ page, request, server }) => {
    await openRequestOf(page, request, ACTORS.scraper);
    const lists = new ListsPage(page);
    await page.getByRole("region", { name: "Requests" }).getByRole("button", { name: "Add source IP to denylist" }).click();
    await expect(lists.object()).toHaveValue(ACTORS.scraper);
    await lists.submit("Add to deny list");
    await expect(lists.message).toContainText("deny list");
    expect(await (await request.get("/api/v1/lists/deny.txt")).text()).toBe(`${ACTORS.scraper}\n`);
    await page.goto(`/attacks/${await attackOnShop(request, ACTORS.scraper)}`);
    await expect(page.getByRole("link", { name: /^denied until/ })).toBeVisible();
    await lists.open(server.url, "deny");
    await expect(lists.row(ACTORS.scraper)).toBeVisible();
  });

  test("a request is expanded, and its source added to the exception list, which takes effect", async ({ page, request }) => {
    await openRequestOf(page, request, ACTORS.lastScraper);
    const lists = new ListsPage(page);
    await page.getByRole("region", { name: "Requests" }).getByRole("button", { name: "Add to exception list" }).click();
    await expect(lists.object()).toHaveValue(ACTORS.lastScraper);
    await lists.submit("Add to exception list");
    await expect(lists.message).toContainText("exception list");
    await expect.poll(async () => (await findAttacks(request, `ip:${ACTORS.lastScraper} app:shop ${EVER}`)).length).toBe(0);
    const attacks = new AttacksPage(page);
    await attacks.open(`app:shop ${EVER}`);
    await expect(attacks.attackFrom(ACTORS.scraper)).toBeVisible();
    await expect(attacks.attackFrom(ACTORS.lastScraper)).toHaveCount(0);
    await attacks.open(`excepted app:shop ${EVER}`);
    await expect(attacks.attackFrom(ACTORS.lastScraper)).toBeVisible();
  });

  test("Explore the attack switches back", async ({ page, request }) => {
    const id = await attackOnShop(request, ACTORS.guesser);
    const session = new SessionPage(page);
    await page.goto(`/sessions/${await findSessionOf(request, id)}?attack=${id}`);
    await session.exploreAttack.click();
    await expect(page).toHaveURL(`/attacks/${id}`);
    await expect(new AttackPage(page).sentence).toBeVisible();
  });
});

/** Opens the first flagged request of the attack from this address and looks at its content. */
async function openRequestOf(page: Page, request: APIRequestContext, ip: string): Promise<void> {
  const id = await attackOnShop(request, ip);
  const session = new SessionPage(page);
  await page.goto(`/sessions/${await findSessionOf(request, id)}?attack=${id}`);
  const toggle = session.toggle(0);
  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-expanded", "true");
  await expect(session.table).toContainText(/GET \/catalogue\/\d+\/ HTTP\/1\.1/);
  for (const content of ["user-agent", "Source", "Endpoint", "Size", "Session grouped by", "fed"]) {
    await expect(session.table).toContainText(content);
  }
}
