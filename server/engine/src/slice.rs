//! A slice: what one actor did in a stretch of at most an hour (a crawler's: six), small and
//! mergeable, so that a heatmap can be drawn for any window without reading requests.

use serde::{Deserialize, Serialize};
use shared::Timestamp;

/// What one actor did between two moments. All counts leave static files out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Its first request; with the actor, the slice's name.
    pub from: Timestamp,
    /// Its last request.
    pub until: Timestamp,
    /// Requests.
    pub requests: u64,
}
