//! Tests of the state machine as a whole, on hand-made traffic: what it finds, and that
//! nothing but the requests decides what it finds.

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
    status: u16,
    user_agent: String,
    user: String,
}

fn line(second: i64, host: u8, method: &'static str, path: &str, status: u16) -> Line {
    Line {
        second,
        host,
        method,
        path: path.to_owned(),
        status,
        user_agent: BROWSER.to_owned(),
        user: String::new(),
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
            user_agent: batch.texts.intern(&line.user_agent),
            user: batch.texts.intern(&line.user),
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

#[test]
fn ordinary_visitors_are_no_bots() {
    let said = judge(&visitors(120), &[500]);
    assert_eq!(said.attacks.len(), 0);
    // one session each; the late sign-in of every seventh is within half an hour
    assert_eq!(said.sessions.len(), 120);
}

#[test]
fn who_guesses_passwords_is_an_account_takeover_with_every_attempt_a_hit() {
    let said = judge(&together(vec![visitors(60), guesser(200, 80)]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.requests, attack.hits), (80, 80));
    assert_eq!(attack.scope, Scope::Client);
    assert!(attack.closed && attack.primary().confidence >= 80);
    assert!(attack.voted().has(DetectorKind::AuthenticationAbuse));
    assert_eq!(attack.outcome.sign_in_attempts, 80);
    assert_eq!(attack.outcome.sign_ins_succeeded, 0);
    assert_eq!(attack.started_at.0, START + 3_000_000);
    assert_eq!(attack.session_count, 1);
    assert_eq!(said.requests.len(), 80);
    let sliced: u64 = said.slices.values().map(|slice| slice.requests).sum();
    assert_eq!(sliced, 80, "slices hold every request once");
    let bins: u32 = attack
        .timeline
        .bins
        .iter()
        .map(|bin| bin.client_error)
        .sum();
    assert_eq!(bins, 80);
}

#[test]
fn the_users_that_were_tried_are_counted_once_each() {
    let mut stuffing = guesser(200, 60);
    for (index, line) in stuffing.iter_mut().enumerate() {
        line.user = format!("user{}", index % 20);
    }
    let said = judge(&together(vec![visitors(60), stuffing]), &[500]);
    assert_eq!(said.attacks.values().next().unwrap().identities, 20);
}

#[test]
fn every_attempt_of_a_burst_within_one_minute_is_told_as_a_hit() {
    let burst = (0..600)
        .map(|n| line(3_000 + n / 15, 200, "POST", "/login", 401))
        .collect();
    let said = judge(&together(vec![visitors(60), burst]), &[5_000]);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((attack.hits, said.requests.len()), (600, 600));
}

#[test]
fn a_scanners_path_is_decisive_from_the_first_request() {
    let probe = vec![line(9_000, 201, "GET", "/.env", 404)];
    let lines = together(vec![visitors(30), probe]);
    let said = judge(&lines, &[100]);
    assert_eq!(said.types(), [BotType::SecurityCrawlers]);
    assert!(said.attacks.values().next().unwrap().types[0].decisive);
}

#[test]
fn who_copies_page_after_page_is_a_scraper() {
    let mut scraper: Vec<Line> = (0..900)
        .map(|n| line(2_000 + n / 2, 202, "GET", &format!("/products/{n}"), 200))
        .collect();
    for line in &mut scraper {
        line.user_agent = "python-requests/2.32.0".to_owned();
    }
    let said = judge(&together(vec![visitors(60), scraper]), &[500]);
    assert_eq!(said.types(), [BotType::Scraping]);
}

#[test]
fn an_uptime_monitor_that_names_itself_is_no_attack() {
    let mut monitor: Vec<Line> = (0..700)
        .map(|n| line(n * 60, 203, "HEAD", "/", 200))
        .collect();
    for line in &mut monitor {
        line.user_agent = "jetmon/1.0 (Jetpack Site Uptime Monitor by WordPress.com)".to_owned();
    }
    assert_eq!(
        judge(&together(vec![visitors(60), monitor]), &[500])
            .attacks
            .len(),
        0
    );
}

#[test]
fn one_address_that_changes_its_user_agent_is_one_attack() {
    let mut lines = guesser(204, 60);
    for (index, line) in lines.iter_mut().enumerate() {
        line.user_agent = format!("{BROWSER} Edg/{index}.0");
    }
    let said = judge(&together(vec![visitors(60), lines]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    assert_eq!(said.attacks.values().next().unwrap().scope, Scope::Address);
}

#[test]
fn the_same_bot_behind_many_addresses_is_one_campaign() {
    let mut lines = Vec::new();
    for host in 100..140u8 {
        let begin = 3_000 + i64::from(host) * 20;
        for attempt in 0..2 {
            lines.push(line(begin + attempt * 3, host, "POST", "/login", 401));
        }
    }
    let said = judge(&together(vec![visitors(60), lines]), &[500]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let campaign = said.attacks.values().next().unwrap();
    assert_eq!(campaign.scope, Scope::Cluster);
    assert_eq!((campaign.address_count, campaign.requests), (40, 80));
}

#[test]
fn who_tries_twice_a_day_is_seen_in_the_end_and_stays_one_attack() {
    let mut lines = Vec::new();
    for half_day in 0..30 {
        for attempt in 0..2 {
            let at = half_day * 43_000 + attempt * 4;
            lines.push(line(at, 205, "POST", "/login", 401));
        }
    }
    let said = judge(&lines, &[7]);
    assert_eq!(said.types(), [BotType::AccountTakeover]);
    let attack = said.attacks.values().next().unwrap();
    assert!(attack.requests > 40, "{}", attack.requests);
}

#[test]
fn an_attack_closes_after_silence_and_the_same_bot_reopens_it_within_a_week() {
    let mut lines = guesser(206, 40);
    let mut later = guesser(206, 40);
    later.iter_mut().for_each(|line| line.second += 3 * 86_400);
    let mut too_late = guesser(206, 40);
    too_late
        .iter_mut()
        .for_each(|line| line.second += 14 * 86_400);
    lines.extend(later);
    let said = judge(&lines, &[25]);
    assert_eq!(said.attacks.len(), 1);
    let attack = said.attacks.values().next().unwrap();
    assert_eq!(
        (attack.reopened, attack.requests, attack.closed),
        (1, 80, true)
    );
    assert_eq!(attack.session_count, 2);
    lines.extend(too_late);
    assert_eq!(judge(&lines, &[25]).attacks.len(), 2);
}

#[test]
fn a_session_ends_after_thirty_minutes_of_silence_and_at_midnight() {
    let minutes = |minute: i64| line(minute * 60, 1, "GET", "/", 200);
    let lines: Vec<Line> = [0, 30, 60, 91, 1_425, 1_439, 1_441].map(minutes).to_vec();
    let said = judge(&lines, &[3]);
    let mut requests: Vec<(i64, u32)> = said
        .sessions
        .values()
        .map(|session| ((session.started_at.0 - START) / 60_000, session.requests))
        .collect();
    requests.sort_unstable();
    assert_eq!(requests, [(0, 3), (91, 1), (1_425, 2), (1_441, 1)]);
}

#[test]
fn what_is_older_than_what_was_judged_is_counted_as_late() {
    let mut lines = visitors(60);
    let early = lines.remove(0);
    lines.push(early);
    assert_eq!(judge(&lines, &[50]).late, 1);
}

#[test]
fn a_foreign_or_damaged_snapshot_is_refused() {
    let snapshot = Engine::new(EngineConfig::default()).snapshot();
    assert!(Engine::restore(&snapshot).is_ok());
    assert_eq!(
        Engine::restore(b"nonsense").err(),
        Some(SnapshotError::OtherVersion)
    );
    let truncated = &snapshot[..snapshot.len() - 1];
    assert!(matches!(
        Engine::restore(truncated),
        Err(SnapshotError::Corrupt(_))
    ));
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

#[test]
fn batch_sizes_change_nothing() {
    let lines = everything();
    let whole = judge(&lines, &[lines.len()]).without_places();
    assert_eq!(whole.attacks.len(), 3);
    for sizes in [&[1][..], &[7], &[100, 3, 250], &[64]] {
        assert_eq!(judge(&lines, sizes).without_places(), whole, "{sizes:?}");
    }
}

#[test]
fn the_order_in_which_requests_arrive_changes_nothing_within_the_lateness() {
    let lines = everything();
    let whole = judge(&lines, &[lines.len()]).without_places();
    // Pairs of blocks swapped: up to a few minutes out of order.
    let mut swapped = Vec::new();
    for blocks in lines.chunks(40) {
        let (first, second) = blocks.split_at(blocks.len() / 2);
        swapped.extend_from_slice(second);
        swapped.extend_from_slice(first);
    }
    let shuffled = judge(&swapped, &[33]).without_places();
    assert_eq!(shuffled.late, 0);
    assert_eq!(shuffled.sessions, whole.sessions);
    assert_eq!(shuffled.attacks, whole.attacks);
}

#[test]
fn going_on_from_a_snapshot_equals_never_having_stopped() {
    let lines = everything();
    let batches: Vec<Arc<Batch>> = lines.chunks(50).map(|part| Arc::new(batch(part))).collect();
    let feed = |engine: &mut Engine, said: &mut Said, index: usize| {
        let batch = Arc::clone(&batches[index]);
        let newest = batch
            .requests
            .iter()
            .map(|request| request.at)
            .max()
            .unwrap();
        said.add(engine.apply(Input::Requests {
            first_row: 0,
            segment: index as u64,
            batch,
        }));
        said.add(engine.apply(Input::Advance(newest - 30 * Timestamp::MINUTE)));
    };
    let (mut undisturbed, mut whole) = (Engine::new(EngineConfig::default()), Said::default());
    for index in 0..batches.len() {
        feed(&mut undisturbed, &mut whole, index);
    }
    whole.add(undisturbed.preview(START + 9 * Timestamp::DAY));
    for stop in [1, batches.len() / 3, batches.len() / 2, batches.len() - 1] {
        let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
        for index in 0..batches.len() {
            if index == stop {
                engine = Engine::restore(&engine.snapshot()).unwrap();
            }
            feed(&mut engine, &mut said, index);
        }
        said.add(engine.preview(START + 9 * Timestamp::DAY));
        assert_eq!(said, whole, "stopped at {stop}");
    }
}

#[test]
fn no_attack_is_raised_of_who_is_excepted_and_nothing_else_changes() {
    let lines = everything();
    let judged = judge(&lines, &[64]).without_places();
    // Guesser, prober, and one who changes its user agents.
    for (excepted, left) in [
        (&["192.0.2.200"][..], 2),
        (&["192.0.2.208/30"], 1),
        (&["192.0.2.0/24"], 0),
        (&["::/0", "10.0.0.0/8"], 3),
    ] {
        let said = judge_except(&lines, &[64], excepted).without_places();
        assert_eq!(said.attacks.len(), left, "{excepted:?}");
        assert_eq!(said.sessions, judged.sessions);
        for (id, attack) in &said.attacks {
            assert_eq!(judged.attacks[id].addresses, attack.addresses);
        }
        for sizes in [&[1][..], &[lines.len()], &[100, 3, 250]] {
            let other = judge_except(&lines, sizes, excepted).without_places();
            assert_eq!(other, said, "{excepted:?} {sizes:?}");
        }
    }
}

#[test]
fn a_campaign_is_excepted_only_with_all_its_addresses() {
    let lines: Vec<Line> = (100..140u8)
        .flat_map(|host| {
            let begin = 3_000 + i64::from(host) * 20;
            [0, 3].map(|later| line(begin + later, host, "POST", "/login", 401))
        })
        .collect();
    let lines = together(vec![visitors(60), lines]);
    let campaigns = |excepted: &[&str]| judge_except(&lines, &[500], excepted).attacks.len();
    assert_eq!(campaigns(&["192.0.2.100/30", "192.0.2.104/29"]), 1);
    assert_eq!(campaigns(&["192.0.2.96/27", "192.0.2.128/28"]), 0);
}

#[test]
fn judging_goes_on_when_an_exception_ends() {
    let lines = together(vec![visitors(60), guesser(200, 400)]);
    let (first, second) = lines.split_at(lines.len() / 2);
    let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
    said.add(engine.apply(exceptions(&["192.0.2.200"])));
    let newest = START + first.last().unwrap().second * 1_000;
    for (segment, lines) in [first, second].into_iter().enumerate() {
        said.add(engine.apply(Input::Requests {
            segment: segment as u64,
            first_row: 0,
            batch: Arc::new(batch(lines)),
        }));
        said.add(engine.apply(Input::Advance(newest)));
        if segment == 0 {
            assert_eq!(said.attacks.len(), 0);
            said.add(engine.apply(exceptions(&[])));
        }
    }
    // An open attack goes on although its actor is excepted now; another is not raised.
    said.add(engine.apply(Input::Advance(newest + 20 * Timestamp::MINUTE)));
    assert_eq!(said.attacks.len(), 1);
    said.add(engine.apply(exceptions(&["192.0.2.0/24"])));
    said.add(engine.preview(START + 9 * Timestamp::DAY));
    let attack = said.attacks.values().next().unwrap();
    assert_eq!((said.attacks.len(), attack.requests), (1, 400));
}

#[test]
fn exceptions_are_part_of_a_snapshot() {
    let lines = everything();
    let batches: Vec<Arc<Batch>> = lines.chunks(50).map(|part| Arc::new(batch(part))).collect();
    let run = |stop: usize| {
        let (mut engine, mut said) = (Engine::new(EngineConfig::default()), Said::default());
        for (index, batch) in batches.iter().enumerate() {
            if index == batches.len() / 4 {
                said.add(engine.apply(exceptions(&["192.0.2.200", "2001:db8::/48"])));
            }
            if index == batches.len() * 3 / 4 {
                said.add(engine.apply(exceptions(&["192.0.2.211"])));
            }
            if index == stop {
                let before = engine.exceptions().clone();
                engine = Engine::restore(&engine.snapshot()).unwrap();
                assert_eq!(*engine.exceptions(), before);
            }
            let newest = batch.requests.iter().map(|request| request.at).max();
            said.add(engine.apply(Input::Requests {
                segment: index as u64,
                first_row: 0,
                batch: Arc::clone(batch),
            }));
            said.add(engine.apply(Input::Advance(newest.unwrap() - 30 * Timestamp::MINUTE)));
        }
        said.add(engine.preview(START + 9 * Timestamp::DAY));
        said
    };
    let undisturbed = run(usize::MAX);
    for stop in 0..batches.len() {
        assert_eq!(run(stop), undisturbed, "stopped at {stop}");
    }
}

#[test]
fn a_preview_changes_nothing() {
    let lines = everything();
    let (first, second) = lines.split_at(lines.len() / 2);
    let mut engine = Engine::new(EngineConfig::default());
    engine.apply(Input::Requests {
        first_row: 0,
        segment: 1,
        batch: Arc::new(batch(first)),
    });
    let before = engine.snapshot();
    let ahead = engine.preview(START + Timestamp::DAY);
    assert!(!ahead.sessions.is_empty());
    assert_eq!(engine.snapshot(), before);
    let mut undisturbed = Engine::restore(&before).unwrap();
    let input = Input::Requests {
        first_row: 0,
        segment: 2,
        batch: Arc::new(batch(second)),
    };
    engine.apply(input.clone());
    undisturbed.apply(input);
    assert_eq!(engine.snapshot(), undisturbed.snapshot());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_request_is_in_exactly_one_session(
        requests in proptest::collection::vec((0..200_000i64, 0..6u8, 0..4usize), 1..300),
        size in 1..80usize,
    ) {
        let mut lines: Vec<Line> = requests
            .into_iter()
            .map(|(second, host, page)| {
                line(second, host, "GET", ["/", "/a", "/a.css", "/.env"][page], 200)
            })
            .collect();
        lines.sort_by_key(|line| line.second);
        let said = judge(&lines, &[size]);
        let total: u32 = said.sessions.values().map(|session| session.requests).sum();
        prop_assert_eq!(total as usize, lines.len());
        for session in said.sessions.values() {
            prop_assert_eq!(session.started_at.day(), session.ended_at.day());
        }
        for attack in said.attacks.values() {
            prop_assert!(attack.hits <= attack.requests);
        }
    }
}
