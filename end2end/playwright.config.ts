// How Playwright drives the real binary. Three projects: `tests` (what `cargo xtask test` runs),
// `shots` (pictures of every page) and `bench` (what a browser takes to draw).

import { cpus } from "node:os";
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// Debian's browser where there is one, else the one that Playwright has installed.
const browser = process.env.BOTSCOPE_BROWSER ?? "/usr/bin/chromium";

export default defineConfig({
  globalSetup: "./support/setup.ts",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: cpus().length,
  retries: 0,
  timeout: 30_000,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    timezoneId: "UTC",
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      ...(existsSync(browser) ? { executablePath: browser } : {}),
      chromiumSandbox: false,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "tests", testDir: "tests" },
    { name: "shots", testDir: "shots", testMatch: "shots.ts", timeout: 120_000 },
    // A recorded trace would be measured with it.
    { name: "bench", testDir: "bench", testMatch: "*.ts", timeout: 300_000, workers: 1, use: { trace: "off" } },
  ],
});
