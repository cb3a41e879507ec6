//! Makes a data directory with made-up attacks and sessions, for measuring searches: as many as
//! asked for, the same on every run, through the store's real commit. No requests.
//!
//! `made_up_store DIR ATTACKS SESSIONS`

use std::path::Path;

use engine::{
    Address, AttackRecord, AttackSessionRecord, ClientKey, DetectorRecord, Effects, EndpointKey,
    EndpointRecord, MethodId, MethodSet, SessionRecord, UserAgentKey, UserAgentRecord,
};
use server::auth::Caller;
use server::store::{Commit, Store};
use shared::{
    AttackId, BotType, DetectorKind, Direction, Outcome, Reaction, Scope, SessionId, Timeline,
    Timestamp, TypeConfidence, UserAgentClass,
};

/// The last request of all, 2026-11-01.
const END: i64 = 1_793_491_200_000;
/// Everything lies in so many days before.
const DAYS: i64 = 30;
const HOSTS: u64 = 40;
const TEMPLATES: u64 = 5_000;
const AGENTS: u64 = 20_000;
const ADDRESSES: u64 = 200_000;
const USERS: u64 = 50_000;
/// Rows a commit.
const PART: u64 = 20_000;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, attacks, sessions] = arguments.as_slice() else {
        panic!("expected DIR ATTACKS SESSIONS");
    };
    let (attacks, sessions) = (count(attacks), count(sessions));
    let store = Store::open(Path::new(directory)).await.expect("opening");
    let tenant = store.tenant(&Caller::local());
    let application = tenant
        .find_or_create_application("made up")
        .await
        .expect("creating");
    let mut commit = Commit::new(application.judgement, 0);
    commit.effects.endpoints = (0..TEMPLATES).map(endpoint).collect();
    commit.effects.user_agents = (0..AGENTS).map(agent).collect();
    tenant.commit(commit).await.expect("committing texts");
    for first in (0..attacks).step_by(PART as usize) {
        let mut commit = Commit::new(application.judgement, 0);
        let effects = &mut commit.effects;
        for number in first..attacks.min(first + PART) {
            add_attack(effects, number, attacks, sessions);
        }
        tenant.commit(commit).await.expect("committing attacks");
    }
    for first in (0..sessions).step_by(PART as usize) {
        let mut commit = Commit::new(application.judgement, 0);
        let last = sessions.min(first + PART);
        commit.effects.sessions = (first..last)
            .map(|number| session(number, sessions))
            .collect();
        tenant.commit(commit).await.expect("committing sessions");
    }
    store.close().await.expect("closing");
}

fn count(text: &str) -> u64 {
    text.parse().expect("a number of rows")
}

/// A number that looks random, the same for the same arguments (SplitMix64).
fn mixed(number: u64, salt: u64) -> u64 {
    let mut z = number.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// A number below `most`, small ones more often, as with everything that people do.
fn skewed(number: u64, salt: u64, most: u64) -> u64 {
    let share = mixed(number, salt) as f64 / u64::MAX as f64;
    ((share * share * share) * most as f64) as u64
}

fn endpoint(number: u64) -> EndpointRecord {
    let method = if number.is_multiple_of(7) {
        "POST"
    } else {
        "GET"
    };
    EndpointRecord {
        key: EndpointKey(number),
        method: method.to_owned(),
        host: format!("host{}.example", number % HOSTS),
        template: format!("/part{}/page{number}/{{number}}", number % 50),
        tags: Vec::new(),
        folded_into: None,
    }
}

fn agent(number: u64) -> UserAgentRecord {
    UserAgentRecord {
        key: UserAgentKey(number),
        class: UserAgentClass::Browser,
        text: format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{}.0.{number} Safari/537.36",
            number % 140
        ),
    }
}

fn address(number: u64) -> Address {
    Address(0xffff << 32 | u128::from(mixed(number, 1) as u32))
}

fn session(number: u64, of: u64) -> SessionRecord {
    let random = |salt, most| mixed(number, salt) % most;
    let ended_at = END - DAYS * Timestamp::DAY * (of - number) as i64 / of as i64;
    let codes: &[u16] = match random(2, 100) {
        0..60 => &[200],
        60..80 => &[200, 304],
        80..95 => &[200, 404],
        95..99 => &[403],
        _ => &[200, 500],
    };
    let methods = match random(3, 10) {
        0..7 => &["GET"][..],
        7..9 => &["GET", "POST"],
        _ => &["HEAD"],
    };
    let top = (0..1 + random(4, 3)).map(|place| EndpointKey(skewed(number, 5 + place, TEMPLATES)));
    SessionRecord {
        is_over: true,
        id: SessionId(mixed(number, 10)),
        client: ClientKey(mixed(number, 11)),
        keyed: false,
        started_at: Timestamp(ended_at - random(12, 3_600_000) as i64),
        ended_at: Timestamp(ended_at),
        requests: 1 + random(13, 100) as u32,
        errors: 0,
        codes: codes.into(),
        methods: methods
            .iter()
            .map(|method| MethodId::of(method))
            .fold(MethodSet::default(), MethodSet::with),
        bytes: random(14, 1_000_000),
        address: address(skewed(number, 15, ADDRESSES)),
        address_count: 1,
        user: match random(16, 4) {
            0 => format!("user{}@mail.example", skewed(number, 17, USERS)),
            _ => String::new(),
        },
        role: String::new(),
        user_agent: UserAgentKey(skewed(number, 18, AGENTS)),
        top_endpoints: top.map(|key| (key, 3)).collect(),
        endpoint_count: 3,
        segments: vec![0].into(),
    }
}

fn add_attack(effects: &mut Effects, number: u64, of: u64, sessions: u64) {
    let random = |salt, most| mixed(number, salt) % most;
    let id = AttackId(mixed(number, 20));
    let ended_at = END - DAYS * Timestamp::DAY * (of - number) as i64 / of as i64;
    let primary = BotType::ALL[skewed(number, 21, 5) as usize];
    let second = BotType::ALL[random(22, 5) as usize];
    let mut types = vec![primary];
    if random(23, 4) == 0 && second != primary {
        types.push(second);
    }
    let hits = 1 + skewed(number, 24, 100_000);
    let addresses = 1 + skewed(number, 25, 50);
    for place in 0..addresses {
        let one = address(skewed(number, 30 + place, ADDRESSES));
        effects.attack_addresses.push((id, one));
    }
    if let Some(session) = sessions.checked_sub(1).map(|last| number * last / of) {
        effects.attack_sessions.push(AttackSessionRecord {
            attack: id,
            session: SessionId(mixed(session, 10)),
            started_at: Timestamp(ended_at - 60_000),
            ended_at: Timestamp(ended_at),
            requests: 5,
            hits: 3,
        });
    }
    let code = [200, 401, 403, 404, 500][random(26, 5) as usize];
    let voted = (0..1 + random(27, 5) as usize).map(|place| DetectorRecord {
        detector: DetectorKind::ALL[place],
        worked: true,
        value: 20.0,
        class: None,
        normal: 10.0,
        direction: Direction::Above,
        deviation: 2.0,
        vote: 0.6,
        weight: 1.0,
        decisive: None,
        learned_percent: 0,
        learned_actors: 0,
        hits,
        model: None,
    });
    effects.attacks.push(AttackRecord {
        id,
        types: types
            .into_iter()
            .map(|bot_type| TypeConfidence {
                bot_type,
                confidence: 60 + random(28, 40) as u8,
                decisive: false,
            })
            .collect(),
        scope: if addresses > 10 {
            Scope::Cluster
        } else {
            Scope::Client
        },
        started_at: Timestamp(ended_at - random(29, 7_200_000) as i64),
        ended_at: Timestamp(ended_at),
        closed: true,
        requests: hits + 10,
        hits,
        blocked: 0,
        bar: 60,
        crossed: None,
        reaction: Reaction::RegisterAttack,
        addresses: vec![(address(skewed(number, 30, ADDRESSES)), hits)],
        address_count: addresses as u32,
        user_agents: vec![(UserAgentKey(skewed(number, 18, AGENTS)), hits)],
        methods: vec![("GET".to_owned(), hits)],
        codes: vec![(code, hits)],
        endpoints: (0..3)
            .map(|place| (EndpointKey(skewed(number, 5 + place, TEMPLATES)), hits))
            .collect(),
        detectors: voted.collect(),
        session_count: 1,
        timeline: Timeline {
            from: Timestamp(ended_at - 7_200_000),
            bin_ms: Timestamp::MINUTE,
            bins: Vec::new(),
        },
        outcome: Outcome::default(),
        identities: 0,
        reopened: 0,
        suspicion: 1.0,
        evidence: 45,
        reckonings: Vec::new(),
        engine_version: "made up".to_owned(),
    });
}
