// People who sign in: somebody is invited and joins in a browser of their own.

import type { Browser, Page } from "@playwright/test";

/** Opens an invitation in a browser of its own, makes the account and joins. */
export async function join(browser: Browser, link: string, name: string, password: string): Promise<Page> {
  const page = await strangersPage(browser);
  await page.goto(link);
  await page.getByLabel("Your name, as others see it").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Make the account and join" }).click();
  await page.getByRole("heading", { level: 1, name: "Attacks" }).waitFor();
  return page;
}

/** A page of somebody who is not signed in. */
export async function strangersPage(browser: Browser): Promise<Page> {
  return browser.newPage({ storageState: { cookies: [], origins: [] } });
}
