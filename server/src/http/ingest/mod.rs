//! Taking traffic over HTTP: what is common to everything that a sender may speak. A body is read
//! with a limit, and acknowledged once the intake has it on the disk. What a protocol sends and
//! wants to be answered is in `ingest::body`; its address is a file beside this one.

mod credential;
mod elastic;
mod firehose;
mod otlp;
mod plain;
mod protocol;

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, HeaderName, header};
use sha2::{Digest, Sha256};
use shared::{ErrorCode, Ingested};

use super::error::ApiError;
use super::route::Context;
use crate::ingest::admit::{AdmitError, BatchId};
use crate::ingest::body::{BodyError, DecodedBody, Reading};
use crate::ingest::reject::Rejects;
use crate::pipeline::{IntakeError, Sent};

pub(super) use credential::{find_secret, has_secret, is_ingest};
pub(super) use plain::{take, take_into};
pub(super) use protocol::{routes, routes_alone};

/// The largest body, as it is sent.
pub(super) const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that a packed body is taken to have, for each that is sent.
const UNPACKED: usize = 10;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(25);

/// What senders call a batch, so that it is not counted twice when they send it again.
const BATCH_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("x-batch-id"),
    HeaderName::from_static("x-amz-firehose-request-id"),
];

/// The longest name of a batch, in bytes.
const MAX_BATCH_NAME: usize = 256;

/// A body that is not read yet: only whoever knows how much room there is should.
pub(super) struct Unread {
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// Which application a body is for, and how it is taken.
pub(super) struct Asked<'a> {
    /// What the path calls the application.
    pub(super) named: Option<&'a str>,
    /// Whether a body that was taken before is dropped though nobody gave it a name.
    pub(super) drops_repeats: bool,
    /// What the sender speaks, for who looks at how traffic arrives; otherwise the records' format
    /// says more.
    pub(super) protocol: Option<&'static str>,
}

/// Takes a body that `decode` reads, and says what `decode` does beside the requests, unless the
/// body was taken before.
pub(super) async fn admit<T: Send + 'static>(
    context: &Context,
    asked: &Asked<'_>,
    unread: Unread,
    decode: impl FnOnce(&[u8], Option<&str>, &Reading<'_>) -> Result<(DecodedBody, T), BodyError>
    + Send
    + 'static,
) -> Result<(Ingested, Option<T>), ApiError> {
    let none = || ApiError::unavailable("no traffic is taken by this process");
    let intake = context.state.intake.as_ref().ok_or_else(none)?;
    let inlet = intake.find(&context.caller, asked.named).await?;
    let Unread { headers, body } = unread;
    let encoding = text(&headers, &header::CONTENT_ENCODING).map(str::to_owned);
    let unpacked = |length: usize| {
        let times = if encoding.is_some() { UNPACKED } else { 1 };
        length.saturating_mul(times).min(intake.largest())
    };
    let length = text(&headers, &header::CONTENT_LENGTH).and_then(|it| it.parse().ok());
    let length = length.unwrap_or(MAX_BODY_BYTES);
    let mut room = intake.reserve(&inlet, unpacked(length)).await?;
    let bytes = read(body).await?;
    room.resize(unpacked(bytes.len()));
    let sent = Sent {
        sender: context.caller.name().to_owned(),
        address: context.peer,
        protocol: asked.protocol,
        name: batch_name(&headers, asked, &bytes)?,
        lost: Rejects::default(),
        bytes,
        encoding,
        arrived: context.now,
    };
    Ok(intake.take(room, sent, decode).await?)
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await;
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let detail = format!("the body ended early or has more than {MAX_BODY_BYTES} bytes");
            Err(ApiError::new(ErrorCode::PayloadTooLarge, detail))
        }
        Err(_) => {
            let detail = format!(
                "the body did not arrive within {} s",
                BODY_TIMEOUT.as_secs()
            );
            Err(ApiError::new(ErrorCode::InvalidRequest, detail))
        }
    }
}

/// What the sender calls the batch, hashed: its own name for it, or where it asks for that the
/// body itself.
fn batch_name(
    headers: &HeaderMap,
    asked: &Asked<'_>,
    body: &[u8],
) -> Result<Option<BatchId>, ApiError> {
    let named = BATCH_HEADERS.iter().find_map(|name| headers.get(name));
    let mut hasher = Sha256::new();
    match named {
        Some(name) if name.len() > MAX_BATCH_NAME => {
            let detail = format!("a batch's name has at most {MAX_BATCH_NAME} bytes");
            return Err(ApiError::new(ErrorCode::InvalidRequest, detail));
        }
        Some(name) => {
            hasher.update(b"name\0");
            hasher.update(name.as_bytes());
        }
        None if asked.drops_repeats => {
            hasher.update(b"body\0");
            hasher.update(body);
        }
        None => return Ok(None),
    }
    let hash = hasher.finalize();
    let first = hash.first_chunk::<16>().expect("a hash has 32 bytes");
    Ok(Some(BatchId(*first)))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

impl From<IntakeError> for ApiError {
    fn from(error: IntakeError) -> Self {
        let detail = error.to_string();
        match error {
            IntakeError::Full(pause) => {
                Self::new(ErrorCode::Unavailable, detail).retry_after(seconds(pause))
            }
            IntakeError::Busy(pause) => {
                Self::new(ErrorCode::RateLimited, detail).retry_after(seconds(pause))
            }
            IntakeError::TooLarge => Self::new(ErrorCode::PayloadTooLarge, detail),
            IntakeError::Body(error) => error.into(),
            IntakeError::Fault(cause) => Self::internal(cause),
            IntakeError::NoApplication => Self::not_found("application"),
            IntakeError::Unnamed(_) => Self::new(ErrorCode::InvalidRequest, detail),
            IntakeError::Failed => Self::new(ErrorCode::Unavailable, detail).retry_after(30),
            IntakeError::Admit(AdmitError::Closed | AdmitError::Disk(_)) => {
                Self::unavailable(detail)
            }
            IntakeError::Store(error) => Self::unavailable(error.to_string()),
        }
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        let code = match error {
            BodyError::TooLarge { .. } | BodyError::TooMany => ErrorCode::PayloadTooLarge,
            BodyError::UnknownEncoding(_) => ErrorCode::UnsupportedMediaType,
            BodyError::Damaged(_) | BodyError::NotOfProtocol(_) => ErrorCode::InvalidRequest,
        };
        Self::new(code, error.to_string())
    }
}

fn seconds(pause: Duration) -> i64 {
    i64::try_from(pause.as_secs()).unwrap_or(1).max(1)
}
