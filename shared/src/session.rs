//! Sessions and their requests as the API shows them.

use serde::{Deserialize, Serialize};

use crate::{
    ApplicationId, AttackId, BotType, DetectorKind, EndpointTag, NamedCount, Purpose, RequestId,
    SessionId, Timeline, Timestamp, UnusualReason, UserAgentClass, Verification,
};

/// One session as a row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionSummary {
    /// Its identifier.
    pub id: SessionId,
    /// The application.
    pub application_id: ApplicationId,
    /// That application's name.
    pub application: String,
    /// Its first request.
    pub started_at: Timestamp,
    /// Its last one so far.
    pub ended_at: Timestamp,
    /// Its requests.
    pub requests: u64,
    /// Those that are hits of an attack.
    pub hits: u64,
    /// Responses 4xx and 5xx.
    pub errors: u64,
    /// The attacks it is part of, newest first.
    pub attacks: Vec<SessionAttack>,
    /// The signed-in user, where the log has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Their role, where the log has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The source with the most requests.
    pub ip: String,
    /// How many sources.
    pub ip_count: u32,
    /// Two-letter country code of `ip`, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The kind of place that `ip` is, where known: `tor`, `vpn`, `proxy`, or a datacenter's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The host; empty where the log has none.
    pub host: String,
    /// The user agent of its first request.
    pub user_agent: String,
    /// What it says of its sender.
    pub user_agent_class: UserAgentClass,
    /// What it works for, where it works by itself and says or shows so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Whether it is who it says, where it names a crawler or service that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// The most requested endpoints as `METHOD template`, at most three.
    pub top_endpoints: Vec<String>,
    /// How many different endpoints in all.
    pub endpoint_count: u32,
}

/// The head of the session list: what the search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionCounts {
    /// Sessions found.
    pub sessions: u64,
    /// Their requests together.
    pub requests: u64,
    /// How many of those are hits of an attack.
    pub hits: u64,
    /// Sessions that are part of an attack.
    pub bots: u64,
    /// The beginning of the searched period.
    pub from: Timestamp,
    /// The end of it.
    pub until: Timestamp,
}

/// An attack that a session is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionAttack {
    /// The attack.
    pub id: AttackId,
    /// Its primary type.
    pub bot_type: BotType,
}

/// One session, opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionDetail {
    /// What the list shows of it.
    // The console reads both from the same object, without a copy in between.
    #[cfg_attr(not(target_family = "wasm"), serde(flatten))]
    #[cfg_attr(target_family = "wasm", serde(rename = ""))]
    pub summary: SessionSummary,
    /// Which key grouped its requests, e.g. `IP + user agent` or `session key cookie:sid`.
    pub grouped_by: String,
    /// Response bytes together.
    pub bytes: u64,
    /// The same client's session that ended at the UTC midnight before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues_from: Option<AdjacentSession>,
    /// The one that goes on after the UTC midnight that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on_as: Option<AdjacentSession>,
}

/// The session on the other side of a UTC midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdjacentSession {
    /// Its identifier.
    pub id: SessionId,
    /// Its first request.
    pub started_at: Timestamp,
    /// Its last one so far.
    pub ended_at: Timestamp,
    /// Its requests.
    pub requests: u64,
}

/// What a filter keeps of a session: how many requests, when, and how they divide. A facet
/// counts the requests that all other conditions keep, so that one sees what its other values
/// would give. Most first; values that the filter names are always there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionFacets {
    /// Requests that the filter keeps.
    pub total: u64,
    /// The sessions they are of, oldest first: several when days are joined.
    pub days: Vec<SessionDay>,
    /// When they came.
    pub timeline: Timeline,
    /// The first of them with which the bar was crossed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossed: Option<Crossing>,
    /// Requests that are hits, per attack type (`name` is the type's wire name).
    pub attack_types: Vec<NamedCount>,
    /// Per source; at most a hundred.
    pub ips: Vec<NamedCount>,
    /// Per method; at most a hundred.
    pub methods: Vec<NamedCount>,
    /// Per response status.
    pub response_codes: Vec<NamedCount>,
    /// Per URL template; at most twenty.
    pub endpoints: Vec<NamedCount>,
    /// Per signed-in user, where the log has one; at most a hundred.
    pub users: Vec<NamedCount>,
    /// Per reason why a request is unusual (`name` is the reason's wire name).
    pub unusual: Vec<NamedCount>,
}

/// A request with which the bar was crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Crossing {
    /// The request.
    pub request: RequestId,
    /// When it came.
    pub at: Timestamp,
}

/// A session among those that were joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionDay {
    /// The session.
    pub session: SessionId,
    /// Its first request.
    pub started_at: Timestamp,
    /// The place of the first of its requests that the filter keeps, from 0.
    pub start: u64,
    /// How many of its requests the filter keeps.
    pub requests: u64,
}

/// Part of the requests that a filter keeps of a session, in the order of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRequests {
    /// The requests.
    pub items: Vec<SessionRequest>,
    /// The place of the first of them, from 0.
    pub start: u64,
    /// How many requests the filter keeps in all.
    pub total: u64,
    /// Pass as `cursor` to get the next page; absent on the last one. Opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One request of a session, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRequest {
    /// Its identifier.
    pub id: RequestId,
    /// When it came.
    pub at: Timestamp,
    /// Its source.
    pub ip: String,
    /// Two-letter country code of `ip`, where the log or the address data say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The kind of place that `ip` is, where known: `tor`, `vpn`, `proxy`, or a datacenter's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The method.
    pub method: String,
    /// The host; empty where the log has none.
    pub host: String,
    /// The path without the query, as it was asked for.
    pub path: String,
    /// The query without `?`, secrets replaced by keyed hashes; may be empty.
    pub query: String,
    /// The URL template it folds to.
    pub template: String,
    /// What the endpoint is for.
    pub tags: Vec<EndpointTag>,
    /// The response status; 0 where the log has none.
    pub status: u16,
    /// Milliseconds until the response was sent; absent where the log has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<f64>,
    /// Response bytes; absent where the log has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The protocol as logged, e.g. `HTTP/1.1`.
    pub protocol: String,
    /// The referring page; may be empty.
    pub referer: String,
    /// The user agent; may be empty.
    pub user_agent: String,
    /// The signed-in user, where the log has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The keyed hash of the session key that grouped it; absent where address and user agent
    /// did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
    /// Whether the log says that it was blocked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub blocked: bool,
    /// Their role, where the log has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Which key grouped it, e.g. `IP + user agent` or `session key cookie:sid`.
    pub grouped_by: String,
    /// Further headers that the log kept, name and value.
    pub headers: Vec<Header>,
    /// The attacks it is a hit of.
    pub attacks: Vec<RequestAttack>,
    /// What is unusual about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unusual: Vec<Unusual>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A reason why a request is unusual. No judgement: detectors do not look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unusual {
    /// The rule that it meets.
    pub reason: UnusualReason,
    /// With which numbers, as a sentence.
    pub because: String,
}

/// A header that the log kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Header {
    /// Its name, lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An attack that a request is a hit of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestAttack {
    /// The attack.
    pub id: AttackId,
    /// Its primary type.
    pub bot_type: BotType,
    /// The detectors that this request fed.
    pub detectors: Vec<DetectorKind>,
    /// Whether the bar was crossed with this request.
    pub crossed_bar: bool,
}
