//! Scales: which part of the number line an axis shows, and where on it a value stands.
//! Knows nothing of pixels, ticks or drawing.

use crate::math::{log10, pow};

/// Data that span more than this many decades get a log scale.
const LOG_DECADES: f64 = 2.0;
/// Room left beyond the outermost value, as a share of the scale.
const PAD: f64 = 0.03;
/// How far beyond the data a scale reaches, at most, to show where *normal* ends.
const REACH_LINEAR: f64 = 1.6;
const REACH_LOG_DECADES: f64 = 1.0;

/// How equal distances on a scale compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// Equal distances are equal differences.
    Linear,
    /// Equal distances are equal ratios. Holds positive numbers only.
    Log,
}

/// A stretch of the number line. `min < max`; on a log scale `min > 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub spacing: Spacing,
    pub min: f64,
    pub max: f64,
}

impl Scale {
    /// The scale that shows all `values` and, where it is near enough, `normal`.
    ///
    /// Values at or below zero do not stretch a log scale: they have no place on it.
    pub fn fit(values: impl Iterator<Item = f64>, normal: f64) -> Self {
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            low = low.min(value);
            high = high.max(value);
        }
        let has_normal = normal.is_finite() && normal > 0.0;
        if low > high {
            let top = if has_normal { normal * 2.0 } else { 1.0 };
            return Self::linear(top);
        }
        if log10(high / low) > LOG_DECADES {
            Self::log(low, high, has_normal.then_some(normal))
        } else {
            let top = if has_normal && normal > high {
                normal.min(high * REACH_LINEAR)
            } else {
                high
            };
            Self::linear(top * (1.0 + PAD))
        }
    }

    fn linear(max: f64) -> Self {
        Self {
            spacing: Spacing::Linear,
            min: 0.0,
            max,
        }
    }

    fn log(low: f64, high: f64, normal: Option<f64>) -> Self {
        let (mut from, mut to) = (log10(low), log10(high));
        if let Some(normal) = normal.map(log10) {
            from = from.min(normal.max(from - REACH_LOG_DECADES));
            to = to.max(normal.min(to + REACH_LOG_DECADES));
        }
        let pad = (to - from) * PAD;
        Self {
            spacing: Spacing::Log,
            min: pow(10.0, from - pad),
            max: pow(10.0, to + pad),
        }
    }

    /// Where `value` stands: 0 at `min`, 1 at `max`, outside of both beyond. `None` where the
    /// scale has no place for it: at or below zero on a log scale.
    pub fn unit(&self, value: f64) -> Option<f64> {
        match self.spacing {
            Spacing::Linear => Some((value - self.min) / (self.max - self.min)),
            Spacing::Log if value > 0.0 => {
                Some(log10(value / self.min) / log10(self.max / self.min))
            }
            Spacing::Log => None,
        }
    }

    /// The value that stands at `unit`.
    pub fn value(&self, unit: f64) -> f64 {
        match self.spacing {
            Spacing::Linear => self.min + unit * (self.max - self.min),
            Spacing::Log => self.min * pow(self.max / self.min, unit),
        }
    }

    /// The part between two values, in either order.
    pub fn part(&self, one: f64, other: f64) -> Self {
        Self {
            spacing: self.spacing,
            min: one.min(other),
            max: one.max(other),
        }
    }

    /// How many powers of ten it spans.
    pub fn decades(&self) -> f64 {
        match self.spacing {
            Spacing::Linear => 0.0,
            Spacing::Log => log10(self.max / self.min),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(values: &[f64], normal: f64) -> Scale {
        Scale::fit(values.iter().copied(), normal)
    }

    #[test]
    fn two_decades_are_linear_and_more_are_log() {
        assert_eq!(fit(&[1.0, 100.0], 1.0).spacing, Spacing::Linear);
        assert_eq!(fit(&[1.0, 101.0], 1.0).spacing, Spacing::Log);
    }

    #[test]
    fn a_linear_scale_begins_at_zero_and_holds_every_value() {
        let scale = fit(&[4.0, 9.0], 1.0);
        assert_eq!(scale.min, 0.0);
        assert!(scale.max > 9.0 && scale.max < 10.0);
    }

    #[test]
    fn a_log_scale_holds_every_positive_value_and_the_normal() {
        let scale = fit(&[0.0, 0.1, 5_000.0], 0.05);
        assert_eq!(scale.spacing, Spacing::Log);
        assert!(scale.min < 0.05 && scale.min > 0.0);
        assert!(scale.max > 5_000.0);
    }

    #[test]
    fn a_far_normal_does_not_squash_the_data() {
        assert!(fit(&[1.0, 10.0], 1e9).max < 20.0);
        assert!(fit(&[1.0, 1e4], 1e9).max < 1e6);
        assert!(fit(&[1.0, 1e4], 1e-9).min > 1e-2);
    }

    #[test]
    fn equal_or_absent_values_still_make_a_scale() {
        for values in [&[][..], &[0.0], &[3.0], &[3.0, 3.0], &[f64::NAN]] {
            for normal in [0.0, 3.0, f64::NAN] {
                let scale = fit(values, normal);
                assert!(scale.min < scale.max, "{values:?} {normal}");
                assert!(scale.max.is_finite());
            }
        }
    }

    #[test]
    fn zero_has_no_place_on_a_log_scale() {
        let scale = fit(&[1.0, 1e4], 1.0);
        assert_eq!(scale.unit(0.0), None);
        assert_eq!(scale.unit(-1.0), None);
    }

    #[test]
    fn value_undoes_unit() {
        for scale in [fit(&[1.0, 50.0], 1.0), fit(&[0.01, 1e4], 1.0)] {
            for value in [0.5, 1.0, 42.0] {
                let unit = scale.unit(value).unwrap();
                assert!((scale.value(unit) - value).abs() < 1e-9);
            }
        }
    }
}
