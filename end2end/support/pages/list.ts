// A list with its search and filters: what the lists of attacks and of sessions share.

import type { Locator, Page } from "@playwright/test";

export class ListPage {
  readonly heading: Locator;
  readonly search: Locator;
  /** What is suggested for the word at the caret. */
  readonly suggestions: Locator;
  /** The quick filters. */
  readonly filters: Locator;
  /** What narrows the list, each removed by a press. */
  readonly chips: Locator;
  readonly counts: Locator;
  readonly table: Locator;
  readonly rows: Locator;
  readonly showMore: Locator;

  constructor(
    readonly page: Page,
    readonly path: string,
    title: string,
    searchName: string,
    tableName: string,
  ) {
    this.heading = page.getByRole("heading", { level: 1, name: title });
    this.search = page.getByRole("combobox", { name: searchName });
    this.suggestions = page.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
    this.filters = page.getByRole("group", { name: "Filters" });
    this.chips = page.getByRole("list", { name: "Active filters" }).getByRole("button");
    this.counts = page.getByRole("main").getByRole("status").first();
    this.table = page.getByRole("table", { name: tableName });
    this.rows = this.table.locator("tbody").getByRole("row");
    this.showMore = page.getByRole("button", { name: "Show more" });
  }

  /** Opens the list with this search. */
  async open(search?: string): Promise<void> {
    await this.page.goto(search === undefined ? this.path : `${this.path}?q=${encodeURIComponent(search)}`);
    await this.heading.waitFor();
  }

  async searchFor(text: string): Promise<void> {
    await this.search.fill(text);
    await this.search.press("Enter");
  }

  /** The button of a filter; it says what is chosen. */
  filter(name: string): Locator {
    return this.filters.getByRole("button", { name: new RegExp(`^${name}\\b`) });
  }

  /** Opens a filter; what it offers. */
  async openFilter(name: string): Promise<Locator> {
    await this.filter(name).click();
    const panel = this.filters.getByRole("group", { name });
    await panel.waitFor();
    return panel;
  }

  /** The search in the address of the page. */
  searchInAddress(): string | null {
    return new URL(this.page.url()).searchParams.get("q");
  }
}
