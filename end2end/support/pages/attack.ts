// One attack.

import type { Locator, Page } from "@playwright/test";
import { Heatmaps } from "./heatmaps";

export class AttackPage {
  /** The sentence that says what happened. */
  readonly sentence: Locator;
  readonly timeline: Locator;
  readonly detectors: Locator;
  readonly explore: Locator;
  readonly hits: Locator;
  readonly csv: Locator;
  readonly heatmaps: Heatmaps;

  constructor(readonly page: Page) {
    this.sentence = page.getByRole("heading", { level: 1 });
    this.timeline = page.getByRole("region", { name: "Requests over time" });
    this.detectors = page.locator("section.detectors");
    this.explore = page.getByRole("link", { name: "Explore the session" });
    this.hits = page.getByRole("region", { name: "Hits" }).getByRole("table");
    this.csv = page.getByRole("link", { name: "All as CSV" });
    this.heatmaps = new Heatmaps(page);
  }

  async open(id: string): Promise<void> {
    await this.page.goto(`/attacks/${id}`);
    await this.sentence.waitFor();
  }

  /** Opens the attack and waits until its bubbles are drawn and still. */
  async openHeatmaps(id: string): Promise<Heatmaps> {
    await this.open(id);
    await this.heatmaps.thisBot.waitFor({ state: "attached" });
    await this.heatmaps.settle();
    return this.heatmaps;
  }
}
