// The deny list and the exception list: from an attack, from a hit, from a request, by hand and
// many at once; undone, in the past, and what an exception does. On a server of its own, since
// an exception hides what other tests look for.

import AxeBuilder from "@axe-core/playwright";
import { EVER } from "../support/api";
import { expect, test } from "../support/fixtures";
import { serveOwn } from "../support/own";
import { AttackPage } from "../support/pages/attack";
import { ListsPage } from "../support/pages/lists";
import { accessLog, ACTORS } from "../support/traffic";

const server = serveOwn("shop", accessLog);

// What the server refuses, the browser notes in its console.
test.use({ allowedComplaints: [/status of (400|409)/] });

async function attackOf(request: import("@playwright/test").APIRequestContext, ip: string): Promise<string> {
  const params = { q: `ip:${ip} ${EVER}`, sort: "-hits" };
  const page = await (await request.get(`${server.url}/api/v1/attacks`, { params })).json();
  return page.items[0].id;
}

test("an attack's source is denied for a day, which the attack says, and that is undone", async ({ page, request }) => {
  const lists = new ListsPage(page);
  await page.goto(`${server.url}/attacks/${await attackOf(request, ACTORS.guesser)}`);
  await page.getByRole("button", { name: "Add source IP to denylist" }).first().click();
  await expect(lists.object()).toHaveValue(ACTORS.guesser);
  await expect(lists.dialog).toContainText("Nobody else was seen there");
  await expect(lists.dialog.getByLabel(/^For/)).toHaveValue("24h");
  await lists.submit("Add to deny list");
  await expect(lists.message).toContainText("Recorded; nothing enforces this yet");
  const mark = page.getByRole("link", { name: /^denied until .* left$/ });
  await expect(mark).toBeVisible();
  const text = await (await request.get(`${server.url}/api/v1/lists/deny.txt`)).text();
  expect(text).toBe(`${ACTORS.guesser}\n`);
  await lists.undo();
  await expect(mark).toBeHidden();
  // The focus is where it was before.
  await expect(page.getByRole("button", { name: "Add source IP to denylist" }).first()).toBeFocused();
});

test("a hit's source is denied with its subnet, after the dialog said who else is there", async ({ page, request }) => {
  const lists = new ListsPage(page);
  const attack = new AttackPage(page);
  await page.goto(`${server.url}/attacks/${await attackOf(request, ACTORS.prober)}`);
  await attack.hits.getByRole("button", { name: `Add ${ACTORS.prober} to a list` }).first().click();
  await lists.dialog.getByRole("button", { name: "Its subnet 203.0.113.0/24" }).click();
  await lists.submit("Add to deny list");
  await lists.open(server.url, "deny");
  await expect(lists.row("203.0.113.0/24")).toContainText("Security crawlers");
  await lists.row("203.0.113.0/24").getByRole("button", { name: "Remove" }).click();
  await expect(lists.row("203.0.113.0/24")).toBeHidden();
  await lists.undo();
  await expect(lists.row("203.0.113.0/24")).toBeVisible();
  // What had the focus is gone: Tab goes on in the page.
  await expect(page.getByRole("main")).toBeFocused();
});

test("an exception hides the attacks of its address, and they come back without it", async ({ page, request }) => {
  const lists = new ListsPage(page);
  const id = await attackOf(request, ACTORS.scraper);
  await page.goto(`${server.url}/attacks/${id}`);
  await page.getByRole("button", { name: "Add to exception list" }).first().click();
  await expect(lists.dialog.getByLabel("Applications")).toHaveValue("shop");
  await lists.submit("Add to exception list");
  await expect(page.getByText("it is not listed unless")).toBeVisible();
  await expect(page.getByRole("link", { name: /excepted by \S+@/ })).toBeVisible();
  const found = async () => {
    const params = { q: `ip:${ACTORS.scraper} ${EVER}` };
    const answer = await (await request.get(`${server.url}/api/v1/attacks`, { params })).json();
    return answer.items.length;
  };
  expect(await found()).toBe(0);
  await lists.open(server.url, "exceptions");
  await lists.row(ACTORS.scraper).getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Nobody is on this list")).toBeVisible();
  expect(await found()).toBeGreaterThan(0);
});

test("an entry is added by hand, changed, and has a history", async ({ page }) => {
  const lists = new ListsPage(page);
  await lists.open(server.url, "deny");
  await lists.add("198.51.100.200", { duration: "7d", reason: "told by a colleague" });
  await expect(lists.row("198.51.100.200")).toContainText("told by a colleague");
  await lists.row("198.51.100.200").getByRole("button", { name: "Change" }).click();
  await lists.dialog.getByLabel("From now on for").selectOption("forever");
  await lists.submit("Save");
  await expect(lists.row("198.51.100.200")).toContainText("forever");
  await lists.row("198.51.100.200").getByRole("button", { name: "History" }).click();
  const versions = lists.dialog.getByRole("listitem");
  await expect(versions).toHaveCount(2);
  await expect(versions.first()).toContainText(/Changed by \S+@/);
  await page.keyboard.press("Escape");
  await expect(lists.dialog).toBeHidden();
});

test("what is there already is said, and nonsense is refused in its place", async ({ page }) => {
  const lists = new ListsPage(page);
  await lists.open(server.url, "deny");
  await lists.add("10.0.0");
  await expect(lists.dialog.getByRole("alert")).toContainText("neither an address");
  await lists.object().fill("198.51.100.200");
  await expect(lists.dialog).toContainText("198.51.100.200 is on the deny list already");
  await lists.submit("Add to deny list");
  await expect(lists.message).toContainText("on the deny list already");
});

test("one's own subnet and a huge one are asked about before they are denied", async ({ page }) => {
  const lists = new ListsPage(page);
  await lists.open(server.url, "deny");
  await lists.add("127.0.0.0/8");
  const question = lists.dialog.getByRole("alert");
  await expect(question).toContainText("16,777,216 addresses");
  await expect(question).toContainText("your own address 127.0.0.1");
  await expect(lists.row("127.0.0.0/8")).toHaveCount(0);
  await question.getByRole("button", { name: "Yes, add it" }).click();
  await expect(lists.row("127.0.0.0/8")).toBeVisible();
  await lists.undo();
  await expect(lists.row("127.0.0.0/8")).toHaveCount(0);
});

test("many at once are stored whole or not at all, with what is wrong line by line", async ({ page }) => {
  const lists = new ListsPage(page);
  await lists.open(server.url, "deny");
  await page.getByRole("button", { name: "Many at once" }).click();
  const csv = lists.dialog.getByLabel("object, duration, reason, applications");
  await csv.fill("192.0.2.201\nnonsense\n192.0.2.202,2s\n");
  await lists.submit("Add all");
  const faults = lists.dialog.getByRole("alert");
  await expect(faults).toContainText("2 of 3 lines are wrong; nothing was stored");
  await expect(faults.getByRole("listitem").first()).toContainText("line 2: `nonsense`");
  await csv.fill("192.0.2.201\n192.0.2.202,5m,\"bad, very\"\n");
  await lists.submit("Add all");
  await expect(lists.message).toContainText("2 added");
  await expect(lists.row("192.0.2.202")).toContainText("bad, very");
  await lists.undo();
  await expect(lists.row("192.0.2.202")).toHaveCount(0);
});

test("the list is shown as it was, from the address alone", async ({ page }) => {
  const lists = new ListsPage(page);
  await lists.open(server.url, "deny", "?at=2020-01-01T00:00:00Z");
  await expect(page.getByText("The list as it was on")).toBeVisible();
  await expect(lists.entries).toHaveCount(0);
  await page.getByRole("link", { name: "Back to now" }).click();
  await expect(lists.row("198.51.100.200")).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on the lists, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const lists = new ListsPage(page);
    const look = async (what: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
      expect(found, what).toEqual([]);
    };
    await lists.open(server.url, "deny");
    await expect(lists.entries).toBeVisible();
    await look("deny list");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await lists.object().fill("127.0.0.1");
    await expect(lists.dialog).toContainText("lock yourself out");
    await look("dialog");
    await lists.open(server.url, "exceptions");
    await look("exception list");
  });
}
