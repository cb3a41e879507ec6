//! The values that stored rows have under a key of the search, for completion and filters.

use serde::{Deserialize, Serialize};

use crate::search::Key;

/// Values of one key, those of most rows first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchValues {
    /// The key.
    pub key: Key,
    /// Its values.
    pub values: Vec<SearchValue>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// A value and how many rows have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchValue {
    /// The value, e.g. `shop.example`.
    pub value: String,
    /// How a search asks for it, e.g. `domain:shop.example`.
    pub term: String,
    /// Rows that the search finds and that have it. The terms of its own key are not applied,
    /// so that a filter can show what each value would add.
    pub count: u64,
}
