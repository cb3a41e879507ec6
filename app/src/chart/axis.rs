//! An axis in pixels: a scale laid out between two ends, with bands apart for what has no
//! place on the scale: zero on a log scale, and what was not measured. Draws nothing.

use super::number;
use super::scale::{Scale, Spacing};
use super::ticks;
use crate::math::within;

/// Between the plot's edges and the scale's ends, so that bubbles there are whole.
const INSET: f64 = 16.0;
/// How wide a band is, and how far from what follows it.
const BAND: f64 = 40.0;
const GAP: f64 = 10.0;

/// What an axis shows: a part of the number line and the bands beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisView {
    pub scale: Scale,
    /// There are zeros, and the scale has no place for them.
    pub zero: bool,
    /// There are values that were not measured.
    pub missing: bool,
}

/// A stretch of an axis in pixels; `from` is nearer to the origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    pub from: f64,
    pub to: f64,
}

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub at: f64,
    pub label: String,
}

/// An axis laid out from `origin` to `end`, in pixels (`end < origin` for a vertical one).
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub view: AxisView,
    pub origin: f64,
    pub end: f64,
    /// Where zeros stand, if they have a band of their own.
    pub zero: Option<Stretch>,
    /// Where what was not measured stands, if there is any.
    pub missing: Option<Stretch>,
    /// Where the scale's `min` and `max` stand.
    pub scaled: Stretch,
}

impl AxisView {
    /// The view that shows all `values`, of which some may be unmeasured, and `normal`.
    pub fn fit(values: &[Option<f64>], normal: f64) -> Self {
        let scale = Scale::fit(values.iter().copied().flatten(), normal);
        Self {
            scale,
            zero: scale.spacing == Spacing::Log
                && values.iter().flatten().any(|value| *value <= 0.0),
            missing: values.iter().any(Option::is_none),
        }
    }
}

impl Axis {
    pub fn new(view: AxisView, origin: f64, end: f64) -> Self {
        let direction = (end - origin).signum();
        let mut from = origin;
        let mut band = |wanted: bool| {
            wanted.then(|| {
                let stretch = Stretch {
                    from,
                    to: from + direction * BAND,
                };
                from = stretch.to + direction * GAP;
                stretch
            })
        };
        let missing = band(view.missing);
        let zero = band(view.zero);
        Self {
            view,
            origin,
            end,
            zero,
            missing,
            scaled: Stretch {
                from: from + direction * INSET,
                to: end - direction * INSET,
            },
        }
    }

    /// Where `value` stands, possibly beyond the ends. `None` where this view has no place
    /// for it: a zero or an unmeasured value whose band was left out by a zoom.
    pub fn at(&self, value: Option<f64>) -> Option<f64> {
        let Some(value) = value else {
            return self.missing.map(|band| band.centre());
        };
        match self.view.scale.unit(value) {
            Some(unit) => Some(self.scaled.from + unit * (self.scaled.to - self.scaled.from)),
            None => self.zero.map(|band| band.centre()),
        }
    }

    /// Whether a place lies between the axis's ends.
    pub fn shows(&self, at: f64) -> bool {
        let (low, high) = (self.origin.min(self.end), self.origin.max(self.end));
        (low..=high).contains(&at)
    }

    /// Whether the bands hide the stretch before the scale, so that a line may not cross it.
    pub fn begins(&self) -> f64 {
        if self.zero.is_some() || self.missing.is_some() {
            self.scaled.from
        } else {
            self.origin
        }
    }

    /// At most `max` labelled ticks.
    pub fn ticks(&self, max: usize, whole: bool) -> Vec<Tick> {
        let values = ticks::ticks(&self.view.scale, max, whole);
        let labels = number::short_and_distinct(&values);
        values
            .into_iter()
            .zip(labels)
            .filter_map(|(value, label)| {
                let at = self.at(Some(value))?;
                Some(Tick { value, at, label })
            })
            .collect()
    }

    /// The unlabelled marks between the ticks of a log scale.
    pub fn between(&self) -> Vec<f64> {
        ticks::between(&self.view.scale)
            .into_iter()
            .filter_map(|value| self.at(Some(value)))
            .collect()
    }

    /// The view of what lies between two places on this axis.
    pub fn zoomed(&self, one: f64, other: f64) -> AxisView {
        let length = self.scaled.to - self.scaled.from;
        let unit = |at: f64| within((at - self.scaled.from) / length, 0.0, 1.0);
        let (low, high) = (unit(one).min(unit(other)), unit(one).max(unit(other)));
        let covered = |band: Option<Stretch>| {
            band.is_some_and(|band| {
                let centre = band.centre();
                (one.min(other)..=one.max(other)).contains(&centre)
            })
        };
        let scale = self.view.scale;
        let part = if high - low < 1e-3 {
            scale
        } else {
            scale.part(scale.value(low), scale.value(high))
        };
        AxisView {
            // Below this, neighbouring pixels are the same number.
            scale: if (part.max - part.min) / part.max.abs().max(part.min.abs()) < 1e-6 {
                scale
            } else {
                part
            },
            zero: covered(self.zero),
            missing: covered(self.missing),
        }
    }
}

impl Stretch {
    pub fn centre(&self) -> f64 {
        f64::midpoint(self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(values: &[Option<f64>]) -> AxisView {
        AxisView::fit(values, 1.0)
    }

    #[test]
    fn zero_gets_a_band_of_its_own_on_a_log_scale_only() {
        assert!(view(&[Some(0.0), Some(1.0), Some(1e4)]).zero);
        assert!(!view(&[Some(0.0), Some(1.0), Some(10.0)]).zero);
        assert!(!view(&[Some(1.0), Some(1e4)]).zero);
    }

    #[test]
    fn bands_lie_outside_of_the_scale_and_never_overlap() {
        let view = view(&[Some(0.0), None, Some(1.0), Some(1e4)]);
        for (origin, end) in [(50.0, 600.0), (400.0, 20.0)] {
            let axis = Axis::new(view, origin, end);
            let towards = (end - origin).signum();
            let places = [
                axis.at(None).unwrap(),
                axis.at(Some(0.0)).unwrap(),
                axis.at(Some(1.0)).unwrap(),
                axis.at(Some(1e4)).unwrap(),
            ];
            for pair in places.windows(2) {
                assert!((pair[1] - pair[0]) * towards > 20.0, "{places:?}");
            }
            assert!(places.iter().all(|at| axis.shows(*at)));
        }
    }

    #[test]
    fn what_is_dragged_over_is_what_is_shown_next() {
        let axis = Axis::new(view(&[Some(1.0), Some(1e4)]), 50.0, 650.0);
        let (one, other) = (axis.at(Some(10.0)), axis.at(Some(100.0)));
        let zoomed = axis.zoomed(other.unwrap(), one.unwrap());
        assert!((zoomed.scale.min - 10.0).abs() < 1e-9);
        assert!((zoomed.scale.max - 100.0).abs() < 1e-9);
        let again = Axis::new(zoomed, 50.0, 650.0);
        assert!(!again.shows(again.at(Some(1.0)).unwrap()));
        assert!(again.shows(again.at(Some(50.0)).unwrap()));
    }

    #[test]
    fn a_zoom_leaves_out_the_bands_it_does_not_cover() {
        let axis = Axis::new(view(&[Some(0.0), Some(1.0), Some(1e4)]), 0.0, 600.0);
        let middle = axis.at(Some(50.0)).unwrap();
        assert!(!axis.zoomed(middle, 600.0).zero);
        assert!(axis.zoomed(0.0, middle).zero);
        let without = Axis::new(axis.zoomed(middle, 600.0), 0.0, 600.0);
        assert_eq!(without.at(Some(0.0)), None);
    }

    #[test]
    fn zooming_for_ever_ends() {
        let mut axis = Axis::new(view(&[Some(3.0), Some(7.0)]), 0.0, 600.0);
        for _ in 0..100 {
            axis = Axis::new(axis.zoomed(300.0, 310.0), 0.0, 600.0);
            assert!(axis.view.scale.max > axis.view.scale.min);
            assert!(!axis.ticks(6, false).is_empty());
        }
    }

    #[test]
    fn tick_labels_differ_from_one_another() {
        let scale = Scale {
            spacing: Spacing::Linear,
            min: 1_000.1,
            max: 1_000.9,
        };
        let view = AxisView {
            scale,
            zero: false,
            missing: false,
        };
        let ticks = Axis::new(view, 0.0, 600.0).ticks(6, false);
        for pair in ticks.windows(2) {
            assert_ne!(pair[0].label, pair[1].label);
        }
    }
}
