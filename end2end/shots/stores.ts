// What the pictures are taken of: the store that was given (or the tests' traffic), an empty one,
// one that is made up so that every state of every page exists, and one with demo traffic. The
// latter two start when the first picture needs them, once a worker, and hold nothing of anybody.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request, type APIRequestContext } from "@playwright/test";
import { EVER, findAttackOf, findAttacks, type Attack } from "../support/api";
import { longLog, MONITOR } from "../support/long";
import { portalLog } from "../support/portal";
import { importLog, serve, signedIn, type Server } from "../support/server";
import { accessLog, ACTORS, quietLog } from "../support/traffic";

/** A server with the attack that is looked at. */
export interface Place {
  url: string;
  api: APIRequestContext;
  attack: Attack;
}

export class Stores {
  private readonly running: Server[] = [];
  private readonly folders: string[] = [];
  private readonly contexts: APIRequestContext[] = [];
  private readonly begun = new Map<string, Promise<Place>>();

  constructor(
    private readonly givenUrl: string,
    readonly emptyUrl: string,
  ) {}

  /** The store to look at. Nothing is changed in it. */
  given(): Promise<Place> {
    return this.once("given", async () => {
      const api = await this.open(this.givenUrl);
      return { url: this.givenUrl, api, attack: await mostCompared(api) };
    });
  }

  /** A store with every state there is: lists, an excepted attack, forgotten sessions, joined days, settings to choose. */
  made(): Promise<Place> {
    return this.once("made", async () => {
      const data = this.folder();
      const log = (name: string, text: string) => {
        writeFileSync(join(data, name), text);
        return join(data, name);
      };
      const store = join(data, "store");
      importLog(store, "shop", log("access.log", accessLog()));
      importLog(store, "forgotten", log("quiet.log", quietLog()), "--retention", "1");
      importLog(store, "monitor", log("monitor.log", longLog(400, 120)));
      importLog(store, "portal", log("portal.log", portalLog()));
      const url = await this.start(store, data);
      const api = await this.open(url);
      await fillLists(api);
      return { url, api, attack: await findAttackOf(api, ACTORS.guesser) };
    });
  }

  /** A store with demo traffic, a day of it. */
  demo(): Promise<Place> {
    return this.once("demo", async () => {
      const data = this.folder();
      const url = await this.start(join(data, "store"), data);
      const api = await this.open(url);
      await api.post("/api/v1/demo", { data: {} });
      // Until the day is there: nothing is added for some seconds.
      const deadline = Date.now() + 120_000;
      for (let [quiet, before] = [0, -1]; quiet < 6 && Date.now() < deadline; ) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const now = (await findAttacks(api, "")).length;
        quiet = now > 0 && now === before ? quiet + 1 : 0;
        before = now;
      }
      return { url, api, attack: await mostCompared(api, "") };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.contexts.map((context) => context.dispose()));
    await Promise.all(this.running.map((server) => server.stop()));
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }

  private once(name: string, begin: () => Promise<Place>): Promise<Place> {
    const begun = this.begun.get(name) ?? begin();
    this.begun.set(name, begun);
    return begun;
  }

  private folder(): string {
    const folder = mkdtempSync(join(tmpdir(), "botscope-shots-"));
    this.folders.push(folder);
    return folder;
  }

  private async start(store: string, folder: string): Promise<string> {
    const server = await serve(store, join(folder, "serve.log"));
    this.running.push(server);
    return server.url;
  }

  private async open(url: string): Promise<APIRequestContext> {
    const context = await request.newContext({ baseURL: url, storageState: signedIn() });
    this.contexts.push(context);
    return context;
  }
}

/** Of the attacks with the most hits the one that is compared with the most others. */
async function mostCompared(api: APIRequestContext, search = EVER): Promise<Attack> {
  const compared = async (attack: Attack) => (await (await api.get(`/api/v1/attacks/${attack.id}/heatmaps`)).json()).bots_total ?? 0;
  const attacks = (await findAttacks(api, search)).slice(0, 12);
  const totals = await Promise.all(attacks.map(compared));
  const attack = attacks[totals.indexOf(Math.max(...totals))];
  if (!attack) throw new Error("there is no attack to look at");
  return attack;
}

/** Entries of every kind, one of them changed since. */
async function fillLists(api: APIRequestContext): Promise<void> {
  const add = async (list: string, object: string, duration: string, reason: string, applications?: string[]) => {
    const data = { list, objects: [object], duration, reason, applications, confirm: true };
    const answer = await api.post("/api/v1/lists/entries", { data });
    if (!answer.ok()) throw new Error(await answer.text());
    return (await answer.json()).changes[0].id as string;
  };
  await add("deny", ACTORS.prober, "24h", "Security crawlers: asked for 44 paths that only scanners ask for");
  await add("deny", "198.51.100.0/24", "7d", "told by a colleague", ["shop", "portal"]);
  await add("deny", "2001:db8:85a3::/64", "forever", "");
  const changed = await add("deny", ACTORS.guesser, "1h", "Account takeover: 620 sign-in attempts in 21 min");
  await api.patch(`/api/v1/lists/entries/${changed}`, { data: { duration: "30d", reason: "it came back", all_applications: true } });
  await add("exception", ACTORS.lastScraper, "forever", "our own price comparison", ["shop"]);
  await add("exception", MONITOR, "forever", "uptime monitor");
}
