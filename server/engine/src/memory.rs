//! What is remembered of addresses after their clients were forgotten: failed attempts to sign
//! in, fading over 30 days, so that who tries twice a day is seen in the end.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use shared::Timestamp;

use crate::request::Address;

/// After this time nothing is left, in milliseconds.
const FADES_MS: i64 = 30 * Timestamp::DAY;
const MAX_ADDRESSES: usize = 50_000;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Attempts {
    count: f64,
    at: i64,
}

impl Attempts {
    fn left(self, now: i64) -> f64 {
        let age = (now - self.at) as f64 / FADES_MS as f64;
        self.count * (1.0 - age).clamp(0.0, 1.0)
    }
}

/// Failed attempts by address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Memory {
    addresses: FxHashMap<Address, Attempts>,
}

impl Memory {
    /// Remembers failed attempts that an address made until `now`.
    pub(crate) fn record(&mut self, block: Address, failed: u64, now: i64) {
        if failed == 0 {
            return;
        }
        if !self.addresses.contains_key(&block) && self.addresses.len() >= MAX_ADDRESSES {
            self.addresses
                .retain(|_, attempts| attempts.left(now) >= 1.0);
            if self.addresses.len() >= MAX_ADDRESSES {
                return;
            }
        }
        let attempts = self.addresses.entry(block).or_insert(Attempts {
            count: 0.0,
            at: now,
        });
        *attempts = Attempts {
            count: attempts.left(now) + failed as f64,
            at: now,
        };
    }

    /// How many failed attempts of an address are still remembered.
    #[must_use]
    pub(crate) fn recall(&self, block: Address, now: i64) -> u64 {
        self.addresses
            .get(&block)
            .map_or(0, |attempts| attempts.left(now) as u64)
    }
}

/// How many clients signed in lately: halved with every day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SignedIn {
    count: f64,
    day: i64,
}

impl SignedIn {
    /// Counts a client that signed in at `at`, in milliseconds.
    pub(crate) fn add(&mut self, at: i64) {
        let day = at.div_euclid(Timestamp::DAY);
        if day > self.day {
            let days = (day - self.day).min(60) as f64;
            self.count *= libm::exp2(-days);
            self.day = day;
        }
        self.count += 1.0;
    }

    /// How many.
    #[must_use]
    pub(crate) fn now(&self) -> f64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_add_up_and_fade_over_thirty_days() {
        let (mut memory, block) = (Memory::default(), Address(7));
        memory.record(block, 4, 0);
        memory.record(block, 4, 15 * Timestamp::DAY);
        assert_eq!(memory.recall(block, 15 * Timestamp::DAY), 6);
        assert_eq!(memory.recall(block, 30 * Timestamp::DAY), 3);
        assert_eq!(memory.recall(block, 45 * Timestamp::DAY), 0);
        assert_eq!(memory.recall(Address(8), 0), 0);
    }

    #[test]
    fn who_signed_in_counts_half_the_next_day() {
        let mut signed_in = SignedIn::default();
        signed_in.add(1);
        signed_in.add(2);
        assert_eq!(signed_in.now(), 2.0);
        signed_in.add(Timestamp::DAY);
        assert_eq!(signed_in.now(), 2.0);
    }
}
