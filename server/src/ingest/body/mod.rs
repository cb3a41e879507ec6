//! Bodies of HTTP requests to batches: unpacked, seen for what they are whatever they call
//! themselves, split into records and decoded; and what each protocol wants to be answered.
//! Pure functions from bytes to bytes: the routes are in `http`, and what is kept of a batch
//! elsewhere.
//!
//! [`decode_body`] is for everybody who has no protocol of their own; the others are a module each.

pub mod elastic;
mod encoding;
pub mod firehose;
mod intake;
mod json;
mod live;
pub mod logpush;
pub mod otlp;
mod split;

use std::borrow::Cow;

use engine::Batch;
use shared::Ingested;

use super::decode::{FieldMap, Format};
use super::normalize::Protection;
use super::reject::{Rejects, make_example};
use intake::Intake;

pub use encoding::unpack;
pub(crate) use live::{find_kept, reject_future};

/// How many requests a body may hold.
pub const MAX_ROWS: usize = 65_536;

/// How many bytes a body may have, unpacked.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// How bodies are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'r> {
    /// Which field is which, and which further ones are kept.
    pub fields: &'r FieldMap,
    /// How what is said of people is kept.
    pub by: &'r Protection,
    /// The most bytes it may have, unpacked: [`MAX_BYTES`], or less.
    pub max_bytes: usize,
}

impl<'r> Reading<'r> {
    /// With the usual limits.
    #[must_use]
    pub fn new(fields: &'r FieldMap, by: &'r Protection) -> Self {
        Self {
            fields,
            by,
            max_bytes: MAX_BYTES,
        }
    }
}

/// A body, decoded.
#[derive(Debug, Default)]
pub struct DecodedBody {
    /// Its requests, in their order; there may be none. Its resolution is that of their moments.
    pub batch: Batch,
    /// The format of the last of them; `None` if there is none.
    pub format: Option<Format>,
    /// What else was in it.
    pub rejects: Rejects,
    /// The same as its sender is told.
    pub answer: Ingested,
}

/// Why nothing of a body is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// 413: more bytes than allowed, unpacked.
    #[error("the body has more than {limit} bytes when unpacked; send less at once")]
    TooLarge {
        /// How many are allowed.
        limit: usize,
    },
    /// 413: more requests than [`MAX_ROWS`].
    #[error("the body holds more than {MAX_ROWS} requests; send fewer at once")]
    TooMany,
    /// 415: packed in a way that is not known.
    #[error("the encoding `{0}` is not known; gzip, zstd and deflate are")]
    UnknownEncoding(String),
    /// 400: packed, but not wholly.
    #[error("the body cannot be unpacked: its {0} is damaged")]
    Damaged(&'static str),
    /// 400: not what the protocol sends.
    #[error("the body is not {0}")]
    NotOfProtocol(&'static str),
}

impl BodyError {
    fn unknown_encoding(name: &str) -> Self {
        let name = &name.as_bytes()[..name.len().min(40)];
        Self::UnknownEncoding(make_example(name))
    }
}

/// Decodes `body`, whatever it is: an array of JSON objects, objects on lines or one after
/// another, an envelope around one array of them, or lines of any log. `encoding` is its
/// `Content-Encoding`.
///
/// # Errors
/// If nothing of it can be taken. What cannot be read of it is in the rejects.
pub fn decode_body(
    body: &[u8],
    encoding: Option<&str>,
    reading: &Reading<'_>,
) -> Result<DecodedBody, BodyError> {
    let plain: Cow<'_, [u8]> = unpack(body, encoding, reading.max_bytes)?;
    let mut intake = Intake::new(reading);
    if !logpush::is_test_upload(&plain) {
        intake.take_body(&plain)?;
    }
    Ok(intake.finish())
}

#[cfg(test)]
mod tests;
