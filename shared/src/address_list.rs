//! Lists of addresses that others publish, as the API shows them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A list of addresses that a crawler's maker, a cloud or Tor publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressList {
    /// What it is called here.
    pub name: String,
    /// The crawlers and services whose addresses these are; none for a kind of place, which is
    /// then `name`.
    pub crawlers: Vec<String>,
    /// Where it is published.
    pub url: String,
    /// When the copy that is worked from was fetched; none if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<Timestamp>,
    /// How many networks the copy names.
    pub networks: u64,
    /// Why the last try to fetch it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
