// Who the console is told is signed in, for tests of what follows from that alone: the server is
// not asked, so nothing has to be made for each role.

import type { Page } from "@playwright/test";

export interface Me {
  name: string;
  account?: { id: string; email: string; name: string; has_password: boolean; has_totp: boolean; recovery_codes: number };
  tenant: { id: string; name: string };
  role?: string;
  global_role?: string;
  permissions: string[];
  lacks_second_factor: boolean;
  masks_addresses: boolean;
  tenants: { id: string; name: string }[];
}

const LOOKING = ["applications:read", "attacks:read", "sessions:read", "lists:read", "decisions:read", "account:own"];

/** Somebody who may look, and nothing else. */
export const READER: Me = {
  name: "Ada Lovelace",
  account: { id: "a1", email: "ada@example.com", name: "Ada Lovelace", has_password: true, has_totp: false, recovery_codes: 0 },
  tenant: { id: "1", name: "Acme" },
  role: "read_only",
  permissions: LOOKING,
  lacks_second_factor: false,
  masks_addresses: false,
  tenants: [{ id: "1", name: "Acme" }],
};

/** Somebody who may change the lists, and belongs to two tenants. */
export const ANALYST: Me = {
  ...READER,
  role: "analyst",
  permissions: [...LOOKING, "lists:write", "members:read"],
  tenants: [{ id: "1", name: "Acme" }, { id: "2", name: "Globex" }],
};

/** Has the console believe that `me` is signed in. */
export async function signedInAs(page: Page, me: Me): Promise<void> {
  await page.route("**/api/v1/me", (route) => route.fulfill({ json: me }));
}
