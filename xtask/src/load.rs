//! Traffic for a server that is measured or killed: requests as nginx writes them to JSON, of as
//! many actors as wanted, the same for the same seed but for their times. Not who sends them.

use std::time::{SystemTime, UNIX_EPOCH};

/// User agents that the actors have.
pub(crate) const USER_AGENTS: [&str; 8] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "okhttp/4.12.0",
    "python-requests/2.32.3",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
];

/// What they ask for; `#` becomes a number.
pub(crate) const PATHS: [&str; 12] = [
    "/",
    "/products/#",
    "/products/#/reviews",
    "/search?q=word#",
    "/cart",
    "/api/v2/items/#",
    "/api/v2/stock?item=#",
    "/static/app.js",
    "/static/style.css",
    "/images/#.webp",
    "/login",
    "/account/orders/#",
];

/// Digits of a time in milliseconds.
const TIME: usize = 13;

/// Batches that are made once and sent again and again, each time with the present in them.
pub(crate) struct Traffic {
    batches: Vec<Batch>,
    next: usize,
}

struct Batch {
    body: Vec<u8>,
    /// Where the times of its requests stand.
    times: Vec<usize>,
}

impl Traffic {
    /// So many different batches of so many requests of so many actors.
    pub(crate) fn new(seed: u64, batches: usize, rows: usize, actors: u64) -> Self {
        let mut random = Random(seed | 1);
        let batches = (0..batches).map(|_| Batch::new(&mut random, rows, actors));
        Self {
            batches: batches.collect(),
            next: 0,
        }
    }

    /// The next batch, as if its requests had just happened one after another.
    pub(crate) fn next(&mut self) -> &[u8] {
        let at = self.next % self.batches.len();
        self.next += 1;
        let batch = &mut self.batches[at];
        let now = now_ms().to_string();
        for place in &batch.times {
            batch.body[*place..place + TIME].copy_from_slice(now.as_bytes());
        }
        &batch.body
    }
}

impl Batch {
    fn new(random: &mut Random, rows: usize, actors: u64) -> Self {
        let mut batch = Self {
            body: Vec::new(),
            times: Vec::new(),
        };
        for _ in 0..rows {
            let actor = random.below(actors);
            let path = PATHS[random.below(PATHS.len() as u64) as usize];
            let path = path.replace('#', &random.below(500).to_string());
            let agent = USER_AGENTS[(actor % USER_AGENTS.len() as u64) as usize];
            let status = [200, 200, 200, 200, 304, 302, 404, 200][random.below(8) as usize];
            batch.body.extend_from_slice(b"{\"time\":");
            batch.times.push(batch.body.len());
            let line = format!(
                "{:0TIME$},\"remote_addr\":\"10.{}.{}.{}\",\"host\":\"shop.example\",\
                 \"request_method\":\"GET\",\"request_uri\":\"{path}\",\
                 \"server_protocol\":\"HTTP/1.1\",\"status\":{status},\"body_bytes_sent\":{},\
                 \"request_time\":0.0{},\"http_user_agent\":\"{agent}\"}}\n",
                0,
                actor >> 16 & 0xff,
                actor >> 8 & 0xff,
                actor & 0xff,
                random.below(40_000),
                10 + random.below(80),
            );
            batch.body.extend_from_slice(line.as_bytes());
        }
        batch
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

/// Marsaglia's xorshift64: fast, repeatable, and no more is needed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound.max(1)
    }
}
