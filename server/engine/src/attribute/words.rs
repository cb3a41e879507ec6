//! Many words looked for at once, with word boundaries, whatever the case. The automaton
//! behind the tables of user agents and probes; the tables say what the words mean.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// A table of words, each with what it means.
///
/// A word counts only where it is not part of a longer word: neither a letter nor a digit
/// may touch an end of it that is one itself. A `*` at an end leaves that end open: `*bot` is
/// found in `Googlebot`, `feed*` in `Feedly`.
pub(super) struct Words<T> {
    automaton: AhoCorasick,
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    open_left: bool,
    open_right: bool,
    meaning: T,
}

impl<T: Copy> Words<T> {
    /// The automaton for a table.
    pub(super) fn new<W: AsRef<str>>(table: impl IntoIterator<Item = (W, T)>) -> Self {
        let mut words = Vec::new();
        let mut entries = Vec::new();
        for (word, meaning) in table {
            let word = word.as_ref();
            let bare = word.strip_prefix('*').unwrap_or(word);
            let open_left = bare.len() < word.len();
            let closed = bare.strip_suffix('*').unwrap_or(bare);
            let open_right = closed.len() < bare.len();
            words.push(closed.to_owned());
            entries.push(Entry {
                open_left: open_left || !starts_in_word(closed),
                open_right: open_right || !ends_in_word(closed),
                meaning,
            });
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words)
            .expect("a few hundred short words fit an automaton");
        Self { automaton, entries }
    }

    /// All words in `text`, each with where it stands.
    pub(super) fn find_all<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = (Range<usize>, T)> + 'a {
        let bytes = text.as_bytes();
        self.automaton
            .find_overlapping_iter(text)
            .filter_map(move |found| {
                let entry = &self.entries[found.pattern().as_usize()];
                let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
                let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
                let after = bytes.get(found.end());
                let stands_alone =
                    (entry.open_left || !is_word(before)) && (entry.open_right || !is_word(after));
                stands_alone.then_some((found.range(), entry.meaning))
            })
    }
}

fn starts_in_word(word: &str) -> bool {
    word.bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric())
}

fn ends_in_word(word: &str) -> bool {
    word.bytes()
        .last()
        .is_some_and(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: &[(&str, u8)] = &[("curl", 1), ("*bot", 2), ("feed*", 3), ("() {", 4)];

    fn find(text: &str) -> Vec<u8> {
        let words = Words::new(TABLE.iter().copied());
        words.find_all(text).map(|(_, meaning)| meaning).collect()
    }

    #[test]
    fn a_word_counts_only_as_a_whole() {
        assert_eq!(find("Curl/7.1"), [1]);
        assert!(find("curly").is_empty());
        assert!(find("libcurl").is_empty());
    }

    #[test]
    fn an_open_end_may_touch_other_letters() {
        assert_eq!(find("Googlebot/2.1"), [2]);
        assert!(find("robots").is_empty());
        assert_eq!(find("Feedly"), [3]);
    }

    #[test]
    fn a_mark_at_an_end_needs_no_boundary() {
        assert_eq!(find("x() {:;}"), [4]);
    }
}
