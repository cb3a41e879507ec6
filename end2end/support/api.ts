// What the tests ask the API directly: which attack or session to open. Only the fields they
// need.

import { expect, type APIRequestContext } from "@playwright/test";

/** A search that finds the whole day of `traffic.ts`, and any other log's. */
export const EVER = ">2000-01-01";

export interface Attack {
  id: string;
  application_id: string;
  bot_type: string;
  top_ip: string;
  ip_count: number;
  scope: string;
  hits: number;
  requests: number;
  confidence: number;
  ended_at: string;
}

/** The attacks that a search finds, most hits first. */
export async function findAttacks(request: APIRequestContext, search = EVER): Promise<Attack[]> {
  const response = await request.get("/api/v1/attacks", { params: { q: search, sort: "-hits", limit: 200 } });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()).items;
}

/** The attack from this address with the most hits. */
export async function findAttackOf(request: APIRequestContext, ip: string): Promise<Attack> {
  const [attack] = await findAttacks(request, `ip:${ip} ${EVER}`);
  if (!attack) throw new Error(`no attack from ${ip}`);
  return attack;
}

/** An attack whose actor is a cluster. */
export async function findCampaign(request: APIRequestContext): Promise<Attack> {
  const campaign = (await findAttacks(request)).find((attack) => attack.scope === "cluster");
  if (!campaign) throw new Error("there is no campaign");
  return campaign;
}

/** The session of an attack with the most hits. */
export async function findSessionOf(request: APIRequestContext, attack: string): Promise<string> {
  const response = await request.get(`/api/v1/attacks/${attack}`);
  const sessions: { id: string; hits: number }[] = (await response.json()).sessions;
  const [session] = sessions.sort((a, b) => b.hits - a.hits);
  if (!session) throw new Error(`attack ${attack} has no session`);
  return session.id;
}
