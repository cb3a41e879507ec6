// The IP lists: the page, and the dialog that puts an address on a list from anywhere.

import type { Locator, Page } from "@playwright/test";

export class ListsPage {
  readonly entries: Locator;
  readonly dialog: Locator;
  /** What was done, with Undo. */
  readonly message: Locator;

  constructor(readonly page: Page) {
    this.entries = page.getByRole("table", { name: "Entries" });
    this.dialog = page.getByRole("dialog");
    this.message = page.getByRole("status").filter({ has: page.locator("p") });
  }

  async open(url: string, list: "deny" | "exceptions", query = ""): Promise<void> {
    await this.page.goto(`${url}/lists/${list}${query}`);
    await this.page.getByRole("heading", { level: 1, name: "IP lists" }).waitFor();
  }

  row(object: string): Locator {
    return this.entries.getByRole("row").filter({ hasText: object });
  }

  object(): Locator {
    return this.dialog.getByLabel("Address or subnet");
  }

  async add(object: string, choices: { duration?: string; reason?: string } = {}): Promise<void> {
    await this.page.getByRole("button", { name: "Add", exact: true }).click();
    await this.object().fill(object);
    if (choices.duration) await this.dialog.getByLabel(/^For/).selectOption(choices.duration);
    if (choices.reason) await this.dialog.getByLabel("Reason").fill(choices.reason);
    await this.submit("Add to deny list");
  }

  async submit(name: string): Promise<void> {
    await this.dialog.getByRole("button", { name }).click();
  }

  async undo(): Promise<void> {
    await this.page.getByRole("button", { name: "Undo" }).click();
  }
}
