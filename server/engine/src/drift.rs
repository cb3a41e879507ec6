//! Whether what is normal moves: a mark of every normal for each of the last days, to compare
//! with. Not what moves it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use shared::{DetectorKind, Timestamp};

/// How far back is compared, in days.
const BACK: i64 = 7;
/// How many days have a mark: one more, so that there is one that far back.
const DAYS: usize = 9;

/// The normals of the last days on which something was learned.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Marks(VecDeque<(i64, Vec<f32>)>);

impl Marks {
    /// Marks what is normal now, in the order of [`DetectorKind::ALL`], once a day.
    pub(crate) fn mark(&mut self, now: i64, normals: impl Iterator<Item = f64>) {
        let day = Timestamp(now).day();
        if self.0.back().is_some_and(|(last, _)| *last >= day) {
            return;
        }
        let values = normals.map(|normal| normal as f32).collect();
        self.0.push_back((day, values));
        while self.0.len() > DAYS {
            self.0.pop_front();
        }
    }

    /// How many times as large a normal is as it was a week before `now`; `None` if it was not
    /// known then.
    #[must_use]
    pub(crate) fn drift(&self, now: i64, kind: DetectorKind, normal: f64) -> Option<f64> {
        let then = Timestamp(now).day() - BACK;
        let (_, values) = self.0.iter().rev().find(|(day, _)| *day <= then)?;
        let before = f64::from(*values.get(kind as usize)?);
        (before > 0.0).then(|| normal / before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{Baseline, Quantity};
    use crate::detectors::Normals;

    #[test]
    fn a_normal_is_compared_with_what_it_was_a_week_before() {
        const RATE: DetectorKind = DetectorKind::RequestRate;
        let (mut marks, mut baseline) = (Marks::default(), Baseline::default());
        let normal = |baseline: &Baseline| Normals::of(baseline).get(RATE).value;
        let first = normal(&baseline);
        for day in 0..30i64 {
            let now = day * Timestamp::DAY;
            let normals = Normals::of(&baseline);
            let kinds = DetectorKind::ALL.iter();
            marks.mark(now, kinds.map(|kind| normals.get(*kind).value));
            let drift = marks.drift(now, RATE, normal(&baseline));
            assert_eq!(drift.is_some(), day >= 7, "{day}");
            if day == 7 {
                let expected = normal(&baseline) / first;
                assert!((drift.unwrap() - expected).abs() < 1e-6);
                assert!(expected < 0.9);
            }
            for _ in 0..100 {
                let lesson = (Quantity::Detector(RATE), 20.0);
                baseline.learn(now, [lesson].into_iter());
            }
        }
        assert_eq!(marks.0.len(), DAYS);
    }
}
