// A provider of OpenID Connect that others wrote, for `single-sign-on.spec.ts`: started with the
// address that people return to, it says on which one it listens. Who writes a name into its
// form is that person; no password is asked.

import { webcrypto } from "node:crypto";
import { createServer } from "node:http";

// It is written for a newer Node.js than the tests ask for.
globalThis.crypto ??= webcrypto;
URL.parse ??= (url, base) => {
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
};
const { default: Provider } = await import("oidc-provider");

const [redirectUri, port] = process.argv.slice(2);

/** Whom it knows. */
const PEOPLE = {
  ada: { name: "Ada L.", email: "ada@shop.example", email_verified: true, groups: ["security", "staff"] },
  bob: { name: "Bob", email: "bob@shop.example", email_verified: true, groups: ["visitors"] },
  eve: { name: "Eve", email: "ada@shop.example", email_verified: false, groups: ["staff"] },
};

const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "botscope",
      client_secret: "a secret between the two",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [redirectUri.replace("/oidc/callback", "")],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
});

createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log(issuer));
