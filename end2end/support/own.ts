// A server of a spec's own, for tests that change what is stored or need a log of their own.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "./fixtures";
import { importLog, serve, type Server } from "./server";

/** Serves `log`, as the traffic of the application `name`, to the tests of the file that calls this.
 * One worker runs all of them, one after the other: each would start a server of its own. In
 * `serial` mode what follows one that failed is not run. */
export function serveOwn(name: string, log: () => string, mode: "serial" | "default" = "serial"): { readonly url: string } {
  let folder: string;
  let server: Server | undefined;
  test.describe.configure({ mode });
  test.beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "botscope-own-"));
    const file = join(folder, "access.log");
    writeFileSync(file, log());
    importLog(join(folder, "data"), name, file);
    server = await serve(join(folder, "data"), join(folder, "serve.log"));
  });
  test.afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get url() {
      if (!server) throw new Error("the server does not run before the tests do");
      return server.url;
    },
  };
}
