//! One source to batches: its new lines decoded, with how far it was read after each batch.
//! Not where the batches go.

use engine::Batch;

use super::decode::{Decoder, FieldMap};
use super::normalize::Protection;
use super::reject::{RejectReason, Rejects};
use super::source::{Known, LineReader, Mark, NextLine, Source};

/// How many requests one batch has; the last of a source has fewer.
pub const BATCH_ROWS: usize = 16_384;

/// The same of the first few: while one is judged the next is decoded, also of a small source.
const SMALL_ROWS: usize = 4_096;
const SMALL_BATCHES: usize = 4;

/// Texts of a batch after which it is closed though it has fewer requests, in bytes.
const BATCH_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// How many rejected lines a batch spans at most, so that progress is kept.
const BATCH_REJECTS: u64 = 100_000;

/// A part of a source, decoded.
#[derive(Debug)]
pub struct Decoded {
    /// The requests; there may be none.
    pub batch: Batch,
    /// The source's first line.
    pub begin: Mark,
    /// Everything of the source up to the end of this part.
    pub end: Mark,
    /// Lines so far in this import, rejected ones included.
    pub lines: u64,
}

/// What became of a source.
#[derive(Debug, Default)]
pub struct Outcome {
    /// New lines.
    pub lines: u64,
    /// Those that are requests.
    pub accepted: u64,
    /// Those that are not.
    pub rejects: Rejects,
    /// Bytes at its beginning that an earlier import had read.
    pub known_bytes: u64,
    /// Why it could not be read to its end, if it could not.
    pub failure: Option<String>,
}

/// Decodes what is new in `source` and gives it to `sink`, part by part; stops early if that
/// returns false.
///
/// # Errors
/// If the source cannot be opened again.
pub fn decode_source(
    source: &mut Source,
    known: &Known,
    fields: &FieldMap,
    by: &Protection,
    mut sink: impl FnMut(Decoded) -> bool,
) -> std::io::Result<Outcome> {
    let mut lines = source.read_lines(known)?;
    let mut outcome = Outcome {
        known_bytes: lines.progress().bytes,
        ..Outcome::default()
    };
    let mut decoder = Decoder::of_source(&source.sample, fields, by.clone());
    let begin = source.mark;
    let new_batch = |rows| Batch {
        source: begin.fingerprint,
        resolution_ms: source.sample.resolution_ms,
        requests: Vec::with_capacity(rows),
        ..Batch::default()
    };
    let mut batch = new_batch(SMALL_ROWS);
    let mut batches = 0;
    let mut told_at = lines.progress().bytes;
    let mut rejected_before = 0;
    loop {
        let is_more = decode_line(&mut lines, &mut decoder, &mut batch, &mut outcome);
        let rejected = outcome.rejects.total();
        let rows = match batches < SMALL_BATCHES {
            true => SMALL_ROWS,
            false => BATCH_ROWS,
        };
        let is_full = batch.requests.len() >= rows
            || batch.texts.bytes() >= BATCH_TEXT_BYTES
            || rejected - rejected_before >= BATCH_REJECTS;
        if is_more && !is_full {
            continue;
        }
        let progress = lines.progress();
        if progress.bytes > told_at {
            told_at = progress.bytes;
            rejected_before = rejected;
            batches += 1;
            // As large as the one before, mostly.
            let next = new_batch(batch.requests.len());
            let part = Decoded {
                batch: std::mem::replace(&mut batch, next),
                begin,
                end: Mark {
                    bytes: progress.bytes,
                    fingerprint: progress.fingerprint(),
                },
                lines: outcome.lines,
            };
            if !sink(part) {
                break;
            }
        }
        if !is_more {
            break;
        }
    }
    outcome.failure = lines.take_failure().map(|failure| failure.to_string());
    Ok(outcome)
}

/// Decodes one line. Returns whether there may be another.
fn decode_line(
    lines: &mut LineReader,
    decoder: &mut Decoder,
    batch: &mut Batch,
    outcome: &mut Outcome,
) -> bool {
    let (line, result, is_last) = match lines.look() {
        NextLine::End => return false,
        NextLine::TooLong(line) => (line, Err(RejectReason::TooLong), false),
        NextLine::Line(line) => (line, decoder.decode(line, batch), false),
        NextLine::Unfinished(line) => (line, Ok(()), true),
    };
    if is_last {
        return decode_unfinished(lines, decoder, batch, outcome);
    }
    outcome.lines += 1;
    match result {
        Ok(()) => outcome.accepted += 1,
        Err(reason) => outcome.rejects.record(reason, line),
    }
    lines.consume();
    true
}

/// The last line of a source, which has no line break. If it can be read it counts, and what a
/// grown source has before its next line break belongs to it. If it cannot, or if the source
/// is damaged there, it is left for when the rest is there: never lost, never counted twice.
fn decode_unfinished(
    lines: &mut LineReader,
    decoder: &mut Decoder,
    batch: &mut Batch,
    outcome: &mut Outcome,
) -> bool {
    let is_cut = lines.has_failed();
    let NextLine::Unfinished(line) = lines.look() else {
        return false;
    };
    outcome.lines += 1;
    let result = if is_cut {
        Err(RejectReason::CutOff)
    } else {
        decoder.decode(line, batch)
    };
    match result {
        Ok(()) => outcome.accepted += 1,
        Err(
            RejectReason::CutOff
            | RejectReason::InvalidJson
            | RejectReason::NotAccessLog
            | RejectReason::InvalidStatus,
        ) => {
            outcome.rejects.record(RejectReason::CutOff, line);
            return false;
        }
        // It is whole, and more bytes would not make it better.
        Err(reason) => outcome.rejects.record(reason, line),
    }
    lines.consume();
    false
}
