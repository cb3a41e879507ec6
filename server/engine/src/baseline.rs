//! What is *normal* for an application: for each measured quantity a threshold, learned from
//! its own unsuspected actors and blended with a documented default while they are few. It fades:
//! what is a week old weighs half. It holds against bots that nobody suspects, though they be half
//! of all. Not what follows from exceeding it (`detectors`), nor who may teach
//! (`engine/lifetime`).

use serde::{Deserialize, Serialize};
use shared::{DetectorKind, Direction, Learning, Timestamp};

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

/// After this time what was learned weighs half, in milliseconds.
const HALF_LIFE_MS: i64 = 7 * Timestamp::DAY;
/// Weights are brought back to one before they could outgrow their precision.
const HALF_LIVES: f64 = 16.0;
/// How much further than a quarter of the actors a normal may lie, in steps of as much as an
/// eighth and a quarter of them lie apart. Of a bell this is just beyond its 95th percentile. Bots
/// that are half of all actors and lie on one side move that percentile anywhere, but the quarter
/// and the eighth only among the people.
const REACH: f64 = 5.6;
/// That step is at least so large, in doublings: many actors may have the very same value.
const LEAST_STEP: f64 = 0.2;

/// A histogram in equal steps of log2, from 1/1000 upwards. Weights fade with time: not by
/// becoming smaller, but by newer ones being larger ([`Baseline::weight`]).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Histogram {
    buckets: Vec<f64>,
    total: f64,
    /// How many were ever added.
    count: u64,
}

impl Histogram {
    fn add(&mut self, value: f64, weight: f64) {
        let index = if value <= SMALLEST {
            0
        } else {
            (libm::log2(value / SMALLEST) * STEPS) as usize + 1
        };
        let index = index.min(BUCKETS - 1);
        if self.buckets.len() <= index {
            self.buckets.resize(index + 1, 0.0);
        }
        self.buckets[index] += weight;
        self.total += weight;
        self.count += 1;
    }

    fn fade(&mut self, factor: f64) {
        for weight in &mut self.buckets {
            *weight *= factor;
        }
        self.total *= factor;
    }

    /// The value below which `share` of all lie; the upper edge of its bucket.
    fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.total;
        let mut seen = 0.0;
        for (index, weight) in self.buckets.iter().enumerate() {
            seen += weight;
            if seen >= wanted {
                return SMALLEST * libm::exp2(index as f64 / STEPS);
            }
        }
        SMALLEST * libm::exp2(self.buckets.len() as f64 / STEPS)
    }

    /// The same, within its bucket.
    fn quantile_within(&self, share: f64) -> f64 {
        let wanted = share * self.total;
        let mut seen = 0.0;
        for (index, weight) in self.buckets.iter().enumerate() {
            if seen + weight >= wanted && *weight > 0.0 {
                let part = (wanted - seen) / weight;
                return SMALLEST * libm::exp2((index as f64 - 1.0 + part) / STEPS);
            }
            seen += weight;
        }
        SMALLEST * libm::exp2(self.buckets.len() as f64 / STEPS)
    }

    /// The value that all but one in twenty keep, though half of them may be bots. What is
    /// stricter than the default is believed as it is. What is laxer is believed as far as those
    /// on the other side bear it out: a bot lies where it is abnormal.
    fn normal(&self, default: f64, direction: Direction) -> f64 {
        if direction == Direction::Below {
            // Shares of at most 1: they spread evenly, not in doublings.
            let (near, far) = (self.quantile_within(0.75), self.quantile_within(0.875));
            let learned = self.quantile(1.0 - QUANTILE);
            return learned.max((near - REACH * (far - near)).min(default));
        }
        let (near, far) = (self.quantile_within(0.25), self.quantile_within(0.125));
        let step = libm::log2(near / far).max(LEAST_STEP);
        let learned = self.quantile(QUANTILE);
        learned.min((near * libm::exp2(REACH * step)).max(default))
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
    /// How many ever taught.
    actors: u64,
    first_at: Option<i64>,
    last_at: i64,
    /// When a lesson weighs one.
    since: i64,
}

impl Baseline {
    /// Learns one unsuspected actor's values: those of detectors that worked.
    pub(crate) fn learn(&mut self, at: i64, values: impl Iterator<Item = (Quantity, f64)>) {
        self.actors += 1;
        if self.first_at.is_none() {
            self.first_at = Some(at);
            self.since = at;
        }
        self.last_at = self.last_at.max(at);
        if self.half_lives(at) > HALF_LIVES {
            let factor = 1.0 / self.weight(at);
            for histogram in &mut self.quantities {
                histogram.fade(factor);
            }
            self.since = at;
        }
        let weight = self.weight(at);
        for (quantity, value) in values {
            let index = quantity.index();
            if self.quantities.len() <= index {
                self.quantities.resize(index + 1, Histogram::default());
            }
            self.quantities[index].add(value, weight);
        }
    }

    fn half_lives(&self, at: i64) -> f64 {
        (at - self.since) as f64 / HALF_LIFE_MS as f64
    }

    /// What a lesson of this moment weighs: twice as much as one a week older.
    fn weight(&self, at: i64) -> f64 {
        libm::exp2(self.half_lives(at))
    }

    /// How much the learned part of a threshold weighs, from 0 to 1: by how many lessons are
    /// behind it, older ones counting less.
    fn trust(&self, histogram: &Histogram) -> f64 {
        let lessons = histogram.total / self.weight(self.last_at);
        lessons / (lessons + HALF_TRUST)
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
        if histogram.count == 0 || default <= 0.0 {
            return unlearned;
        }
        let learned = histogram.normal(default, direction);
        let learned = learned.clamp(default / LEASH, default * LEASH);
        let weight = self.trust(histogram);
        // Geometric: thresholds are compared by ratios.
        let blended = libm::exp(weight * libm::log(learned) + (1.0 - weight) * libm::log(default));
        Normal {
            value: blended,
            learned_percent: (weight * 100.0 + 0.5) as u8,
            actors: histogram.count,
        }
    }

    /// How far learning is.
    #[must_use]
    pub(crate) fn learning(&self) -> Learning {
        let hours = self
            .first_at
            .map_or(0, |first| (self.last_at - first) / 3_600_000);
        // What every lesson teaches.
        let weight = self
            .quantities
            .get(Quantity::Rps.index())
            .map_or(0.0, |histogram| self.trust(histogram));
        Learning {
            actors: self.actors,
            hours: u32::try_from(hours).unwrap_or(0),
            percent: (weight * 100.0 + 0.5) as u8,
        }
    }

    /// The last lesson; `None` before the first.
    #[must_use]
    pub(crate) fn last_at(&self) -> Option<i64> {
        self.first_at.map(|_| self.last_at)
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
    use proptest::prelude::*;

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
    fn what_is_a_week_old_weighs_half() {
        let week = 7 * Timestamp::DAY;
        let mut baseline = Baseline::default();
        for at in [0, week] {
            for _ in 0..200 {
                baseline.learn(at, [(RATE, 20.0)].into_iter());
            }
        }
        // 100 + 200 lessons are left of 400.
        let normal = baseline.normal(RATE, 60.0, Direction::Above);
        assert_eq!((normal.learned_percent, normal.actors), (60, 400));
    }

    #[test]
    fn after_a_year_of_other_traffic_the_old_normal_is_forgotten() {
        let mut baseline = Baseline::default();
        for week in 0..52 {
            let value = if week < 26 { 10.0 } else { 40.0 };
            for _ in 0..500 {
                let at = week * 7 * Timestamp::DAY;
                baseline.learn(at, [(RATE, value)].into_iter());
            }
        }
        let mut young = Baseline::default();
        (0..1_000).for_each(|_| young.learn(0, [(RATE, 40.0)].into_iter()));
        let of = |baseline: &Baseline| baseline.normal(RATE, 60.0, Direction::Above).value;
        assert!((of(&baseline) / of(&young) - 1.0).abs() < 0.02);
    }

    #[test]
    fn below_is_learned_from_the_other_end() {
        let values: Vec<f64> = (1..=1_000).map(|n| f64::from(n) / 1_000.0).collect();
        let normal = learned(&values).normal(RATE, 0.2, Direction::Below);
        assert!((0.04..0.09).contains(&normal.value), "{}", normal.value);
    }

    /// A bell around 0, one wide, as many numbers as asked for.
    fn bell(count: u64) -> impl Iterator<Item = f64> {
        let even = |seed: u64| {
            let hash = crate::attribute::hash_parts(&[&seed.to_le_bytes()]);
            (hash >> 11) as f64 / (1u64 << 53) as f64
        };
        // Twelve even numbers added are nearly one.
        (0..count).map(move |n| (0..12).map(|k| even(n * 12 + k)).sum::<f64>() - 6.0)
    }

    /// Around `middle`, `wide` doublings wide.
    fn spread(middle: f64, wide: f64, count: u64) -> impl Iterator<Item = f64> {
        bell(count).map(move |bell| middle * libm::exp2(bell * wide))
    }

    fn threshold(values: impl Iterator<Item = f64>, default: f64, direction: Direction) -> f64 {
        let mut baseline = Baseline::default();
        values.for_each(|value| baseline.learn(0, [(RATE, value)].into_iter()));
        baseline.normal(RATE, default, direction).value
    }

    proptest! {
        /// Bots are at 1 to 100 times of what one person in twenty exceeds; the default is up to
        /// four times off.
        #[test]
        fn bots_that_are_half_of_the_teachers_hardly_move_a_normal_above(
            middle in 0.1f64..100.0,
            wide in 0.1f64..1.0,
            default_at in 0.25f64..4.0,
            times in 1.0f64..100.0,
            bots_wide in 0.0f64..0.5,
        ) {
            let edge = middle * libm::exp2(1.645 * wide);
            let default = edge * default_at;
            let clean = threshold(spread(middle, wide, 2_000), default, Direction::Above);
            let bots = spread(edge * times, bots_wide, 2_000);
            let mixed = spread(middle, wide, 2_000).chain(bots);
            let mixed = threshold(mixed, default, Direction::Above);
            // To the default, or by 2.2 times the width of the people; never stricter.
            let at_most = libm::exp2(2.2 * wide + 0.4).max(2.2).max(default / clean * 1.1);
            prop_assert!(mixed <= clean * at_most, "{clean} {mixed} {default} {at_most}");
            prop_assert!(mixed >= clean * 0.9, "{clean} {mixed} {default}");
        }

        #[test]
        fn bots_that_are_half_of_the_teachers_hardly_move_a_normal_below(
            middle in 0.4f64..0.8,
            wide in 0.02f64..0.1,
            default in 0.15f64..0.3,
            times in 1.0f64..100.0,
        ) {
            let people = || bell(2_000).map(move |bell| (middle + bell * wide).clamp(0.0, 1.0));
            let clean = threshold(people(), default, Direction::Below);
            let bots = std::iter::repeat_n((middle - 1.645 * wide) / times, 2_000);
            let mixed = threshold(people().chain(bots), default, Direction::Below);
            let at_least = (middle - 4.5 * wide).max(default / LEASH).min(default) * 0.9;
            prop_assert!(mixed >= at_least, "{clean} {mixed} {default}");
            prop_assert!(mixed <= clean * 1.1, "{clean} {mixed} {default}");
        }

        #[test]
        fn without_bots_nothing_is_held_back(middle in 0.1f64..100.0, wide in 0.1f64..1.5) {
            // One in twenty exceeds it, as far as 2,000 people and the buckets tell.
            let edge = middle * libm::exp2(1.645 * wide);
            let learned = threshold(spread(middle, wide, 2_000), edge, Direction::Above);
            prop_assert!((0.85..1.2).contains(&(learned / edge)), "{learned} {edge}");
        }
    }
}
