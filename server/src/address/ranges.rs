//! Disjoint ranges of addresses with a value each, found by binary search. Made of networks and
//! ranges that may lie in one another: the higher rank wins, then the narrower, then the later.

use std::collections::BTreeSet;

use engine::Address;

/// Ranges by their first address. Memory: 16 bytes and a value for each.
pub(super) struct Ranges<T> {
    starts: Vec<u128>,
    /// Of the addresses from the start of the same place up to the next start.
    values: Vec<Option<T>>,
}

impl<T: Copy> Ranges<T> {
    /// What is said of an address.
    pub(super) fn find(&self, address: Address) -> Option<T> {
        let after = self.starts.partition_point(|start| *start <= address.0);
        self.values[after.checked_sub(1)?]
    }

    /// All values, in no order that means something.
    pub(super) fn values(&self) -> impl Iterator<Item = T> {
        self.values.iter().copied().flatten()
    }
}

/// Ranges not in order yet.
pub(super) struct RangesBuilder<T> {
    given: Vec<Given<T>>,
}

struct Given<T> {
    first: u128,
    last: u128,
    rank: u8,
    value: T,
}

impl<T> Default for RangesBuilder<T> {
    fn default() -> Self {
        Self { given: Vec::new() }
    }
}

impl<T: Copy + PartialEq> RangesBuilder<T> {
    pub(super) fn len(&self) -> usize {
        self.given.len()
    }

    /// Adds the addresses from `first` to `last`, both included. One that goes on where the one
    /// before ended, with the same value, costs nothing.
    pub(super) fn add(&mut self, first: u128, last: u128, rank: u8, value: T) {
        if let Some(before) = self.given.last_mut()
            && before.last.checked_add(1) == Some(first)
            && (before.rank, before.value) == (rank, value)
        {
            before.last = last;
            return;
        }
        self.given.push(Given {
            first,
            last,
            rank,
            value,
        });
    }

    pub(super) fn finish(self) -> Ranges<T> {
        let given = self.given;
        // Where something begins, and where it has ended.
        let mut edges: Vec<(u128, bool, u32)> = Vec::with_capacity(given.len() * 2);
        for (i, range) in (0..).zip(&given) {
            edges.push((range.first, true, i));
            if let Some(end) = range.last.checked_add(1) {
                edges.push((end, false, i));
            }
        }
        edges.sort_unstable();
        let mut ranges = Ranges {
            starts: Vec::new(),
            values: Vec::new(),
        };
        // What holds at the edge, the one that counts last.
        let mut open: BTreeSet<(u8, u128, u32)> = BTreeSet::new();
        let mut edges = edges.into_iter().peekable();
        while let Some((at, begins, i)) = edges.next() {
            let range = &given[i as usize];
            let narrowness = u128::MAX - (range.last - range.first);
            let key = (range.rank, narrowness, i);
            if begins {
                open.insert(key);
            } else {
                open.remove(&key);
            }
            if edges.peek().is_some_and(|next| next.0 == at) {
                continue;
            }
            let value = open.last().map(|(_, _, i)| given[*i as usize].value);
            if ranges.values.last().copied().unwrap_or(None) != value {
                ranges.starts.push(at);
                ranges.values.push(value);
            }
        }
        ranges.starts.shrink_to_fit();
        ranges.values.shrink_to_fit();
        ranges
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn build(given: &[(u128, u128, u8, char)]) -> Ranges<char> {
        let mut builder = RangesBuilder::default();
        for (first, last, rank, value) in given {
            builder.add(*first, *last, *rank, *value);
        }
        builder.finish()
    }

    fn line(ranges: &Ranges<char>) -> String {
        let found = (0..10).map(|at| ranges.find(Address(at)).unwrap_or('.'));
        found.collect()
    }

    #[test]
    fn the_narrower_wins_and_a_higher_rank_before_it() {
        assert_eq!(line(&build(&[])), "..........");
        assert_eq!(
            line(&build(&[(1, 8, 0, 'a'), (3, 4, 0, 'b')])),
            ".aabbaaaa."
        );
        assert_eq!(
            line(&build(&[(3, 4, 0, 'b'), (1, 8, 0, 'a')])),
            ".aabbaaaa."
        );
        assert_eq!(
            line(&build(&[(1, 8, 1, 'a'), (3, 4, 0, 'b')])),
            ".aaaaaaaa."
        );
        assert_eq!(
            line(&build(&[(1, 2, 0, 'a'), (1, 2, 0, 'b')])),
            ".bb......."
        );
    }

    #[test]
    fn neighbours_of_one_value_are_one_range() {
        let ranges = build(&[(1, 2, 0, 'a'), (3, 4, 0, 'a'), (5, 6, 0, 'b')]);
        assert_eq!(ranges.starts, [1, 5, 7]);
    }

    #[test]
    fn the_last_address_of_all_is_one_too() {
        let ranges = build(&[
            (u128::MAX - 1, u128::MAX, 0, 'a'),
            (u128::MAX, u128::MAX, 0, 'b'),
        ]);
        assert_eq!(ranges.find(Address(u128::MAX - 1)), Some('a'));
        assert_eq!(ranges.find(Address(u128::MAX)), Some('b'));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_look_through_all_would(
            given in prop::collection::vec((0u128..40, 0u128..12, 0u8..3, 0u8..4), 0..30),
        ) {
            let mut builder = RangesBuilder::default();
            for (first, more, rank, value) in &given {
                builder.add(*first, first + more, *rank, *value);
            }
            // What was added may have been joined, which makes it wider: ask the joined ones.
            let all: Vec<_> = builder
                .given
                .iter()
                .enumerate()
                .map(|(i, it)| (it.first, it.last, it.rank, it.value, i))
                .collect();
            let ranges = builder.finish();
            for at in 0..60 {
                let expected = all
                    .iter()
                    .filter(|(first, last, ..)| (first..=last).contains(&&at))
                    .max_by_key(|(first, last, rank, _, i)| (*rank, u128::MAX - (last - first), *i))
                    .map(|(_, _, _, value, _)| *value);
                prop_assert_eq!(ranges.find(Address(at)), expected);
            }
        }
    }
}
