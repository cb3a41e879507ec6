// Runs once before all tests: makes the log, imports it with the real binary and starts two
// servers, one with data (BOTSCOPE_URL) and one without (BOTSCOPE_EMPTY_URL). What it returns
// runs once after all tests. With BOTSCOPE_DATA, an existing store is served instead.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importLog, serve, signedIn } from "./server";
import { accessLog, ACTORS } from "./traffic";

export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "botscope-end2end-"));
  const empty = join(folder, "empty");
  mkdirSync(empty);
  let data = process.env.BOTSCOPE_DATA;
  if (!data) {
    data = join(folder, "data");
    const log = join(folder, "access.log");
    writeFileSync(log, accessLog());
    importLog(data, "shop", log);
    knowAddresses(data);
  }
  const servers = [
    await serve(data, join(folder, "serve.log")),
    await serve(empty, join(folder, "serve-empty.log")),
  ];
  process.env.BOTSCOPE_URL = servers[0]!.url;
  process.env.BOTSCOPE_EMPTY_URL = servers[1]!.url;
  process.env.BOTSCOPE_COOKIES = JSON.stringify(signedIn().cookies);
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
}

/** What an operator knows: where the guesser is, that it sits in a datacenter, and what is Google's. */
function knowAddresses(data: string): void {
  const folder = join(data, "address-data");
  mkdirSync(folder);
  writeFileSync(join(folder, "country.csv"), `network,country\n${ACTORS.guesser}/32,DE\n`);
  writeFileSync(join(folder, "datacenter-aws.txt"), `${ACTORS.guesser}/31\n`);
  writeFileSync(join(folder, "crawler-googlebot.txt"), `${ACTORS.googlebot}/24\n`);
}
