//! Tests of the state machine as a whole, a file for each thing that they are about. Here is
//! how traffic is made by hand, and judged.

mod campaigns;
mod contamination;
mod driven;
mod exceptions;
mod found;
mod hits;
mod origins;
mod repeatable;
mod sessions;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use proptest::prelude::*;
use shared::{BotType, DetectorKind, Scope};

use super::*;
use crate::effects::{AttackRecord, SessionRecord};
use crate::request::{Batch, Request};

const START: i64 = 1_772_409_600_000; // 2026-03-02 00:00 UTC
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
     Gecko) Chrome/145.0.0.0 Safari/537.36";

/// One request of a made-up log.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    second: i64,
    host: u8,
    method: &'static str,
    path: String,
    query: String,
    status: u16,
    user_agent: String,
    user: String,
    /// 0 if the client is its address and user agent.
    session_key: u64,
}

fn line(second: i64, host: u8, method: &'static str, path: &str, status: u16) -> Line {
    Line {
        second,
        host,
        method,
        path: path.to_owned(),
        query: String::new(),
        status,
        user_agent: BROWSER.to_owned(),
        user: String::new(),
        session_key: 0,
    }
}

fn batch(lines: &[Line]) -> Batch {
    let mut batch = Batch {
        source: 1,
        resolution_ms: 1_000,
        ..Batch::default()
    };
    for line in lines {
        let request = Request {
            at: START + line.second * 1_000,
            address: std::net::IpAddr::from(Ipv4Addr::new(192, 0, 2, line.host)).into(),
            method: batch.texts.intern(line.method),
            path: batch.texts.intern(&line.path),
            query: batch.texts.intern(&line.query),
            user_agent: batch.texts.intern(&line.user_agent),
            user: batch.texts.intern(&line.user),
            session_key: line.session_key,
            status: line.status,
            response_bytes: Some(1_000),
            ..Request::default()
        };
        batch.requests.push(request);
    }
    batch
}

/// Everything that was said, the last word on each thing.
#[derive(Debug, Default, PartialEq)]
struct Said {
    sessions: BTreeMap<shared::SessionId, SessionRecord>,
    attacks: BTreeMap<AttackId, AttackRecord>,
    slices: BTreeMap<(AttackId, Timestamp), Slice>,
    requests: BTreeMap<(AttackId, u64, u32), u32>,
    /// The hits of attacks by session.
    hits: BTreeMap<(AttackId, shared::SessionId), u64>,
    late: u64,
}

impl Said {
    fn add(&mut self, effects: Effects) {
        self.late += effects.late;
        self.sessions.extend(
            effects
                .sessions
                .into_iter()
                .map(|record| (record.id, record)),
        );
        self.attacks.extend(
            effects
                .attacks
                .into_iter()
                .map(|record| (record.id, record)),
        );
        let slices = effects.attack_slices.into_iter();
        self.slices
            .extend(slices.map(|(id, slice)| ((id, slice.from), slice)));
        let links = effects.attack_sessions.iter();
        self.hits
            .extend(links.map(|link| ((link.attack, link.session), u64::from(link.hits))));
        for group in effects.attack_requests {
            for (row, fed) in group.rows {
                self.requests
                    .insert((group.attack, group.segment, row), fed.0);
            }
        }
    }

    /// The same without numbers of segments and rows, which depend on how batches were cut.
    fn without_places(mut self) -> Self {
        for session in self.sessions.values_mut() {
            session.segments.clear();
        }
        for attack in self.attacks.values_mut() {
            attack.crossed = attack.crossed.map(|(_, at)| (crossing(), at));
        }
        let ids = std::mem::take(&mut self.requests);
        for (index, ((attack, ..), fed)) in ids.into_iter().enumerate() {
            self.requests.insert((attack, 0, index as u32), fed);
        }
        self
    }

    fn types(&self) -> Vec<BotType> {
        self.attacks
            .values()
            .map(|attack| attack.primary().bot_type)
            .collect()
    }
}

fn crossing() -> shared::RequestId {
    shared::RequestId { segment: 0, row: 0 }
}

/// Feeds batches of the given sizes (the last one repeats) as an import does.
fn judge(lines: &[Line], sizes: &[usize]) -> Said {
    judge_except(lines, sizes, &[])
}

fn exceptions(texts: &[&str]) -> Input {
    Input::Exceptions(texts.iter().map(|text| text.parse().unwrap()).collect())
}

/// The same, raising no attack of who is at these addresses.
fn judge_except(lines: &[Line], sizes: &[usize], excepted: &[&str]) -> Said {
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    said.add(engine.apply(exceptions(excepted)));
    let mut newest = i64::MIN;
    let (mut rest, mut segment) = (lines, 0);
    while !rest.is_empty() {
        let size = sizes[segment.min(sizes.len() - 1)].clamp(1, rest.len());
        let batch = batch(&rest[..size]);
        rest = &rest[size..];
        segment += 1;
        newest = batch
            .requests
            .iter()
            .map(|request| request.at)
            .fold(newest, i64::max);
        let input = Input::Requests {
            first_row: 0,
            segment: segment as u64,
            batch: Arc::new(batch),
        };
        said.add(engine.apply(input));
        said.add(engine.apply(Input::Advance(newest - 30 * Timestamp::MINUTE)));
    }
    said.add(engine.preview(newest + 7 * Timestamp::DAY));
    said
}

/// Ordinary visitors: a few pages with pauses, static files, now and then a mistyped password.
fn visitors(count: u8) -> Vec<Line> {
    let mut lines = Vec::new();
    for visitor in 0..count {
        let begin = i64::from(visitor) * 311 % 20_000;
        let pages = ["/", "/news", "/products", "/about", "/contact", "/cart"];
        for (index, page) in pages
            .iter()
            .cycle()
            .skip(usize::from(visitor) % 6)
            .take(5)
            .enumerate()
        {
            let at = begin + index as i64 * (17 + i64::from(visitor) % 40);
            lines.push(line(at, visitor, "GET", page, 200));
            lines.push(line(at, visitor, "GET", "/style.css", 200));
        }
        if visitor % 7 == 0 {
            lines.push(line(begin + 900, visitor, "POST", "/login", 401));
            lines.push(line(begin + 915, visitor, "POST", "/login", 302));
        }
    }
    lines.sort_by_key(|line| line.second);
    lines
}

fn guesser(host: u8, attempts: i64) -> Vec<Line> {
    (0..attempts)
        .map(|n| line(3_000 + n * 7, host, "POST", "/login", 401))
        .collect()
}

fn together(parts: Vec<Vec<Line>>) -> Vec<Line> {
    let mut lines: Vec<Line> = parts.into_iter().flatten().collect();
    lines.sort_by_key(|line| line.second);
    lines
}

/// A day with everything in it.
fn everything() -> Vec<Line> {
    let mut probes: Vec<Line> = (0..40)
        .map(|n| {
            line(
                8_000 + n,
                210,
                "GET",
                &format!("/plugins/p{n}/readme.txt"),
                404,
            )
        })
        .collect();
    probes.push(line(8_100, 210, "GET", "/.git/config", 404));
    let mut rotating = guesser(211, 30);
    for (index, line) in rotating.iter_mut().enumerate() {
        line.user_agent = format!("{BROWSER} Edg/{index}.0");
    }
    together(vec![visitors(90), guesser(200, 60), probes, rotating])
}
