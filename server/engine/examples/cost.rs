//! What judging costs: time a request on one core, all detectors, and memory an active actor.
//! Feeds made-up traffic of as many actors as are asked for, all of them active at the end, and
//! prints one line of JSON. Not a test of what is found. `cargo xtask bench` runs it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::sync::Arc;

use engine::{Batch, Engine, EngineConfig, Input, Request, TextId};

const START: i64 = 1_772_409_600_000; // 2026-03-02 00:00 UTC
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
     Gecko) Chrome/145.0.0.0 Safari/537.36";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
     (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const LIBRARY: &str = "python-requests/2.32.3";

/// Numbers that look random and are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// What one actor still has to ask for.
struct Actor {
    number: u32,
    kind: Kind,
    left: u32,
    next_at: i64,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Reads pages with pauses; each loads two static files.
    Person,
    /// Copies pages one after the other.
    Scraper,
    /// Tries passwords.
    Guesser,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let actors = arguments.next().and_then(|count| count.parse().ok());
    let minutes = arguments.next().and_then(|minutes| minutes.parse().ok());
    let (Some(actors), Some(minutes)) = (actors, minutes) else {
        eprintln!("usage: cost ACTORS MINUTES");
        return ExitCode::FAILURE;
    };
    // What one batch takes is there before anything is counted.
    measure(2_000, 1);
    println!("{}", measure(actors, minutes));
    ExitCode::SUCCESS
}

fn measure(count: u32, minutes: i64) -> String {
    let span_ms = minutes * 60_000;
    let mut numbers = Numbers(u64::from(count));
    let mut actors: Vec<Actor> = (0..count)
        .map(|number| {
            let kind = match number % 100 {
                0 => Kind::Scraper,
                1 => Kind::Guesser,
                _ => Kind::Person,
            };
            let left = match kind {
                // Most look at a few pages, some at many: 6 on average.
                Kind::Person => 1 + (numbers.below(6) + 1).pow(2) as u32 % 23,
                Kind::Scraper => 200,
                Kind::Guesser => 40,
            };
            let span = if matches!(kind, Kind::Person) {
                span_ms
            } else {
                span_ms / 2
            };
            Actor {
                number,
                kind,
                left,
                next_at: START + numbers.below(span as u64) as i64,
            }
        })
        .collect();
    let before = resident_bytes();
    let mut engine = Engine::new(EngineConfig::default());
    let (mut requests, mut spent) = (0u64, 0);
    let mut segment = 0;
    for minute in 0..=minutes {
        let end = START + (minute + 1) * 60_000;
        let mut batch = empty_batch();
        for actor in &mut actors {
            while actor.left > 0 && actor.next_at < end {
                ask(actor, &mut batch, &mut numbers);
            }
            if batch.requests.len() > 20_000 {
                let full = std::mem::replace(&mut batch, empty_batch());
                requests += full.requests.len() as u64;
                spent += judge(&mut engine, full, &mut segment, None);
            }
        }
        requests += batch.requests.len() as u64;
        spent += judge(&mut engine, batch, &mut segment, Some(end));
    }
    let held = resident_bytes().saturating_sub(before);
    format!(
        "{{\"actors\": {count}, \"minutes\": {minutes}, \"requests\": {requests}, \"us_per_request\": {:.3}, \
         \"bytes_per_actor\": {:.0}}}",
        spent as f64 / 1e3 / requests as f64,
        held as f64 / f64::from(count),
    )
}

fn empty_batch() -> Batch {
    Batch {
        source: 1,
        resolution_ms: 1_000,
        ..Batch::default()
    }
}

fn judge(engine: &mut Engine, mut batch: Batch, segment: &mut u64, end: Option<i64>) -> u64 {
    batch
        .requests
        .sort_by_key(|request| (request.address, request.at));
    *segment += 1;
    let input = Input::Requests {
        segment: *segment,
        first_row: 0,
        batch: Arc::new(batch),
    };
    let began = processor_ns();
    drop(engine.apply(input));
    if let Some(end) = end {
        drop(engine.apply(Input::Advance(end)));
    }
    processor_ns() - began
}

fn ask(actor: &mut Actor, batch: &mut Batch, numbers: &mut Numbers) {
    actor.left -= 1;
    let at = actor.next_at;
    let page = numbers.below(40) * numbers.below(40) / 40;
    let section = ["/", "/news/", "/products/", "/cart", "/about", "/search"][page as usize % 6];
    match actor.kind {
        Kind::Person => {
            let path = if section.ends_with('/') && section.len() > 1 {
                format!("{section}{page}")
            } else {
                section.to_owned()
            };
            put(batch, actor, at, "GET", &path, 200);
            put(batch, actor, at, "GET", "/assets/site.css", 200);
            put(batch, actor, at + 1_000, "GET", "/assets/site.js", 304);
            actor.next_at = at + 5_000 + numbers.below(60_000) as i64;
        }
        Kind::Scraper => {
            let path = format!("/products/{}", actor.left);
            put(batch, actor, at, "GET", &path, 200);
            actor.next_at = at + 1_000 + numbers.below(3_000) as i64;
        }
        Kind::Guesser => {
            put(batch, actor, at, "POST", "/login", 401);
            actor.next_at = at + 3_000 + numbers.below(10_000) as i64;
        }
    }
}

fn put(batch: &mut Batch, actor: &Actor, at: i64, method: &str, path: &str, status: u16) {
    // Every tenth shares its address with another one.
    let shared = actor.number % 10 == 9;
    let user_agent = match actor.kind {
        Kind::Scraper => LIBRARY,
        _ if shared => PHONE,
        _ => BROWSER,
    };
    let address = 0x0a00_0000 + actor.number - u32::from(shared);
    let request = Request {
        at,
        address: IpAddr::from(Ipv4Addr::from_bits(address)).into(),
        method: batch.texts.intern(method),
        path: batch.texts.intern(path),
        user_agent: batch.texts.intern(user_agent),
        query: TextId::EMPTY,
        status,
        response_bytes: Some(4_000),
        ..Request::default()
    };
    batch.requests.push(request);
}

/// How long this process has had a processor, in nanoseconds: others may be busy too.
fn processor_ns() -> u64 {
    let statistics = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let ns = statistics.split(' ').next();
    ns.and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

/// The memory that this process holds; 0 where the system does not say.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}
