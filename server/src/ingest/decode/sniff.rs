//! Which format a source has, from its first lines. Rubbish before the first real line does
//! not matter: the format that reads most of the lines wins.

use engine::Batch;
use shared::KeySource;

use super::keep::find_kept;
use super::w3c::find_columns;
use super::{Decoder, FieldMap, Format, FormatChoice};
use crate::ingest::normalize::SecretKey;

/// How many lines are tried.
const SAMPLE_LINES: usize = 200;

/// What the first lines of a source say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The format of most lines; the likelier one if nothing could be read.
    pub format: Format,
    /// Whether the user said so, so that lines of other formats are none.
    pub is_given: bool,
    /// The line that says what the columns of a W3C log are.
    pub columns: Option<Vec<u8>>,
    /// When the first request came; `None` if nothing could be read.
    pub first_at: Option<i64>,
    /// 1000 if every moment is a whole second.
    pub resolution_ms: u32,
    /// Further sources of session keys, users and roles that are worth keeping.
    pub kept: Vec<KeySource>,
}

impl Sample {
    /// Of a source of which nothing is known but that its lines have this format.
    pub(in crate::ingest) fn of_format(format: Format) -> Self {
        Self {
            format,
            is_given: true,
            columns: None,
            first_at: None,
            resolution_ms: 1,
            kept: Vec::new(),
        }
    }
}

/// Tries the lines of `head` (the beginning of a source, perhaps cut within a line).
#[must_use]
pub fn sniff(head: &[u8], choice: FormatChoice, fields: &FieldMap) -> Sample {
    let is_given = choice != FormatChoice::Auto;
    let format = match choice {
        FormatChoice::Auto => find_format(head, fields),
        FormatChoice::Given(format) => format,
    };
    let mut sample = Sample {
        format,
        is_given,
        columns: sample_lines(head)
            .find(|line| find_columns(line).is_some())
            .map(<[u8]>::to_vec),
        first_at: None,
        resolution_ms: 1_000,
        kept: Vec::new(),
    };
    let batch = read(head, &sample, fields);
    let moments = || batch.requests.iter().map(|request| request.at);
    sample.first_at = moments().min();
    if moments().any(|at| at.rem_euclid(1_000) != 0) {
        sample.resolution_ms = 1;
    }
    if !is_given || format == Format::Json {
        sample.kept = find_kept(head, fields);
    }
    sample
}

/// The format that reads most of the lines. If none reads any, what they look like: it says
/// better why.
fn find_format(head: &[u8], fields: &FieldMap) -> Format {
    let is_json = head.trim_ascii_start().starts_with(b"{");
    let mut best = if is_json { Format::Json } else { Format::Clf };
    let mut most = 0;
    for format in Format::ALL {
        let sample = Sample::of_format(format);
        let count = read(head, &sample, fields).requests.len();
        if count > most {
            (best, most) = (format, count);
        }
    }
    best
}

fn read(head: &[u8], sample: &Sample, fields: &FieldMap) -> Batch {
    // Nothing of this batch is kept, so the key does not matter.
    let mut decoder = Decoder::of_source(sample, fields, SecretKey([0; 16]));
    let mut batch = Batch::default();
    for line in sample_lines(head) {
        let _rejected = decoder.decode(line, &mut batch);
    }
    batch
}

fn sample_lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take(SAMPLE_LINES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLF: &str = "192.0.2.7 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1\n";
    const JSON: &str =
        r#"{"time":"2015-05-17T10:05:03.5Z","ip":"192.0.2.7","method":"GET","path":"/"}"#;

    fn sniff_auto(head: &str) -> Sample {
        sniff(head.as_bytes(), FormatChoice::Auto, &FieldMap::default())
    }

    #[test]
    fn rubbish_before_the_first_line_does_not_matter() {
        let clf = sniff_auto(&format!("\u{0}\u{1}\n{{}}\n# started\n\n{CLF}"));
        assert_eq!((clf.format, clf.resolution_ms), (Format::Clf, 1_000));
        assert_eq!(clf.first_at, Some(1_431_857_103_000));
        let json = sniff_auto(&format!(
            "starting\n{{\"level\":\"info\"}}\n{JSON}\n{{\"cut"
        ));
        assert_eq!((json.format, json.resolution_ms), (Format::Json, 1));
    }

    #[test]
    fn the_format_is_that_of_most_lines_and_the_others_count_too() {
        let sample = sniff_auto(&format!("{CLF}{JSON}\n{JSON}\n"));
        assert_eq!((sample.format, sample.resolution_ms), (Format::Json, 1));
        assert_eq!(sample.first_at, Some(1_431_857_103_000));
        assert!(!sample.is_given);
    }

    #[test]
    fn columns_are_known_further_down() {
        let head = "#Version: 1.0\r\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n";
        let line = b"2015-05-17 10:05:03 192.0.2.7 GET / 200";
        let sample = sniff_auto(&format!(
            "{head}2015-05-17 10:05:03 192.0.2.7 GET / 200\r\n"
        ));
        assert_eq!(sample.format, Format::W3c);
        let mut decoder = Decoder::of_source(&sample, &FieldMap::default(), SecretKey([0; 16]));
        assert_eq!(decoder.decode(line, &mut Batch::default()), Ok(()));
    }

    #[test]
    fn nothing_readable_has_no_first_moment() {
        assert_eq!(sniff_auto("").first_at, None);
        assert_eq!(sniff_auto("rubbish\n").first_at, None);
    }
}
