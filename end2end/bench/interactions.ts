// How long a press of a key or a button takes until the page shows its effect, on every page and
// on the largest things there are to show.

import type { Page } from "@playwright/test";
import { EVER } from "../support/api";
import { test } from "../support/fixtures";
import { longest, mostCrowded, report, slowestInput } from "../support/measure";
import { AttackPage } from "../support/pages/attack";
import { AttacksPage } from "../support/pages/attacks";
import type { ListPage } from "../support/pages/list";
import { ListsPage } from "../support/pages/lists";
import { SessionPage } from "../support/pages/session";
import { SessionsPage } from "../support/pages/sessions";

/** Each input is tried this often; its worst counts. */
const TIMES = 3;

type Inputs = Record<string, () => Promise<unknown>>;

/** What every list takes. */
async function inputsOf(list: ListPage, filter: string): Promise<Inputs> {
  await list.open(EVER);
  await list.rows.first().waitFor();
  return {
    type_in_the_search: () => list.search.pressSequentially(" ip:20", { delay: 30 }),
    search: () => list.searchFor(EVER),
    open_a_filter: () => list.filter(filter).click(),
    close_a_filter: () => list.page.keyboard.press("Escape"),
  };
}

test("attacks", async ({ page }) => {
  const attacks = new AttacksPage(page);
  await measured(page, "attacks", {
    ...(await inputsOf(attacks, "Type")),
    sort: () => attacks.table.getByRole("link", { name: "Hits" }).click(),
    help: () => page.keyboard.press("?"),
    close_help: () => page.keyboard.press("Escape"),
  });
});

test("an attack", async ({ page, request }) => {
  const { id } = await mostCrowded(request);
  const attack = new AttackPage(page);
  const heatmaps = await attack.openHeatmaps(id);
  await measured(page, "attack", {
    behavior_tab: () => heatmaps.tab("Behavior").click(),
    errors_tab: () => heatmaps.tab("HTTP errors").click(),
    performance_tab: () => heatmaps.tab("Performance").click(),
    hover: async () => {
      const { x, y } = await heatmaps.centre(heatmaps.others.first());
      await page.mouse.move(x, y);
    },
    zoom: () => heatmaps.drag([0.2, 0.2], [0.8, 0.8]),
    reset_zoom: () => heatmaps.resetZoom.click(),
    travel: () => heatmaps.slider.press("ArrowLeft"),
    travel_back: () => heatmaps.slider.press("End"),
    all_three: () => page.getByRole("button", { name: "All three" }).click(),
    one_again: () => page.getByRole("button", { name: "All three" }).click(),
  });
});

test("sessions", async ({ page }) => {
  await measured(page, "sessions", await inputsOf(new SessionsPage(page), "Attack type"));
});

test("a long session", async ({ page, request }) => {
  const { id } = await longest(request);
  const session = new SessionPage(page);
  await page.goto(`/sessions/${id}`);
  await session.toggle(3).waitFor();
  await measured(page, "session", {
    open_a_request: () => session.toggle(3).click(),
    close_it: () => session.toggle(3).click(),
    to_the_end: () => session.toggle(0).press("End"),
    to_the_beginning: () => page.keyboard.press("Home"),
    a_page_down: () => page.keyboard.press("PageDown"),
    a_page_up: () => page.keyboard.press("PageUp"),
  });
});

test("lists", async ({ page, baseURL }) => {
  const lists = new ListsPage(page);
  await lists.open(baseURL!, "deny");
  await measured(page, "lists", {
    add: () => page.getByRole("button", { name: "Add" }).first().click(),
    type: () => page.keyboard.type("198.51.100.7"),
    close: () => page.keyboard.press("Escape"),
  });
});

/** Tries all inputs in turn, several times, and reports the worst of each. */
async function measured(page: Page, where: string, inputs: Inputs): Promise<void> {
  const figures: Record<string, number> = {};
  for (let time = 0; time < TIMES; time++) {
    for (const [name, input] of Object.entries(inputs)) {
      const key = `browser_input_${where}_${name}_ms`;
      const taken = await slowestInput(page, input);
      figures[key] = Math.max(figures[key] ?? 0, taken);
    }
  }
  report(figures);
}
