//! Lines that could not be read: a closed set of reasons, counted, with one example each.
//! A reject never stops an import.

pub use shared::RejectReason;

/// How many characters of an example are kept.
const EXAMPLE_CHARS: usize = 160;

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

    /// Counts lines that nobody has an example of.
    pub fn record_unseen(&mut self, reason: RejectReason, count: u64) {
        self.counts[reason as usize] += count;
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
pub(in crate::ingest) fn make_example(line: &[u8]) -> String {
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
}
