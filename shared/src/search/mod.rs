//! The search language: words and `key:value`. One parser for the console and the server, and
//! the way back from a query to its text. Not the search itself: the store does that.
//!
//! ```text
//! account_takeover last 3 days ip:192.168. ip:10.0.0.0/8 app:'My shop' !statuscode:404 /login
//! ```
//!
//! Different keys narrow the search, values of one key widen it, `!` before a term negates it.
//! Case does not matter.

mod address;
mod condition;
mod cursor;
mod dates;
mod key;
mod moment;
mod number;
mod parser;
mod pattern;
mod period;
mod query;

pub use address::AddressTerm;
pub use condition::{Condition, Term};
pub use key::{Key, List};
pub use moment::Moment;
pub(crate) use moment::parse_exact;
pub use number::NumberRange;
pub use parser::parse;
pub use pattern::{Matcher, Pattern, fold_case};
pub use period::{Inclusion, Period, Unit};
pub use query::Query;

/// Why a search text cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SearchError {
    /// What is wrong and what is possible instead.
    pub message: String,
    /// The first wrong character, counted in characters from 0; the text's length where
    /// something is missing at its end.
    pub position: u32,
    /// How many characters are wrong; 0 where something is missing.
    pub len: u32,
    /// What was meant in their place, most likely.
    pub meant: Option<String>,
}

#[cfg(test)]
mod tests;
