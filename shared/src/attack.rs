//! Attacks as the API shows them: a row of the list, the whole, its hits.

use serde::{Deserialize, Serialize};

use crate::{
    ApplicationId, AttackId, AttackState, AttackStatus, BotType, DetectorKind, Direction,
    EndpointTag, Purpose, Reaction, RequestId, Scope, SessionId, Timestamp, UserAgentClass,
    Verification,
};

/// One attack as a row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttackSummary {
    /// Its identifier.
    pub id: AttackId,
    /// The application it was aimed at.
    pub application_id: ApplicationId,
    /// That application's name.
    pub application: String,
    /// The bot's type with the highest confidence.
    pub bot_type: BotType,
    /// Further types whose bar was crossed, highest confidence first.
    pub secondary_types: Vec<BotType>,
    /// The first request of the bot in this attack.
    pub started_at: Timestamp,
    /// The last one so far.
    pub ended_at: Timestamp,
    /// Whether requests may still come.
    pub state: AttackState,
    /// Whether every address of it is on the exception list: not listed unless asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excepted: bool,
    /// All requests of the bot in this attack.
    pub requests: u64,
    /// Those that fed a detector that voted.
    pub hits: u64,
    /// Who was judged.
    pub scope: Scope,
    /// The address with the most requests.
    pub top_ip: String,
    /// How many addresses.
    pub ip_count: u32,
    /// Two-letter country code of `top_ip`, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The kind of place that `top_ip` is, where known: `tor`, `vpn`, `proxy`, or a datacenter's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The most requested host; empty where the log has none.
    pub domain: String,
    /// The most requested URL template.
    pub path: String,
    /// What became of the requests.
    pub status: AttackStatus,
    /// Response statuses with counts, most first.
    pub response_codes: Vec<CodeCount>,
    /// 0 to 100: a share of votes, not a probability.
    pub confidence: u8,
    /// The user agent with the most requests.
    pub user_agent: String,
    /// What that user agent says of its sender.
    pub user_agent_class: UserAgentClass,
    /// What it works for, where it works by itself and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Whether it is who it says, where it names a crawler or service that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

/// How often a response status came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeCount {
    /// The HTTP status; 0 where the log has none.
    pub code: u16,
    /// How many responses had it.
    pub count: u64,
}

/// How often something came, and its share of the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedCount {
    /// What.
    pub name: String,
    /// How often.
    pub count: u64,
    /// 0 to 1.
    pub share: f64,
    /// Two-letter country code of an address, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The kind of place that an address is, where known: `tor`, `vpn`, `proxy`, or a datacenter's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The head of the attack list: what the filter found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttackCounts {
    /// Attacks found.
    pub attacks: u64,
    /// Their hits, each request once: it is a hit of at most one attack.
    pub hits: u64,
    /// How many of them are going on right now.
    pub ongoing: u64,
    /// Per type, in the vocabulary's order, types without attacks included.
    pub by_type: Vec<TypeCount>,
    /// The search as understood: the period's two ends.
    pub from: Timestamp,
    /// The end of the period.
    pub until: Timestamp,
}

/// How many attacks have a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypeCount {
    /// The type.
    pub bot_type: BotType,
    /// Attacks with it as primary or secondary type; the Type filter itself is not applied,
    /// so that the filter can show what it would add.
    pub attacks: u64,
}

/// One attack, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttackDetail {
    /// What the list shows of it.
    // The console reads both from the same object, without a copy in between.
    #[cfg_attr(not(target_family = "wasm"), serde(flatten))]
    #[cfg_attr(target_family = "wasm", serde(rename = ""))]
    pub summary: AttackSummary,
    /// One sentence: what happened and how it ended.
    pub sentence: String,
    /// What the bot was judged as, type by type, highest confidence first.
    pub types: Vec<TypeConfidence>,
    /// The bar that was crossed, in percent.
    pub bar: u8,
    /// The request with which it was crossed, where it is still known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossed_at: Option<Timestamp>,
    /// What the profile did.
    pub reaction: Reaction,
    /// Every detector of this version: those that voted, those that did not, those that had
    /// too little to work with. Voters first, by deviation.
    pub detectors: Vec<DetectorResult>,
    /// Addresses with their requests, most first; at most ten.
    pub ips: Vec<NamedCount>,
    /// User agents with their requests, most first; at most ten.
    pub user_agents: Vec<NamedCount>,
    /// Methods with shares, most first.
    pub methods: Vec<NamedCount>,
    /// Response statuses with shares, most first.
    pub responses: Vec<NamedCount>,
    /// The five most requested endpoints.
    pub endpoints: Vec<EndpointCount>,
    /// The sessions it spans, newest first; at most fifty.
    pub sessions: Vec<AttackSession>,
    /// How many sessions it spans in all.
    pub session_count: u32,
    /// How many of them are still stored; **Explore the session** needs one.
    pub stored_sessions: u32,
    /// Requests over time.
    pub timeline: Timeline,
    /// What the bot got.
    pub outcome: Outcome,
    /// How many times it was reopened after it had closed.
    pub reopened: u32,
    /// The version of the engine that judged.
    pub engine_version: String,
}

/// A type with its confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypeConfidence {
    /// The type.
    pub bot_type: BotType,
    /// 0 to 100.
    pub confidence: u8,
    /// Whether a decisive finding set the confidence's floor.
    pub decisive: bool,
}

/// What one detector found in one bot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DetectorResult {
    /// The detector.
    pub detector: DetectorKind,
    /// Whether it had the evidence it needs. If not, the fields below say nothing.
    pub worked: bool,
    /// The value; for a class, 0.
    pub value: f64,
    /// The value as text for a class, e.g. `Security scanner: sqlmap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The threshold at which the detector votes.
    pub normal: f64,
    /// On which side of it a value is abnormal.
    pub direction: Direction,
    /// The unit of value and normal, e.g. `requests/min`; empty for a share.
    pub unit: String,
    /// value / normal or normal / value, whichever the direction asks; at least 0.
    pub deviation: f64,
    /// 0 (no vote) to 1.
    pub vote: f64,
    /// Its weight for the attack's primary type.
    pub weight: f64,
    /// Where the normal comes from: `default`, `blended 40%`, `learned from 1,204 actors`.
    pub normal_source: String,
    /// Requests of the attack that fed it.
    pub hits: u64,
    /// Of the anomaly model, if it voted: which version, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelVote>,
}

/// Why the anomaly model voted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVote {
    /// The version; the first is 1.
    pub number: u32,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// What makes the bot unlike the other actors, the most first; at most four.
    pub contributions: Vec<Contribution>,
}

/// One quantity's part in an anomaly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contribution {
    /// The quantity, e.g. `static files per page`.
    pub name: String,
    /// Its share in what all quantities contribute, 0 to 1.
    pub share: f64,
}

/// An endpoint and how often it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointCount {
    /// The method.
    pub method: String,
    /// The host; empty where the log has none.
    pub host: String,
    /// The URL template.
    pub template: String,
    /// What it is for.
    pub tags: Vec<EndpointTag>,
    /// How often.
    pub count: u64,
    /// 0 to 1 of all.
    pub share: f64,
}

/// A session of an attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttackSession {
    /// The session.
    pub id: SessionId,
    /// Its first request.
    pub started_at: Timestamp,
    /// Its last one.
    pub ended_at: Timestamp,
    /// Its requests.
    pub requests: u64,
    /// Those that are hits of this attack.
    pub hits: u64,
}

/// Requests of an attack over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timeline {
    /// The beginning of the first bin.
    pub from: Timestamp,
    /// The width of a bin in milliseconds.
    pub bin_ms: i64,
    /// The bins, without gaps; at most 120.
    pub bins: Vec<TimelineBin>,
}

/// One bin of a timeline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineBin {
    /// Responses 1xx and 2xx, and those without a status.
    pub ok: u32,
    /// Responses 3xx.
    pub redirect: u32,
    /// Responses 4xx.
    pub client_error: u32,
    /// Responses 5xx.
    pub server_error: u32,
    /// How many of all are hits.
    pub hits: u32,
}

/// What a bot got out of its attack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// Requests that tried to sign in.
    pub sign_in_attempts: u64,
    /// Those that likely succeeded.
    pub sign_ins_succeeded: u64,
    /// Requests to sensitive endpoints that answered 2xx.
    pub sensitive_answered: u64,
    /// Bytes of all responses.
    pub bytes_taken: u64,
}

/// One request of an attack that fed a detector that voted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hit {
    /// The request.
    pub request_id: RequestId,
    /// When it came.
    pub at: Timestamp,
    /// Its session, where one is still stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Its source.
    pub ip: String,
    /// Two-letter country code of `ip`, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The kind of place that `ip` is, where known: `tor`, `vpn`, `proxy`, or a datacenter's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The method.
    pub method: String,
    /// The host; empty where the log has none.
    pub host: String,
    /// Path and query as they were asked for.
    pub target: String,
    /// The response status; 0 where the log has none.
    pub status: u16,
    /// The detectors it fed.
    pub detectors: Vec<DetectorKind>,
}
