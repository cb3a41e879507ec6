//! What a sender of requests is told: how many became requests, and why the others did not.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of the records that were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ingested {
    /// Those that are requests now; they are kept, whatever happens next.
    pub accepted: u64,
    /// Those that are not.
    pub rejected: u64,
    /// The first ten of these.
    pub errors: Vec<RejectedRecord>,
}

impl Ingested {
    /// How many rejected records are named one by one.
    pub const MAX_ERRORS: usize = 10;
}

/// A record that is no request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RejectedRecord {
    /// Which of them, from 1.
    pub record: u64,
    /// Why.
    pub reason: RejectReason,
    /// How it begins.
    pub example: String,
}

/// Why a line of a log, or a record that was sent, is not a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Nothing but white space.
    Blank,
    /// Longer than any line may be (256 KiB).
    TooLong,
    /// Not built like a line of any access log, or not like one of the given format.
    NotAccessLog,
    /// Not a JSON object, or one that ends too early.
    InvalidJson,
    /// JSON without a request in it, such as a server's start-up message.
    NotARequest,
    /// No date, or one that does not exist.
    InvalidDate,
    /// A status that is no number from 100 to 999.
    InvalidStatus,
    /// Neither a source address nor a session key.
    NoAddress,
    /// A line of a server's error log.
    ErrorLog,
    /// A line that says something of the log itself, as `#Fields:`.
    Comment,
    /// The last one, cut off.
    CutOff,
    /// Of a time that is still to come, by the server's clock; only of what arrives live.
    InFuture,
    /// A message of syslog that came by UDP while there was no room for it.
    Dropped,
}

impl RejectReason {
    /// How many reasons there are.
    pub const COUNT: usize = Self::Dropped as usize + 1;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Blank,
        Self::TooLong,
        Self::NotAccessLog,
        Self::InvalidJson,
        Self::NotARequest,
        Self::InvalidDate,
        Self::InvalidStatus,
        Self::NoAddress,
        Self::ErrorLog,
        Self::Comment,
        Self::CutOff,
        Self::InFuture,
        Self::Dropped,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooLong => "too_long",
            Self::NotAccessLog => "not_access_log",
            Self::InvalidJson => "invalid_json",
            Self::NotARequest => "not_a_request",
            Self::InvalidDate => "invalid_date",
            Self::InvalidStatus => "invalid_status",
            Self::NoAddress => "no_address",
            Self::ErrorLog => "error_log",
            Self::Comment => "comment",
            Self::CutOff => "cut_off",
            Self::InFuture => "in_future",
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "empty line",
            Self::TooLong => "line too long",
            Self::NotAccessLog => "not a line of an access log",
            Self::InvalidJson => "not a JSON object",
            Self::NotARequest => "JSON without a request",
            Self::InvalidDate => "no date, or an impossible one",
            Self::InvalidStatus => "impossible response status",
            Self::NoAddress => "no source address",
            Self::ErrorLog => "line of an error log",
            Self::Comment => "comment of the log",
            Self::CutOff => "last line cut off",
            Self::InFuture => {
                "a time that is still to come: look at the sender's clock and time zone"
            }
            Self::Dropped => "dropped: it came faster than it could be stored",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_stands_at_its_own_index_and_is_called_the_same_everywhere() {
        for (index, reason) in RejectReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{}\"", reason.as_str()));
        }
    }
}
