//! The arithmetic of a scorecard: shares with their intervals, medians, the area under the
//! precision-recall curve.

use serde::Serialize;

/// A 95% interval of a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// 0 to 1.
    pub low: f64,
    /// 0 to 1.
    pub high: f64,
}

/// `part / whole`; `None` of nothing.
#[must_use]
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The 95% score interval of a share (Wilson, 1927), which holds also for few and for none.
#[must_use]
pub(super) fn interval(part: u64, whole: u64) -> Option<Interval> {
    let n = whole as f64;
    let share = share(part, whole)?;
    let z = 1.959_964;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Some(Interval {
        low: (middle - half).max(0.0),
        high: (middle + half).min(1.0),
    })
}

/// The median, of an even number the lower one; `None` of nothing.
#[must_use]
pub(super) fn median<T: Ord + Copy>(values: &mut [T]) -> Option<T> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// The area under the precision-recall curve as average precision: the mean, over all that
/// should be found, of the precision among those with at least its score. Equal scores stand
/// together, so that no order among them counts. `None` if nothing should be found.
#[must_use]
pub(super) fn average_precision(scored: &mut [(f64, bool)]) -> Option<f64> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let wanted = scored.iter().filter(|(_, is_wanted)| *is_wanted).count();
    if wanted == 0 {
        return None;
    }
    let (mut seen, mut found, mut area) = (0usize, 0usize, 0.0);
    for equal in scored.chunk_by(|a, b| a.0 == b.0) {
        let here = equal.iter().filter(|(_, is_wanted)| *is_wanted).count();
        seen += equal.len();
        found += here;
        area += here as f64 * found as f64 / seen as f64;
    }
    Some(area / wanted as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_8_of_10_is_that_of_the_textbook() {
        // Wilson without continuity correction: 0.490 to 0.943.
        let found = interval(8, 10).unwrap();
        assert!((found.low - 0.4902).abs() < 1e-3 && (found.high - 0.9433).abs() < 1e-3);
    }

    #[test]
    fn none_of_35_may_still_be_a_tenth() {
        let found = interval(0, 35).unwrap();
        assert_eq!(found.low, 0.0);
        assert!((0.09..0.11).contains(&found.high));
        assert_eq!(interval(0, 0), None);
    }

    #[test]
    fn average_precision_is_one_when_all_bots_stand_first() {
        let mut scored = [(0.9, true), (0.8, true), (0.1, false)];
        assert_eq!(average_precision(&mut scored), Some(1.0));
    }

    #[test]
    fn average_precision_is_worked_out_by_hand_with_ties() {
        // 0.9: one of one. 0.5: two more, one wanted: 2 of 3. (1 + 2/3) / 2.
        let mut scored = [(0.5, false), (0.9, true), (0.5, true), (0.0, false)];
        let found = average_precision(&mut scored).unwrap();
        assert!((found - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        assert_eq!(average_precision(&mut [(1.0, false)]), None);
    }

    #[test]
    fn the_median_of_an_even_number_is_the_lower_one() {
        assert_eq!(median(&mut [4, 1, 3, 2]), Some(2));
        assert_eq!(median::<u64>(&mut []), None);
    }
}
