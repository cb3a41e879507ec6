//! Persistence: in how many stretches of five minutes something was tried. Who mistypes a
//! password does so within one or two; who goes on, goes on. Stretches need not follow one
//! another.

use serde::{Deserialize, Serialize};

const STRETCH_MS: i64 = 5 * 60_000;
/// The last stretches are told apart, so that what comes out of order counts once.
const RECENT: i64 = 63;

/// Stretches of five minutes with an attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Persistence {
    /// The newest stretch.
    newest: i64,
    /// Bit `n`: the stretch `n` before the newest.
    recent: u64,
    /// Those that are older.
    older: u32,
}

impl Persistence {
    /// No attempt.
    pub(crate) const NONE: Self = Self {
        newest: 0,
        recent: 0,
        older: 0,
    };

    /// Counts an attempt at `at`, in milliseconds.
    pub(crate) fn add(&mut self, at: i64) {
        let stretch = at.div_euclid(STRETCH_MS);
        if self.recent == 0 {
            self.newest = stretch;
        }
        self.reach(stretch);
        let age = self.newest - stretch;
        if age <= RECENT {
            self.recent |= 1 << age;
        }
    }

    /// Adds another client's.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.recent == 0 {
            return;
        }
        if self.recent == 0 {
            *self = *other;
            return;
        }
        self.reach(other.newest);
        let age = self.newest - other.newest;
        if age <= RECENT {
            self.recent |= other.recent << age;
        }
        self.older = self.older.max(other.older);
    }

    /// How many stretches.
    #[must_use]
    pub(crate) fn stretches(&self) -> u32 {
        self.recent.count_ones() + self.older
    }

    /// Makes `stretch` the newest, if it is newer.
    fn reach(&mut self, stretch: i64) {
        let later = stretch - self.newest;
        if later <= 0 {
            return;
        }
        let kept = if later > RECENT {
            0
        } else {
            self.recent << later >> later
        };
        self.older += (self.recent & !kept).count_ones();
        self.recent = if later > RECENT {
            0
        } else {
            self.recent << later
        };
        self.newest = stretch;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(minutes: &[i64]) -> Persistence {
        let mut persistence = Persistence::default();
        for minute in minutes {
            persistence.add(minute * 60_000);
        }
        persistence
    }

    #[test]
    fn many_attempts_within_five_minutes_are_one_stretch() {
        assert_eq!(tried(&[0, 1, 2, 3, 4]).stretches(), 1);
        assert_eq!(tried(&[0, 4, 5, 60]).stretches(), 3);
    }

    #[test]
    fn stretches_are_counted_also_when_they_are_long_past() {
        let daily: Vec<i64> = (0..40).map(|day| day * 1_440).collect();
        assert_eq!(tried(&daily).stretches(), 40);
        let hourly: Vec<i64> = (0..200).map(|hour| hour * 60).collect();
        assert_eq!(tried(&hourly).stretches(), 200);
    }

    #[test]
    fn two_clients_at_the_same_time_are_one_stretch_each_time() {
        let mut one = tried(&[0, 60]);
        one.merge(&tried(&[61, 120]));
        assert_eq!(one.stretches(), 3);
    }
}
