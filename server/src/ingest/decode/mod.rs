//! Lines of bytes to rows of requests, one file per format. Nothing here reads files or knows
//! where a line came from.

mod clf;
mod date;
mod field_map;
mod format;
mod found;
mod json;
mod keep;
mod layout;
mod names;
pub mod otlp;
mod row;
mod sniff;
mod text;
mod w3c;
mod wrapper;

use engine::Batch;

use super::normalize::{Normalizer, Protection};
use super::reject::RejectReason;
use layout::LayoutDecoder;
use row::Sink;

pub use field_map::{FieldMap, InvalidFieldMap};
pub use format::{Format, FormatChoice, SourceConfig, UnknownFormat};
pub use keep::{MAX_KEPT, purpose_of};
pub use sniff::{Sample, sniff};

/// How deep a line may be wrapped in JSON.
const MAX_DEPTH: usize = 2;

/// Decodes the lines of one source.
#[derive(Debug)]
pub struct Decoder {
    /// The format of most lines; tried first.
    format: Format,
    /// That of the line before, or of what was inside it.
    last: Format,
    /// Whether lines of other formats are none.
    is_strict: bool,
    fields: FieldMap,
    clf: clf::ClfDecoder,
    layouts: &'static LayoutDecoder,
    w3c: w3c::W3cDecoder,
    normalizer: Normalizer,
    /// Reused for every line.
    headers: String,
}

impl Decoder {
    /// A decoder for lines mostly of `format` that hashes secrets under `key`.
    #[must_use]
    pub fn new(format: Format, fields: &FieldMap, by: impl Into<Protection>) -> Self {
        Self {
            format,
            last: format,
            is_strict: false,
            fields: fields.clone(),
            clf: clf::ClfDecoder::default(),
            layouts: LayoutDecoder::all(),
            w3c: w3c::W3cDecoder::default(),
            normalizer: Normalizer::new(by),
            headers: String::new(),
        }
    }

    /// The same for what `sample` says of a source, from wherever in it.
    #[must_use]
    pub fn of_source(sample: &Sample, fields: &FieldMap, by: impl Into<Protection>) -> Self {
        let mut decoder = Self::new(sample.format, fields, by);
        decoder.is_strict = sample.is_given;
        if let Some(columns) = &sample.columns {
            decoder.w3c.learn(columns, &decoder.fields);
        }
        decoder
    }

    /// The format of the last line that was one of a request.
    #[must_use]
    pub fn last_format(&self) -> Format {
        self.last
    }

    /// Appends the request of `line` (without its line break) to `batch`.
    ///
    /// # Errors
    /// The reason if it holds none; `batch` is then as before.
    pub fn decode(&mut self, line: &[u8], batch: &mut Batch) -> Result<(), RejectReason> {
        self.decode_layer(line, 0, batch)
    }

    fn decode_layer(
        &mut self,
        line: &[u8],
        depth: usize,
        batch: &mut Batch,
    ) -> Result<(), RejectReason> {
        let inner = wrapper::unwrap(line);
        let Some(first) = inner.first() else {
            return Err(RejectReason::Blank);
        };
        if self.is_strict && depth == 0 {
            return self.decode_as(self.format, inner, depth, batch);
        }
        let candidates = Format::candidates(*first);
        let likely = candidates.contains(&self.format).then_some(self.format);
        let mut reason = None;
        let others = candidates
            .iter()
            .filter(|format| Some(**format) != likely)
            .copied();
        for format in likely.into_iter().chain(others) {
            match self.decode_as(format, inner, depth, batch) {
                Ok(()) => return Ok(()),
                Err(because) if reason.is_none_or(is_general) && !is_general(because) => {
                    reason = Some(because);
                }
                Err(because) => {
                    reason.get_or_insert(because);
                }
            }
        }
        Err(explain(inner, reason.unwrap_or(RejectReason::NotAccessLog)))
    }

    fn decode_as(
        &mut self,
        format: Format,
        line: &[u8],
        depth: usize,
        batch: &mut Batch,
    ) -> Result<(), RejectReason> {
        // What is inside JSON comes later and says so too.
        self.last = format;
        if format == Format::Clf {
            return self.clf.decode(line, &mut self.normalizer, batch);
        }
        let mut sink = Sink {
            fields: &self.fields,
            headers: &mut self.headers,
            normalizer: &mut self.normalizer,
            batch,
        };
        match format {
            Format::Json => {
                let Some(wrapped) = json::decode(line, &mut sink)? else {
                    return Ok(());
                };
                if depth == MAX_DEPTH {
                    return Err(RejectReason::NotARequest);
                }
                self.decode_layer(wrapped.as_bytes(), depth + 1, batch)
                    .map_err(|_| RejectReason::NotARequest)
            }
            Format::W3c => self.w3c.decode(line, &mut sink),
            _ => self.layouts.decode(format, line, &mut sink),
        }
    }
}

/// Whether a reason says no more than that the line has another format. Who got further says
/// better why it is none.
fn is_general(reason: RejectReason) -> bool {
    matches!(
        reason,
        RejectReason::NotAccessLog | RejectReason::InvalidJson
    )
}

/// A better word than `reason` for a line that no format can read.
fn explain(line: &[u8], reason: RejectReason) -> RejectReason {
    if is_error_log(line) {
        return RejectReason::ErrorLog;
    }
    reason
}

/// `[Thu Mar 05 10:00:00.123456 2026] [core:error] …` of Apache and `2026/03/05 10:00:00
/// [error] …` of nginx.
fn is_error_log(line: &[u8]) -> bool {
    match line {
        [b'[', b'A'..=b'Z', _, _, b' ', b'A'..=b'Z', _, _, b' ', ..] => true,
        [_, _, _, _, b'/', _, _, b'/', _, _, b' ', rest @ ..] => {
            rest.get(8..10) == Some(b" [") && line[..4].iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
