// The settings of one application, and what all pages of the settings have.

import type { Locator, Page } from "@playwright/test";

/** A page of the settings: a table, forms in dialogs, what is told once. */
export class SettingsPage {
  readonly dialog: Locator;
  /** What is shown this once, until it is dismissed. */
  readonly told: Locator;
  /** What was done. */
  readonly message: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog");
    this.told = page.locator("#told");
    this.message = page.locator(".toast");
  }

  /** Opens the page called `name` by its address below `/settings`. */
  async open(url: string, path: string, name: string): Promise<void> {
    await this.page.goto(`${url}/settings/${path}`);
    await this.page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  }

  table(name: string): Locator {
    return this.page.getByRole("table", { name, exact: true });
  }

  row(table: string, text: string): Locator {
    return this.table(table).getByRole("row").filter({ hasText: text });
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Says yes in the dialog that asks. */
  async confirm(button: string, typed?: string): Promise<void> {
    if (typed) await this.dialog.getByLabel("Type it here").fill(typed);
    await this.dialog.getByRole("button", { name: button, exact: true }).click();
  }
}

export class ApplicationSettingsPage {
  readonly save: Locator;
  readonly job: Locator;
  readonly preview: Locator;

  constructor(readonly page: Page) {
    this.save = page.getByRole("button", { name: "Save and judge again" });
    this.job = page.locator(".settings__job");
    this.preview = page.locator(".settings__preview");
  }

  /** Opens the application called `name` from the navigation. */
  async open(name: string): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: "Settings" }).click();
    await this.page.getByRole("main").getByRole("link").filter({ hasText: name }).click();
    await this.list("Session key").waitFor();
  }

  /** The ordered list called `title`. */
  list(title: string): Locator {
    return this.page.getByRole("list", { name: title, exact: true });
  }

  /** What was found for the list of this purpose. */
  found(purpose: string): Locator {
    return this.page.getByRole("list", { name: `Found: ${purpose}` });
  }
}
