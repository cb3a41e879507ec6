//! What is *normal* for an application: for each measured quantity a threshold, learned from
//! its own unsuspected actors and blended with a documented default while they are few. Not
//! what follows from exceeding it (`detectors`).

use serde::{Deserialize, Serialize};
use shared::{DetectorKind, Direction, Learning};

/// From how many actors on learned and default weigh the same.
const HALF_TRUST: f64 = 200.0;
/// A learned normal stays within this factor of the default: an application whose unsuspected
/// actors were mostly bots must not teach that bots are normal.
const LEASH: f64 = 6.0;
/// The share of unsuspected actors that lie within their own normal.
const QUANTILE: f64 = 0.95;
/// Buckets per doubling: a threshold is exact within 4.5%.
const STEPS: f64 = 8.0;
const BUCKETS: usize = 320;
/// The smallest value told from 0.
const SMALLEST: f64 = 1e-3;

/// A histogram in equal steps of log2, from 1/1000 upwards.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Histogram {
    buckets: Vec<u32>,
    total: u64,
}

impl Histogram {
    fn add(&mut self, value: f64) {
        let index = if value <= SMALLEST {
            0
        } else {
            (libm::log2(value / SMALLEST) * STEPS) as usize + 1
        };
        let index = index.min(BUCKETS - 1);
        if self.buckets.len() <= index {
            self.buckets.resize(index + 1, 0);
        }
        self.buckets[index] = self.buckets[index].saturating_add(1);
        self.total += 1;
    }

    /// The value below which `share` of all lie; the upper edge of its bucket.
    fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.total as f64;
        let mut seen = 0.0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += f64::from(*count);
            if seen >= wanted {
                return SMALLEST * libm::exp2(index as f64 / STEPS);
            }
        }
        0.0
    }
}

/// A threshold and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Normal {
    /// The value at which a detector votes.
    pub value: f64,
    /// How much of it is learned, 0 to 100.
    pub learned_percent: u8,
    /// From how many actors.
    pub actors: u64,
}

/// The learned quantities of one application.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    quantities: Vec<Histogram>,
    actors: u64,
    first_at: Option<i64>,
    last_at: i64,
}

impl Baseline {
    /// Learns one unsuspected actor's values: those of detectors that worked.
    pub(crate) fn learn(&mut self, at: i64, values: impl Iterator<Item = (Quantity, f64)>) {
        self.actors += 1;
        self.first_at.get_or_insert(at);
        self.last_at = self.last_at.max(at);
        for (quantity, value) in values {
            let index = quantity.index();
            if self.quantities.len() <= index {
                self.quantities.resize(index + 1, Histogram::default());
            }
            self.quantities[index].add(value);
        }
    }

    /// The threshold for a quantity, given its default and the side on which it is abnormal.
    #[must_use]
    pub(crate) fn normal(&self, quantity: Quantity, default: f64, direction: Direction) -> Normal {
        let unlearned = Normal {
            value: default,
            learned_percent: 0,
            actors: 0,
        };
        let Some(histogram) = self.quantities.get(quantity.index()) else {
            return unlearned;
        };
        if histogram.total == 0 || default <= 0.0 {
            return unlearned;
        }
        let share = if direction == Direction::Below {
            1.0 - QUANTILE
        } else {
            QUANTILE
        };
        let learned = histogram
            .quantile(share)
            .clamp(default / LEASH, default * LEASH);
        let weight = histogram.total as f64 / (histogram.total as f64 + HALF_TRUST);
        // Geometric: thresholds are compared by ratios.
        let blended = libm::exp(weight * libm::log(learned) + (1.0 - weight) * libm::log(default));
        Normal {
            value: blended,
            learned_percent: (weight * 100.0 + 0.5) as u8,
            actors: histogram.total,
        }
    }

    /// How far learning is.
    #[must_use]
    pub(crate) fn learning(&self) -> Learning {
        let hours = self
            .first_at
            .map_or(0, |first| (self.last_at - first) / 3_600_000);
        let weight = self.actors as f64 / (self.actors as f64 + HALF_TRUST);
        Learning {
            actors: self.actors,
            hours: u32::try_from(hours).unwrap_or(0),
            percent: (weight * 100.0 + 0.5) as u8,
        }
    }
}

/// A quantity with a normal: a detector's value, or one that only the heatmaps show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// A detector's value.
    Detector(DetectorKind),
    /// Requests per second.
    Rps,
    /// Requests per second inside bursts.
    BurstRate,
    /// Responses 4xx and 5xx.
    Errors,
    /// Requests with an unsafe method.
    UnsafeMethods,
    /// Different endpoints.
    Endpoints,
    /// Requests to critical or sensitive endpoints.
    Critical,
}

impl Quantity {
    fn index(self) -> usize {
        let others = DetectorKind::ALL.len();
        match self {
            Self::Detector(detector) => detector as usize,
            Self::Rps => others,
            Self::BurstRate => others + 1,
            Self::Errors => others + 2,
            Self::UnsafeMethods => others + 3,
            Self::Endpoints => others + 4,
            Self::Critical => others + 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Quantity = Quantity::Detector(DetectorKind::RequestRate);

    fn learned(values: &[f64]) -> Baseline {
        let mut baseline = Baseline::default();
        for value in values {
            baseline.learn(0, [(RATE, *value)].into_iter());
        }
        baseline
    }

    #[test]
    fn without_traffic_the_default_is_normal() {
        let normal = Baseline::default().normal(RATE, 60.0, Direction::Above);
        assert_eq!((normal.value, normal.learned_percent), (60.0, 0));
    }

    #[test]
    fn learned_and_default_weigh_the_same_at_200_actors() {
        // 200 actors at 20: geometric mean of 20 (within a bucket's 9%) and 80 is 40
        let normal = learned(&[20.0; 200]).normal(RATE, 80.0, Direction::Above);
        assert_eq!((normal.learned_percent, normal.actors), (50, 200));
        assert!((38.0..44.0).contains(&normal.value), "{}", normal.value);
    }

    #[test]
    fn a_few_extreme_actors_do_not_move_the_normal() {
        let mut values = vec![10.0; 2_000];
        values.extend([100_000.0; 60]);
        let normal = learned(&values).normal(RATE, 30.0, Direction::Above);
        assert!(normal.value < 14.0, "{}", normal.value);
    }

    #[test]
    fn even_when_all_teachers_are_bots_the_normal_stays_on_its_leash() {
        let normal = learned(&[1e6; 5_000]).normal(RATE, 30.0, Direction::Above);
        assert!(normal.value <= 30.0 * LEASH);
    }

    #[test]
    fn below_is_learned_from_the_other_end() {
        let values: Vec<f64> = (1..=1_000).map(|n| f64::from(n) / 1_000.0).collect();
        let normal = learned(&values).normal(RATE, 0.2, Direction::Below);
        assert!((0.04..0.09).contains(&normal.value), "{}", normal.value);
    }
}
