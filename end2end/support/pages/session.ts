// One session.

import type { Locator, Page } from "@playwright/test";

export class SessionPage {
  readonly heading: Locator;
  readonly exploreAttack: Locator;
  readonly facets: Locator;
  readonly requests: Locator;
  readonly table: Locator;
  /** One per request, without what unfolds below it. */
  readonly rows: Locator;
  readonly showAll: Locator;
  readonly showMalicious: Locator;
  readonly loadMore: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { level: 1, name: /^Session of/ });
    this.exploreAttack = page.getByRole("link", { name: "Explore the attack" });
    this.facets = page.getByRole("complementary", { name: "Filter requests" });
    this.requests = page.getByRole("region", { name: "Requests", exact: true });
    this.table = this.requests.getByRole("table");
    this.rows = this.table.locator("tbody tr.table__row");
    this.showAll = this.requests.getByRole("link", { name: "Show all requests" });
    this.showMalicious = this.requests.getByRole("link", { name: "Show only malicious requests" });
    this.loadMore = this.requests.getByRole("button", { name: "Load more" });
  }

  facet(heading: string): Locator {
    return this.facets.locator("section").filter({ has: this.page.getByRole("heading", { name: heading }) });
  }
}
