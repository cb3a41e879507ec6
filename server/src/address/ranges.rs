//! Disjoint ranges of addresses with a value each, found by binary search. Made of networks and
//! ranges that may lie in one another: the higher rank wins, then the narrower, then the later.

use std::collections::BTreeSet;

use engine::Address;

/// The IPv4 addresses among all: those with this above their 32 bits.
const V4: u128 = 0xffff << 32;
const V4_END: u128 = 0x1_0000 << 32;

/// Fewer starts than these are in the cache anyway.
const FEW: usize = 1_024;

/// Ranges by their first address. Memory: 4 bytes (IPv4) or 16 and a value for each.
pub(super) struct Ranges<T> {
    v4: Sorted<u32, T>,
    /// Where the IPv4 ranges begin that share their upper 16 bits, and where the last ones end:
    /// one step instead of the first sixteen of a search, each of which would miss the cache.
    v4_blocks: Vec<u32>,
    v6: Sorted<u128, T>,
}

struct Sorted<A, T> {
    starts: Vec<A>,
    /// Of the addresses from the start of the same place up to the next start.
    values: Vec<Option<T>>,
}

impl<A: Copy + Ord, T: Copy + PartialEq> Sorted<A, T> {
    fn new() -> Self {
        Self {
            starts: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Says what holds from `start` on, which is beyond all before it.
    fn push(&mut self, start: A, value: Option<T>) {
        if self.values.last().copied().unwrap_or(None) != value {
            self.starts.push(start);
            self.values.push(value);
        }
    }

    /// The value of the last start before `after`.
    fn before(&self, after: usize) -> Option<T> {
        self.values[after.checked_sub(1)?]
    }

    fn shrink(&mut self) {
        self.starts.shrink_to_fit();
        self.values.shrink_to_fit();
    }
}

impl<T: Copy + PartialEq> Ranges<T> {
    /// What is said of an address.
    pub(super) fn find(&self, address: Address) -> Option<T> {
        if address.0 >> 32 != 0xffff {
            let after = self.v6.starts.partition_point(|start| *start <= address.0);
            return self.v6.before(after);
        }
        let bits = address.0 as u32;
        let block = (bits >> 16) as usize;
        let (from, until) = match self.v4_blocks.get(block..block + 2) {
            Some(edges) => (edges[0] as usize, edges[1] as usize),
            None => (0, self.v4.starts.len()),
        };
        let within = self.v4.starts[from..until].partition_point(|start| *start <= bits);
        self.v4.before(from + within)
    }

    /// Of what holds from each of `changes` on, which are in order.
    fn of(changes: &[(u128, Option<T>)]) -> Self {
        let place = |at: u128| changes.partition_point(|(start, _)| *start < at);
        let holds_before = |place: usize| place.checked_sub(1).and_then(|place| changes[place].1);
        let (from, until) = (place(V4), place(V4_END));
        let mut v4 = Sorted::new();
        v4.push(0, holds_before(from));
        for (start, value) in &changes[from..until] {
            v4.push(*start as u32, *value);
        }
        let mut v6 = Sorted::new();
        for (start, value) in &changes[..from] {
            v6.push(*start, *value);
        }
        v6.push(V4_END, holds_before(until));
        for (start, value) in &changes[until..] {
            v6.push(*start, *value);
        }
        v4.shrink();
        v6.shrink();
        let v4_blocks = blocks(&v4.starts);
        Self { v4, v4_blocks, v6 }
    }
}

/// For each block of 65,536 IPv4 addresses the place of its first start; and the end. Nothing
/// where the starts are so few that a search through all is as fast.
fn blocks(starts: &[u32]) -> Vec<u32> {
    if starts.len() < FEW {
        return Vec::new();
    }
    let place = |block: u64| starts.partition_point(|start| u64::from(*start) < block << 16);
    (0..=1 << 16).map(|block| place(block) as u32).collect()
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
        let mut changes: Vec<(u128, Option<T>)> = Vec::new();
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
            changes.push((at, value));
        }
        Ranges::of(&changes)
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

    fn at_v4(ranges: &Ranges<char>, at: u128) -> char {
        ranges.find(Address(V4 + at)).unwrap_or('.')
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
        assert_eq!(ranges.v6.starts, [1, 5, 7]);
        let ranges = build(&[(V4 + 1, V4 + 2, 0, 'a'), (V4 + 3, V4 + 4, 0, 'a')]);
        assert_eq!(
            (ranges.v4.starts.as_slice(), ranges.v6.starts.len()),
            (&[1, 5][..], 0)
        );
    }

    #[test]
    fn blocks_of_many_addresses_and_their_edges() {
        let block = 1 << 16;
        let ranges = build(&[
            (V4, V4 + 1, 0, 'a'),
            (V4 + block - 1, V4 + 3 * block, 0, 'b'),
            (V4 + 2 * block + 7, V4 + 2 * block + 7, 0, 'c'),
            (V4_END - 1, V4_END, 0, 'd'),
        ]);
        let found = [
            0,
            1,
            2,
            block - 2,
            block - 1,
            block,
            2 * block + 6,
            2 * block + 7,
        ];
        let found = found.map(|at| at_v4(&ranges, at));
        assert_eq!(found, ['a', 'a', '.', '.', 'b', 'b', 'b', 'c']);
        let found = [
            3 * block,
            3 * block + 1,
            (1 << 32) - 2,
            (1 << 32) - 1,
            1 << 32,
            (1 << 32) + 1,
        ];
        let found = found.map(|at| at_v4(&ranges, at));
        assert_eq!(found, ['b', '.', '.', 'd', 'd', '.']);
    }

    #[test]
    fn very_many_ranges_are_found_by_their_blocks() {
        let every = 3 << 14;
        let letter = |i: u128| if i & 1 == 0 { 'a' } else { 'b' };
        let given: Vec<_> = (0..5_000)
            .map(|i| (V4 + i * every, V4 + i * every + 9, 0, letter(i)))
            .collect();
        let ranges = build(&given);
        assert!(!ranges.v4_blocks.is_empty());
        for i in 0..5_000 {
            let found = [0, 9, 10, every - 1].map(|at| at_v4(&ranges, i * every + at));
            assert_eq!(found, [letter(i), letter(i), '.', '.'], "{i}");
        }
        assert_eq!(at_v4(&ranges, (1 << 32) - 1), '.');
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
            // Also across the edges of the IPv4 addresses.
            base in prop::sample::select(vec![0, V4 - 20, V4 + 65_516, V4_END - 20]),
        ) {
            let mut builder = RangesBuilder::default();
            for (first, more, rank, value) in &given {
                builder.add(base + first, base + first + more, *rank, *value);
            }
            // What was added may have been joined, which makes it wider: ask the joined ones.
            let all: Vec<_> = builder
                .given
                .iter()
                .enumerate()
                .map(|(i, it)| (it.first, it.last, it.rank, it.value, i))
                .collect();
            let ranges = builder.finish();
            for at in base..base + 60 {
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
