// The settings of one application.

import type { Locator, Page } from "@playwright/test";

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
