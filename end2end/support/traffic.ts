// A day of a small shop's access log, the same on every run: people, one honest crawler and
// bots of every kind that the tests look for. Addresses are those reserved for documentation.

/** The day that all of it happens on, in UTC. */
export const DAY = "2026-03-02";

/** Those that the tests look for. */
export const ACTORS = {
  /** Guesses passwords for twenty minutes; three of its guesses are answered by a redirect. */
  guesser: "203.0.113.66",
  /** Asks for what only a scanner asks for; its user agent tries to break out of the page. */
  prober: "203.0.113.77",
  /** Copies the catalogue, page by page. */
  scraper: "203.0.113.88",
  /** Copies too, and is the last bot of the day: its heatmaps show all the others. */
  lastScraper: "203.0.113.89",
  /** Names itself and keeps to a calm pace. */
  googlebot: "66.249.66.1",
  /** A person who reads a few pages. */
  visitor: "198.51.100.7",
} as const;

/** What the prober calls itself: to be shown as text, never as markup. */
export const HOSTILE_AGENT = `<img src=x onerror="document.title='broken'">Nikto/2.5`;

interface Request {
  at: number;
  ip: string;
  method: string;
  target: string;
  status: number;
  bytes: number;
  referer: string;
  agent: string;
}

const SITE = "https://shop.example";
const MIDNIGHT = Date.parse(`${DAY}T00:00:00Z`);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 26_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Mobile Safari/537.36",
] as const;

const PAGES = ["/", "/about/", "/catalogue/", "/contact/", "/blog/", "/blog/spring-sale/", "/cart/"];
const ASSETS = ["/static/site.css", "/static/site.js", "/static/logo.svg", "/favicon.ico"];

const PROBES = [
  "/.env", "/.git/config", "/.git/HEAD", "/.aws/credentials", "/.svn/entries", "/.htpasswd",
  "/wp-config.php.bak", "/wp-config.php~", "/phpmyadmin/index.php", "/pma/index.php",
  "/phpinfo.php", "/info.php", "/server-status", "/actuator/env", "/actuator/heapdump",
  "/manager/html", "/solr/admin/info/system", "/console/", "/cgi-bin/test-cgi",
  "/cgi-bin/../../../../etc/passwd", "/index.php?page=../../../../etc/passwd",
  "/wp-content/plugins/revslider/temp/update_extract/shell.php", "/shell.php", "/c99.php",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/backup.sql", "/backup.zip", "/db.sql",
  "/dump.sql", "/config.json", "/id_rsa", "/.ssh/id_rsa", "/etc/passwd", "/xmlrpc.php.bak",
  "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/search?q=1%27%20OR%20%271%27=%271",
  "/search?q=1%20UNION%20SELECT%20user,password%20FROM%20users", "/login.action", "/struts/",
  "/boaform/admin/formLogin", "/HNAP1/", "/setup.cgi", "/web.config", "/.DS_Store",
];

/** The whole day as an access log in combined format, in order of time. */
export function accessLog(): string {
  const random = generator(20260302);
  const requests = [
    ...people(random),
    ...guesser(ACTORS.guesser, 14 * HOUR, 620, 2 * SECOND, 3),
    ...guesser("203.0.113.67", 9.5 * HOUR, 140, 5 * SECOND, 0),
    ...prober(ACTORS.prober, 15 * HOUR, HOSTILE_AGENT, 1_500),
    ...prober("203.0.113.78", 11 * HOUR, "Mozilla/5.0 zgrab/0.x", 4_000),
    ...campaign("203.0.113.2", 8, 10 * HOUR, 5),
    ...scraper(ACTORS.scraper, 12 * HOUR, 900, "python-requests/2.32.3", 600),
    ...scraper(ACTORS.lastScraper, 16 * HOUR, 500, "Go-http-client/1.1", 400),
    ...googlebot(random),
  ];
  // The order of requests with the same time stays as generated: the sort is stable.
  requests.sort((a, b) => a.at - b.at);
  return requests.map(line).join("");
}

/** Of the crowd: the last bot, which is compared with the others, and one of a day earlier. */
export const CROWD = { bots: 40, last: "203.0.113.140", dayBefore: "203.0.113.200" } as const;

/** A log of its own: more bots within 24 hours than a heatmap draws, of four types and many
    degrees, after a day of people alone. */
export function crowdedLog(): string {
  const dayBefore = people(generator(41)).map((request) => ({ ...request, at: request.at - 24 * HOUR }));
  const requests = [...dayBefore, ...people(generator(40)), ...prober(CROWD.dayBefore, -30 * HOUR, "Nikto/2.5", 900)];
  for (let bot = 1; bot <= CROWD.bots; bot++) {
    const ip = `203.0.113.${100 + bot}`;
    const start = 2 * HOUR + bot * 17 * MINUTE;
    const step = Math.floor(bot / 4);
    const kinds = [
      () => scraper(ip, start, 90 + 40 * step, `collector/1.${bot} python-requests/2.${bot}.0`, 2_600 - 220 * step),
      () => poller(ip, start, 60 + 9 * step, (31 - 2 * step) * SECOND, 0.2 * step),
      () => guesser(ip, start, 30 + 30 * step, (9 - 0.7 * step) * SECOND, 0, `Mozilla/5.0 (Windows NT 6.1; rv:${bot}.0) Gecko/20100101 Firefox/${bot}.0`),
      () => prober(ip, start, `Mozilla/5.0 zgrab/0.${bot}`, 5_000 - 400 * step),
    ];
    requests.push(...kinds[bot % kinds.length]!());
  }
  requests.sort((a, b) => a.at - b.at);
  return requests.map(line).join("");
}

/** Who probes in a log of its own. */
export const LONE_PROBER = "203.0.113.210";

/** People, and one prober in the afternoon. */
export function quietLog(): string {
  const requests = [...people(generator(42)), ...prober(LONE_PROBER, 16 * HOUR, "Nikto/2.5", 900)];
  requests.sort((a, b) => a.at - b.at);
  return requests.map(line).join("");
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Eighty people over the day: a few pages each, with what a browser loads for a page. */
function people(random: () => number): Request[] {
  const requests: Request[] = [];
  for (let person = 0; person < 80; person++) {
    const ip = person === 0 ? ACTORS.visitor : `${person % 2 ? "198.51.100" : "192.0.2"}.${10 + person}`;
    const agent = BROWSERS[Math.floor(random() * BROWSERS.length)]!;
    let at = MIDNIGHT + 7 * HOUR + Math.floor(random() * 13 * HOUR);
    let referer = random() < 0.5 ? "-" : "https://www.google.com/";
    const count = 3 + Math.floor(random() * 7);
    for (let view = 0; view < count; view++) {
      const target = view > 0 && random() < 0.4 ? `/catalogue/${1 + Math.floor(random() * 900)}/` : PAGES[Math.floor(random() * PAGES.length)]!;
      const bytes = 4_000 + Math.floor(random() * 30_000);
      requests.push({ at, ip, method: "GET", target, status: 200, bytes, referer, agent });
      for (const asset of ASSETS) {
        const status = view === 0 ? 200 : 304;
        requests.push({ at: at + Math.floor(random() * 1_500), ip, method: "GET", target: asset, status, bytes: status === 200 ? 9_000 : 0, referer: SITE + target, agent });
      }
      referer = SITE + target;
      at += Math.floor((6 + random() * 90) * SECOND);
    }
    // Some customers sign in once, and it works.
    if (person % 9 === 4) {
      requests.push({ at, ip, method: "POST", target: "/wp-login.php", status: 302, bytes: 0, referer: `${SITE}/wp-login.php`, agent });
    }
  }
  return requests;
}

const OLD_FIREFOX = "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:40.0) Gecko/20100101 Firefox/40.1";

function guesser(ip: string, start: number, attempts: number, gap: number, successes: number, agent = OLD_FIREFOX): Request[] {
  // It has a look around first, which no detector minds.
  const look = ["/", "/static/site.css", "/about/", "/contact/"].map((target, step) => ({
    at: MIDNIGHT + start - 4 * MINUTE + step * 41 * SECOND,
    ip,
    method: "GET",
    target,
    status: 200,
    bytes: 9_000,
    referer: "-",
    agent,
  }));
  const guesses = Array.from({ length: attempts }, (_, attempt) => ({
    at: MIDNIGHT + start + attempt * gap,
    ip,
    method: "POST",
    target: "/wp-login.php",
    status: attempt >= attempts - successes ? 302 : 200,
    bytes: attempt >= attempts - successes ? 0 : 3_412,
    referer: "-",
    agent,
  }));
  return [...look, ...guesses];
}

function prober(ip: string, start: number, agent: string, gap: number): Request[] {
  return PROBES.map((target, probe) => ({
    at: MIDNIGHT + start + probe * gap,
    ip,
    method: probe % 7 === 6 ? "POST" : "GET",
    target,
    status: target.startsWith("/server-status") ? 403 : target === "/console/" ? 500 : 404,
    bytes: 512,
    referer: "-",
    agent,
  }));
}

/** Addresses that guess passwords in turn, each so seldom that none of them alone is noticed. */
function campaign(network: string, addresses: number, start: number, rounds: number): Request[] {
  const agent = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.0; Trident/5.0)";
  return Array.from({ length: addresses * rounds }, (_, guess) => ({
    at: MIDNIGHT + start + guess * 97 * SECOND,
    ip: `${network}${String(guess % addresses).padStart(2, "0")}`,
    method: "POST",
    target: "/wp-login.php",
    status: 200,
    bytes: 3_412,
    referer: "-",
    agent,
  }));
}

function scraper(ip: string, start: number, pages: number, agent: string, gap: number): Request[] {
  return Array.from({ length: pages }, (_, page) => ({
    at: MIDNIGHT + start + page * gap,
    ip,
    method: "GET",
    target: `/catalogue/${page + 1}/`,
    status: 200,
    bytes: 18_000 + (page % 50),
    referer: "-",
    agent,
  }));
}

/** Asks for the price of one cart again and again, as evenly as a clock, or late by up to so many gaps. */
function poller(ip: string, start: number, requests: number, gap: number, late = 0): Request[] {
  const random = generator(requests);
  return Array.from({ length: requests }, (_, request) => ({
    at: MIDNIGHT + start + Math.floor((request + late * random()) * gap),
    ip,
    method: "POST",
    target: "/api/cart/price",
    status: 200,
    bytes: 420,
    referer: "-",
    agent: "python-requests/2.31.0",
  }));
}

function googlebot(random: () => number): Request[] {
  const agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
  let at = MIDNIGHT + 6 * HOUR;
  const requests: Request[] = [];
  for (let visit = 0; visit < 120; visit++) {
    const target = visit === 0 ? "/robots.txt" : visit % 3 ? `/catalogue/${visit * 7}/` : PAGES[visit % PAGES.length]!;
    requests.push({ at, ip: ACTORS.googlebot, method: "GET", target, status: 200, bytes: 12_000, referer: "-", agent });
    at += Math.floor((1 + random() * 8) * MINUTE);
  }
  return requests;
}

function line(request: Request): string {
  const at = new Date(request.at).toISOString();
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Number(at.slice(5, 7)) - 1];
  const time = `${at.slice(8, 10)}/${month}/${at.slice(0, 4)}:${at.slice(11, 19)} +0000`;
  const quoted = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return `${request.ip} - - [${time}] ${quoted(`${request.method} ${request.target} HTTP/1.1`)} ${request.status} ${request.bytes} ${quoted(request.referer)} ${quoted(request.agent)}\n`;
}
