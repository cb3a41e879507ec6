//! The records of one body on their way into a batch, each counted as taken or as rejected. Not
//! how a body is split.

use std::borrow::Cow;

use shared::{Ingested, RejectReason, RejectedRecord};

use super::split::{Piece, Pieces};
use super::{BodyError, DecodedBody, MAX_ROWS, Reading};
use crate::ingest::decode::otlp::{AnyValue, LogRecord, Resource, Value};
use crate::ingest::decode::{Decoder, Format};
use crate::ingest::reject::make_example;
use crate::ingest::source::MAX_LINE_BYTES;

/// Texts of a batch after which its body is too large, in bytes: what is hashed or escaped can
/// be longer than what was sent.
const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;

/// What became of a record.
pub(super) type Outcome = Result<(), RejectReason>;

/// What a body is decoded into.
pub(super) struct Intake {
    decoder: Decoder,
    decoded: DecodedBody,
}

impl Intake {
    pub(super) fn new(reading: &Reading<'_>) -> Self {
        Self {
            decoder: Decoder::new(Format::Clf, reading.fields, reading.by.clone()),
            decoded: DecodedBody::default(),
        }
    }

    /// Takes all records of `body`, which is plain.
    pub(super) fn take_body(&mut self, body: &[u8]) -> Result<(), BodyError> {
        for piece in Pieces::of_body(body) {
            match piece {
                Piece::Record(record) => {
                    self.take_record(record)?.ok();
                }
                Piece::Text(text) => self.take_text(text)?,
                Piece::Envelope { whole, inside } => self.take_envelope(whole, inside)?,
                Piece::Broken(reason, example) => self.reject(reason, example),
            }
        }
        Ok(())
    }

    /// Takes an object or a line. Says what became of it.
    pub(super) fn take_record(&mut self, record: &[u8]) -> Result<Outcome, BodyError> {
        let result = self.decoder.decode(record, &mut self.decoded.batch);
        self.note(result, record)
    }

    /// Takes a log record of OpenTelemetry.
    pub(super) fn take_log_record(
        &mut self,
        record: &LogRecord,
        resource: &Resource,
    ) -> Result<(), BodyError> {
        let batch = &mut self.decoded.batch;
        let result = self.decoder.decode_record(record, resource, batch);
        let text = match &record.body {
            Some(AnyValue {
                value: Some(Value::Text(text)),
            }) => text,
            _ => "",
        };
        self.note(result, text.as_bytes()).map(|_| ())
    }

    /// Takes a text of a JSON array.
    fn take_text(&mut self, text: &[u8]) -> Result<(), BodyError> {
        match serde_json::from_slice::<Cow<'_, str>>(text) {
            Ok(line) => {
                self.take_record(line.trim().as_bytes())?.ok();
            }
            Err(_) => self.reject(RejectReason::InvalidJson, text),
        }
        Ok(())
    }

    /// Takes an object that is a record itself, or else what is in its array.
    fn take_envelope(&mut self, whole: &[u8], inside: &[u8]) -> Result<(), BodyError> {
        if whole.len() <= MAX_LINE_BYTES {
            let result = self.decoder.decode(whole, &mut self.decoded.batch);
            if result != Err(RejectReason::NotARequest) {
                return self.note(result, whole).map(|_| ());
            }
        }
        for piece in Pieces::of_array(inside) {
            match piece {
                Piece::Record(record) | Piece::Envelope { whole: record, .. } => {
                    self.take_record(record)?.ok();
                }
                Piece::Text(text) => self.take_text(text)?,
                Piece::Broken(reason, example) => self.reject(reason, example),
            }
        }
        Ok(())
    }

    fn note(&mut self, outcome: Outcome, record: &[u8]) -> Result<Outcome, BodyError> {
        match outcome {
            Ok(()) => {
                self.decoded.answer.accepted += 1;
                self.decoded.format = Some(self.decoder.last_format());
                self.check_size()?;
            }
            // What a log says of itself was understood, and is nothing to be told of.
            Err(RejectReason::Comment | RejectReason::Blank) => {}
            Err(reason) => self.reject(reason, record),
        }
        Ok(outcome)
    }

    fn check_size(&self) -> Result<(), BodyError> {
        let batch = &self.decoded.batch;
        if batch.requests.len() > MAX_ROWS {
            return Err(BodyError::TooMany);
        }
        if batch.texts.bytes() > MAX_TEXT_BYTES {
            return Err(BodyError::TooLarge {
                limit: MAX_TEXT_BYTES,
            });
        }
        Ok(())
    }

    /// Counts what is no request.
    pub(super) fn reject(&mut self, reason: RejectReason, record: &[u8]) {
        let DecodedBody {
            rejects, answer, ..
        } = &mut self.decoded;
        rejects.record(reason, record);
        answer.rejected += 1;
        if answer.errors.len() < Ingested::MAX_ERRORS {
            answer.errors.push(RejectedRecord {
                record: answer.accepted + answer.rejected,
                reason,
                example: make_example(record),
            });
        }
    }

    /// What became of them.
    pub(super) fn finish(mut self) -> DecodedBody {
        let batch = &mut self.decoded.batch;
        let is_finer = |at: i64| at.rem_euclid(1_000) != 0;
        let is_fine = batch.requests.iter().any(|request| is_finer(request.at));
        batch.resolution_ms = if is_fine { 1 } else { 1_000 };
        self.decoded
    }
}
