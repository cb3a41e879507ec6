//! What goes on: the changes feed, and demo traffic.

use serde::{Deserialize, Serialize};

use crate::{ApplicationId, AttackId};

/// What changed since a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changes {
    /// The number of the last change; ask for those after it next.
    pub seq: u64,
    /// Whether older changes are no longer kept or were left out: everything may have changed.
    pub missed: bool,
    /// Applications with more requests, new or removed ones.
    pub applications: Vec<ApplicationId>,
    /// Applications that were judged again, removed or brought back: whatever was said of their
    /// attacks may be otherwise.
    pub judged: Vec<ApplicationId>,
    /// Attacks that are new or went on.
    pub attacks: Vec<AttackId>,
    /// Whether entries of the lists changed.
    pub lists: bool,
}

/// How demo traffic is to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartDemo {
    /// The same seed makes the same traffic; 7 if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
}
