//! Applications and what is stored of them.

use serde::{Deserialize, Serialize};

use crate::{ApplicationId, Timestamp};

/// One protected API of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Application {
    /// Its identifier.
    pub id: ApplicationId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// The hosts seen in its traffic, most requests first; at most ten.
    pub hosts: Vec<String>,
    /// How many requests are stored or were judged.
    pub requests: u64,
    /// How many sessions are stored.
    pub sessions: u64,
    /// How many attacks are stored.
    pub attacks: u64,
    /// Its oldest request; absent while it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_request_at: Option<Timestamp>,
    /// Its newest request; absent while it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_request_at: Option<Timestamp>,
    /// How far its normals are learned.
    pub learning: Learning,
    /// The seed of its made-up traffic; absent for real traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo_seed: Option<u32>,
}

/// An application to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Its name; 1 to 100 characters, unique in the tenant.
    pub name: String,
}

/// How much an application's *normal* rests on its own traffic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Learning {
    /// Unsuspected actors that the normals were learned from.
    pub actors: u64,
    /// Hours of traffic behind it.
    pub hours: u32,
    /// From 0 (documented defaults only) to 100 (only learned).
    pub percent: u8,
}

/// What the store holds, over all applications of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// The version of the running binary.
    pub version: String,
    /// The server's own time when it answered; the console counts "now" from it.
    pub now: Timestamp,
    /// The applications, by name.
    pub applications: Vec<Application>,
    /// Requests stored or judged.
    pub requests: u64,
    /// Sessions stored.
    pub sessions: u64,
    /// Attacks stored.
    pub attacks: u64,
    /// The newest request of all; absent in an empty store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_request_at: Option<Timestamp>,
    /// The end of the newest attack; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_attack_at: Option<Timestamp>,
}
