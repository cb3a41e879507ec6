// The list of sessions.

import type { Locator, Page } from "@playwright/test";
import { ListPage } from "./list";

export class SessionsPage extends ListPage {
  constructor(page: Page) {
    super(page, "/sessions", "API sessions", "Search sessions", "Sessions");
  }

  /** The rows of sessions of this address. */
  sessionsOf(ip: string): Locator {
    return this.rows.filter({ hasText: ip });
  }
}
