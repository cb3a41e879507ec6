//! What of people is kept, who sees it, and how it is erased.

use serde::{Deserialize, Serialize};

use crate::{ErasureId, JobState, Role, Timestamp};

/// What a tenant keeps of people, and who sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Whether session keys and users are hashed with the tenant's secret before they are stored.
    /// What was stored before stays as it is.
    pub hashes_session_keys: bool,
    /// Names of parameters, headers, cookies and log fields whose values are hashed likewise;
    /// at most 100.
    pub hashed_fields: Vec<String>,
    /// Who sees addresses only in part: `203.0.113.x`.
    pub masks_addresses_for: Vec<Role>,
}

/// Whose traces: exactly one of both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// All requests from this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// All sessions of this user of the protected applications, as the sessions show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// How much is stored of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Traces {
    /// Requests.
    pub requests: u64,
    /// Sessions.
    pub sessions: u64,
    /// Attacks.
    pub attacks: u64,
    /// Entries of the IP lists, in any version.
    pub list_entries: u64,
}

impl std::ops::AddAssign for Traces {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.sessions += more.sessions;
        self.attacks += more.attacks;
        self.list_entries += more.list_entries;
    }
}

/// Somebody's traces, and how much there is of them in the part that was looked through.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundTraces {
    /// All of them in this part.
    pub total: Traces,
    /// By the application; one may be in several parts.
    pub applications: Vec<ApplicationTraces>,
    /// Where the next part begins; absent when everything was looked through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl FoundTraces {
    /// Adds what was found in the next part.
    pub fn add(&mut self, part: Self) {
        self.total += part.total;
        for more in part.applications {
            let name = &more.application;
            let mut known = self.applications.iter_mut();
            match known.find(|it| it.application == *name) {
                Some(known) => known.traces += more.traces,
                None => self.applications.push(more),
            }
        }
        self.next_cursor = part.next_cursor;
    }
}

/// What one application has of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationTraces {
    /// The application's name.
    pub application: String,
    /// How much.
    pub traces: Traces,
}

/// A deletion of somebody's traces, and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Erasure {
    /// The identifier.
    pub id: ErasureId,
    /// Whose: a SHA-256 with the tenant's secret, so that whoever asks again can be answered
    /// without their being named.
    pub subject: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// How it stands: one waits for another.
    pub state: JobState,
    /// From 0 to 100.
    pub percent: u8,
    /// What was found before; absent until it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Traces>,
    /// What was found afterwards, by the same search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Traces>,
    /// When it had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it does not go on, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the proof does not speak of, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remains: Option<String>,
}
