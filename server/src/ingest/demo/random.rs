//! Chance that is the same everywhere: a small generator of numbers, each stream of its own
//! seed. Not for secrets.

use std::ops::Range;

/// A stream of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream named by `parts`; streams of other names have nothing to do with it.
    pub(super) fn of(parts: &[u64]) -> Self {
        let mut random = Self(0x5eed);
        for part in parts {
            random.0 ^= *part;
            random.0 = random.next();
        }
        random
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `range`, which must not be empty.
    pub(super) fn number(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// A duration of `range`, in the unit of its ends.
    pub(super) fn duration(&mut self, range: Range<i64>) -> i64 {
        let length = u64::try_from(range.end - range.start).unwrap_or(1).max(1);
        range.start + (self.next() % length) as i64
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of `all`, which must not be empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[(self.next() % all.len() as u64) as usize]
    }

    /// How long somebody takes over something that usually takes `usual`: mostly less, now and
    /// then four times as long.
    pub(super) fn think(&mut self, usual: i64) -> i64 {
        let share = |random: &mut Self| (random.next() % 1_000) as i64;
        usual / 5 + usual * 4 * share(self) / 1_000 * share(self) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_again_and_differs_by_name() {
        let numbers = |parts: &[u64]| {
            let mut random = Random::of(parts);
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(numbers(&[7, 1]), numbers(&[7, 1]));
        assert_ne!(numbers(&[7, 1]), numbers(&[7, 2]));
        assert_ne!(numbers(&[7, 1]), numbers(&[1, 7]));
    }

    #[test]
    fn thinking_takes_about_as_long_as_usual() {
        let mut random = Random::of(&[1]);
        let mean = (0..10_000).map(|_| random.think(10_000)).sum::<i64>() / 10_000;
        assert!((11_000..13_000).contains(&mean), "{mean}");
    }
}
