//! Attacks and sessions of all kinds, made up, and an index of them.

use std::sync::LazyLock;

use engine::{Address, AttackRecord, DetectorRecord, MethodId, MethodSet};
use proptest::prelude::*;
use shared::{
    AttackId, BotType, DetectorKind, Direction, Outcome, Reaction, Scope, SessionId, Timeline,
    Timestamp, TypeConfidence,
};

use super::super::*;

/// Host, URL template.
pub(super) const ENDPOINTS: [(&str, &str); 4] = [
    ("a.example", "/"),
    ("a.example", "/Login"),
    ("b.example", "/users/{number}"),
    ("", "/a*b"),
];
pub(super) const AGENTS: [&str; 3] = ["curl/8.0", "Mozilla/5.0 Chrome/120", "Googlebot/2.1"];
pub(super) const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];
pub(super) const CODES: [u16; 4] = [200, 401, 404, 500];
pub(super) const USERS: [&str; 3] = ["", "Anna", "ben@example.com"];
/// In minutes, as all of these tests.
pub(super) const ONGOING_SINCE: Timestamp = Timestamp(40);

pub(super) const APPLICATION: &str = "My shop";

/// The last numbers of Googlebot's addresses.
pub(super) const GOOGLE: std::ops::Range<u8> = 0..4;

pub(super) static BOOK: LazyLock<AddressBook> = LazyLock::new(|| {
    let data = tempfile::tempdir().unwrap();
    let list = data.path().join("crawler-googlebot.txt");
    std::fs::write(&list, "192.0.2.0/30\n").unwrap();
    crate::address::open(data.path(), &[list]).unwrap()
});

/// An attack as the test made it up. What has several values is a mask over the lists above.
#[derive(Debug, Clone)]
pub(super) struct Attack {
    pub(super) id: u64,
    pub(super) types: u8,
    pub(super) from: i64,
    pub(super) minutes: i64,
    pub(super) hits: u64,
    pub(super) confidence: u8,
    pub(super) blocked: u64,
    pub(super) addresses: u8,
    pub(super) endpoints: u8,
    pub(super) methods: u8,
    pub(super) codes: u8,
    pub(super) agent: usize,
    pub(super) voted: u8,
    pub(super) flags: u8,
}

impl Attack {
    pub(super) const CLOSED: u8 = 1;
    pub(super) const CAMPAIGN: u8 = 2;
    pub(super) const EXCEPTED: u8 = 4;
    pub(super) const SIGNED_IN: u8 = 8;
    pub(super) const SENSITIVE: u8 = 16;
    pub(super) const PROVISIONAL: u8 = 32;

    pub(super) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn end(&self) -> i64 {
        self.from + self.minutes
    }

    pub(super) fn addresses(&self) -> Vec<Address> {
        set(self.addresses)
            .map(|last| address(last as u8))
            .collect()
    }
}

/// A session as the test made it up.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: u64,
    pub(super) from: i64,
    pub(super) minutes: i64,
    pub(super) address: u8,
    pub(super) endpoints: u8,
    pub(super) methods: u8,
    pub(super) codes: u8,
    pub(super) agent: usize,
    pub(super) user: usize,
    pub(super) requests: u32,
    pub(super) hits: u32,
    /// Identifiers, some of no attack.
    pub(super) attacks: Vec<u64>,
    pub(super) provisional: bool,
}

/// One request of nobody in particular.
pub(super) fn short_session(id: u64, endpoints: u8) -> Session {
    Session {
        id,
        from: id as i64,
        minutes: 1,
        address: 1,
        endpoints,
        methods: 1,
        codes: 1,
        agent: 0,
        user: 0,
        requests: 1,
        hits: 0,
        attacks: Vec::new(),
        provisional: false,
    }
}

pub(super) fn set(mask: u8) -> impl Iterator<Item = usize> {
    (0..8).filter(move |place| mask & 1 << place != 0)
}

/// IPv4 for low numbers, IPv6 for the others.
pub(super) fn address(last: u8) -> Address {
    if last < 6 {
        Address(0xffff << 32 | 0xc000_0200 | u128::from(last))
    } else {
        Address(0x2001_0db8 << 96 | u128::from(last))
    }
}

pub(super) fn attack() -> impl Strategy<Value = Attack> {
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

pub(super) fn session() -> impl Strategy<Value = Session> {
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

pub(super) fn record(attack: &Attack) -> AttackRecord {
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
        decisive: None,
        learned_percent: 0,
        learned_actors: 0,
        hits: 0,
        model: None,
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
        evidence: 0,
        reckonings: Vec::new(),
        engine_version: String::new(),
    }
}

pub(super) fn filled(attacks: &[Attack], sessions: &[Session]) -> Index {
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

pub(super) fn put(index: &mut Index, attacks: &[Attack], sessions: &[Session]) {
    let book = &*BOOK;
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
        crawler: (attack.agent == 2).then_some("Googlebot"),
        excepted: attack.is(Attack::EXCEPTED),
        provisional: attack.is(Attack::PROVISIONAL),
    });
    index.put_attacks(book, new.collect());
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
    index.put_sessions(book, new.collect());
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
