//! The data that the API tests run on, written through the store's real commit. Two
//! applications; a password guesser with every kind of row behind it, a prober with hostile
//! texts, a campaign of three days ago, and a person. Who signs in is in [`super::people`].

mod other;

use std::net::IpAddr;

use engine::{
    Address, AttackRecord, AttackRequests, AttackSessionRecord, Batch, DetectorMask,
    DetectorRecord, Effects, EndpointKey, EndpointRecord, MethodId, MethodSet, ReckonedTerm,
    Reckoning, Request, SessionRecord, Slice, UserAgentKey, UserAgentRecord, attribute,
};
use serde_json::{Value, json};
use shared::{
    ApplicationId, AttackId, BotType, ConfidenceRule, DetectorKind, Direction, Learning,
    ListEntryId, ListKind, ListOrigin, Outcome, Reaction, RequestId, Scope, SessionId, Timeline,
    TimelineBin, Timestamp, TypeConfidence, UserAgentClass,
};

use super::learning::learned;
use super::tokens::{exporter, secret};
use super::{NOW, people};
use crate::auth::Caller;
use crate::ingest::health::{IngestCounters, Received};
use crate::ingest::reject::{RejectReason, Rejects};
use crate::store::{Commit, EncodedSegment, ListAuthor, NewListEntry, Store};

pub(super) use other::{OTHER_ATTACK, OTHER_SESSION, Other, eve, fill_other};

pub(super) use super::people::{
    ANN, BEN, INVITATION, LOGINS, PASSWORD, ann, own_token, totp, totp_offer,
};

/// 60 sign-in attempts on `shop`, two hours ago, of which the last succeeded.
pub(super) const GUESSING: AttackId = AttackId(0xa1);
/// 20 probes on `shop`, three hours ago, with hostile paths. Still going on.
pub(super) const PROBING: AttackId = AttackId(0xa2);
/// A campaign of 120 addresses on `blog`, three days ago.
pub(super) const CAMPAIGN: AttackId = AttackId(0xa3);
pub(super) const GUESSING_SESSION: SessionId = SessionId(0x51);
pub(super) const PROBING_SESSION: SessionId = SessionId(0x52);
pub(super) const PERSON_SESSION: SessionId = SessionId(0x53);

/// The guesser on the deny list, for a day from the last hour on, on every application.
pub(super) const DENIED: ListEntryId = ListEntryId(0x9c41_9712_d42d_2707);

/// On the deny list too, for the blog only.
pub(super) const ELSEWHERE: [&str; 2] = ["203.0.113.250", "203.0.113.251"];

/// How many requests the guesser sent; every one is a hit but the first.
pub(super) const ATTEMPTS: u32 = 60;
/// How many the prober sent; every one is a hit.
pub(super) const PROBES: u32 = 20;

const GUESSER: &str = "192.0.2.7";
const PROBER: &str = "192.0.2.9";
const PERSON: &str = "192.0.2.20";

/// Writes everything and names the shop.
pub(super) async fn fill(store: &Store) -> ApplicationId {
    store
        .run("INSERT INTO tenant (id, name, created_at) VALUES (2, 'Other', 0)")
        .await
        .unwrap();
    let tenant = store.tenant(&Caller::local());
    people::fill(store, &tenant).await;
    for (name, (batch, effects)) in [("shop", shop()), ("blog", blog())] {
        let application = tenant.find_or_create_application(name).await.unwrap();
        let mut commit = Commit::new(application.judgement, 0);
        commit.segments = vec![EncodedSegment::new(0, &batch)];
        commit.effects = effects;
        tenant.commit(commit).await.unwrap();
    }
    let denied = NewListEntry {
        list: ListKind::Deny,
        object: GUESSER.parse().unwrap(),
        applications: None,
        reason: "guesses passwords".to_owned(),
        expires_at: Some(NOW.plus(23 * Timestamp::HOUR)),
    };
    tenant
        .create_token(&exporter(), &secret().hash())
        .await
        .unwrap();
    // Two that hold elsewhere, so that the list has a second page.
    let blog = tenant
        .find_application_state("blog")
        .await
        .unwrap()
        .unwrap();
    let elsewhere = ELSEWHERE.map(|object| NewListEntry {
        object: object.parse().unwrap(),
        applications: Some(vec![blog.id]),
        ..denied.clone()
    });
    let author = ListAuthor {
        name: "local",
        origin: ListOrigin::Manual,
        now: NOW.plus(-Timestamp::HOUR),
    };
    tenant
        .create_list_entries(&elsewhere, author)
        .await
        .unwrap();
    let added = tenant.create_list_entries(&[denied], author).await.unwrap();
    assert_eq!(added[0].row.id, DENIED);
    tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap()
        .id
}

/// Has traffic of the shop arrive: some of it readable.
pub(super) fn arrive(counters: &IngestCounters, shop: ApplicationId) {
    let of = (Caller::DEFAULT_TENANT, shop);
    let mut rejects = Rejects::default();
    rejects.record(
        RejectReason::InvalidDate,
        b"192.0.2.9 - - [31/Feb/2016:10:00:00 +0000] \"GET /?token=hidden HTTP/1.1\" 200 5",
    );
    let received = Received {
        sender: "web server",
        address: "198.51.100.1".parse().ok(),
        format: "common/combined",
        accepted: 99,
        rejects: &rejects,
        bytes: 20_000,
        at: NOW.plus(-10_000),
    };
    counters.record(of, &received);
    counters.seen(of, 800, NOW.plus(-9_000));
}

/// Collects requests and what the engine would say of them.
#[derive(Default)]
struct Seed {
    host: &'static str,
    batch: Batch,
    effects: Effects,
}

/// One request.
struct Sent<'a> {
    at: Timestamp,
    ip: &'a str,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    status: u16,
    user_agent: &'a str,
}

impl Seed {
    /// Of one host.
    fn of(host: &'static str) -> Self {
        Self {
            host,
            ..Self::default()
        }
    }

    /// Adds a request and returns its row.
    fn send(&mut self, sent: &Sent<'_>) -> u32 {
        let texts = &mut self.batch.texts;
        let request = Request {
            at: sent.at.0,
            address: address(sent.ip),
            response_bytes: Some(1_000),
            time_us: Some(2_500),
            method: texts.intern(sent.method),
            host: texts.intern(self.host),
            path: texts.intern(sent.path),
            query: texts.intern(sent.query),
            protocol: texts.intern("HTTP/1.1"),
            user_agent: texts.intern(sent.user_agent),
            referer: texts.intern(&format!("https://{}/", self.host)),
            headers: texts.intern("accept: */*"),
            status: sent.status,
            ..Request::default()
        };
        self.batch.requests.push(request);
        self.endpoint(sent.method, sent.path);
        self.user_agent(sent.user_agent);
        u32::try_from(self.batch.requests.len()).unwrap() - 1
    }

    fn endpoint(&mut self, method: &str, path: &str) -> EndpointKey {
        let endpoint = attribute::endpoint(method, self.host, path);
        let key = endpoint.key;
        if !self.effects.endpoints.iter().any(|known| known.key == key) {
            self.effects.endpoints.push(endpoint);
        }
        key
    }

    fn user_agent(&mut self, text: &str) -> UserAgentKey {
        let key = UserAgentKey(text.len() as u64);
        if !self
            .effects
            .user_agents
            .iter()
            .any(|known| known.key == key)
        {
            self.effects.user_agents.push(UserAgentRecord {
                key,
                class: UserAgentClass::HttpLibrary,
                text: text.to_owned(),
            });
        }
        key
    }

    /// A session of the rows from `first` on.
    fn session(&mut self, id: SessionId, first: u32) {
        let requests: Vec<Request> = self.batch.requests[first as usize..].to_vec();
        let text = |id| self.batch.text(id).to_owned();
        let (method, path) = (text(requests[0].method), text(requests[0].path));
        let agent = text(requests[0].user_agent);
        let (started_at, ended_at) = span(&requests);
        let session = SessionRecord {
            is_over: true,
            id,
            client: attribute::client_key(&self.batch, &requests[0]),
            keyed: false,
            started_at,
            ended_at,
            requests: u32::try_from(requests.len()).unwrap(),
            errors: requests
                .iter()
                .filter(|request| request.status >= 400)
                .count() as u32,
            codes: codes_of(&requests).into(),
            methods: requests
                .iter()
                .map(|request| MethodId::of(self.batch.text(request.method)))
                .fold(MethodSet::default(), MethodSet::with),
            bytes: 1_000 * requests.len() as u64,
            address: requests[0].address,
            address_count: 1,
            user: String::new(),
            role: String::new(),
            user_agent: self.user_agent(&agent),
            top_endpoints: vec![(self.endpoint(&method, &path), requests.len() as u32)].into(),
            endpoint_count: 1,
            segments: vec![0].into(),
        };
        self.effects.sessions.push(session);
    }

    /// An attack of the rows from `first` on, each fed by `detector`, but the first `spared`.
    fn attack(
        &mut self,
        id: AttackId,
        bot_type: BotType,
        detector: DetectorKind,
        first: u32,
        spared: u32,
    ) -> &mut AttackRecord {
        let requests: Vec<Request> = self.batch.requests[first as usize..].to_vec();
        let count = u32::try_from(requests.len()).unwrap();
        let text = |id| self.batch.text(id).to_owned();
        let (method, path) = (text(requests[0].method), text(requests[0].path));
        let agent = text(requests[0].user_agent);
        let (started_at, ended_at) = span(&requests);
        let rows = (0..count).map(|i| {
            let nothing = DetectorMask::default();
            let mask = if i < spared {
                nothing
            } else {
                nothing.with(detector)
            };
            (first + i, mask)
        });
        self.effects.attack_requests.push(AttackRequests {
            attack: id,
            segment: 0,
            rows: rows.collect(),
        });
        self.effects
            .attack_addresses
            .push((id, requests[0].address));
        let slice = Slice {
            from: started_at,
            until: ended_at,
            requests: count.into(),
            ..Slice::default()
        };
        self.effects.attack_slices.push((id, slice));
        let mut codes: Vec<(u16, u64)> = Vec::new();
        for request in &requests {
            match codes.iter_mut().find(|(code, _)| *code == request.status) {
                Some((_, count)) => *count += 1,
                None => codes.push((request.status, 1)),
            }
        }
        let attack = AttackRecord {
            id,
            types: vec![TypeConfidence {
                bot_type,
                confidence: 90 - (id.0 % 16) as u8,
                decisive: false,
            }],
            scope: Scope::Client,
            started_at,
            ended_at,
            closed: true,
            requests: count.into(),
            hits: (count - spared).into(),
            blocked: 0,
            bar: 60,
            crossed: Some((
                RequestId {
                    segment: 0,
                    row: first + 7,
                },
                requests[7].at(),
            )),
            reaction: Reaction::RegisterAttack,
            addresses: vec![(requests[0].address, count.into())],
            address_count: 1,
            user_agents: vec![(self.user_agent(&agent), count.into())],
            methods: vec![(method.clone(), count.into())],
            codes,
            endpoints: vec![(self.endpoint(&method, &path), count.into())],
            detectors: vec![
                result(detector, f64::from(count), 1.0),
                result(DetectorKind::WideScope, 1.0, 0.0),
            ],
            session_count: 1,
            timeline: Timeline {
                from: started_at,
                bin_ms: Timestamp::HOUR,
                bins: vec![TimelineBin {
                    ok: count,
                    ..TimelineBin::default()
                }],
            },
            outcome: Outcome::default(),
            identities: 0,
            reopened: 0,
            suspicion: 3.0,
            evidence: count.into(),
            reckonings: vec![Reckoning {
                bot_type,
                terms: vec![ReckonedTerm {
                    detector,
                    votes: 1.0,
                    weight: 1.0,
                }],
                confidence: 90.0 - (id.0 % 16) as f64,
                rule: ConfidenceRule::Counted,
            }],
            engine_version: "1".to_owned(),
        };
        self.effects.attacks.push(attack);
        self.effects.attacks.last_mut().unwrap()
    }

    /// Links the last attack and the last session.
    fn link(&mut self) {
        let (attack, session) = (
            self.effects.attacks.last().unwrap(),
            self.effects.sessions.last(),
        );
        let link = AttackSessionRecord {
            attack: attack.id,
            session: session.unwrap().id,
            started_at: attack.started_at,
            ended_at: attack.ended_at,
            requests: u32::try_from(attack.requests).unwrap(),
            hits: u32::try_from(attack.hits).unwrap(),
        };
        self.effects.attack_sessions.push(link);
    }
}

fn codes_of(requests: &[Request]) -> Vec<u16> {
    let mut codes: Vec<u16> = requests.iter().map(|request| request.status).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

trait At {
    fn at(&self) -> Timestamp;
}

impl At for Request {
    fn at(&self) -> Timestamp {
        Timestamp(self.at)
    }
}

fn shop() -> (Batch, Effects) {
    let mut seed = Seed::of("shop.example");
    seed.batch.resolution_ms = 1_000;
    for i in 0..ATTEMPTS {
        seed.send(&Sent {
            at: NOW.plus(-2 * Timestamp::HOUR + i64::from(i) * 10_000),
            ip: GUESSER,
            method: "POST",
            path: "/wp-login.php",
            query: "",
            status: if i + 1 == ATTEMPTS { 302 } else { 200 },
            user_agent: "python-requests/2.9",
        });
    }
    seed.session(GUESSING_SESSION, 0);
    let detector = DetectorKind::AuthenticationAbuse;
    let guessing = seed.attack(GUESSING, BotType::AccountTakeover, detector, 0, 1);
    guessing.outcome.sign_in_attempts = ATTEMPTS.into();
    guessing.outcome.sign_ins_succeeded = 1;
    guessing.types.push(TypeConfidence {
        bot_type: BotType::ApiAbuse,
        confidence: 65,
        decisive: false,
    });
    seed.link();

    let first = seed.batch.requests.len() as u32;
    for i in 0..PROBES {
        let numbered = format!("/backup-{i}.sql");
        seed.send(&Sent {
            at: NOW.plus(-3 * Timestamp::HOUR + i64::from(i) * 1_000),
            ip: PROBER,
            method: "GET",
            path: if i == 0 {
                "=HYPERLINK(\"http://evil.example\",1)"
            } else {
                &numbered
            },
            query: if i == 1 {
                "q=<script>alert(1)</script>"
            } else {
                ""
            },
            status: 404,
            user_agent: "sqlmap/1.0",
        });
    }
    seed.session(PROBING_SESSION, first);
    let detector = DetectorKind::ExploitProbing;
    let probing = seed.attack(PROBING, BotType::SecurityCrawlers, detector, first, 0);
    probing.closed = false;
    // It was watched for long before it was noticed: its first slice holds all of that.
    seed.effects.attack_slices.last_mut().unwrap().1.from = NOW.plus(-40 * Timestamp::HOUR);
    seed.link();

    let first = seed.batch.requests.len() as u32;
    for (i, path) in ["/", "/products", "/cart"].into_iter().enumerate() {
        seed.send(&Sent {
            at: NOW.plus(-Timestamp::HOUR + i as i64 * 30_000),
            ip: PERSON,
            method: "GET",
            path,
            query: "",
            status: 200,
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:44.0) Gecko/20100101 Firefox/44.0",
        });
    }
    seed.session(PERSON_SESSION, first);
    // The prober's backups were recognised as values of one parameter.
    let folded = EndpointRecord {
        key: EndpointKey(0xf01d),
        method: "GET".to_owned(),
        host: "shop.example".to_owned(),
        template: "/{slug}".to_owned(),
        tags: Vec::new(),
        folded_into: None,
    };
    for endpoint in &mut seed.effects.endpoints {
        if endpoint.template.starts_with("/backup-") {
            endpoint.folded_into = Some(folded.key);
        }
    }
    seed.effects.endpoints.insert(0, folded);
    seed.effects.learning = Some(Learning {
        actors: 1_204,
        hours: 30,
        percent: 40,
    });
    seed.effects.learned = Some(learned());
    (seed.batch, seed.effects)
}

/// One request as a sender of traffic has it.
pub(super) fn sent() -> Value {
    json!({
        "time": "2016-02-12T23:29:58.250Z",
        "client_ip": "192.0.2.7",
        "method": "GET",
        "path": "/wp-login.php",
        "status": 200,
        "user_agent": "curl/8.5",
    })
}

fn blog() -> (Batch, Effects) {
    let mut seed = Seed::of("shop.example");
    for i in 0..40 {
        seed.send(&Sent {
            at: NOW.plus(-3 * Timestamp::DAY + i * 60_000),
            ip: "198.51.100.1",
            method: "GET",
            path: "/posts/1",
            query: "",
            status: 200,
            user_agent: "Mozilla/4.0",
        });
    }
    let detector = DetectorKind::RequestUniqueness;
    let campaign = seed.attack(CAMPAIGN, BotType::Scraping, detector, 0, 0);
    campaign.scope = Scope::Cluster;
    // The log ends with it: the engine never saw it end.
    campaign.closed = false;
    campaign.address_count = 120;
    (seed.batch, seed.effects)
}

fn result(detector: DetectorKind, value: f64, vote: f64) -> DetectorRecord {
    DetectorRecord {
        detector,
        worked: true,
        value,
        class: None,
        normal: 4.0,
        direction: Direction::Above,
        deviation: value / 4.0,
        vote,
        weight: 1.0,
        decisive: None,
        learned_percent: 40,
        learned_actors: 1_204,
        hits: value as u64,
        model: None,
    }
}

fn span(requests: &[Request]) -> (Timestamp, Timestamp) {
    let times = || requests.iter().map(|request| request.at);
    (
        Timestamp(times().min().unwrap()),
        Timestamp(times().max().unwrap()),
    )
}

fn address(text: &str) -> Address {
    Address::from(text.parse::<IpAddr>().unwrap())
}
