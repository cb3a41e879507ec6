//! Lines of bytes to rows of requests, one file per format. Nothing here reads files or knows
//! where a line came from.

mod clf;
mod date;
mod field_map;
mod json;
mod keep;
mod names;
mod sniff;

use std::fmt;
use std::str::FromStr;

use engine::Batch;

use super::normalize::{Normalizer, SecretKey};
use super::reject::RejectReason;

pub use field_map::{FieldMap, InvalidFieldMap};
pub use keep::{MAX_KEPT, purpose_of};
pub use sniff::{Sample, sniff};

/// A log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Common and Combined Log Format of Apache, nginx and others, with further fields.
    Clf,
    /// One JSON object a line.
    Json,
}

/// Which format a source has, as far as the user said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FormatChoice {
    /// Found out from the first lines.
    #[default]
    Auto,
    /// This one.
    Given(Format),
}

/// A name that is no format.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no log format; one of: auto, common, combined, json")]
pub struct UnknownFormat(String);

impl FromStr for FormatChoice {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "common" | "combined" => Ok(Self::Given(Format::Clf)),
            "json" => Ok(Self::Given(Format::Json)),
            _ => Err(UnknownFormat(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clf => "common/combined",
            Self::Json => "JSON lines",
        })
    }
}

/// What the user said about the fields of a source.
#[derive(Debug, Clone, Default)]
pub struct SourceConfig {
    /// The format.
    pub format: FormatChoice,
    /// Which JSON field is which.
    pub fields: FieldMap,
}

/// Decodes the lines of one source.
#[derive(Debug)]
pub struct Decoder {
    format: Format,
    clf: clf::ClfDecoder,
    json: json::JsonDecoder,
    normalizer: Normalizer,
}

impl Decoder {
    /// A decoder for `format` that hashes secrets under `key`.
    #[must_use]
    pub fn new(format: Format, fields: &FieldMap, key: SecretKey) -> Self {
        Self {
            format,
            clf: clf::ClfDecoder::default(),
            json: json::JsonDecoder::new(fields),
            normalizer: Normalizer::new(key),
        }
    }

    /// Appends the request of `line` (without its line break) to `batch`.
    ///
    /// # Errors
    /// The reason if it holds none; `batch` is then as before.
    pub fn decode(&mut self, line: &[u8], batch: &mut Batch) -> Result<(), RejectReason> {
        if line.trim_ascii().is_empty() {
            return Err(RejectReason::Blank);
        }
        match self.format {
            Format::Clf => self.clf.decode(line, &mut self.normalizer, batch),
            Format::Json => self
                .json
                .decode(line, &mut self.clf, &mut self.normalizer, batch),
        }
    }
}
