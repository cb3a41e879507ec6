//! Lines that could not be read: a closed set of reasons, counted, with one example each.
//! A reject never stops an import.

use std::fmt;

/// How many characters of an example are kept.
const EXAMPLE_CHARS: usize = 160;

/// Why a line is not a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectReason {
    /// Nothing but white space.
    Blank,
    /// Longer than [`super::source::MAX_LINE_BYTES`].
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
    /// The last line of a source, cut off. It is read when the rest is there.
    CutOff,
}

impl RejectReason {
    /// How many reasons there are.
    const COUNT: usize = 11;

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
        })
    }
}

/// Rejected lines by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejects {
    counts: [u64; RejectReason::COUNT],
    examples: [Option<String>; RejectReason::COUNT],
}

impl Rejects {
    /// Counts one line; the first of each reason becomes the example.
    pub fn record(&mut self, reason: RejectReason, line: &[u8]) {
        let index = reason as usize;
        self.counts[index] += 1;
        if self.examples[index].is_none() {
            self.examples[index] = Some(make_example(line));
        }
    }

    /// Adds what another source had.
    pub fn merge(&mut self, other: Self) {
        for (index, example) in other.examples.into_iter().enumerate() {
            self.counts[index] += other.counts[index];
            if self.examples[index].is_none() {
                self.examples[index] = example;
            }
        }
    }

    /// All rejected lines.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The reasons that occurred, with count and example, most first.
    #[must_use]
    pub fn by_reason(&self) -> Vec<(RejectReason, u64, &str)> {
        let mut found: Vec<_> = RejectReason::ALL
            .into_iter()
            .filter(|reason| self.counts[*reason as usize] > 0)
            .map(|reason| {
                let index = reason as usize;
                let example = self.examples[index].as_deref().unwrap_or_default();
                (reason, self.counts[index], example)
            })
            .collect();
        found.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        found
    }
}

/// The beginning of a line, fit for a terminal: no control characters, nothing invalid.
fn make_example(line: &[u8]) -> String {
    let head = &line[..line.len().min(EXAMPLE_CHARS * 4)];
    let text = String::from_utf8_lossy(head);
    let mut example = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == EXAMPLE_CHARS {
            example.push('…');
            break;
        }
        if is_invisible(character) {
            example.extend(character.escape_default());
        } else {
            example.push(character);
        }
    }
    example
}

/// Control characters, and those that change the direction of what follows.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_each_reason_is_its_example_with_control_characters_visible() {
        let mut rejects = Rejects::default();
        rejects.record(RejectReason::NotAccessLog, b"\x1b[31mred\xff");
        rejects.record(RejectReason::NotAccessLog, b"second");
        rejects.record(RejectReason::Blank, b"");
        assert_eq!(rejects.total(), 3);
        assert_eq!(
            rejects.by_reason()[0],
            (RejectReason::NotAccessLog, 2, "\\u{1b}[31mred\u{fffd}")
        );
    }

    #[test]
    fn an_example_is_short() {
        let example = make_example(&[b'a'; 100_000]);
        assert_eq!(example.chars().count(), EXAMPLE_CHARS + 1);
    }

    #[test]
    fn every_reason_stands_at_its_own_index() {
        for (index, reason) in RejectReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
    }
}
