// What every test gets: the address of the server with data, a login there, and a guard that fails the test
// when the browser complains (an exception, a console error, a broken content security policy).

import { test as base, expect } from "@playwright/test";
import { signedIn } from "./server";
import { watch } from "./settled";

interface Options {
  /** What the browser may complain about in this test. */
  allowedComplaints: RegExp[];
  /** The server that holds nothing. */
  emptyUrl: string;
}

export const test = base.extend<Options & { complaints: string[] }>({
  allowedComplaints: [[], { option: true }],
  baseURL: async ({}, use) => use(address("BOTSCOPE_URL")),
  storageState: async ({}, use) => use(signedIn()),
  emptyUrl: async ({}, use) => use(address("BOTSCOPE_EMPTY_URL")),
  complaints: [
    async ({ context, page, allowedComplaints }, use) => {
      watch(context);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      await use(complaints);
      const unexpected = complaints.filter((text) => !allowedComplaints.some((allowed) => allowed.test(text)));
      expect(unexpected, "complaints of the browser").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

function address(variable: string): string {
  const url = process.env[variable];
  if (!url) throw new Error(`${variable} is not set: support/setup.ts did not run`);
  return url;
}
