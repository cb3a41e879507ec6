//! What the engine says: sessions, attacks, and what their pages need. Every record is
//! absolute (it replaces the stored one of the same identifier), so that applying effects
//! twice changes nothing. Texts that repeat (endpoints, user agents) are stored once and named
//! by their hash.

use serde::{Deserialize, Serialize};
use shared::{
    AttackId, BotType, DetectorKind, Direction, EndpointTag, Learning, LearningState, Reaction,
    RequestId, Scope, SessionId, Timestamp, TypeConfidence, UserAgentClass,
};
use smallvec::SmallVec;

use crate::event::MethodSet;
use crate::reckoning::Reckoning;
use crate::request::Address;
use crate::slice::Slice;

/// The hash that names an endpoint (method, host, URL template).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct EndpointKey(pub u64);

/// The hash that names a user agent's text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct UserAgentKey(pub u64);

/// The hash that names a client: session key, else address and user agent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct ClientKey(pub u64);

/// What one or more inputs changed.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// Endpoints that are new or changed. Written before what refers to them.
    pub endpoints: Vec<EndpointRecord>,
    /// User agents that are new.
    pub user_agents: Vec<UserAgentRecord>,
    /// Sessions that ended (in a preview: also those that are open).
    pub sessions: Vec<SessionRecord>,
    /// Attacks that are new or changed.
    pub attacks: Vec<AttackRecord>,
    /// Sessions that attacks span, new or changed.
    pub attack_sessions: Vec<AttackSessionRecord>,
    /// Addresses of attacks, new ones only.
    pub attack_addresses: Vec<(AttackId, Address)>,
    /// Requests of attacks, each once: grouped by attack and segment, ascending rows.
    pub attack_requests: Vec<AttackRequests>,
    /// Slices of attacks for the heatmaps, new or changed; keyed by attack and `slice.from`.
    pub attack_slices: Vec<(AttackId, Slice)>,
    /// Slices of crawlers that name themselves, for reference bubbles; keyed by name and
    /// `slice.from`.
    pub crawler_slices: Vec<(String, Slice)>,
    /// How far the normals are learned, if that changed.
    pub learning: Option<Learning>,
    /// The same with everything that was learned, if that changed.
    pub learned: Option<LearningState>,
    /// The application's normal for what the heatmaps show, if that changed.
    pub normals: Option<HeatmapNormals>,
    /// Which endpoints are usual in the application; said by previews only.
    pub usual: Option<UsualEndpoints>,
    /// How sure the engine was of everybody whom it judged, if it is to tell
    /// ([`EngineConfig::tells_confidence`](crate::EngineConfig)).
    pub confidences: Vec<Confidence>,
    /// Requests older than what was already judged. If not 0 the application must be judged
    /// again from its stored requests.
    pub late: u64,
}

/// How sure the engine was of somebody at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Confidence {
    /// Whom; `None` if all clients of the address were judged together.
    pub client: Option<ClientKey>,
    /// Where it is.
    pub block: Address,
    /// The highest confidence of any bot type, 0 to 100.
    pub confidence: f64,
    /// That type.
    pub bot_type: BotType,
    /// Who voted, and how much, 0 to 1.
    pub votes: Vec<(DetectorKind, f64)>,
}

/// What is normal for an application, for what the heatmaps show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeatmapNormals {
    /// Requests per second.
    pub rps: f64,
    /// Requests per second inside bursts.
    pub request_rate: f64,
    /// Responses 4xx and 5xx.
    pub errors: f64,
    /// Requests with an unsafe method.
    pub unsafe_methods: f64,
    /// Different endpoints.
    pub endpoints: f64,
    /// Requests to critical or sensitive endpoints.
    pub critical: f64,
    /// Suspicious behaviour score, bits a request.
    pub surprise: f64,
    /// The usual surprise, towards which the score of few requests is drawn.
    pub usual_surprise: f64,
}

impl Default for HeatmapNormals {
    /// The documented defaults, before anything is learned.
    fn default() -> Self {
        Self {
            rps: 0.5,
            request_rate: 2.0,
            errors: 5.0,
            unsafe_methods: 5.0,
            endpoints: 40.0,
            critical: 10.0,
            surprise: 9.0,
            usual_surprise: 0.0,
        }
    }
}

/// The endpoints that more than a few unsuspected sessions asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsualEndpoints {
    /// Unsuspected sessions learned from; 0 while too little was learned to tell.
    pub sessions: u64,
    /// In how many of them an endpoint must have been asked for to be here.
    pub at_least: u64,
    /// The endpoints, ascending.
    pub endpoints: Vec<EndpointKey>,
    /// Where sessions go from the endpoints that many ask for, ascending.
    pub from: Vec<UsualFrom>,
}

/// Where sessions usually go from an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsualFrom {
    /// The endpoint.
    pub endpoint: EndpointKey,
    /// How many unsuspected sessions were there of late.
    pub sessions: u64,
    /// How many of them must have gone on to an endpoint for it to be here.
    pub at_least: u64,
    /// Those endpoints, ascending.
    pub next: Vec<EndpointKey>,
}

impl UsualEndpoints {
    /// Whether hardly any unsuspected session asked for this endpoint.
    #[must_use]
    pub fn is_rare(&self, endpoint: EndpointKey) -> bool {
        self.sessions > 0 && self.endpoints.binary_search(&endpoint).is_err()
    }

    /// Where sessions usually go from `before`, if hardly any of many goes on to `next`, which
    /// is a usual endpoint itself.
    #[must_use]
    pub fn odd_step(&self, before: EndpointKey, next: EndpointKey) -> Option<&UsualFrom> {
        let place = self
            .from
            .binary_search_by_key(&before, |from| from.endpoint);
        let from = &self.from[place.ok()?];
        let usual = before == next || from.next.binary_search(&next).is_ok();
        (!usual && !self.is_rare(next)).then_some(from)
    }
}

/// An endpoint: method, host, URL template, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointRecord {
    /// Its name.
    pub key: EndpointKey,
    /// The method.
    pub method: String,
    /// The host; empty where the log has none.
    pub host: String,
    /// The URL template.
    pub template: String,
    /// What it is for.
    pub tags: Vec<EndpointTag>,
    /// The endpoint that it was folded into, once its parent proved to take many values.
    pub folded_into: Option<EndpointKey>,
}

/// A user agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAgentRecord {
    /// Its name.
    pub key: UserAgentKey,
    /// What it says of its sender.
    pub class: UserAgentClass,
    /// Its text.
    pub text: String,
}

/// The response statuses of a session. There are many sessions and mostly few of these: they need no
/// memory of their own.
pub type SessionCodes = SmallVec<[u16; 8]>;

/// The most requested endpoints of somebody with their requests: mostly three are asked for.
pub type TopEndpoints = SmallVec<[(EndpointKey, u32); 3]>;

/// The segments that hold the requests of a session.
pub type SessionSegments = SmallVec<[u64; 2]>;

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its identifier.
    pub id: SessionId,
    /// Whether nothing can be of it any more: it is said once, and never again.
    pub is_over: bool,
    /// Whose it is. Its requests are those of this client between its two ends.
    pub client: ClientKey,
    /// Whether a session key grouped it (otherwise address and user agent).
    pub keyed: bool,
    /// Its first request.
    pub started_at: Timestamp,
    /// Its last one so far.
    pub ended_at: Timestamp,
    /// Its requests, static files included.
    pub requests: u32,
    /// Responses 4xx and 5xx.
    pub errors: u32,
    /// The different response statuses, ascending; at most sixteen.
    pub codes: SessionCodes,
    /// The different methods.
    pub methods: MethodSet,
    /// Response bytes.
    pub bytes: u64,
    /// The source of its first request.
    pub address: Address,
    /// How many sources (at most 255 are told apart).
    pub address_count: u32,
    /// The signed-in user; empty if none.
    pub user: String,
    /// That user's role; empty if none.
    pub role: String,
    /// The user agent of its first request.
    pub user_agent: UserAgentKey,
    /// The most requested endpoints with their requests, at most three.
    pub top_endpoints: TopEndpoints,
    /// How many different endpoints.
    pub endpoint_count: u32,
    /// The segments that hold its requests, ascending.
    pub segments: SessionSegments,
}

/// One attack, with everything its page shows that is not in other records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackRecord {
    /// Its identifier.
    pub id: AttackId,
    /// Types whose bar was crossed, highest confidence first; the first is the primary type.
    pub types: Vec<TypeConfidence>,
    /// Who was judged.
    pub scope: Scope,
    /// The bot's first request in this attack.
    pub started_at: Timestamp,
    /// The last one so far.
    pub ended_at: Timestamp,
    /// Whether it was silent for long enough.
    pub closed: bool,
    /// All requests of the bot in this attack.
    pub requests: u64,
    /// Those that fed a detector that voted.
    pub hits: u64,
    /// Requests that the log says were blocked.
    pub blocked: u64,
    /// The bar in percent.
    pub bar: u8,
    /// The request with which the bar was crossed.
    pub crossed: Option<(RequestId, Timestamp)>,
    /// What the profile did.
    pub reaction: Reaction,
    /// Addresses with requests, most first, at most ten.
    pub addresses: Vec<(Address, u64)>,
    /// How many addresses.
    pub address_count: u32,
    /// User agents with requests, most first, at most ten.
    pub user_agents: Vec<(UserAgentKey, u64)>,
    /// Methods with requests, most first.
    pub methods: Vec<(String, u64)>,
    /// Response statuses with requests, most first, at most sixteen.
    pub codes: Vec<(u16, u64)>,
    /// Endpoints with requests, most first, at most five.
    pub endpoints: Vec<(EndpointKey, u64)>,
    /// Every detector's result, voters first.
    pub detectors: Vec<DetectorRecord>,
    /// Of how many requests the verdict is.
    pub evidence: u64,
    /// How the confidence of each of `types` came about.
    pub reckonings: Vec<Reckoning>,
    /// How many sessions it spans.
    pub session_count: u32,
    /// Requests over time.
    pub timeline: shared::Timeline,
    /// What the bot got.
    pub outcome: shared::Outcome,
    /// Different users that were tried, where the log names them; 0 where it does not.
    pub identities: u32,
    /// How many times it was reopened.
    pub reopened: u32,
    /// Sum of log2 of the deviations, each capped at 5: the second key of suspicion.
    pub suspicion: f64,
    /// The version of the engine that judged.
    pub engine_version: String,
}

impl AttackRecord {
    /// The detectors that voted, as a mask over [`DetectorKind`]'s order.
    #[must_use]
    pub fn voted(&self) -> DetectorMask {
        self.detectors
            .iter()
            .filter(|result| result.vote > 0.0)
            .fold(DetectorMask::default(), |mask, result| {
                mask.with(result.detector)
            })
    }

    /// The type with the highest confidence.
    #[must_use]
    pub fn primary(&self) -> TypeConfidence {
        self.types[0]
    }
}

/// A set of detectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct DetectorMask(pub u32);

impl DetectorMask {
    /// This set and `detector`.
    #[must_use]
    pub fn with(self, detector: DetectorKind) -> Self {
        Self(self.0 | 1 << detector as u32)
    }

    /// Whether `detector` is in it.
    #[must_use]
    pub fn has(self, detector: DetectorKind) -> bool {
        self.0 & 1 << detector as u32 != 0
    }

    /// What both have.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members in order.
    pub fn iter(self) -> impl Iterator<Item = DetectorKind> {
        DetectorKind::ALL
            .iter()
            .copied()
            .filter(move |detector| self.has(*detector))
    }
}

/// What one detector found; the API's [`shared::DetectorResult`] without its texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorRecord {
    /// The detector.
    pub detector: DetectorKind,
    /// Whether it had the evidence it needs.
    pub worked: bool,
    /// The value; 0 for a class.
    pub value: f64,
    /// The class, for a detector of classes.
    pub class: Option<String>,
    /// The threshold at which it votes.
    pub normal: f64,
    /// On which side a value is abnormal.
    pub direction: Direction,
    /// How many times above or below.
    pub deviation: f64,
    /// 0 to 1.
    pub vote: f64,
    /// Its weight for the primary type.
    pub weight: f64,
    /// The type for which this alone is enough.
    pub decisive: Option<BotType>,
    /// How much of the normal is learned, 0 to 100.
    pub learned_percent: u8,
    /// From how many actors.
    pub learned_actors: u64,
    /// Requests of the attack that fed it.
    pub hits: u64,
    /// Of the anomaly model, if it voted: which version, and why.
    pub model: Option<ModelRecord>,
}

/// A version of the anomaly model that voted; the API's [`shared::ModelVote`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// The version.
    pub number: u32,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// What makes the bot unlike others, with the share of each.
    pub contributions: Vec<(String, f64)>,
}

/// A session that an attack spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttackSessionRecord {
    /// The attack.
    pub attack: AttackId,
    /// The session.
    pub session: SessionId,
    /// Its first request in this attack.
    pub started_at: Timestamp,
    /// The last one so far.
    pub ended_at: Timestamp,
    /// Its requests in this attack.
    pub requests: u32,
    /// Those that are hits.
    pub hits: u32,
}

/// Requests of one attack in one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackRequests {
    /// The attack.
    pub attack: AttackId,
    /// The segment.
    pub segment: u64,
    /// Rows, ascending, with the detectors that each fed. It is a hit if one of them is among
    /// those that voted in the attack ([`AttackRecord::voted`]). Adds to rows stored before.
    pub rows: Vec<(u32, DetectorMask)>,
}
