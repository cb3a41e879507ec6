//! Where the bars of a timeline go, in a box of 1,000 by 100 that the browser stretches.

use super::model::{Model, total};
use crate::format::heat_step;

/// The width of the box.
pub(super) const WIDTH: f64 = 1000.0;
/// The height of the box.
pub(super) const HEIGHT: f64 = 100.0;

/// What is left free between two bars, of a bin's width.
const GAP: f64 = 0.18;
/// No bar is lower than this, so that a single request beside a flood is seen.
const LEAST_HEIGHT: f64 = 2.0;

/// One bin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    pub(super) x: f64,
    pub(super) width: f64,
    /// Top and height per class, from the bottom upwards; a height of 0 is not drawn.
    pub(super) segments: [(f64, f64); 4],
    /// How much of it are hits, as a step of the heat scale; absent without hits.
    pub(super) heat: Option<u8>,
}

/// Bars for all bins that hold requests, with the numbers of their bins.
pub(super) fn bars(model: &Model) -> Vec<(usize, Bar)> {
    if model.peak == 0 {
        return Vec::new();
    }
    let pitch = WIDTH / model.stacks.len() as f64;
    model
        .stacks
        .iter()
        .zip(&model.hits)
        .enumerate()
        .filter(|(_, (stack, _))| total(stack) > 0)
        .map(|(index, (stack, hits))| {
            let bar = Bar {
                x: pitch * (index as f64 + GAP / 2.0),
                width: pitch * (1.0 - GAP),
                segments: segments(stack, model.peak),
                heat: (*hits > 0).then(|| heat_step(f64::from(*hits) / f64::from(total(stack)))),
            };
            (index, bar)
        })
        .collect()
}

fn segments(stack: &[u32; 4], peak: u32) -> [(f64, f64); 4] {
    let requests = f64::from(total(stack));
    let height = (requests / f64::from(peak) * HEIGHT).max(LEAST_HEIGHT);
    let mut top = HEIGHT;
    stack.map(|part| {
        let part = f64::from(part) / requests * height;
        top -= part;
        (top, part)
    })
}

#[cfg(test)]
mod tests {
    use shared::Timestamp;

    use super::*;

    fn model(stacks: Vec<[u32; 4]>, hits: Vec<u32>) -> Model {
        Model {
            from: Timestamp(0),
            bin_ms: 1000,
            peak: stacks.iter().map(total).max().unwrap_or(0),
            stacks,
            hits,
        }
    }

    #[test]
    fn the_fullest_bin_fills_the_height_and_classes_stack_upwards() {
        let bars = bars(&model(vec![[1, 0, 3, 0], [0, 2, 0, 0]], vec![4, 0]));
        assert_eq!(bars[0].1.segments[0], (75.0, 25.0));
        assert_eq!(bars[0].1.segments[2], (0.0, 75.0));
        assert_eq!(bars[1].1.segments[1], (50.0, 50.0));
        assert_eq!(bars[0].1.heat, Some(8));
        assert_eq!(bars[1].1.heat, None);
    }

    #[test]
    fn bins_without_requests_have_no_bar_and_keep_their_place() {
        let bars = bars(&model(vec![[0; 4], [1, 0, 0, 0]], vec![0, 0]));
        assert_eq!(bars.len(), 1);
        assert_eq!(bars[0].0, 1);
        assert!(bars[0].1.x > WIDTH / 2.0);
    }

    #[test]
    fn a_single_request_beside_a_flood_is_still_seen() {
        let bars = bars(&model(vec![[100_000, 0, 0, 0], [1, 0, 0, 0]], vec![0, 0]));
        assert_eq!(bars[1].1.segments[0].1, LEAST_HEIGHT);
    }

    #[test]
    fn nothing_is_drawn_without_requests() {
        assert!(bars(&model(vec![[0; 4]], vec![0])).is_empty());
    }
}
