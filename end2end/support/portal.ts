// Twenty people behind one proxy with one browser: only their trail tells them apart. JSON lines,
// so that there are fields to choose from.

/** The whole as JSON lines. */
export function portalLog(): string {
  let lines = "";
  for (let number = 0; number < 400; number++) {
    const person = number % 20;
    lines += `${JSON.stringify({
      time: new Date(Date.parse("2026-03-02T09:00:00Z") + number * 2_000).toISOString(),
      remote_addr: "198.51.100.7",
      method: "GET",
      request_uri: `/pages/${(number * 7) % 40}`,
      status: 200,
      user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
      trail: `t${(person + 11).toString(16).repeat(4)}c9f3e17b5d8a24`,
      customer: { email: `p${person}@example.com` },
      role: person === 3 ? "admin" : "member",
    })}\n`;
  }
  return lines;
}
