//! Numbers that look random and are the same from the same seed, whatever the machine
//! (splitmix64; Steele, Lea & Flood, OOPSLA 2014).

use std::f64::consts::TAU;

/// Where the sequence stands.
pub(super) struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 to below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From 0 to 1, never 0.
    pub(super) fn share(&mut self) -> f32 {
        share(self.next()) as f32
    }

    /// A bell around 0 (Box & Muller, 1958).
    pub(super) fn normal(&mut self) -> f32 {
        let (one, other) = (share(self.next()), share(self.next()));
        (libm::sqrt(-2.0 * libm::log(one)) * libm::cos(TAU * other)) as f32
    }
}

/// A hash as a number above 0, at most 1.
pub(super) fn share(hash: u64) -> f64 {
    ((hash >> 11) + 1) as f64 / (1u64 << 53) as f64
}

/// Spreads the bits of a number over all of them.
pub(super) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
