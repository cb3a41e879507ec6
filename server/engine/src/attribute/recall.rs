//! What was worked out of texts before, in whatever batch: most of them come again. Holds nothing
//! that could not be worked out anew, so that it is no part of a snapshot. Bounded, and compared
//! by the text itself: whoever makes hashes meet gains nothing.

use hashbrown::HashTable;

/// Texts that are kept; beyond it all are forgotten at once.
const MOST: usize = 16_384;
/// A longer text is worked out each time.
const LONGEST: usize = 256;

/// What follows from texts of two parts.
#[derive(Debug)]
pub(crate) struct Recall<V> {
    known: HashTable<Entry<V>>,
}

#[derive(Debug)]
struct Entry<V> {
    hash: u64,
    /// Where the first part ends in `text`.
    first: usize,
    text: Box<str>,
    value: V,
}

impl<V> Default for Recall<V> {
    fn default() -> Self {
        Self {
            known: HashTable::new(),
        }
    }
}

impl<V> Clone for Recall<V> {
    /// A copy begins with nothing.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<V: Copy> Recall<V> {
    /// What was worked out of these two parts, whose hash is `hash`, where `is_same` says that it
    /// is what is asked for.
    pub(crate) fn find(
        &self,
        hash: u64,
        (first, second): (&str, &str),
        is_same: impl Fn(&V) -> bool,
    ) -> Option<V> {
        let is_asked_for = |entry: &Entry<V>| {
            let (known_first, known_second) = entry.text.split_at(entry.first);
            entry.hash == hash
                && known_first == first
                && known_second == second
                && is_same(&entry.value)
        };
        let entry = self.known.find(hash, is_asked_for)?;
        Some(entry.value)
    }

    /// Keeps what was worked out.
    pub(crate) fn keep(&mut self, hash: u64, (first, second): (&str, &str), value: V) {
        if first.len() + second.len() > LONGEST {
            return;
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let entry = Entry {
            hash,
            first: first.len(),
            text: [first, second].concat().into(),
            value,
        };
        self.known.insert_unique(hash, entry, |entry| entry.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_parts_are_found_though_hashes_meet() {
        let mut recall = Recall::default();
        recall.keep(7, ("/a", "b=c"), 1);
        recall.keep(7, ("/ab", "=c"), 2);
        let find = |parts| recall.find(7, parts, |_| true);
        assert_eq!(find(("/a", "b=c")), Some(1));
        assert_eq!(find(("/ab", "=c")), Some(2));
        assert_eq!(find(("/ab=", "c")), None);
        assert_eq!(recall.find(8, ("/a", "b=c"), |_| true), None);
        assert_eq!(recall.find(7, ("/a", "b=c"), |value| *value == 2), None);
    }

    #[test]
    fn it_stays_small() {
        let mut recall = Recall::default();
        recall.keep(1, (&"x".repeat(LONGEST + 1), ""), ());
        assert_eq!(recall.known.len(), 0);
        for hash in 0..2 * MOST as u64 + 5 {
            recall.keep(hash, ("/", ""), ());
        }
        assert_eq!(recall.known.len(), 5);
    }
}
