// A long journey: one monitor that asks every four seconds from early in the morning until the
// evening and on over midnight. A log of its own, so that what is normal elsewhere stays so.

/** The monitor. */
export const MONITOR = "203.0.113.5";

/** Its requests before and after UTC midnight. */
export const BEFORE_MIDNIGHT = 20_000;
export const AFTER_MIDNIGHT = 300;

const MIDNIGHT = Date.parse("2026-03-03T00:00:00Z");
const STEP = 4_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What it asks for at the step `index`, and the answer: every hundredth answer is a 503. */
function asked(index: number): { target: string; method: string; status: number } {
  if (index % 100 === 99) return { target: "/health", method: "GET", status: 503 };
  if (index % 10 === 3) return { target: `/api/items/${1 + (index % 400)}`, method: "GET", status: 200 };
  if (index % 50 === 7) return { target: "/api/ping", method: "POST", status: 204 };
  return { target: "/health", method: "GET", status: 200 };
}

/** The whole as an access log in combined format. */
export function longLog(before = BEFORE_MIDNIGHT, after = AFTER_MIDNIGHT, step = STEP): string {
  const lines: string[] = [];
  for (let index = 0; index < before + after; index++) {
    const at = new Date(MIDNIGHT + (index - before) * step);
    const { target, method, status } = asked(index);
    const day = `${String(at.getUTCDate()).padStart(2, "0")}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
    const time = at.toISOString().slice(11, 19);
    lines.push(`${MONITOR} - - [${day}:${time} +0000] "${method} ${target} HTTP/1.1" ${status} ${200 + (index % 97)} "-" "uptime-check/1.4"\n`);
  }
  return lines.join("");
}
