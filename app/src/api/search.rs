//! What a search is helped with: how much it finds, and the values that a key can have.

use serde::Deserialize;
use shared::SearchValue;
use shared::search::{Key, List};
use web_sys::AbortSignal;

use super::{Answer, Params, attack_counts, get_unless, non_empty, session_counts};
use crate::format::zone;

/// How many rows of a list `q` finds.
pub async fn found(list: List, q: &str) -> Answer<u64> {
    match list {
        List::Attacks => Ok(attack_counts(q).await?.attacks),
        List::Sessions => Ok(session_counts(q).await?.sessions),
    }
}

/// Which values are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Under which key.
    pub key: Key,
    /// What a word of theirs begins with.
    pub prefix: String,
    /// The search whose rows have them.
    pub text: String,
}

/// The values of a key among the rows that a search finds, most first.
pub async fn values(
    list: List,
    wanted: &Wanted,
    signal: Option<&AbortSignal>,
) -> Answer<Vec<SearchValue>> {
    let zone = zone::minutes_east().to_string();
    let params: Params = &[
        ("key", Some(wanted.key.as_str())),
        ("prefix", non_empty(&wanted.prefix)),
        ("q", non_empty(&wanted.text)),
        ("zone", Some(&zone)),
        ("limit", Some("100")),
    ];
    let route = match list {
        List::Attacks => "attacks/values",
        List::Sessions => "sessions/values",
    };
    let found: Found = get_unless(route, params, signal).await?;
    Ok(found.values)
}

/// Of the answer only what is not known yet.
#[derive(Deserialize)]
struct Found {
    values: Vec<SearchValue>,
}
