//! OpenTelemetry's logs over HTTP (`POST /v1/logs`), in protobuf or in JSON; the answer is in the
//! same. Whatever a collector sends that is no request is a rejected record, which the protocol
//! calls a partial success: 200, and not to be sent again.

mod json;
mod wire;

use prost::Message;
use shared::{Ingested, RejectReason};

use super::encoding::unpack;
use super::intake::Intake;
use super::{BodyError, DecodedBody, Reading};

/// The most bytes that may be said of where records come from.
const MAX_RESOURCE_BYTES: usize = 64 * 1024;

/// How a request is written, and so its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Protocol Buffers.
    Protobuf,
    /// JSON.
    Json,
}

impl Kind {
    /// The `Content-Type` of the answer.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    /// What `body` is. Its `Content-Type` is asked only where there is nothing in it.
    fn of(body: &[u8], content_type: &str) -> Self {
        let is_json = match body {
            [] => content_type.to_ascii_lowercase().contains("json"),
            [b'{', ..] => true,
            // A line break before an object is also how a message begins.
            _ => !wire::is_message(body),
        };
        if is_json { Self::Json } else { Self::Protobuf }
    }

    /// The answer to a request whose records were taken, but for those rejected.
    #[must_use]
    pub fn answer(self, ingested: &Ingested) -> Vec<u8> {
        let rejected = i64::try_from(ingested.rejected).unwrap_or(i64::MAX);
        let error_message = explain(ingested);
        match self {
            Self::Protobuf => Answer {
                partial_success: (rejected > 0).then_some(PartialSuccess {
                    rejected_log_records: rejected,
                    error_message,
                }),
            }
            .encode_to_vec(),
            Self::Json if rejected == 0 => b"{}".to_vec(),
            Self::Json => serde_json::json!({"partialSuccess": {
                "rejectedLogRecords": rejected.to_string(),
                "errorMessage": error_message,
            }})
            .to_string()
            .into_bytes(),
        }
    }

    /// The answer to a request of which nothing was taken, whatever its HTTP status.
    #[must_use]
    pub fn failure(self, message: &str) -> Vec<u8> {
        match self {
            Self::Protobuf => Status {
                message: message.to_owned(),
            }
            .encode_to_vec(),
            Self::Json => serde_json::json!({"message": message})
                .to_string()
                .into_bytes(),
        }
    }
}

/// `ExportLogsServiceResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct Answer {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

/// `ExportLogsPartialSuccess`.
#[derive(Clone, PartialEq, prost::Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected_log_records: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
}

/// The first reasons, each with the number of its record.
fn explain(ingested: &Ingested) -> String {
    let errors = ingested.errors.iter();
    let reasons: Vec<_> = errors
        .map(|error| format!("record {}: {}", error.record, error.reason))
        .collect();
    reasons.join("; ")
}

/// Decodes the body of a request, and says how to answer it in either case.
///
/// # Errors
/// In the second place, if nothing of it can be taken.
pub fn decode(
    body: &[u8],
    encoding: Option<&str>,
    content_type: &str,
    reading: &Reading<'_>,
) -> (Kind, Result<DecodedBody, BodyError>) {
    let plain = match unpack(body, encoding, reading.max_bytes) {
        Ok(plain) => plain,
        Err(error) => return (Kind::of(b"", content_type), Err(error)),
    };
    let kind = Kind::of(&plain, content_type);
    (kind, decode_plain(kind, &plain, reading))
}

fn decode_plain(kind: Kind, plain: &[u8], reading: &Reading<'_>) -> Result<DecodedBody, BodyError> {
    let mut intake = Intake::new(reading);
    match kind {
        Kind::Protobuf => wire::walk(plain, |record, resource| match record {
            Ok(record) => intake.take_log_record(&record, resource),
            Err(bytes) => {
                intake.reject(RejectReason::NotAccessLog, bytes);
                Ok(())
            }
        })?,
        Kind::Json if plain.is_empty() => {}
        Kind::Json => json::walk(plain, |record, resource| {
            intake.take_log_record(&record, resource)
        })?,
    }
    Ok(intake.finish())
}

#[cfg(test)]
mod tests;
