// Every page and panel that there is a picture of: where it is, and what is done there first.

import type { Page } from "@playwright/test";
import { EVER, findAttackOf, findAttacks, findCampaign, findSessionOf } from "../support/api";
import { MONITOR } from "../support/long";
import { Heatmaps } from "../support/pages/heatmaps";
import { ListsPage } from "../support/pages/lists";
import { SessionPage } from "../support/pages/session";
import { ApplicationSettingsPage } from "../support/pages/settings";
import { ACTORS, LONE_PROBER } from "../support/traffic";
import type { Place, Stores } from "./stores";

/** One picture. */
export interface Scene {
  name: string;
  /** Its address; absent where the store has nothing like it. */
  at: (stores: Stores) => Promise<string | undefined>;
  /** What is done before the picture is taken. */
  first?: (page: Page) => Promise<void>;
  /** Only what the window shows: what floats over a page floats in the window. */
  window?: true;
  print?: true;
}

type Address = (place: Place) => string | Promise<string | undefined>;

const at = (which: (stores: Stores) => Promise<Place>, address: Address) => async (stores: Stores) => {
  const place = await which(stores);
  const path = await address(place);
  return path === undefined ? undefined : `${place.url}${path}`;
};
const given = (address: Address) => at((stores) => stores.given(), address);
const made = (address: Address) => at((stores) => stores.made(), address);
const demo = (address: Address) => at((stores) => stores.demo(), address);
const search = (path: string, text = EVER) => `${path}?q=${encodeURIComponent(text)}`;
const attack = (more = "") => given(({ attack }) => `/attacks/${attack.id}${more}`);
const session = (more = "") =>
  given(async ({ api, attack }) => `/sessions/${await findSessionOf(api, attack.id)}${more.replace("ATTACK", attack.id)}`);

const press = (name: string | RegExp) => async (page: Page) => page.getByRole("button", { name }).first().click();

/** Opens a filter; on a narrow screen the sheet of filters first. */
const openFilter = (name: string) => async (page: Page) => {
  const sheet = page.getByRole("button", { name: /^Filters/ });
  if (await sheet.isVisible()) await sheet.click();
  await page.getByRole("group", { name: "Filters" }).getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await page.getByRole("group", { name, exact: true }).locator("input:visible").first().waitFor();
};

const type = (text: string) => async (page: Page) => {
  await page.getByRole("combobox", { name: /^Search/ }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(text);
  await page.waitForTimeout(600);
};

/** Draws the bubbles, then does something with them. */
const drawn = (then?: (page: Page, heatmaps: Heatmaps) => Promise<void>) => async (page: Page) => {
  const heatmaps = new Heatmaps(page);
  await heatmaps.thisBot.first().waitFor({ state: "attached" });
  await heatmaps.settle();
  await then?.(page, heatmaps);
  await heatmaps.settle();
};

const tab = (slug: string, more = "") => attack(`?map=${slug}${more}`);

const LISTS: Scene[] = [
  { name: "attacks", at: given(() => search("/attacks")) },
  { name: "attacks-demo", at: demo(() => "/attacks") },
  { name: "attacks-default-period", at: given(() => "/attacks") },
  { name: "attacks-nothing-stored", at: async (stores) => `${stores.emptyUrl}/attacks` },
  { name: "attacks-nothing-found", at: made(() => search("/attacks", `scraping ip:192.0.2.250 app:shop ${EVER}`)) },
  { name: "attacks-narrowed", at: made(() => search("/attacks", `account_takeover ip:203.0.113.0/24 !statuscode:404 app:shop ${EVER}`)) },
  { name: "attacks-filter-type", at: given(() => search("/attacks")), first: openFilter("Type"), window: true },
  { name: "attacks-filter-ip", at: given(() => search("/attacks")), first: openFilter("IP"), window: true },
  { name: "attacks-filter-date", at: given(() => search("/attacks")), first: openFilter("Date"), window: true },
  { name: "attacks-completion", at: given(() => search("/attacks")), first: type(" ip:"), window: true },
  { name: "attacks-mistake", at: given(() => search("/attacks")), first: async (page) => {
    await type(" ip:999.1 ap:shop")(page);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(300);
  }, window: true },
  { name: "attacks-error", at: given(() => search("/attacks")), first: async (page) => {
    await page.route("**/api/v1/attacks?*", (route) => route.abort("connectionrefused"));
    await page.reload();
    await page.getByRole("alert").first().waitFor();
  } },
  { name: "attacks-loading", at: given(() => search("/attacks")), first: async (page) => {
    await page.route("**/api/v1/attacks?*", () => {});
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
  }, window: true },
  { name: "sessions", at: given(() => search("/sessions")) },
  { name: "sessions-filter-user", at: made(() => search("/sessions")), first: openFilter("IP"), window: true },
];

const ATTACK: Scene[] = [
  { name: "attack", at: attack(), first: drawn() },
  { name: "attack-behavior", at: tab("behavior"), first: drawn() },
  { name: "attack-errors", at: tab("http-errors"), first: drawn() },
  { name: "attack-demo", at: demo(({ attack }) => `/attacks/${attack.id}`), first: drawn() },
  { name: "attack-all-three", at: attack("?maps=all"), first: drawn() },
  { name: "attack-explained", at: attack(), first: drawn(press("Show more")) },
  { name: "attack-verdict", at: attack("?explain=1"), first: drawn(async (page) => {
    await page.getByRole("region", { name: "Detectors in numbers" }).waitFor();
  }) },
  { name: "attack-verdict-reproduced", at: attack("?explain=1"), first: drawn(async (page) => {
    await page.getByRole("button", { name: "Reproduce" }).click();
    await page.locator(".explain__outcome").scrollIntoViewIfNeeded();
  }), window: true },
  { name: "attack-bot", at: attack(), first: drawn(async (page, heatmaps) => {
    await heatmaps.plot.scrollIntoViewIfNeeded();
    await heatmaps.stage.focus();
    for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  }), window: true },
  { name: "attack-zoomed", at: attack(), first: drawn(async (_, heatmaps) => heatmaps.drag([0.3, 0.15], [0.9, 0.6])) },
  { name: "attack-midway", at: given(async ({ api, attack }) => {
    const { window_from, bots } = await (await api.get(`/api/v1/attacks/${attack.id}/heatmaps/steps`)).json();
    const steps: number[] = bots[0].at;
    const then = Date.parse(window_from) + steps[Math.floor(steps.length / 2)]! * 1_000;
    return `/attacks/${attack.id}?at=${new Date(then).toISOString().replace(".000", "")}`;
  }), first: drawn() },
  { name: "attack-compared", at: given(async ({ api, attack }) => {
    const { performance } = await (await api.get(`/api/v1/attacks/${attack.id}/heatmaps`)).json();
    const other = performance.bubbles.find((bubble: { this_bot: boolean }) => !bubble.this_bot);
    return other && `/attacks/${attack.id}?pins=${attack.id},${other.attack_id}`;
  }), first: drawn() },
  { name: "attack-campaign", at: given(async ({ api }) => {
    const campaign = await findCampaign(api).catch(() => undefined);
    return campaign && `/attacks/${campaign.id}?unfold=${campaign.id}&bot=${campaign.id}`;
  }), first: drawn() },
  { name: "attack-table", at: attack(), first: drawn(press("View as table")) },
  { name: "attack-print", at: attack(), first: drawn(), print: true },
  { name: "attack-alone", at: made(async ({ api }) => `/attacks/${(await findAttackOf(api, "203.0.113.67")).id}`), first: drawn() },
  { name: "attack-hostile", at: made(async ({ api }) => `/attacks/${(await findAttackOf(api, ACTORS.prober)).id}`), first: drawn() },
  { name: "attack-forgotten", at: made(async ({ api }) => `/attacks/${(await findAttackOf(api, LONE_PROBER)).id}`), first: drawn() },
  { name: "attack-excepted", at: made(async ({ api }) => `/attacks/${(await findAttacks(api, `app:shop excepted ${EVER}`))[0]?.id}`), first: drawn() },
  { name: "attack-add-dialog", at: attack(), first: press("Add source IP to denylist"), window: true },
  { name: "attack-loading", at: attack(), first: async (page) => {
    await page.route(/\/api\/v1\/attacks\//, () => {});
    await page.reload();
    await page.locator(".skeleton").first().waitFor();
  } },
  { name: "attack-unknown", at: given(() => "/attacks/0") },
];

const SESSION: Scene[] = [
  { name: "session", at: session() },
  { name: "session-of-attack", at: session("?attack=ATTACK") },
  { name: "session-request", at: session("?attack=ATTACK"), first: async (page) => new SessionPage(page).toggle(1).click() },
  { name: "session-narrowed", at: session("?not_status=200&method=GET") },
  { name: "session-nothing-matches", at: session("?method=PURGE") },
  { name: "session-joined", at: made(async ({ api }) => {
    const answer = await api.get("/api/v1/sessions", { params: { q: `ip:${MONITOR} ${EVER}` } });
    const sessions: { id: string; started_at: string }[] = (await answer.json()).items;
    return `/sessions/${sessions.sort((a, b) => a.started_at.localeCompare(b.started_at))[0]!.id}?join=true&not_status=200`;
  }) },
  { name: "session-unknown", at: given(() => "/sessions/0") },
];

/** The entry that is seen to go. */
const REMOVED = "198.51.100.44";

const ON_LISTS: Scene[] = [
  { name: "lists-deny", at: made(() => "/lists/deny") },
  { name: "lists-exceptions", at: made(() => "/lists/exceptions") },
  { name: "lists-empty", at: async (stores) => `${stores.emptyUrl}/lists/deny` },
  { name: "lists-past", at: made(() => `/lists/deny?at=${new Date(Date.now() - 86_400_000).toISOString().slice(0, 16)}:00Z`) },
  { name: "lists-history", at: made(() => "/lists/deny"), first: async (page) => {
    await new ListsPage(page).row(ACTORS.guesser).getByRole("button", { name: "History" }).click();
    await page.getByRole("dialog").getByRole("listitem").first().waitFor();
  }, window: true },
  { name: "lists-add", at: made(() => "/lists/deny"), first: async (page) => {
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await new ListsPage(page).object().fill("127.0.0.0/8");
    await page.getByRole("button", { name: "Add to deny list" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
  }, window: true },
  { name: "lists-csv", at: made(() => "/lists/deny"), first: async (page) => {
    await page.getByRole("button", { name: "Many at once" }).click();
    await page.getByLabel("object, duration, reason, applications").fill("192.0.2.201,7d,scans us\nnonsense\n192.0.2.202,2s\n0.0.0.0/0");
    await page.getByRole("button", { name: "Add all" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
  }, window: true },
  { name: "lists-removed", at: made(async ({ api }) => {
    // One of its own, so that each picture has one to remove.
    await api.post("/api/v1/lists/entries", { data: { list: "exception", objects: [REMOVED], confirm: true } });
    return "/lists/exceptions";
  }), first: async (page) => {
    const lists = new ListsPage(page);
    await lists.row(REMOVED).getByRole("button", { name: "Remove" }).click();
    await lists.message.waitFor();
    await page.waitForTimeout(300);
  }, window: true },
];

const portal = made(async ({ api }) => {
  const { items } = await (await api.get("/api/v1/applications")).json();
  return `/settings/applications/${items.find((application: { name: string }) => application.name === "portal").id}`;
});

const choose = async (page: Page) => {
  const settings = new ApplicationSettingsPage(page);
  await settings.found("session key").getByRole("button", { name: "Use" }).first().click();
  await settings.found("user").getByRole("button", { name: "Use" }).first().click();
  await page.waitForTimeout(500);
};

const REST: Scene[] = [
  { name: "settings", at: made(() => "/settings/applications") },
  { name: "settings-application", at: portal, first: async (page) => new ApplicationSettingsPage(page).found("session key").getByRole("listitem").first().waitFor() },
  { name: "settings-preview", at: portal, first: choose },
  { name: "settings-judging", at: portal, first: async (page) => {
    // A job that stands still halfway: nothing is changed.
    const job = { id: "1", application_id: "1", application: "portal", state: "running", percent: 42, created_at: "2026-03-02T09:00:00Z" };
    await page.route("**/api/v1/applications/*/settings", async (route) => {
      const response = await route.fetch({ method: "GET", postData: "" });
      await route.fulfill({ response, json: { ...(await response.json()), job } });
    });
    await page.route("**/api/v1/jobs/*", (route) => route.fulfill({ json: job }));
    await page.reload();
    await page.getByRole("progressbar").waitFor();
  } },
  { name: "account", at: made(() => "/settings/account") },
  { name: "account-menu", at: made(() => "/attacks"), first: press(/: account$/), window: true },
  { name: "account-password", at: made(() => "/settings/account"), first: press("Change the password"), window: true },
  { name: "people", at: made(() => "/settings/people") },
  { name: "people-invite", at: made(() => "/settings/people"), first: press("Invite somebody"), window: true },
  { name: "privacy", at: made(() => "/settings/privacy") },
  { name: "privacy-found", at: made(() => "/settings/privacy"), first: async (page) => {
    await page.getByLabel("Whose", { exact: true }).fill("198.51.100.7");
    await page.getByRole("button", { name: "Find" }).click();
    await page.locator(".traces").waitFor();
  } },
  { name: "privacy-erase", at: made(() => "/settings/privacy"), first: async (page) => {
    await page.getByLabel("Whose", { exact: true }).fill("198.51.100.7");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("button", { name: "Erase all of it" }).click();
  }, window: true },
  { name: "tenants", at: made(() => "/settings/tenants") },
  { name: "single-sign-on", at: made(() => "/settings/single-sign-on") },
  { name: "traffic", at: made(() => "/settings/traffic") },
  { name: "connect", at: made(() => "/settings/traffic/connect") },
  { name: "tokens", at: made(() => "/settings/tokens") },
  { name: "tokens-make", at: made(() => "/settings/tokens"), first: press("Make a token"), window: true },
  { name: "audit", at: made(() => "/settings/audit"), first: press(/^Before and after/) },
  { name: "audit-nothing-found", at: made(() => "/settings/audit?text=no+such+text") },
  { name: "help", at: given(() => search("/attacks")), first: async (page) => page.keyboard.press("?"), window: true },
  { name: "api-docs", at: given(() => "/api/docs"), window: true },
  { name: "not-found", at: given(() => "/no-such-page") },
];

export const SCENES: Scene[] = [...LISTS, ...ATTACK, ...SESSION, ...ON_LISTS, ...REST];
