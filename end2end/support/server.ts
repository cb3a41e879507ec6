// The binary under test: imports a log into a folder of its own and serves it on a free port.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The binary: the one that `cargo xtask` built, else that of a plain `cargo build`. */
const BINARY = process.env.BOTSCOPE_BIN ?? fileURLToPath(new URL("../../target/debug/botscope", import.meta.url));

/** A running server. */
export interface Server {
  url: string;
  stop(): Promise<void>;
}

/** Imports a log file as the traffic of the application `name`; with options of `import`, if any. */
export function importLog(data: string, name: string, file: string, ...options: string[]): void {
  const command = ["import", "--data", data, "--app", name, ...options, file];
  execFileSync(BINARY, command, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Serves what is in `data` until stopped; what the server says goes into `log`. */
export async function serve(data: string, log: string): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(BINARY, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`], {
    // Nothing is asked of the internet.
    env: { ...process.env, BOTSCOPE_OFFLINE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = createWriteStream(log);
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  await answers(url, child, log);
  return { url, stop: () => stop(child) };
}

async function answers(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) {
      throw new Error(`the server stopped with status ${child.exitCode}; see ${log}`);
    }
    try {
      if ((await fetch(`${url}/api/v1/overview`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`the server does not answer; see ${log}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exit;
  clearTimeout(patience);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
