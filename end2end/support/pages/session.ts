// One session.

import type { Locator, Page } from "@playwright/test";

export class SessionPage {
  readonly heading: Locator;
  readonly exploreAttack: Locator;
  readonly facets: Locator;
  readonly requests: Locator;
  readonly table: Locator;
  /** One per request that exists, without what unfolds below it. */
  readonly rows: Locator;
  readonly showAll: Locator;
  readonly showMalicious: Locator;
  readonly chips: Locator;
  readonly csv: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { level: 1, name: /^Session of/ });
    this.exploreAttack = page.getByRole("link", { name: "Explore the attack" });
    this.facets = page.getByRole("complementary", { name: "Filter requests" });
    this.requests = page.getByRole("region", { name: "Requests", exact: true });
    this.table = this.requests.getByRole("table", { name: "Requests" });
    this.rows = this.table.locator("tbody tr.table__row");
    this.showAll = this.requests.getByRole("link", { name: "Show all requests" });
    this.showMalicious = this.requests.getByRole("link", { name: "Show only malicious requests" });
    this.chips = this.requests.getByRole("group", { name: "Filters in use" });
    this.csv = this.requests.getByRole("link", { name: "CSV" });
  }

  facet(heading: string): Locator {
    return this.facets.locator("section").filter({ has: this.page.getByRole("heading", { name: heading }) });
  }

  /** The link that shows only requests with this value. */
  only(heading: string, value: string): Locator {
    return this.facet(heading).getByRole("link", { name: new RegExp(`^Show only ${value}\\b`) });
  }

  /** The link that leaves requests with this value out. */
  exclude(heading: string, value: string): Locator {
    return this.facet(heading).getByRole("link", { name: `Exclude ${value}`, exact: true });
  }

  /** The row at a place among the requests that are shown, from 0. */
  row(place: number): Locator {
    return this.table.locator(`tr[aria-rowindex="${place + 2}"]`);
  }

  toggle(place: number): Locator {
    return this.row(place).getByRole("button");
  }

  /** How many requests the table says it has. */
  async count(): Promise<number> {
    return Number(await this.table.getAttribute("aria-rowcount")) - 1;
  }
}
