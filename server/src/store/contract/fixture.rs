//! Made-up traffic and effects: small, and the same on every run.

use engine::{
    Address, AttackRecord, AttackRequests, AttackSessionRecord, Batch, ClientKey, DetectorMask,
    DetectorRecord, Effects, EndpointKey, EndpointRecord, Request, SessionRecord, Slice,
    UserAgentKey, UserAgentRecord,
};
use shared::{
    AttackId, BotType, DetectorKind, Direction, EndpointTag, Learning, Outcome, Reaction,
    RequestId, Scope, SessionId, TenantId, Timeline, Timestamp, TypeConfidence, UserAgentClass,
};

use crate::address::AddressBook;
use crate::auth::Caller;
use crate::store::{
    ApplicationState, Commit, EncodedSegment, EngineState, PageRequest, RequestFilter,
    SessionRequestRow, SessionRow, Snapshot, SourceProgress, Store, StoreError, TenantStore,
};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

/// Makes a test of each function on both databases.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::On::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::On::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both;

/// An open store of its own.
pub(super) struct TestStore {
    pub(super) store: Store,
    pub(super) place: Place,
}

/// Where it can be opened again.
pub(crate) enum Place {
    Directory(tempfile::TempDir),
    Url(String),
}

impl Place {
    pub(crate) async fn new(on: On) -> Self {
        match on {
            On::Sqlite => Self::Directory(tempfile::tempdir().unwrap()),
            On::Postgres => Self::Url(super::cluster::new_database().await),
        }
    }

    pub(super) async fn open(&self) -> Result<Store, StoreError> {
        self.open_knowing(AddressBook::built_in()).await
    }

    pub(crate) async fn open_knowing(&self, book: AddressBook) -> Result<Store, StoreError> {
        match self {
            Self::Directory(directory) => Store::open_knowing(directory.path(), book).await,
            Self::Url(url) => Store::open_url(url, book).await,
        }
    }
}

impl TestStore {
    pub(super) async fn open(on: On) -> Self {
        let place = Place::new(on).await;
        let store = place.open().await.unwrap();
        Self { store, place }
    }

    pub(super) fn tenant(&self) -> TenantStore {
        self.store.tenant(&Caller::local())
    }

    pub(super) fn stranger(&self) -> TenantStore {
        self.store
            .tenant(&Caller::new(TenantId(2), shared::Permissions::ALL))
    }
}

/// All requests of a session, in order.
pub(super) async fn requests_of(
    tenant: &TenantStore,
    session: &SessionRow,
) -> Vec<SessionRequestRow> {
    let sessions = std::slice::from_ref(session);
    let index = tenant.find_request_index(sessions).await.unwrap();
    let all = index.kept(&RequestFilter::default());
    let rows = tenant.list_session_requests(sessions, &index, &all);
    rows.await.unwrap()
}

/// The first page, large enough for everything here.
pub(super) const ALL: PageRequest = PageRequest {
    cursor: None,
    limit: 200,
};

/// Moments are so many minutes after one evening.
pub(super) fn minute(minutes: i64) -> Timestamp {
    Timestamp(1_700_000_000_000).plus(minutes * Timestamp::MINUTE)
}

pub(super) fn address(last: u8) -> Address {
    Address(0xffff << 32 | 0xc000_0200 | u128::from(last))
}

pub(super) const LOGIN: EndpointKey = EndpointKey(11);
pub(super) const ARTICLE: EndpointKey = EndpointKey(12);
pub(super) const CURL: UserAgentKey = UserAgentKey(21);

/// A segment's requests: `rows` of them, a minute apart from each of `clients` addresses, those
/// of an address together.
pub(super) fn batch(number: u64, clients: u8, rows: u32) -> Batch {
    let mut batch = Batch {
        source: 0xabc,
        resolution_ms: 1000,
        ..Batch::default()
    };
    let each = rows / u32::from(clients);
    for row in 0..rows {
        let client = (row / each).min(u32::from(clients) - 1) as u8;
        let login = row % 2 == 0;
        let path = if login {
            "/login".to_owned()
        } else {
            format!("/article/{row}")
        };
        batch.requests.push(Request {
            at: minute(i64::from(row % each) + number as i64 * 60).0,
            address: address(client),
            method: batch.texts.intern(if login { "POST" } else { "GET" }),
            host: batch.texts.intern("shop.example"),
            path: batch.texts.intern(&path),
            user_agent: batch.texts.intern("curl/8.0"),
            status: if login { 401 } else { 200 },
            response_bytes: Some(100 + u64::from(row)),
            ..Request::default()
        });
    }
    batch
}

pub(super) fn client(last: u8) -> ClientKey {
    let batch = batch(0, last + 1, u32::from(last) + 1);
    engine::attribute::client_key(&batch, &batch.requests[usize::from(last)])
}

pub(super) fn texts() -> (Vec<EndpointRecord>, Vec<UserAgentRecord>) {
    let endpoint = |key, method: &str, template: &str, tag| EndpointRecord {
        key,
        method: method.to_owned(),
        host: "shop.example".to_owned(),
        template: template.to_owned(),
        tags: vec![tag],
        folded_into: None,
    };
    let endpoints = vec![
        endpoint(LOGIN, "POST", "/login", EndpointTag::Authentication),
        endpoint(ARTICLE, "GET", "/article/{number}", EndpointTag::Sensitive),
    ];
    let user_agents = vec![UserAgentRecord {
        key: CURL,
        class: UserAgentClass::HttpLibrary,
        text: "curl/8.0".to_owned(),
    }];
    (endpoints, user_agents)
}

/// The session of client `last` that has all its requests in `segment`.
pub(super) fn session(id: u64, last: u8, segment: u64) -> SessionRecord {
    SessionRecord {
        is_over: true,
        id: SessionId(id),
        client: client(last),
        keyed: false,
        started_at: minute(segment as i64 * 60),
        ended_at: minute(segment as i64 * 60 + 59),
        requests: 5,
        errors: 2,
        codes: vec![200, 401].into(),
        methods: ["GET", "POST"]
            .map(engine::MethodId::of)
            .into_iter()
            .fold(engine::MethodSet::default(), engine::MethodSet::with),
        bytes: 1234,
        address: address(last),
        address_count: 1,
        user: String::new(),
        role: String::new(),
        user_agent: CURL,
        top_endpoints: vec![(LOGIN, 3), (ARTICLE, 2)].into(),
        endpoint_count: 2,
        segments: vec![segment].into(),
    }
}

/// So many sessions that are over, one a minute from `from` on, numbered from `first`.
pub(super) fn sessions(count: u64, first: u64, from: i64) -> Vec<SessionRecord> {
    let sessions = (0..count).map(|number| {
        let last = (number % 200) as u8;
        let ended = from + number as i64;
        SessionRecord {
            started_at: minute(ended - 3),
            ended_at: minute(ended),
            requests: 1 + number as u32,
            ..session(first + number, last, 0)
        }
    });
    sessions.collect()
}

/// An attack from `from` to `until` (minutes) with `hits` hits of request rate.
pub(super) fn attack(id: u64, bot_type: BotType, from: i64, until: i64, hits: u64) -> AttackRecord {
    AttackRecord {
        id: AttackId(id),
        types: vec![TypeConfidence {
            bot_type,
            confidence: 60 + (id % 40) as u8,
            decisive: false,
        }],
        scope: Scope::Client,
        started_at: minute(from),
        ended_at: minute(until),
        closed: true,
        requests: hits + 10,
        hits,
        blocked: 0,
        bar: 60,
        crossed: Some((RequestId { segment: 0, row: 2 }, minute(from + 2))),
        reaction: Reaction::RegisterAttack,
        addresses: vec![(address(0), hits)],
        address_count: 1,
        user_agents: vec![(CURL, hits)],
        methods: vec![("POST".to_owned(), hits)],
        codes: vec![(401, hits)],
        endpoints: vec![(LOGIN, hits)],
        detectors: vec![DetectorRecord {
            detector: DetectorKind::RequestRate,
            worked: true,
            value: 60.0,
            class: None,
            normal: 10.0,
            direction: Direction::Above,
            deviation: 6.0,
            vote: 0.8,
            weight: 1.0,
            decisive: None,
            learned_percent: 0,
            learned_actors: 0,
            hits,
            model: None,
        }],
        session_count: 1,
        timeline: Timeline {
            from: minute(from),
            bin_ms: Timestamp::MINUTE,
            bins: Vec::new(),
        },
        outcome: Outcome::default(),
        identities: 0,
        reopened: 0,
        suspicion: 2.5,
        evidence: 0,
        reckonings: Vec::new(),
        engine_version: "test".to_owned(),
    }
}

pub(super) fn slice(from: i64, until: i64, requests: u64) -> Slice {
    Slice {
        from: minute(from),
        until: minute(until),
        requests,
        ..Slice::default()
    }
}

pub(super) fn fed(detector: DetectorKind) -> DetectorMask {
    DetectorMask::default().with(detector)
}

/// Effects with one session and one attack of it: rows 0, 2 and 4 of `segment` fed the detector
/// that voted, row 1 one that did not.
pub(super) fn effects(attack_id: u64, session_id: u64, last: u8, segment: u64) -> Effects {
    let (endpoints, user_agents) = texts();
    let start = segment as i64 * 60;
    let attack = attack(attack_id, BotType::AccountTakeover, start, start + 59, 3);
    let voted = fed(DetectorKind::RequestRate);
    Effects {
        endpoints,
        user_agents,
        sessions: vec![session(session_id, last, segment)],
        attack_sessions: vec![AttackSessionRecord {
            attack: attack.id,
            session: SessionId(session_id),
            started_at: attack.started_at,
            ended_at: attack.ended_at,
            requests: 5,
            hits: 3,
        }],
        attack_addresses: vec![(attack.id, address(last))],
        attack_requests: vec![AttackRequests {
            attack: attack.id,
            segment,
            rows: vec![
                (0, voted),
                (1, fed(DetectorKind::WideScope)),
                (2, voted.with(DetectorKind::WideScope)),
                (4, voted),
            ],
        }],
        attack_slices: vec![(attack.id, slice(start, start + 59, 5))],
        crawler_slices: vec![("Googlebot".to_owned(), slice(start, start + 59, 7))],
        attacks: vec![attack],
        learning: Some(Learning {
            actors: 12,
            hours: 3,
            percent: 40,
        }),
        ..Effects::default()
    }
}

/// A commit of segment `number` with 10 rows of two clients, and of [`effects`] on the first.
pub(super) fn commit(
    application: &ApplicationState,
    number: u64,
    attack: u64,
    session: u64,
) -> Commit {
    Commit {
        segments: vec![EncodedSegment::new(number, &batch(number, 2, 10))],
        sources: vec![SourceProgress {
            fingerprint: u64::MAX - 5,
            prefix_bytes: 4096,
            name: "access.log".to_owned(),
            bytes: 1000 * (number + 1),
            lines: 10 * (number + 1),
        }],
        effects: effects(attack, session, 0, number),
        snapshot: Some(Snapshot {
            position: number,
            engine_version: "test".to_owned(),
            state: EngineState::from_parts(vec![vec![7; 1000]; 3]),
        }),
        ..Commit::new(application.judgement, number)
    }
}
