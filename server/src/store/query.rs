//! What is asked for and what comes back: filters, sort orders, rows. Rows carry the engine's
//! records with their texts resolved; the bodies of the API are made of them elsewhere.

use std::sync::Arc;

use engine::{
    Address, AttackRecord, ClientKey, DetectorMask, EndpointRecord, Request, Slice, TextId,
    UserAgentRecord,
};
use shared::search::Query;
use shared::{
    ApplicationId, ApplicationSettings, AttackId, BotType, RequestId, Scope, SessionId, Timestamp,
    TypeConfidence, Verification,
};

use super::cursor::Cursor;
use super::segment::Segment;

/// Part of a list: at most `limit` rows after `cursor`.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// After which row; `None` for the first page.
    pub cursor: Option<Cursor>,
    /// How many rows at most.
    pub limit: u32,
}

/// What is too old to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// What ended before this moment is kept all the same; `None` if nothing is.
    pub from: Option<Timestamp>,
    /// What ended before this moment is too old.
    pub until: Timestamp,
}

/// From one moment to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: Timestamp,
    /// The last.
    pub until: Timestamp,
}

impl Period {
    /// Whenever.
    pub const ALWAYS: Self = Self {
        from: Timestamp(i64::MIN),
        until: Timestamp(i64::MAX),
    };
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Everything but the period.
    pub query: Query,
    /// Attacks that were going on at some moment of it; sessions with a request between its
    /// ends, as far as their first and last request tell.
    pub period: Period,
    /// Attacks that ended before it are over, even if nobody could say so yet.
    pub ongoing_since: Timestamp,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            query: Query::default(),
            period: Period::ALWAYS,
            ongoing_since: Timestamp(i64::MIN),
        }
    }
}

/// By what attacks are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttackSort {
    /// By their last request.
    Date,
    /// By hits.
    Hits,
    /// By confidence.
    Confidence,
}

/// How many attacks there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttackTotals {
    /// Attacks that the search finds.
    pub attacks: u64,
    /// Their hits, each request once.
    pub hits: u64,
    /// Those that may go on.
    pub ongoing: u64,
    /// Per type, in the vocabulary's order: attacks that the search without its types finds.
    pub by_type: Vec<(BotType, u64)>,
}

/// An attack with its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackRow {
    /// The application it was aimed at.
    pub application_id: ApplicationId,
    /// That application's name.
    pub application: String,
    /// The attack.
    pub record: AttackRecord,
    /// Whether every address of it is on the exception list.
    pub excepted: bool,
    /// `record.endpoints` with their texts, folded ones as what they were folded into.
    pub endpoints: Vec<(EndpointRecord, u64)>,
    /// `record.user_agents` with their texts.
    pub user_agents: Vec<(UserAgentRecord, u64)>,
    /// Where it hangs.
    pub(crate) judgement: super::JudgementKey,
}

/// A verdict with the log that it came from, all as of one moment.
#[derive(Debug, Clone)]
pub struct StoredVerdict {
    /// The attack.
    pub row: AttackRow,
    /// The application it was aimed at.
    pub state: super::ApplicationState,
    /// The number that the next segment had when the judgement was begun: what is before it was
    /// judged in order of time, the rest as it came.
    pub begun_at: u64,
    /// What the engine was told, by number.
    pub log: Vec<LogEntry>,
}

/// One entry of the engine's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number.
    pub number: u64,
    /// Whether it holds requests.
    pub is_requests: bool,
    /// its oldest request; what is no request came when everything before this was judged.
    pub min_at: i64,
    /// How many requests; there may be more by now.
    pub rows: u32,
}

/// A stored session of an attack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttackSessions {
    /// The newest, at most fifty.
    pub newest: Vec<shared::AttackSession>,
    /// How many are stored.
    pub stored: u32,
}

/// How many sessions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionTotals {
    /// Sessions that the search finds.
    pub sessions: u64,
    /// Their requests.
    pub requests: u64,
    /// How many of those are hits of an attack.
    pub hits: u64,
    /// Sessions that are part of an attack.
    pub bots: u64,
}

/// A session with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its identifier.
    pub id: SessionId,
    /// The application.
    pub application_id: ApplicationId,
    /// That application's name.
    pub application: String,
    /// Whose it is.
    pub client: ClientKey,
    /// Whether a session key grouped it (otherwise address and user agent).
    pub keyed: bool,
    /// Its first request.
    pub started_at: Timestamp,
    /// Its last one so far.
    pub ended_at: Timestamp,
    /// Its requests.
    pub requests: u32,
    /// Those that are hits of an attack.
    pub hits: u32,
    /// Responses 4xx and 5xx.
    pub errors: u32,
    /// Response bytes.
    pub bytes: u64,
    /// The source of its first request.
    pub address: Address,
    /// How many sources.
    pub address_count: u32,
    /// The signed-in user; empty if none.
    pub user: String,
    /// That user's role; empty if none.
    pub role: String,
    /// The user agent of its first request; absent if the engine never described it.
    pub user_agent: Option<UserAgentRecord>,
    /// The most requested endpoints, folded ones as what they were folded into.
    pub top_endpoints: Vec<EndpointRecord>,
    /// How many different endpoints.
    pub endpoint_count: u32,
    /// The segments that hold its requests, ascending.
    pub segments: Vec<u64>,
    /// The attacks it is part of, newest first.
    pub attacks: Vec<shared::SessionAttack>,
    /// Where its attacks and requests are.
    pub(crate) judgement: super::JudgementKey,
}

/// A stored request.
#[derive(Debug, Clone)]
pub struct RequestRow {
    segment: Arc<Segment>,
    row: u32,
}

impl RequestRow {
    pub(crate) fn new(segment: Arc<Segment>, row: u32) -> Self {
        debug_assert!((row as usize) < segment.batch.requests.len());
        Self { segment, row }
    }

    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> RequestId {
        RequestId {
            segment: self.segment.number,
            row: self.row,
        }
    }

    /// When it came.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp(self.request().at)
    }

    /// The request itself; its texts are [`RequestRow::text`]'s.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.segment.batch.requests[self.row as usize]
    }

    /// By what its session key, user and role were found.
    #[must_use]
    pub fn settings(&self) -> &ApplicationSettings {
        &self.segment.settings
    }

    /// The requests it was stored with.
    #[must_use]
    pub fn batch(&self) -> &engine::Batch {
        &self.segment.batch
    }

    /// A text of it.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.segment.batch.text(id)
    }

    /// Whose it is.
    #[must_use]
    pub fn client(&self) -> ClientKey {
        self.segment.clients[self.row as usize]
    }

    pub(crate) fn cursor(&self) -> Cursor {
        Cursor::of_request(self.request().at, self.id())
    }
}

/// A request of an attack that fed a detector that voted.
#[derive(Debug, Clone)]
pub struct HitRow {
    /// The request.
    pub request: RequestRow,
    /// Its session, where one is still stored.
    pub session: Option<SessionId>,
    /// The detectors that voted and that it fed.
    pub detectors: DetectorMask,
}

/// A request of a session.
#[derive(Debug, Clone)]
pub struct SessionRequestRow {
    /// The request.
    pub request: RequestRow,
    /// What it asked for, a folded endpoint as what it was folded into.
    pub endpoint: EndpointRecord,
    /// The attacks it is a request of, hit or not.
    pub attacks: Vec<RequestAttackRow>,
    /// What is unusual about it.
    pub unusual: Vec<shared::Unusual>,
}

/// The sessions on both sides of a session's UTC midnights, where they continue each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdjacentSessions {
    /// The one that ended at the midnight before it.
    pub before: Option<SessionRow>,
    /// The one that begins at the midnight after it.
    pub after: Option<SessionRow>,
}

/// An attack that a request is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestAttackRow {
    /// The attack.
    pub id: AttackId,
    /// Its primary type.
    pub bot_type: BotType,
    /// The detectors that voted and that the request fed: a hit if there is one.
    pub detectors: DetectorMask,
    /// Whether the bar was crossed with this request.
    pub crossed_bar: bool,
}

/// What one attack did in a window, as far as its slices tell.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackSlices {
    /// The attack.
    pub id: AttackId,
    /// Types whose bar was crossed, highest confidence first.
    pub types: Vec<TypeConfidence>,
    /// Who was judged.
    pub scope: Scope,
    /// The second key of suspicion.
    pub suspicion: f64,
    /// The address with the most requests.
    pub top_address: Address,
    /// How many addresses.
    pub address_count: u32,
    /// Whether it is over.
    pub closed: bool,
    /// The detectors that voted.
    pub voted: DetectorMask,
    /// Its slices in the window, oldest first.
    pub slices: Vec<Slice>,
}

/// What a crawler that names itself did in a window.
#[derive(Debug, Clone, PartialEq)]
pub struct CrawlerSlices {
    /// Its name.
    pub name: String,
    /// Whether its sessions in the window came from its maker's addresses.
    pub verification: Verification,
    /// Its slices in the window, oldest first.
    pub slices: Vec<Slice>,
}
