// The list of attacks.

import type { Locator, Page } from "@playwright/test";
import { ListPage } from "./list";

export class AttacksPage extends ListPage {
  constructor(page: Page) {
    super(page, "/attacks", "Attacks", "Search attacks", "Attacks");
  }

  /** The link to the attack from this address. */
  attackFrom(ip: string): Locator {
    return this.rows.getByRole("link", { name: new RegExp(`from ${ip.replaceAll(".", "\\.")}`) }).first();
  }
}
