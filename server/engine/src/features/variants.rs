//! How many different things an actor asked for: a HyperLogLog of 128 registers (Flajolet et
//! al., 2007), exact while there are few.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Up to here the hashes themselves are kept.
const EXACT: usize = 24;
const REGISTERS: usize = 128;

/// A set of hashes of which only the size is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Variants {
    /// The hashes, sorted.
    Few(SmallVec<[u64; 2]>),
    /// One register per seven low bits: the longest run of zeros seen, plus one.
    Many(Box<[u8]>),
}

impl Default for Variants {
    fn default() -> Self {
        Self::NONE
    }
}

impl Variants {
    /// No hash.
    pub(crate) const NONE: Self = Self::Few(SmallVec::new_const());

    /// Adds a hash; says whether it is (or, in a large set, may be) new.
    pub fn add(&mut self, hash: u64) -> bool {
        match self {
            Self::Few(hashes) => match hashes.binary_search(&hash) {
                Ok(_) => false,
                Err(index) if hashes.len() < EXACT => {
                    hashes.insert(index, hash);
                    true
                }
                Err(_) => {
                    let few = std::mem::take(hashes);
                    *self = Self::Many(vec![0; REGISTERS].into());
                    for known in few {
                        self.add(known);
                    }
                    self.add(hash);
                    true
                }
            },
            Self::Many(registers) => {
                let mixed = mix(hash);
                let register = &mut registers[(mixed & 127) as usize];
                let rank = ((mixed >> 7).trailing_zeros() + 1) as u8;
                let new = rank > *register;
                *register = (*register).max(rank);
                new
            }
        }
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Few(hashes) => {
                for hash in hashes {
                    self.add(*hash);
                }
            }
            Self::Many(theirs) => {
                if let Self::Few(hashes) = self {
                    let few = std::mem::take(hashes);
                    *self = Self::Many(theirs.clone());
                    for hash in few {
                        self.add(hash);
                    }
                } else if let Self::Many(ours) = self {
                    for (our, their) in ours.iter_mut().zip(theirs) {
                        *our = (*our).max(*their);
                    }
                }
            }
        }
    }

    /// How many; exact up to 24, then within about ten percent.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        match self {
            Self::Few(hashes) => hashes.len() as u64,
            Self::Many(registers) => {
                let count = REGISTERS as f64;
                let sum: f64 = registers
                    .iter()
                    .map(|rank| 1.0 / (1u64 << rank.min(&60)) as f64)
                    .sum();
                let raw = 0.7213 / (1.0 + 1.079 / count) * count * count / sum;
                let zeros = registers.iter().filter(|rank| **rank == 0).count();
                let estimate = if raw <= 2.5 * count && zeros > 0 {
                    count * libm::log(count / zeros as f64)
                } else {
                    raw
                };
                (estimate + 0.5) as u64
            }
        }
    }
}

/// Spreads the bits, for hashes that are not uniform (splitmix64's finaliser).
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact_while_small_and_near_when_large() {
        let mut set = Variants::default();
        for hash in 0..24 {
            set.add(hash);
            set.add(hash);
        }
        assert_eq!(set.distinct(), 24);
        for hash in 0..5_000 {
            set.add(hash);
        }
        let distinct = set.distinct();
        assert!((4_000..6_000).contains(&distinct), "{distinct}");
    }

    #[test]
    fn a_merged_set_is_the_same_in_either_order() {
        let (mut few, mut many) = (Variants::default(), Variants::default());
        (0..10).for_each(|hash| _ = few.add(hash));
        (5..900).for_each(|hash| _ = many.add(hash));
        let mut one = few.clone();
        one.merge(&many);
        let mut other = many;
        other.merge(&few);
        assert_eq!(one, other);
    }
}
