//! Scheduled requests: how regular the gaps between bursts are, 0 (random) to 1 (a clock).
//! max(1 − coefficient of variation, autocorrelation peak at lags up to a day), corrected for
//! the source's resolution; at least eight gaps.

use serde::{Deserialize, Serialize};
use shared::Timestamp;
use smallvec::SmallVec;

use crate::room::make_room;

/// How many of the last gaps are kept for the autocorrelation.
const RECENT: usize = 64;
/// Fewer gaps say nothing of a schedule.
const ENOUGH: u64 = 8;
/// A peak needs this many pairs, or chance alone makes one.
const PAIRS: usize = 16;

/// Gaps between bursts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Gaps {
    /// How many.
    pub count: u64,
    /// Sum in seconds.
    sum: f64,
    /// Sum of squares in seconds².
    squares: f64,
    /// The last ones in milliseconds, oldest first.
    recent: SmallVec<[u32; 4]>,
    /// The coarsest resolution of the sources, in milliseconds.
    resolution_ms: u32,
}

impl Gaps {
    /// Adds one gap.
    pub fn add(&mut self, gap_ms: u64, resolution_ms: u32) {
        let seconds = gap_ms as f64 / 1_000.0;
        self.count += 1;
        self.sum += seconds;
        self.squares += seconds * seconds;
        self.resolution_ms = self.resolution_ms.max(resolution_ms);
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        make_room(&mut self.recent);
        self.recent.push(u32::try_from(gap_ms).unwrap_or(u32::MAX));
    }

    /// Adds the gaps of a later stretch.
    pub fn merge(&mut self, later: &Self) {
        self.count += later.count;
        self.sum += later.sum;
        self.squares += later.squares;
        self.resolution_ms = self.resolution_ms.max(later.resolution_ms);
        self.recent.extend_from_slice(&later.recent);
        let surplus = self.recent.len().saturating_sub(RECENT);
        self.recent.drain(..surplus);
    }

    /// The mean gap in seconds; 0 without gaps.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / self.count as f64
        }
    }

    /// How much they differ, as a share of their mean; `None` with fewer than three.
    #[must_use]
    pub(crate) fn spread(&self) -> Option<f64> {
        let mean = self.mean();
        (self.count >= 3 && mean > 0.0).then(|| {
            let variance = self.squares / self.count as f64 - mean * mean;
            libm::sqrt(variance.max(0.0)) / mean
        })
    }

    /// 0 (random) to 1 (a clock); `None` with fewer than eight gaps.
    #[must_use]
    pub fn scheduled(&self) -> Option<f64> {
        if self.count < ENOUGH {
            return None;
        }
        let mean = self.mean();
        let variance = (self.squares / self.count as f64 - mean * mean).max(0.0);
        // Each end of a gap is rounded down to the resolution r: that alone gives r²/6.
        let resolution = f64::from(self.resolution_ms) / 1_000.0;
        let variance = (variance - resolution * resolution / 6.0).max(0.0);
        let regularity = 1.0 - libm::sqrt(variance) / mean;
        Some(regularity.max(self.peak()).clamp(0.0, 1.0))
    }

    /// The highest autocorrelation of the recent gaps at lags that together last at most a day.
    fn peak(&self) -> f64 {
        let gaps = &self.recent;
        let count = gaps.len() as f64;
        let mean = gaps.iter().map(|gap| f64::from(*gap)).sum::<f64>() / count;
        let variance: f64 = gaps.iter().map(|gap| square(f64::from(*gap) - mean)).sum();
        if variance <= 0.0 {
            return 0.0;
        }
        let longest_lag = (gaps.len().saturating_sub(PAIRS))
            .min((Timestamp::DAY as f64 / mean.max(1.0)) as usize);
        let mut peak = 0.0f64;
        for lag in 1..=longest_lag {
            let covariance: f64 = gaps
                .iter()
                .zip(&gaps[lag..])
                .map(|(a, b)| (f64::from(*a) - mean) * (f64::from(*b) - mean))
                .sum();
            peak = peak.max(covariance / variance * count / (count - lag as f64));
        }
        // What chance gives to the highest of this many lags is no schedule.
        let chance = 2.0 / libm::sqrt(count);
        if peak > chance { peak.min(1.0) } else { 0.0 }
    }
}

fn square(value: f64) -> f64 {
    value * value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(seconds: &[f64], resolution_ms: u32) -> Gaps {
        let mut gaps = Gaps::default();
        for second in seconds {
            gaps.add((second * 1_000.0) as u64, resolution_ms);
        }
        gaps
    }

    #[test]
    fn a_clock_is_scheduled_and_seven_gaps_are_too_few() {
        assert_eq!(gaps(&[60.0; 8], 1).scheduled(), Some(1.0));
        assert_eq!(gaps(&[60.0; 7], 1).scheduled(), None);
    }

    #[test]
    fn the_value_is_one_less_the_coefficient_of_variation() {
        // mean 10, deviation 5: CV 0.5; alternating, but with too few pairs for a peak
        let value = gaps(&[5.0, 15.0, 5.0, 15.0, 5.0, 15.0, 5.0, 15.0], 1)
            .scheduled()
            .unwrap();
        assert!((value - 0.5).abs() < 1e-6, "{value}");
    }

    #[test]
    fn rounding_to_whole_seconds_alone_does_not_hide_a_clock() {
        // every 10.5 s, logged in whole seconds: 10, 11, 10, 11 … variance 0.25 > 1/6
        let value = gaps(&[10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 11.0], 1_000)
            .scheduled()
            .unwrap();
        assert!(value > 0.97, "{value}");
    }

    #[test]
    fn a_repeated_pattern_is_found_by_its_autocorrelation() {
        let pattern = [10.0, 10.0, 10.0, 300.0].repeat(16);
        assert!(gaps(&pattern, 1).scheduled().unwrap() > 0.95);
    }

    #[test]
    fn exponential_gaps_are_not_scheduled() {
        let mut state = 7u64;
        let random: Vec<f64> = (0..400)
            .map(|_| {
                state = state
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                let uniform = ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
                -30.0 * libm::log(uniform)
            })
            .collect();
        assert!(gaps(&random, 1).scheduled().unwrap() < 0.45);
    }

    #[test]
    fn merged_stretches_equal_the_whole() {
        let whole = gaps(&[5.0, 7.0, 9.0, 30.0, 12.0, 5.5, 6.0, 8.0, 60.0], 1);
        let mut merged = gaps(&[5.0, 7.0, 9.0, 30.0], 1);
        merged.merge(&gaps(&[12.0, 5.5, 6.0, 8.0, 60.0], 1));
        assert_eq!(merged.recent, whole.recent);
        assert!((merged.scheduled().unwrap() - whole.scheduled().unwrap()).abs() < 1e-9);
    }
}
