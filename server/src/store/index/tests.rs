//! The index against rows looked at one by one, whatever they are and whatever is asked.

use engine::{Address, AttackRecord, DetectorRecord, MethodId, MethodSet};
use proptest::prelude::*;
use shared::search::{Condition, List, Pattern, Query, parse};
use shared::{
    AttackId, AttackStatus, BotType, DetectorKind, Direction, Outcome, OutcomeKind, Reaction,
    Scope, SessionId, Timeline, Timestamp, TypeConfidence, UserAgentClass, Verification,
};

use super::*;
use crate::store::{AttackSort, AttackTotals, Cursor, Period, SessionTotals};

/// Host, URL template.
const ENDPOINTS: [(&str, &str); 4] = [
    ("a.example", "/"),
    ("a.example", "/Login"),
    ("b.example", "/users/{number}"),
    ("", "/a*b"),
];
const AGENTS: [&str; 3] = ["curl/8.0", "Mozilla/5.0 Chrome/120", "Googlebot/2.1"];
const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];
const CODES: [u16; 4] = [200, 401, 404, 500];
const USERS: [&str; 3] = ["", "Anna", "ben@example.com"];
/// In minutes, as all of these tests.
const ONGOING_SINCE: Timestamp = Timestamp(40);

const APPLICATION: &str = "My shop";

/// An attack as the test made it up. What has several values is a mask over the lists above.
#[derive(Debug, Clone)]
struct Attack {
    id: u64,
    types: u8,
    from: i64,
    minutes: i64,
    hits: u64,
    confidence: u8,
    blocked: u64,
    addresses: u8,
    endpoints: u8,
    methods: u8,
    codes: u8,
    agent: usize,
    voted: u8,
    flags: u8,
}

impl Attack {
    const CLOSED: u8 = 1;
    const CAMPAIGN: u8 = 2;
    const EXCEPTED: u8 = 4;
    const SIGNED_IN: u8 = 8;
    const SENSITIVE: u8 = 16;
    const PROVISIONAL: u8 = 32;

    fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn end(&self) -> i64 {
        self.from + self.minutes
    }

    fn addresses(&self) -> Vec<Address> {
        set(self.addresses)
            .map(|last| address(last as u8))
            .collect()
    }
}

/// A session as the test made it up.
#[derive(Debug, Clone)]
struct Session {
    id: u64,
    from: i64,
    minutes: i64,
    address: u8,
    endpoints: u8,
    methods: u8,
    codes: u8,
    agent: usize,
    user: usize,
    requests: u32,
    hits: u32,
    /// Identifiers, some of no attack.
    attacks: Vec<u64>,
    provisional: bool,
}

fn set(mask: u8) -> impl Iterator<Item = usize> {
    (0..8).filter(move |place| mask & 1 << place != 0)
}

/// IPv4 for low numbers, IPv6 for the others.
fn address(last: u8) -> Address {
    if last < 6 {
        Address(0xffff << 32 | 0xc000_0200 | u128::from(last))
    } else {
        Address(0x2001_0db8 << 96 | u128::from(last))
    }
}

fn attack() -> impl Strategy<Value = Attack> {
    (
        (0..12u64, 1..32u8, 0..50i64, 0..20i64, 0..200u64, 0..=100u8),
        (0..3u64, 1..=255u8, 0..16u8, 0..8u8, 0..16u8, 0..3usize),
        (0..8u8, 0..64u8),
    )
        .prop_map(|(first, second, third)| {
            let (id, types, from, minutes, hits, confidence) = first;
            let (blocked, addresses, endpoints, methods, codes, agent) = second;
            let (voted, flags) = third;
            Attack {
                id,
                types,
                from,
                minutes,
                hits,
                confidence,
                blocked: blocked * 50,
                addresses,
                endpoints,
                methods,
                codes,
                agent,
                voted,
                flags,
            }
        })
}

fn session() -> impl Strategy<Value = Session> {
    (
        (0..20u64, 0..50i64, 0..20i64, 0..8u8, 0..8u8, 1..8u8),
        (0..16u8, 0..3usize, 0..3usize, 1..50u32, 0..60u32),
        (prop::collection::vec(0..14u64, 0..4), any::<bool>()),
    )
        .prop_map(|(first, second, (attacks, provisional))| {
            let (id, from, minutes, address, endpoints, methods) = first;
            let (codes, agent, user, requests, hits) = second;
            Session {
                id,
                from,
                minutes,
                address,
                endpoints,
                methods,
                codes,
                agent,
                user,
                requests,
                hits,
                attacks,
                provisional,
            }
        })
}

const TERMS: &[&str] = &[
    "scraping",
    "api_abuse",
    "blocked",
    "monitoring",
    "partially_blocked",
    "excepted",
    "ongoing",
    "ip:192.0.2.3",
    "ip:192.0.2.1-192.0.2.4",
    "ip:192.0.",
    "ip:2001:db8::/32",
    "ip:0.0.0.0/0",
    "statuscode:404",
    "statuscode:400-499",
    "statuscode:500+",
    "method:get",
    "method:*E*",
    "hits:>100",
    "hits:<=20",
    "confidence:>80",
    "domain:A.example",
    "domain:?.example",
    "domain:nowhere",
    "/login",
    "/users/17",
    "/users/*",
    "url:log",
    r"url:/a\*b",
    "app:'my shop'",
    "app:other",
    "ua:curl",
    "ua:CHROME",
    "ua:m*z",
    "detector:bad_user_agent",
    "detector:request_rate",
    "session:3",
    "attack:4",
    "campaign:*",
    "campaign:5",
    "verified:unverified",
    "verified:spoofed",
    "outcome:signed_in",
    "outcome:sensitive_answered",
    "outcome:nothing",
    "country:DE",
    "source:tor",
];

fn query(list: List) -> impl Strategy<Value = Query> {
    let terms = TERMS.iter().copied().chain(match list {
        List::Attacks => ["ip:3+", "ip:5+", "ip:1+", "scraping"],
        List::Sessions => ["bot", "user:anna", "user:*@example.com", "role:admin"],
    });
    let term = (
        prop::sample::select(terms.collect::<Vec<_>>()),
        any::<bool>(),
    )
        .prop_map(|(term, negated)| format!("{}{term}", if negated { "!" } else { "" }));
    prop::collection::vec(term, 0..4).prop_map(move |terms| parse(list, &terms.join(" ")).unwrap())
}

/// Whether a row for which `holds` tells is one that the query asks for.
fn takes(query: &Query, holds: impl Fn(&Condition) -> bool) -> bool {
    query.terms.iter().all(|term| {
        let alike = query.terms_of(term.condition.key());
        let mut wanted = alike.filter(|term| !term.negated).peekable();
        let one = wanted.peek().is_none() || wanted.any(|term| holds(&term.condition));
        one && !(term.negated && holds(&term.condition))
    })
}

fn fits(pattern: &Pattern, part: bool, text: &str) -> bool {
    pattern
        .to_matcher(part)
        .matches(&shared::search::fold_case(text))
}

/// What attacks and sessions have alike.
fn holds_alike(
    condition: &Condition,
    endpoints: u8,
    methods: u8,
    codes: u8,
    agent: usize,
) -> Option<bool> {
    let on = |test: &dyn Fn(&str, &str) -> bool| {
        set(endpoints)
            .filter_map(|place| ENDPOINTS.get(place))
            .any(|(host, template)| test(host, template))
    };
    use shared::search::Key;
    Some(match condition {
        Condition::Text(Key::Application, pattern) => fits(pattern, false, APPLICATION),
        Condition::Text(Key::Domain, pattern) => on(&|host, _| fits(pattern, false, host)),
        Condition::Text(Key::Url, pattern) => on(&|_, template| {
            let folded = template == "/users/{number}"
                && pattern.as_literal().as_deref() == Some("/users/17");
            folded || fits(pattern, !pattern.begins_with('/'), template)
        }),
        Condition::Text(Key::UserAgent, pattern) => fits(pattern, true, AGENTS[agent]),
        Condition::Text(Key::Method, pattern) => set(methods)
            .filter_map(|place| METHODS.get(place))
            .any(|method| fits(pattern, false, method)),
        Condition::Text(Key::Country | Key::Source, _) => false,
        Condition::StatusCode(range) => set(codes)
            .filter_map(|place| CODES.get(place))
            .any(|code| range.contains(u64::from(*code))),
        _ => return None,
    })
}

fn holds_attack(condition: &Condition, attack: &Attack, sessions: &[Session]) -> bool {
    let Attack {
        endpoints,
        methods,
        codes,
        agent,
        ..
    } = *attack;
    if let Some(holds) = holds_alike(condition, endpoints, methods, codes, agent) {
        return holds;
    }
    let outcome = |kind| match kind {
        OutcomeKind::SignedIn => attack.is(Attack::SIGNED_IN),
        OutcomeKind::SensitiveAnswered => attack.is(Attack::SENSITIVE),
        OutcomeKind::Nothing => attack.flags & (Attack::SIGNED_IN | Attack::SENSITIVE) == 0,
    };
    match condition {
        Condition::Type(kind) => attack.types >> *kind as u8 & 1 == 1,
        Condition::Status(status) => AttackStatus::of(attack.blocked, 100) == *status,
        Condition::Excepted => attack.is(Attack::EXCEPTED),
        Condition::Ongoing => !attack.is(Attack::CLOSED) && attack.end() >= ONGOING_SINCE.0,
        Condition::Address(term) => {
            let (first, last) = term.bounds();
            let within = |address: &Address| (first..=last).contains(&address.0);
            attack.addresses().iter().any(within)
        }
        Condition::AddressCount(count) => attack.addresses().len() as u32 >= *count,
        Condition::Hits(range) => range.contains(attack.hits),
        Condition::Confidence(range) => range.contains(u64::from(attack.confidence)),
        Condition::Detector(kind) => attack.voted >> *kind as u8 & 1 == 1,
        Condition::Session(id) => sessions
            .iter()
            .any(|session| session.id == id.0 && session.attacks.contains(&attack.id)),
        Condition::Attack(id) => attack.id == id.0,
        Condition::Campaign(id) => {
            attack.is(Attack::CAMPAIGN) && id.is_none_or(|id| id.0 == attack.id)
        }
        Condition::Verified(verified) => {
            AGENTS[attack.agent].starts_with("Googlebot") && *verified == Verification::Unverified
        }
        Condition::Outcome(kind) => outcome(*kind),
        _ => false,
    }
}

fn holds_session(condition: &Condition, session: &Session, attacks: &[Attack]) -> bool {
    use shared::search::Key;
    let Session {
        endpoints,
        methods,
        codes,
        agent,
        ..
    } = *session;
    // Three endpoints are kept of each session.
    let endpoints = set(endpoints)
        .take(3)
        .fold(0, |mask, place| mask | 1 << place);
    if let Some(holds) = holds_alike(condition, endpoints, methods, codes, agent) {
        return holds;
    }
    let mut of = attacks
        .iter()
        .filter(|attack| session.attacks.contains(&attack.id));
    match condition {
        Condition::Text(Key::User, pattern) => fits(pattern, false, USERS[session.user]),
        Condition::Text(..) => false,
        Condition::Address(term) => {
            let (first, last) = term.bounds();
            (first..=last).contains(&address(session.address).0)
        }
        Condition::Hits(range) => range.contains(u64::from(session.hits.min(session.requests))),
        Condition::Bot => of.next().is_some(),
        Condition::Session(id) => session.id == id.0,
        other => of.any(|attack| holds_attack(other, attack, &[])),
    }
}

fn record(attack: &Attack) -> AttackRecord {
    let types = set(attack.types).map(|place| TypeConfidence {
        bot_type: BotType::ALL[place],
        confidence: attack.confidence,
        decisive: false,
    });
    let voted = set(attack.voted).map(|place| DetectorRecord {
        detector: DetectorKind::ALL[place],
        worked: true,
        value: 1.0,
        class: None,
        normal: 1.0,
        direction: Direction::Above,
        deviation: 1.0,
        vote: 0.5,
        weight: 1.0,
        learned_percent: 0,
        learned_actors: 0,
        hits: 0,
    });
    let methods = set(attack.methods).filter_map(|place| METHODS.get(place));
    let codes = set(attack.codes).filter_map(|place| CODES.get(place));
    AttackRecord {
        id: AttackId(attack.id),
        types: types.collect(),
        scope: if attack.is(Attack::CAMPAIGN) {
            Scope::Cluster
        } else {
            Scope::Client
        },
        started_at: Timestamp(attack.from),
        ended_at: Timestamp(attack.end()),
        closed: attack.is(Attack::CLOSED),
        requests: 100,
        hits: attack.hits,
        blocked: attack.blocked,
        bar: 60,
        crossed: None,
        reaction: Reaction::RegisterAttack,
        addresses: Vec::new(),
        address_count: attack.addresses().len() as u32,
        user_agents: Vec::new(),
        methods: methods.map(|method| ((*method).to_owned(), 1)).collect(),
        codes: codes.map(|code| (*code, 1)).collect(),
        endpoints: Vec::new(),
        detectors: voted.collect(),
        session_count: 0,
        timeline: Timeline {
            from: Timestamp(0),
            bin_ms: 1,
            bins: Vec::new(),
        },
        outcome: Outcome {
            sign_ins_succeeded: u64::from(attack.is(Attack::SIGNED_IN)),
            sensitive_answered: u64::from(attack.is(Attack::SENSITIVE)),
            ..Outcome::default()
        },
        identities: 0,
        reopened: 0,
        suspicion: 0.0,
        engine_version: String::new(),
    }
}

fn filled(attacks: &[Attack], sessions: &[Session]) -> Index {
    let mut index = Index::default();
    let endpoints = ENDPOINTS
        .iter()
        .zip(1..)
        .map(|((host, template), number)| NewEndpoint {
            number,
            host: (*host).to_owned(),
            template: (*template).to_owned(),
            folded_into: None,
        });
    index.put_endpoints(&endpoints.collect::<Vec<_>>());
    let agents = AGENTS.iter().zip(1..);
    let agents = agents.map(|(text, number)| (number, (*text).to_owned()));
    index.put_agents(&agents.collect::<Vec<_>>());
    put(&mut index, attacks, sessions);
    index
}

fn put(index: &mut Index, attacks: &[Attack], sessions: &[Session]) {
    let book = AddressBook::empty();
    let numbers = |mask| {
        set(mask)
            .filter(|place| *place < 4)
            .map(|place| place as i64 + 1)
    };
    let new = attacks.iter().map(|attack| NewAttack {
        record: record(attack),
        addresses: attack.addresses(),
        endpoints: numbers(attack.endpoints).collect(),
        agents: vec![attack.agent as i64 + 1],
        class: Some(if attack.agent == 2 {
            UserAgentClass::Crawler
        } else {
            UserAgentClass::Browser
        }),
        excepted: attack.is(Attack::EXCEPTED),
        provisional: attack.is(Attack::PROVISIONAL),
    });
    index.put_attacks(&book, new.collect());
    let new = sessions.iter().map(|session| NewSession {
        id: SessionId(session.id),
        ended_at: session.from + session.minutes,
        duration_ms: session.minutes,
        address: address(session.address),
        endpoints: numbers(session.endpoints).collect(),
        agent: session.agent as i64 + 1,
        user: USERS[session.user].to_owned(),
        role: String::new(),
        requests: session.requests,
        codes: set(session.codes)
            .filter_map(|place| CODES.get(place).copied())
            .collect(),
        methods: set(session.methods)
            .filter_map(|place| METHODS.get(place))
            .map(|method| MethodId::of(method))
            .fold(MethodSet::default(), MethodSet::with),
        provisional: session.provisional,
    });
    index.put_sessions(&book, new.collect());
    let links: Vec<(SessionId, Link)> = sessions
        .iter()
        .map(|session| {
            let attacks = session.attacks.iter().copied().map(AttackId).collect();
            let hits = session.hits;
            (SessionId(session.id), Link { attacks, hits })
        })
        .collect();
    index.set_links(links.iter().map(|(id, link)| (*id, link)));
}

/// Of rows with the same identifier the last.
fn last_of<T: Clone>(rows: &[T], id: impl Fn(&T) -> u64) -> Vec<T> {
    let mut last = std::collections::BTreeMap::new();
    for row in rows {
        last.insert(id(row), row.clone());
    }
    last.into_values().collect()
}

fn check(
    index: &Index,
    attacks: &[Attack],
    sessions: &[Session],
    asked: &Asked<'_>,
    of_sessions: &Asked<'_>,
) -> Result<(), TestCaseError> {
    let Period { from, until } = asked.period;
    let named = asked
        .query
        .terms_of(shared::search::Key::Excepted)
        .next()
        .is_some();
    let expected: Vec<&Attack> = attacks
        .iter()
        .filter(|attack| attack.end() >= from.0 && attack.from <= until.0)
        .filter(|attack| named || !attack.is(Attack::EXCEPTED))
        .filter(|attack| takes(asked.query, |it| holds_attack(it, attack, sessions)))
        .collect();
    for (sort, value) in [
        (AttackSort::Date, (|it| it.end()) as fn(&Attack) -> i64),
        (AttackSort::Hits, |it| it.hits as i64),
        (AttackSort::Confidence, |it| i64::from(it.confidence)),
    ] {
        let mut rows: Vec<(i64, i64)> = expected
            .iter()
            .map(|attack| (value(attack), attack.id as i64))
            .collect();
        rows.sort_unstable();
        let part = |after, limit, descending| Part {
            after,
            limit,
            descending,
        };
        let all = index.list_attacks(asked, sort, part(None, 100, false));
        prop_assert_eq!(&all, &rows);
        rows.reverse();
        let first = index.list_attacks(asked, sort, part(None, 2, true));
        prop_assert_eq!(&first, &rows[..rows.len().min(2)]);
        if let Some((value, id)) = first.last().copied() {
            let after = Some(Cursor {
                value,
                id: id as u64,
            });
            let next = index.list_attacks(asked, sort, part(after, 100, true));
            prop_assert_eq!(&next, &rows[first.len()..]);
        }
    }
    let mut totals = AttackTotals::default();
    index.count_attacks(asked, ONGOING_SINCE.0, &mut totals);
    prop_assert_eq!(totals.attacks, expected.len() as u64);
    prop_assert_eq!(totals.hits, expected.iter().map(|it| it.hits).sum::<u64>());
    let ongoing = expected
        .iter()
        .filter(|it| !it.is(Attack::CLOSED) && it.end() >= ONGOING_SINCE.0);
    prop_assert_eq!(totals.ongoing, ongoing.count() as u64);

    let expected: Vec<&Session> = sessions
        .iter()
        .filter(|session| session.from + session.minutes >= from.0 && session.from <= until.0)
        .filter(|session| takes(of_sessions.query, |it| holds_session(it, session, attacks)))
        .collect();
    let mut rows: Vec<(i64, i64)> = expected
        .iter()
        .map(|session| (session.from + session.minutes, session.id as i64))
        .collect();
    rows.sort_unstable();
    rows.reverse();
    prop_assert_eq!(&index.list_sessions(of_sessions, None, 100), &rows);
    let first = index.list_sessions(of_sessions, None, 3);
    prop_assert_eq!(&first, &rows[..rows.len().min(3)]);
    if let Some((value, id)) = first.last().copied() {
        let after = Some(Cursor {
            value,
            id: id as u64,
        });
        let next = index.list_sessions(of_sessions, after, 100);
        prop_assert_eq!(&next, &rows[first.len()..]);
    }
    let mut totals = SessionTotals::default();
    index.count_sessions(of_sessions, &mut totals);
    prop_assert_eq!(totals.sessions, rows.len() as u64);
    let bots = expected
        .iter()
        .filter(|session| holds_session(&Condition::Bot, session, attacks));
    prop_assert_eq!(totals.bots, bots.count() as u64);
    check_values(index, &expected, attacks, of_sessions)
}

/// Values with their rows are what the terms of these values find.
fn check_values(
    index: &Index,
    expected: &[&Session],
    attacks: &[Attack],
    asked: &Asked<'_>,
) -> Result<(), TestCaseError> {
    use shared::search::Key;
    for key in [
        Key::Type,
        Key::Address,
        Key::Domain,
        Key::StatusCode,
        Key::Method,
        Key::User,
        Key::Bot,
        Key::Outcome,
    ] {
        if asked.query.terms_of(key).next().is_some() {
            continue;
        }
        let mut values = ValueCounts::new(key, "");
        index.count_session_values(asked, &mut values);
        for (value, rows) in values.into_most() {
            let condition = Condition::of(key, &value).unwrap();
            let found = expected
                .iter()
                .filter(|session| holds_session(&condition, session, attacks));
            prop_assert_eq!(found.count() as u64, rows, "{} {}", key, value);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_agrees_with_looking_at_every_row(
        attacks in prop::collection::vec(attack(), 0..14),
        sessions in prop::collection::vec(session(), 0..20),
        later in 0..14usize,
        of_attacks in query(List::Attacks), of_sessions in query(List::Sessions),
        from in 0..60i64, minutes in 0..40i64, since in 0..30i64,
    ) {
        let (known, new) = attacks.split_at(later.min(attacks.len()));
        let half = sessions.len() / 2;
        let id_of = |session: &Session| session.id;
        let mut index = filled(known, &last_of(&sessions[..half], id_of));
        // What comes later replaces what was known, and may be of what was there before.
        put(&mut index, new, &last_of(&sessions[half..], id_of));
        let attacks = last_of(&attacks, |attack| attack.id);
        let sessions = last_of(&sessions, id_of);
        put(&mut index, &[], &sessions);
        let period = Period { from: Timestamp(from), until: Timestamp(from + minutes) };
        let requests = RequestPlaces::default();
        let of_attacks = Asked {
            query: &of_attacks, period, application: APPLICATION, requests: &requests, ongoing_since: ONGOING_SINCE,
        };
        let of_sessions = Asked { query: &of_sessions, ..of_attacks };
        check(&index, &attacks, &sessions, &of_attacks, &of_sessions)?;

        // A preview goes, and what is old.
        let touched = index.provisional_links();
        index.remove_provisional();
        index.remove_sessions_before(since);
        let attacks: Vec<Attack> = attacks
            .into_iter()
            .filter(|attack| !attack.is(Attack::PROVISIONAL))
            .collect();
        let sessions: Vec<Session> = sessions
            .into_iter()
            .filter(|session| !session.provisional && session.from + session.minutes >= since)
            .collect();
        let relinked: Vec<Session> = sessions
            .iter()
            .filter(|session| touched.contains(&SessionId(session.id)))
            .cloned()
            .collect();
        let links: Vec<(SessionId, Link)> = relinked
            .iter()
            .map(|session| {
                let attacks = session.attacks.iter().copied().map(AttackId).collect();
                (SessionId(session.id), Link { attacks, hits: session.hits })
            })
            .collect();
        index.set_links(links.iter().map(|(id, link)| (*id, link)));
        check(&index, &attacks, &sessions, &of_attacks, &of_sessions)?;
    }
}

#[test]
fn an_endpoint_that_was_folded_is_found_as_what_it_was_folded_into() {
    let session = Session {
        id: 1,
        from: 0,
        minutes: 1,
        address: 1,
        endpoints: 1 << 1,
        methods: 1,
        codes: 1,
        agent: 0,
        user: 0,
        requests: 1,
        hits: 0,
        attacks: Vec::new(),
        provisional: false,
    };
    let mut index = filled(&[], &[session]);
    let found = |index: &Index, text: &str| {
        let asked = Asked {
            query: &parse(List::Sessions, text).unwrap(),
            period: Period::ALWAYS,
            application: APPLICATION,
            requests: &RequestPlaces::default(),
            ongoing_since: ONGOING_SINCE,
        };
        index.list_sessions(&asked, None, 10).len()
    };
    assert_eq!((found(&index, "/login"), found(&index, "/users/1")), (1, 0));
    index.put_endpoints(&[NewEndpoint {
        number: 2,
        folded_into: Some(3),
        ..NewEndpoint::default()
    }]);
    assert_eq!((found(&index, "/login"), found(&index, "/users/1")), (0, 1));
    assert_eq!(found(&index, "domain:b.example"), 1);
}

#[test]
fn a_session_takes_few_bytes() {
    let sessions: Vec<Session> = (0..1_000)
        .map(|id| Session {
            id,
            from: id as i64,
            minutes: 1,
            address: 1,
            endpoints: 3,
            methods: 1,
            codes: 1,
            agent: 0,
            user: 0,
            requests: 1,
            hits: 0,
            attacks: Vec::new(),
            provisional: false,
        })
        .collect();
    let index = filled(&[], &sessions);
    assert!(index.weight() < 1_100 * 100, "{}", index.weight());
}
