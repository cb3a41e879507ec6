//! How traffic arrives: what was taken and what was not, from whom, and how soon it shows. Counted
//! since the server started; not what is stored, which an application says of itself.

use serde::{Deserialize, Serialize};

use crate::{ApplicationId, Timestamp};

/// How traffic arrives at the applications of the tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestHealth {
    /// The server's time when it answered.
    pub now: Timestamp,
    /// Since when is counted: the start of the server.
    pub since: Timestamp,
    /// How long a step of `steps` is, in seconds.
    pub step_s: u32,
    /// The applications that something was sent to, the one heard of last first.
    pub applications: Vec<IngestApplication>,
}

/// How traffic arrives at one application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestApplication {
    /// The application.
    pub application_id: ApplicationId,
    /// Its name.
    pub application: String,
    /// Requests taken.
    pub accepted: u64,
    /// Lines and records that are no request, or not one that can be read.
    pub rejected: u64,
    /// Bytes sent, as they came.
    pub bytes: u64,
    /// When something came last.
    pub last_at: Timestamp,
    /// Requests taken in a second, over the last half minute.
    pub per_second: f64,
    /// The last five minutes, oldest first; the last step is not over.
    pub steps: Vec<IngestStep>,
    /// How long requests took to show; absent while nothing showed lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<IngestLag>,
    /// What was taken and is not stored yet.
    pub backlog: IngestBacklog,
    /// Senders that were told to wait; absent if none was lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowed: Option<IngestSlowed>,
    /// What was rejected, by reason, most first.
    pub rejects: Vec<IngestReject>,
    /// Who sent it, the one heard of last first; at most 32.
    pub sources: Vec<IngestSource>,
    /// How many more there were.
    pub other_sources: u64,
}

/// What came in a few seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestStep {
    /// Requests taken.
    pub accepted: u32,
    /// What was rejected.
    pub rejected: u32,
}

/// How long requests took from arriving to showing, over the last five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestLag {
    /// Half of them were as fast as this, in milliseconds.
    pub median_ms: u32,
    /// All but one in a hundred were.
    pub p99_ms: u32,
}

/// What was taken and is not stored yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestBacklog {
    /// How many bytes it has.
    pub bytes: u64,
    /// When the oldest of it came; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<Timestamp>,
}

/// Senders that were told to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestSlowed {
    /// When one was last.
    pub last_at: Timestamp,
    /// How often since the server started.
    pub times: u64,
    /// Whether that is so right now: in the last half minute.
    pub now: bool,
}

/// What was rejected for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestReject {
    /// The reason, e.g. `invalid_date`.
    pub reason: String,
    /// The same for people.
    pub label: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
    /// The beginning of the last one, without the values of secrets. Whoever sends the traffic
    /// chooses this text.
    pub example: String,
}

/// One sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestSource {
    /// The token's name, or whatever else the sender is known by.
    pub sender: String,
    /// The address that it sends from; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it sends, as it was recognised.
    pub format: String,
    /// Requests taken.
    pub accepted: u64,
    /// What was rejected.
    pub rejected: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// When it was heard of first.
    pub first_at: Timestamp,
    /// When it was heard of last.
    pub last_at: Timestamp,
}
