//! Steps: the gaps of more than a second, also inside what counts as one burst, so that who
//! turns a page every three seconds is seen to. Only their spread; longer patterns are `gaps`.

use serde::{Deserialize, Serialize};

/// A shorter gap lies within one page, or one call and its successors, in milliseconds.
const PAGE_MS: i64 = 1_000;
/// A longer one says that somebody went away, in milliseconds.
const AWAY_MS: i64 = 30 * 60_000;

/// The gaps of more than a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Steps {
    count: u64,
    /// Sum in seconds, and of their squares.
    sum: f64,
    squares: f64,
    /// When the last request came.
    last_at: i64,
}

impl Steps {
    /// Counts a request at `at`, in milliseconds.
    pub(crate) fn add(&mut self, at: i64) {
        let gap = at - self.last_at;
        if self.last_at != 0 && gap > PAGE_MS && gap < AWAY_MS {
            let seconds = gap as f64 / 1_000.0;
            self.count += 1;
            self.sum += seconds;
            self.squares += seconds * seconds;
        }
        self.last_at = self.last_at.max(at);
    }

    /// Adds another client's.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
        self.last_at = self.last_at.max(other.last_at);
    }

    /// The coefficient of variation: 0 is a clock. `None` of fewer than `enough` gaps.
    #[must_use]
    pub(crate) fn spread(&self, enough: u64) -> Option<f64> {
        if self.count < enough {
            return None;
        }
        let count = self.count as f64;
        let mean = self.sum / count;
        let variance = (self.squares / count - mean * mean).max(0.0);
        Some(libm::sqrt(variance) / mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(gaps_ms: &[i64]) -> Steps {
        let (mut steps, mut at) = (Steps::default(), 1_000);
        steps.add(at);
        for gap in gaps_ms {
            at += gap;
            steps.add(at);
        }
        steps
    }

    #[test]
    fn pages_turned_every_three_seconds_are_a_clock_whatever_each_loads() {
        let spread = steps(&[3_000, 0, 200].repeat(20)).spread(20).unwrap();
        assert!(spread < 1e-6, "{spread}");
        assert_eq!(steps(&[3_000; 19]).spread(20), None);
    }

    #[test]
    fn gaps_as_long_as_they_are_wide_are_none() {
        // 2 and 10 s: mean 6, deviation 4.
        let spread = steps(&[2_000, 10_000].repeat(10)).spread(20).unwrap();
        assert!((spread - 4.0 / 6.0).abs() < 1e-9);
    }
}
