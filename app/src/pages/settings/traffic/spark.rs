//! The last minutes of an application's traffic as a row of bars: what was taken, and on top of it
//! what was rejected. Its geometry is plain functions.

use leptos::prelude::*;
use shared::{IngestApplication, IngestStep};

use crate::format::count;

/// How high the picture is, in units of its own; a bar is one wide.
const HEIGHT: f64 = 20.0;

/// What comes is never so little that it does not show.
const LEAST: f64 = 0.6;

/// A bar: the upper edges of what was taken and of all.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bar {
    taken: f64,
    all: f64,
}

/// The bars of steps, the highest as high as the picture.
fn bars(steps: &[IngestStep]) -> Vec<Bar> {
    let sum = |step: &IngestStep| u64::from(step.accepted) + u64::from(step.rejected);
    let most = steps.iter().map(sum).max().unwrap_or(0).max(1);
    let height = |amount: u64| match amount {
        0 => 0.0,
        some => (some as f64 / most as f64 * HEIGHT).max(LEAST),
    };
    let bar = |step: &IngestStep| {
        let all = height(sum(step));
        let taken = height(step.accepted.into()).min(match step.rejected {
            0 => all,
            // What was rejected shows, however little it is.
            _ => (all - LEAST).max(0.0),
        });
        Bar { taken, all }
    };
    steps.iter().map(bar).collect()
}

/// One path of all bars from an edge to another.
fn path(bars: &[Bar], edges: fn(&Bar) -> (f64, f64)) -> String {
    let mut path = String::new();
    for (index, bar) in bars.iter().enumerate() {
        let (lower, upper) = edges(bar);
        if upper > lower {
            let (bottom, top) = (HEIGHT - lower, HEIGHT - upper);
            path.push_str(&format!("M{index}.1 {bottom:.2}V{top:.2}h.8V{bottom:.2}Z"));
        }
    }
    path
}

/// The picture, with what it shows in words.
pub(super) fn spark(one: &IngestApplication) -> AnyView {
    let bars = bars(&one.steps);
    let taken = path(&bars, |bar| (0.0, bar.taken));
    let rejected = path(&bars, |bar| (bar.taken, bar.all));
    let most = one.steps.iter().map(|step| step.accepted).max();
    let most = count(most.unwrap_or(0).into());
    let words = format!("Requests taken in the last five minutes, at most {most} in five seconds");
    let width = bars.len().max(1);
    view! {
        <figure class="spark">
            <svg
                class="spark__plot"
                viewBox=format!("0 0 {width} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=words
            >
                <path class="spark__taken" d=taken />
                <path class="spark__rejected" d=rejected />
            </svg>
            <figcaption class="spark__foot quiet">
                <span>"5 min ago"</span>
                <span>"now"</span>
            </figcaption>
        </figure>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(accepted: u32, rejected: u32) -> IngestStep {
        IngestStep { accepted, rejected }
    }

    #[test]
    fn the_highest_bar_fills_the_picture_and_the_least_still_shows() {
        let bars = bars(&[step(0, 0), step(1, 0), step(10_000, 0), step(9_999, 1)]);
        assert_eq!(
            bars[0],
            Bar {
                taken: 0.0,
                all: 0.0
            }
        );
        assert!((bars[1].taken - LEAST).abs() < 1e-9);
        assert!((bars[2].taken - HEIGHT).abs() < 1e-9);
        assert!((bars[3].all - HEIGHT).abs() < 1e-9);
        assert!((bars[3].all - bars[3].taken - LEAST).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_no_bar() {
        let bars = bars(&[step(0, 0), step(0, 3)]);
        assert_eq!(path(&bars, |bar| (0.0, bar.taken)), "");
        let rejected = path(&bars, |bar| (bar.taken, bar.all));
        assert_eq!(rejected.matches('M').count(), 1);
        assert_eq!(path(&bars[..1], |bar| (0.0, bar.all)), "");
        assert!(super::bars(&[]).is_empty());
    }
}
