// The binary under test: imports a log into a folder of its own and serves it on a free port.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The binary: the one that `cargo xtask` built, else that of a plain `cargo build`. */
const BINARY = process.env.BOTSCOPE_BIN ?? fileURLToPath(new URL("../../target/debug/botscope", import.meta.url));

/** Whoever the tests are, on every server. */
const YOU = { email: "you@example.com", password: randomUUID() };

/** A cookie as Playwright takes it. */
interface Cookie {
  name: string;
  value: string;
  domain: string;
  path: string;
  expires: number;
  httpOnly: boolean;
  secure: boolean;
  sameSite: "Lax";
}

/** The logins on the servers that this process has started. Each server's cookie has a name of its
 * own, so that one browser can have them all. */
const cookies: Cookie[] = [];

/** What a browser has that is signed in on every server started until now. */
export function signedIn(): { cookies: Cookie[]; origins: [] } {
  const before: Cookie[] = JSON.parse(process.env.BOTSCOPE_COOKIES ?? "[]");
  return { cookies: [...before, ...cookies], origins: [] };
}

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

/** Serves what is in `data` until stopped, to whom the tests are; what the server says goes into
 * `log`. */
export async function serve(data: string, log: string): Promise<Server> {
  addAccount(data);
  const server = await serveAsItIs(data, log);
  cookies.push(await signIn(server.url));
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      // The store may be somebody's. In one of our own others may have come, who need an administrator.
      removeAccount(data);
    },
  };
}

function removeAccount(data: string): void {
  try {
    botscope("accounts", "remove", YOU.email, "--data", data);
  } catch {
    // There is none, or it is the last administrator of those who are there.
  }
}

function addAccount(data: string): void {
  // Of a run that was cut off.
  removeAccount(data);
  const command = ["accounts", "add", YOU.email, "--name", "You", "--global", "--data", data];
  execFileSync(BINARY, command, { input: `${YOU.password}\n`, stdio: ["pipe", "ignore", "inherit"] });
}

function botscope(...command: string[]): void {
  execFileSync(BINARY, command, { stdio: "ignore" });
}

async function signIn(url: string): Promise<Cookie> {
  const response = await fetch(`${url}/sign-in`, { method: "POST", redirect: "manual", headers: { origin: url }, body: new URLSearchParams(YOU) });
  const [name, value] = (response.headers.get("set-cookie") ?? "").split(";")[0]!.split("=");
  if (!name || !value) throw new Error(`nobody was signed in: ${response.status} ${await response.text()}`);
  return { name, value, domain: "127.0.0.1", path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" };
}

/** The same without an account of ours, and without signing in; with options of `serve`, if any. */
export async function serveAsItIs(data: string, log: string, ...options: string[]): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(BINARY, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, ...options], {
    // Nothing is asked of the internet.
    env: { ...process.env, BOTSCOPE_OFFLINE: "1", BOTSCOPE_DRAIN_GRACE: "0" },
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
      if ((await fetch(`${url}/sign-in`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`the server does not answer; see ${log}`);
}

/** Ends a program, and waits until it is over. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exit;
  clearTimeout(patience);
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
