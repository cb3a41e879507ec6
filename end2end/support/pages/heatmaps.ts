// The three heatmaps on the page of an attack.

import type { Locator, Page } from "@playwright/test";

export type Tab = "Performance" | "Behavior" | "HTTP errors";

/** How a bot is drawn. */
export interface Drawn {
  /** What its card calls it. */
  name: string;
  x: number;
  /** Upwards. */
  y: number;
  radius: number;
  /** How much more red than green and blue its edge is, from 0 to 255. */
  redness: number;
}

export class Heatmaps {
  /** One per bot and reference crawler. */
  static readonly BUBBLE = "svg.plot g.bubble";

  readonly region: Locator;
  readonly bubbles: Locator;
  readonly thisBot: Locator;
  readonly others: Locator;
  readonly references: Locator;
  /** What takes keys: the picture as a whole. */
  readonly stage: Locator;
  readonly plot: Locator;
  /** The values of the bot that is pointed at or picked. */
  readonly card: Locator;
  readonly resetZoom: Locator;
  readonly legend: Locator;
  /** The time bar's handle, which takes keys. */
  readonly slider: Locator;

  constructor(readonly page: Page) {
    this.region = page.locator(".heatmap");
    this.bubbles = page.locator(Heatmaps.BUBBLE);
    this.thisBot = page.locator(`${Heatmaps.BUBBLE}[data-role=this]`);
    this.others = page.locator(`${Heatmaps.BUBBLE}[data-role=other]`);
    this.references = page.locator(`${Heatmaps.BUBBLE}[data-role=reference]`);
    this.stage = this.region.getByRole("application");
    this.plot = this.region.locator("svg.plot");
    this.card = this.region.getByRole("group", { name: "Bot" });
    this.resetZoom = this.region.getByRole("button", { name: "Reset zoom" });
    this.legend = this.region.locator("figcaption");
    this.slider = this.region.getByRole("slider", { name: "Moment" });
  }

  tab(name: Tab): Locator {
    return this.region.getByRole("tab", { name });
  }

  async choose(name: Tab): Promise<void> {
    await this.tab(name).click();
    await this.settle();
  }

  /** Waits until the bubbles have stopped moving. */
  async settle(): Promise<void> {
    await this.page.waitForFunction((selector) => {
      const places = [...document.querySelectorAll(selector)].map((bubble) => bubble.getAttribute("transform")).join();
      const held = window as unknown as { places?: string; since?: number };
      if (held.places !== places) Object.assign(held, { places, since: performance.now() });
      return performance.now() - (held.since ?? 0) > 300;
    }, Heatmaps.BUBBLE);
  }

  /** Where every bubble is drawn, in the order of the document. */
  async places(): Promise<string[]> {
    return this.bubbles.evaluateAll((bubbles) => bubbles.map((bubble) => bubble.getAttribute("transform") ?? ""));
  }

  /** The text of the axes' ticks. */
  async ticks(): Promise<string[]> {
    return this.plot.locator("text.plot__tick").allTextContents();
  }

  /** The picture's rectangle in the window. */
  async box(): Promise<{ x: number; y: number; width: number; height: number }> {
    await this.plot.scrollIntoViewIfNeeded();
    const box = await this.plot.boundingBox();
    if (!box) throw new Error("the heatmap is not shown");
    return box;
  }

  /** The middle of a bubble in the window. */
  async centre(bubble: Locator): Promise<{ x: number; y: number }> {
    await this.plot.first().scrollIntoViewIfNeeded();
    const box = await bubble.boundingBox();
    if (!box) throw new Error("the bubble is not shown");
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Walks over all bubbles by keyboard, from left to right; how each is drawn. */
  async walk(): Promise<Drawn[]> {
    const count = await this.bubbles.count();
    await this.stage.focus();
    for (let step = 0; step < count; step++) await this.page.keyboard.press("ArrowLeft");
    const drawn: Drawn[] = [];
    for (let step = 0; step < count; step++) {
      if (step > 0) await this.page.keyboard.press("ArrowRight");
      const name = (await this.card.locator(".card__label").first().textContent()) ?? "";
      const look = await this.page.locator(`${Heatmaps.BUBBLE}[data-lit]`).evaluate((bubble) => {
        const [x, y] = bubble.getAttribute("transform")!.match(/-?[\d.]+/g)!.map(Number);
        const disc = bubble.querySelector(".bubble__disc")!;
        const canvas = document.createElement("canvas").getContext("2d")!;
        canvas.fillStyle = getComputedStyle(disc).stroke;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
        return { x: x!, y: -y!, radius: Number(disc.getAttribute("r")), redness: red! - (green! + blue!) / 2 };
      });
      drawn.push({ name, ...look });
    }
    await this.page.keyboard.press("Escape");
    return drawn;
  }

  /** Pins a bubble with the mouse. */
  async pin(bubble: Locator): Promise<void> {
    const { x, y } = await this.centre(bubble);
    await this.page.keyboard.down("Shift");
    await this.page.mouse.click(x, y);
    await this.page.keyboard.up("Shift");
  }

  /** Drags along the time bar between two places, each from 0 to 1. */
  async dragTime(from: number, to: number): Promise<void> {
    await this.slider.scrollIntoViewIfNeeded();
    const box = await this.slider.boundingBox();
    if (!box) throw new Error("the time bar is not shown");
    const y = box.y + box.height / 3;
    await this.page.mouse.move(box.x + (box.width - 1) * from, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width * to, y, { steps: 5 });
    await this.page.mouse.up();
    await this.settle();
  }

  /** Drags over the part of the picture between two corners, each from 0 to 1. */
  async drag(from: [number, number], to: [number, number]): Promise<void> {
    const box = await this.box();
    const at = ([x, y]: [number, number]): [number, number] => [box.x + box.width * x, box.y + box.height * y];
    await this.page.mouse.move(...at(from));
    await this.page.mouse.down();
    await this.page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
    await this.page.mouse.move(...at(to));
    await this.page.mouse.up();
  }
}
