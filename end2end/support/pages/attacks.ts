// The list of attacks.

import type { Locator, Page } from "@playwright/test";

export class AttacksPage {
  readonly heading: Locator;
  readonly search: Locator;
  readonly types: Locator;
  readonly counts: Locator;
  readonly table: Locator;
  readonly rows: Locator;
  readonly allTypes: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { level: 1, name: "Attacks" });
    this.search = page.getByRole("textbox", { name: "Search attacks" });
    this.types = page.getByRole("group", { name: "Type" });
    this.counts = page.getByRole("main").getByRole("status").first();
    this.table = page.getByRole("table", { name: "Attacks" });
    this.rows = this.table.locator("tbody").getByRole("row");
    this.allTypes = page.getByRole("button", { name: "All types" });
  }

  /** Opens the list with this search. */
  async open(search?: string): Promise<void> {
    await this.page.goto(search === undefined ? "/attacks" : `/attacks?q=${encodeURIComponent(search)}`);
    await this.heading.waitFor();
  }

  type(name: string): Locator {
    return this.types.getByRole("button", { name });
  }

  async searchFor(text: string): Promise<void> {
    await this.search.fill(text);
    await this.search.press("Enter");
  }

  /** The link to the attack from this address. */
  attackFrom(ip: string): Locator {
    return this.rows.getByRole("link", { name: new RegExp(`from ${ip.replaceAll(".", "\\.")}`) }).first();
  }

  /** The search in the address of the page. */
  searchInAddress(): string | null {
    return new URL(this.page.url()).searchParams.get("q");
  }
}
