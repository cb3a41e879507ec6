//! The demo traffic by itself, and what the engine finds in it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use engine::{Batch, Engine, EngineConfig, Input};
use shared::{AttackId, BotType, Timestamp};

use super::*;
use crate::ingest::decode::{Decoder, FieldMap, Format};
use crate::ingest::normalize::SecretKey;

/// 10 November 2026, midnight UTC.
const START: Timestamp = Timestamp(1_794_268_800_000);

fn hours(count: i64) -> Timestamp {
    START.plus(count * Timestamp::HOUR)
}

fn lines(traffic: &mut Traffic, until: Timestamp) -> Vec<Line> {
    std::iter::from_fn(|| traffic.next_before(until)).collect()
}

#[test]
fn the_same_seed_writes_the_same_lines_whatever_the_steps() {
    let at_once = lines(&mut Traffic::new(7, 100, START), hours(3));
    let mut stepwise = Traffic::new(7, 100, START);
    let mut in_steps = Vec::new();
    for step in 1..=360 {
        in_steps.extend(lines(&mut stepwise, START.plus(step * 30_000)));
    }
    assert_eq!(at_once, in_steps);
    assert_ne!(at_once, lines(&mut Traffic::new(8, 100, START), hours(3)));
    assert!(at_once.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn whoever_begins_later_reads_the_rest_of_the_same_log() {
    let whole = lines(&mut Traffic::new(7, 100, START), hours(9));
    let later = START.plus(8 * Timestamp::HOUR + 123_456);
    let rest = lines(&mut Traffic::new(7, 100, later), hours(9));
    let expected: Vec<_> = whole
        .into_iter()
        .filter(|line| line.at >= later.0)
        .collect();
    assert_eq!(rest, expected);
}

#[test]
fn no_visit_is_longer_than_what_is_looked_back() {
    let mut ends = BTreeMap::<u64, (i64, i64, &str)>::new();
    for line in lines(&mut Traffic::new(7, 20, START), hours(30)) {
        let entry = ends
            .entry(line.visit)
            .or_insert((line.at, line.at, line.name));
        entry.1 = line.at;
    }
    for (from, until, name) in ends.into_values() {
        assert!(until - from < LONGEST_HOURS * Timestamp::HOUR, "{name}");
    }
}

/// The decoded log of a day with each line's truth.
fn decode_day(seed: u32, percent: u64) -> (Batch, Vec<Line>) {
    let mut traffic = Traffic::new(seed, percent, START);
    let mut decoder = Decoder::new(Format::Json, &FieldMap::default(), SecretKey([7; 16]));
    let mut batch = Batch {
        source: 1,
        resolution_ms: 1,
        ..Batch::default()
    };
    let lines = lines(&mut traffic, hours(24));
    for line in &lines {
        decoder.decode(line.text.as_bytes(), &mut batch).unwrap();
    }
    (batch, lines)
}

#[test]
fn a_day_is_a_log_as_a_shop_has_it_and_from_addresses_that_belong_to_nobody() {
    let (batch, lines) = decode_day(7, 100);
    assert!((60_000..=120_000).contains(&lines.len()), "{}", lines.len());
    let mut statuses = BTreeMap::<u16, usize>::new();
    for (request, line) in batch.requests.iter().zip(&lines) {
        assert_eq!(request.at, line.at);
        assert!(belongs_to_nobody(request.address.into()), "{}", line.text);
        *statuses.entry(request.status).or_default() += 1;
        let is_person = line.actor == Actor::Person;
        let path = batch.text(request.path);
        let is_lost = is_person && !matches!(request.status, 404) && !shop::is_known(path);
        assert!(!is_lost, "{}", line.text);
    }
    for status in [200, 201, 204, 302, 304, 401, 402, 404, 422] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
    let lost = lines
        .iter()
        .zip(&batch.requests)
        .filter(|(line, request)| line.actor == Actor::Person && request.status == 404);
    assert!(
        (20..2_000).contains(&lost.count()),
        "typos are rare, not absent"
    );
}

/// Addresses for documentation, and for the networks behind a provider.
fn belongs_to_nobody(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => match v4.octets() {
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
            [100, second, _, _] => (64..128).contains(&second),
            _ => false,
        },
        IpAddr::V6(v6) => v6.segments()[..2] == [0x2001, 0xdb8],
    }
}

/// What the engine made of a day.
struct Found {
    /// Visits of bots by name: how many there were, and how many were found.
    bots: BTreeMap<&'static str, (usize, usize)>,
    /// Types of the attacks in which bots of each type were found.
    types: BTreeMap<BotType, BTreeSet<BotType>>,
    people: usize,
    people_hit: usize,
    programs_hit: BTreeSet<&'static str>,
}

fn judge_day(seed: u32) -> Found {
    let (batch, lines) = decode_day(seed, 50);
    let mut engine = Engine::new(EngineConfig::default());
    let mut attacked = BTreeMap::<AttackId, BTreeSet<u32>>::new();
    let mut types = BTreeMap::<AttackId, BotType>::new();
    let mut note = |effects: engine::Effects| {
        for part in &effects.attack_requests {
            let rows = part.rows.iter().map(|(row, _)| *row);
            attacked.entry(part.attack).or_default().extend(rows);
        }
        for attack in &effects.attacks {
            types.insert(attack.id, attack.primary().bot_type);
        }
    };
    let batch = Arc::new(batch);
    note(engine.apply(Input::Requests {
        segment: 0,
        first_row: 0,
        batch,
    }));
    note(engine.apply(Input::Advance(hours(30).0)));
    let mut found = Found {
        bots: BTreeMap::new(),
        types: BTreeMap::new(),
        people: 0,
        people_hit: 0,
        programs_hit: BTreeSet::new(),
    };
    let mut by_visit = BTreeMap::<u64, (&Line, BTreeSet<AttackId>)>::new();
    for line in &lines {
        by_visit
            .entry(line.visit)
            .or_insert((line, BTreeSet::new()));
    }
    for (attack, rows) in &attacked {
        for row in rows {
            let visit = lines[*row as usize].visit;
            by_visit
                .entry(visit)
                .and_modify(|(_, hit)| _ = hit.insert(*attack));
        }
    }
    for (line, hit) in by_visit.values() {
        match line.actor {
            Actor::Person => {
                found.people += 1;
                found.people_hit += usize::from(!hit.is_empty());
            }
            Actor::Program if !hit.is_empty() => _ = found.programs_hit.insert(line.name),
            Actor::Program => {}
            Actor::Bot(bot_type) => {
                let count = found.bots.entry(line.name).or_default();
                count.0 += 1;
                count.1 += usize::from(!hit.is_empty());
                let of_type = found.types.entry(bot_type).or_default();
                of_type.extend(hit.iter().filter_map(|attack| types.get(attack)));
            }
        }
    }
    found
}

#[test]
fn bots_of_all_five_types_are_found_and_hardly_any_person_is() {
    for seed in [7, 1, 2026] {
        let found = judge_day(seed);
        eprintln!(
            "seed {seed}: bots {:?}; types {:?}; people {} of {}; programs {:?}",
            found.bots, found.types, found.people_hit, found.people, found.programs_hit
        );
        for bot_type in BotType::ALL {
            let types = &found.types[bot_type];
            assert!(types.contains(bot_type), "{bot_type:?} as {types:?}");
        }
        assert!(
            found.people_hit * 100 <= found.people,
            "{} people",
            found.people_hit
        );
        let (there, caught) = found
            .bots
            .values()
            .fold((0, 0), |sum, bot| (sum.0 + bot.0, sum.1 + bot.1));
        assert!(
            caught * 10 >= there * 7,
            "{caught} of {there}: {:?}",
            found.bots
        );
    }
}
