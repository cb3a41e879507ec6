//! Access logs made from a seed: people, a crawler, a password guesser, a prober.

/// A small generator of numbers; the same seed gives the same numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
];

const PAGES: [&str; 8] = [
    "/",
    "/products",
    "/cart",
    "/about",
    "/style.css",
    "/logo.png",
    "/search?q=shoes",
    "/account",
];

const PROBES: [&str; 6] = [
    "/.env",
    "/wp-config.php.bak",
    "/.git/config",
    "/phpmyadmin/",
    "/cgi-bin/test.cgi",
    "/server-status",
];

/// 2026-03-01 00:00:00 UTC, in seconds since 1970.
const BEGIN: u64 = 1_772_323_200;

/// About two days of `count` requests in order of time, as Combined lines.
pub(crate) fn generate(seed: u64, count: usize) -> Vec<String> {
    let mut random = Random(seed);
    let mut requests: Vec<(u64, String)> = Vec::with_capacity(count);
    let bots = count / 5;
    for index in 0..bots as u64 {
        let (at, sender) = match index % 4 {
            0 => (3_600 + index * 2, guess(&mut random)),
            1 => (40_000 + index, probe(&mut random)),
            _ => (90_000 + index * 3 / 2, crawl(index)),
        };
        requests.push((at, sender));
    }
    while requests.len() < count {
        let person = random.below(300);
        let mut at = random.below(170_000);
        for _ in 0..=random.below(12) {
            requests.push((at, visit(person, &mut random)));
            at += 1 + random.below(90);
        }
    }
    requests.truncate(count);
    requests.sort_by_key(|(at, _)| *at);
    requests
        .into_iter()
        .map(|(at, request)| request.replacen("[]", &format!("[{}]", date(BEGIN + at)), 1))
        .collect()
}

/// `log` in `count` files, one after the other.
pub(crate) fn split_by_time(log: &[String], count: usize) -> Vec<Vec<String>> {
    log.chunks(log.len().div_ceil(count))
        .map(<[String]>::to_vec)
        .collect()
}

fn visit(person: u64, random: &mut Random) -> String {
    let browser = BROWSERS[(person % 3) as usize];
    let page = PAGES[random.below(8) as usize];
    let product = random.below(400);
    let target = match random.below(3) {
        0 => format!("/products/{product}"),
        _ => page.to_owned(),
    };
    let bytes = 500 + random.below(20_000);
    format!(
        "198.51.{}.{} - - [] \"GET {target} HTTP/1.1\" 200 {bytes} \"https://shop.example/\" \"{browser}\"",
        person / 200,
        person % 200,
    )
}

fn guess(random: &mut Random) -> String {
    let bytes = 900 + random.below(9);
    format!(
        "203.0.113.5 - - [] \"POST /login HTTP/1.1\" 401 {bytes} \"-\" \"python-requests/2.32.3\""
    )
}

fn probe(random: &mut Random) -> String {
    let path = PROBES[random.below(6) as usize];
    format!(
        "203.0.113.77 - - [] \"GET {path} HTTP/1.1\" 404 162 \"-\" \"{}\"",
        BROWSERS[1]
    )
}

fn crawl(index: u64) -> String {
    format!(
        "192.0.2.{} - - [] \"GET /products/{} HTTP/1.1\" 200 8000 \"-\" \"Scrapy/2.13 (+https://scrapy.org)\"",
        index % 2,
        index % 3_000,
    )
}

fn date(second: u64) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(second as i64).unwrap();
    let month = &moment.month().to_string()[..3];
    format!(
        "{:02}/{month}/{}:{:02}:{:02}:{:02} +0000",
        moment.day(),
        moment.year(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}
