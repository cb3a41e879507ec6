//! Which format a source has, from its first lines. Rubbish before the first real line does
//! not matter: the format that reads most of the lines wins.

use engine::Batch;
use shared::KeySource;

use super::keep::find_kept;
use super::{Decoder, FieldMap, Format, FormatChoice};
use crate::ingest::normalize::SecretKey;

/// How many lines are tried.
const SAMPLE_LINES: usize = 200;

/// What the first lines of a source say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The format; the likelier one if nothing could be read.
    pub format: Format,
    /// When the first request came; `None` if nothing could be read.
    pub first_at: Option<i64>,
    /// 1000 if every moment is a whole second.
    pub resolution_ms: u32,
    /// Further sources of session keys, users and roles that are worth keeping.
    pub kept: Vec<KeySource>,
}

/// Tries the lines of `head` (the beginning of a source, perhaps cut within a line).
#[must_use]
pub fn sniff(head: &[u8], choice: FormatChoice, fields: &FieldMap) -> Sample {
    let formats: &[Format] = match &choice {
        // If none reads anything, the first: what looks like it says better why.
        FormatChoice::Auto if head.trim_ascii_start().starts_with(b"{") => {
            &[Format::Json, Format::Clf]
        }
        FormatChoice::Auto => &[Format::Clf, Format::Json],
        FormatChoice::Given(format) => std::slice::from_ref(format),
    };
    let mut best = None;
    let mut most = 0;
    for format in formats {
        let batch = read(head, *format, fields);
        if best.is_none() || batch.requests.len() > most {
            most = batch.requests.len();
            best = Some((*format, batch));
        }
    }
    let (format, batch) = best.expect("there is at least one format");
    let is_whole = batch
        .requests
        .iter()
        .all(|request| request.at.rem_euclid(1_000) == 0);
    Sample {
        format,
        first_at: batch.requests.iter().map(|request| request.at).min(),
        resolution_ms: if is_whole { 1_000 } else { 1 },
        kept: match format {
            Format::Json => find_kept(head, fields),
            Format::Clf => Vec::new(),
        },
    }
}

fn read(head: &[u8], format: Format, fields: &FieldMap) -> Batch {
    // Nothing of this batch is kept, so the key does not matter.
    let mut decoder = Decoder::new(format, fields, SecretKey([0; 16]));
    let mut batch = Batch::default();
    for line in head.split(|byte| *byte == b'\n').take(SAMPLE_LINES) {
        let _rejected = decoder.decode(line, &mut batch);
    }
    batch
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
    fn nothing_readable_has_no_first_moment() {
        assert_eq!(sniff_auto("").first_at, None);
        assert_eq!(sniff_auto("rubbish\n").first_at, None);
    }
}
