//! Ticks: a few round values on a scale. Not their text (see `number`) and not their place.

use super::scale::{Scale, Spacing};
use crate::math::{log10, pow, within};

/// Guards against a scale that holds absurdly many steps.
const LIMIT: usize = 200;

/// Round values within `scale`, in rising order, at most `max` of them (and at least two where
/// two round values exist). `whole` keeps to whole numbers.
pub fn ticks(scale: &Scale, max: usize, whole: bool) -> Vec<f64> {
    let max = max.max(2);
    match scale.spacing {
        Spacing::Linear => linear(scale, max, whole),
        Spacing::Log => log(scale, max, whole),
    }
}

/// The marks between ticks on a log scale that make it recognisable as one: 2 to 9 times each
/// power of ten. Empty on a linear scale and where they would be too many to see.
pub fn between(scale: &Scale) -> Vec<f64> {
    if scale.spacing == Spacing::Linear || scale.decades() > 5.0 {
        return Vec::new();
    }
    powers(scale)
        .into_iter()
        .flat_map(|power| (2..10).map(move |times| f64::from(times) * power))
        .filter(|value| (scale.min..=scale.max).contains(value))
        .collect()
}

fn linear(scale: &Scale, max: usize, whole: bool) -> Vec<f64> {
    let span = scale.max - scale.min;
    let rough = span / max as f64;
    let power = pow(10.0, log10(rough).floor());
    let step = [1.0, 2.0, 5.0, 10.0, 20.0]
        .into_iter()
        .map(|times| times * power)
        .filter(|step| !whole || *step >= 1.0)
        .find(|step| count(scale, *step) <= max)
        .unwrap_or(if whole { rough.ceil().max(1.0) } else { span });
    let first = (scale.min / step - 1e-9).ceil();
    (0..count(scale, step).min(LIMIT))
        .map(|index| round_to(step, first + index as f64))
        .collect()
}

/// How many multiples of `step` lie within `scale`.
fn count(scale: &Scale, step: f64) -> usize {
    let first = (scale.min / step - 1e-9).ceil();
    let last = (scale.max / step + 1e-9).floor();
    if last < first {
        0
    } else {
        (last - first) as usize + 1
    }
}

/// `times × step`, without the dust of binary fractions (0.30000000000000004).
fn round_to(step: f64, times: f64) -> f64 {
    let digits = pow(10.0, within((2.0 - log10(step)).ceil(), 0.0, 15.0));
    (step * times * digits).round() / digits
}

fn log(scale: &Scale, max: usize, whole: bool) -> Vec<f64> {
    if scale.decades() < 1.0 {
        return linear(scale, max, whole);
    }
    for steps in [&[1.0, 2.0, 5.0][..], &[1.0, 3.0]] {
        let values = multiples(scale, steps, whole);
        if values.len() <= max && scale.decades() <= 2.5 {
            return values;
        }
    }
    let powers = multiples(scale, &[1.0], whole);
    let every = powers.len().div_ceil(max).max(1);
    let sparse: Vec<f64> = powers.iter().copied().step_by(every).collect();
    if sparse.len() < 2 {
        let values = multiples(scale, &[1.0, 3.0], whole);
        let every = values.len().div_ceil(max).max(1);
        return values.into_iter().step_by(every).collect();
    }
    sparse
}

fn multiples(scale: &Scale, steps: &[f64], whole: bool) -> Vec<f64> {
    powers(scale)
        .into_iter()
        .flat_map(|power| steps.iter().map(move |step| step * power))
        .filter(|value| (scale.min..=scale.max).contains(value))
        .filter(|value| !whole || *value >= 1.0)
        .collect()
}

/// The powers of ten from just below `min` to `max`.
fn powers(scale: &Scale) -> Vec<f64> {
    let first = log10(scale.min).floor() as i32;
    let last = log10(scale.max).floor() as i32;
    (first..=last)
        .take(LIMIT)
        .map(|power| 10f64.powi(power))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(spacing: Spacing, min: f64, max: f64) -> Scale {
        Scale { spacing, min, max }
    }

    #[test]
    fn linear_ticks_are_round_and_few() {
        let check = |max: f64, count: usize, expected: &[f64]| {
            assert_eq!(
                ticks(&scale(Spacing::Linear, 0.0, max), count, false),
                expected
            );
        };
        check(10.7, 6, &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        check(1.0, 6, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        check(0.35, 4, &[0.0, 0.1, 0.2, 0.3]);
        check(950.0, 4, &[0.0, 500.0]);
    }

    #[test]
    fn counts_get_whole_ticks() {
        let values = ticks(&scale(Spacing::Linear, 0.0, 3.2), 6, true);
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn log_ticks_are_powers_of_ten_when_wide() {
        let values = ticks(&scale(Spacing::Log, 0.004, 3_000.0), 6, false);
        assert_eq!(values, [0.01, 0.1, 1.0, 10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn very_wide_log_scales_skip_powers() {
        let values = ticks(&scale(Spacing::Log, 1e-6, 1e6), 5, false);
        assert!(values.len() <= 5 && values.len() >= 3, "{values:?}");
    }

    #[test]
    fn a_zoomed_log_scale_still_has_ticks() {
        assert_eq!(
            ticks(&scale(Spacing::Log, 0.9, 30.0), 6, false),
            [1.0, 2.0, 5.0, 10.0, 20.0]
        );
        assert!(ticks(&scale(Spacing::Log, 12.0, 19.0), 5, false).len() >= 2);
    }

    #[test]
    fn ticks_never_leave_the_scale_nor_exceed_the_limit() {
        for spacing in [Spacing::Linear, Spacing::Log] {
            for low in [0.0001, 0.3, 7.0, 1234.5] {
                for factor in [1.001, 1.5, 9.0, 101.0, 1e7] {
                    for max in 2..9 {
                        let scale = scale(spacing, low, low * factor);
                        let values = ticks(&scale, max, false);
                        assert!(values.len() <= max, "{scale:?} {max} {values:?}");
                        for value in values {
                            let unit = scale.unit(value).unwrap();
                            assert!((-1e-6..=1.0 + 1e-6).contains(&unit), "{scale:?} {value}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn marks_between_ticks_exist_on_log_scales_only() {
        assert_eq!(
            between(&scale(Spacing::Log, 1.0, 10.0)),
            [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
        );
        assert!(between(&scale(Spacing::Linear, 1.0, 10.0)).is_empty());
    }
}
