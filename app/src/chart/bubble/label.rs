//! Label placement: finds each label a free place near its bubble, joined by a leader line
//! where it is not close by. Placed labels never overlap one another or an obstacle; a label
//! without a free place is left out, unless it must be shown.

use super::motion::Circle;
use crate::chart::rect::{Point, Rect};

/// Between a bubble's edge and its label, nearest first.
const DISTANCES: [f64; 6] = [5.0, 14.0, 26.0, 42.0, 64.0, 90.0];
/// Directions, preferred first: up right, up left, right, left, down right, down left, up, down,
/// then those in between.
const DIRECTIONS: [(f64, f64); 12] = [
    (0.7, -0.7),
    (-0.7, -0.7),
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.7, 0.7),
    (-0.7, 0.7),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.92, -0.39),
    (-0.92, -0.39),
    (0.92, 0.39),
    (-0.92, 0.39),
];
/// Between one label and the next on its line, so that two do not read as one.
const GAP: f64 = 5.0;
/// From this distance on a line is needed to see what a label belongs to.
const LEADER_FROM: f64 = 10.0;

/// A label that wants a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// The bubble it belongs to.
    pub anchor: Point,
    pub radius: f64,
    pub width: f64,
    pub height: f64,
    /// It is shown in any case, and always with a leader line.
    pub must: bool,
    /// It may cover bubbles where there is no other way.
    pub may_cover: bool,
    /// How far away it may be put, as an index into the distances.
    pub reach: usize,
}

/// Where a label is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    pub area: Rect,
    /// From the bubble's edge to the label; absent if it is close by.
    pub leader: Option<(Point, Point)>,
}

/// What labels keep clear of.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Bounds all labels.
    pub within: Rect,
    /// Covered by none.
    pub obstacles: &'a [Rect],
    /// Covered only where there is no other way.
    pub bubbles: &'a [Circle],
    /// The bubble that matters most: covered by none.
    pub kept_free: Option<Circle>,
}

/// Places for `wishes`, in their order: the first has the first choice.
pub fn place(wishes: &[Wish], scene: Scene) -> Vec<Option<Placed>> {
    let mut taken = scene.obstacles.to_vec();
    let mut placed = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let found = find(wish, scene, &taken);
        if let Some(found) = &found {
            taken.push(Rect {
                left: found.area.left - GAP,
                right: found.area.right + GAP,
                ..found.area.grown(2.0)
            });
            taken.extend(along(found).map(|at| Rect::around(at, 1.0)));
        }
        placed.push(found);
    }
    placed
}

fn find(wish: &Wish, scene: Scene, taken: &[Rect]) -> Option<Placed> {
    let mut best: Option<(f64, Placed)> = None;
    for (step, distance) in DISTANCES.into_iter().enumerate() {
        if step > wish.reach {
            break;
        }
        if wish.must && distance < LEADER_FROM {
            continue;
        }
        for (rank, direction) in DIRECTIONS.into_iter().enumerate() {
            let area = candidate(wish, direction, distance);
            let hides = |circle: Circle| circle.covered_by(&area) > 0.0;
            if !scene.within.holds(&area)
                || taken.iter().any(|other| other.overlap(&area) > 0.0)
                || scene.kept_free.is_some_and(hides)
            {
                continue;
            }
            let found = joined(wish, area, distance);
            if along(&found).any(|at| taken.iter().any(|other| other.contains(at))) {
                continue;
            }
            let covered: f64 = scene
                .bubbles
                .iter()
                .map(|bubble| bubble.covered_by(&area))
                .sum();
            if covered > 0.0 && !wish.may_cover {
                continue;
            }
            let cost = covered + distance * 2.0 + rank as f64;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, found));
            }
        }
    }
    match best {
        Some((_, placed)) => Some(placed),
        None if wish.must => anywhere(wish, scene.within, taken),
        None => None,
    }
}

/// The label's area in a direction from its bubble.
fn candidate(wish: &Wish, (right, down): (f64, f64), distance: f64) -> Rect {
    let from = wish.radius + distance;
    let near = Point {
        x: wish.anchor.x + right * from,
        y: wish.anchor.y + down * from,
    };
    let left = match right {
        right if right > 0.1 => near.x,
        right if right < -0.1 => near.x - wish.width,
        _ => near.x - wish.width / 2.0,
    };
    let top = match down {
        down if down > 0.9 => near.y,
        down if down < -0.9 => near.y - wish.height,
        down if down > 0.1 => near.y - wish.height * 0.25,
        down if down < -0.1 => near.y - wish.height * 0.75,
        _ => near.y - wish.height / 2.0,
    };
    Rect::sized(left, top, wish.width, wish.height)
}

/// The free place nearest to the bubble on a grid over everything.
fn anywhere(wish: &Wish, within: Rect, taken: &[Rect]) -> Option<Placed> {
    let mut best: Option<(f64, Rect)> = None;
    let mut top = within.top;
    while top + wish.height <= within.bottom {
        let mut left = within.left;
        while left + wish.width <= within.right {
            let area = Rect::sized(left, top, wish.width, wish.height);
            let distance = area.nearest(wish.anchor).distance(wish.anchor);
            let free =
                distance > wish.radius && taken.iter().all(|other| other.overlap(&area) == 0.0);
            if free && best.as_ref().is_none_or(|(least, _)| distance < *least) {
                best = Some((distance, area));
            }
            left += 8.0;
        }
        top += 8.0;
    }
    best.map(|(distance, area)| joined(wish, area, distance - wish.radius))
}

/// Points along a label's leader line, close enough to see what it crosses.
fn along(placed: &Placed) -> impl Iterator<Item = Point> + use<> {
    let leader = placed.leader;
    (0..24).filter_map(move |step| {
        let (from, to) = leader?;
        Some(from.towards(to, from.distance(to) * f64::from(step) / 24.0))
    })
}

fn joined(wish: &Wish, area: Rect, distance: f64) -> Placed {
    let wanted = wish.must || distance >= LEADER_FROM;
    Placed {
        area,
        leader: wanted.then(|| {
            let end = area.grown(1.0).nearest(wish.anchor);
            (wish.anchor.towards(end, wish.radius), end)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Rect = Rect {
        left: 0.0,
        top: 0.0,
        right: 600.0,
        bottom: 400.0,
    };

    const EMPTY: Scene = Scene {
        within: PLOT,
        obstacles: &[],
        bubbles: &[],
        kept_free: None,
    };

    fn wish(x: f64, y: f64, must: bool) -> Wish {
        Wish {
            anchor: Point { x, y },
            radius: 10.0,
            width: 90.0,
            height: 16.0,
            must,
            may_cover: must,
            reach: 4,
        }
    }

    #[test]
    fn a_lone_label_sits_up_right() {
        let placed = place(&[wish(300.0, 200.0, false)], EMPTY);
        let area = placed[0].unwrap().area;
        assert!(area.left > 300.0 && area.bottom < 200.0);
        assert!(placed[0].unwrap().leader.is_none());
    }

    #[test]
    fn in_a_corner_it_turns_inwards() {
        for (x, y) in [(2.0, 2.0), (598.0, 2.0), (2.0, 398.0), (598.0, 398.0)] {
            let placed = place(&[wish(x, y, false)], EMPTY);
            assert!(PLOT.holds(&placed[0].unwrap().area), "{x} {y}");
        }
    }

    #[test]
    fn what_must_be_labelled_is_even_where_everything_is_full_of_bubbles() {
        let bubbles: Vec<Circle> = (0..600)
            .step_by(20)
            .flat_map(|x| {
                (0..400)
                    .step_by(20)
                    .map(move |y| (f64::from(x), f64::from(y)))
            })
            .map(|(x, y)| Circle {
                at: Point { x, y },
                radius: 14.0,
            })
            .collect();
        let placed = place(
            &[wish(300.0, 200.0, true), wish(300.0, 200.0, false)],
            Scene {
                bubbles: &bubbles,
                ..EMPTY
            },
        );
        assert!(placed[0].unwrap().leader.is_some());
        assert!(placed[1].is_none());
    }

    #[test]
    fn the_leader_ends_at_bubble_and_label() {
        let placed = place(&[wish(300.0, 200.0, true)], EMPTY)[0].unwrap();
        let (start, end) = placed.leader.unwrap();
        let anchor = Point { x: 300.0, y: 200.0 };
        assert!((start.distance(anchor) - 10.0).abs() < 1e-9);
        assert!(placed.area.grown(1.001).contains(end));
    }

    #[test]
    fn labels_never_overlap_and_never_leave_the_plot() {
        // A small fixed generator: any 36 places will do, and always the same ones.
        let mut state = 7u64;
        let mut next = |limit: f64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f64 / (1u64 << 24) as f64 * limit
        };
        let obstacle = Rect::sized(400.0, 20.0, 90.0, 16.0);
        for round in 0..200 {
            let crowd = if round % 2 == 0 { 1.0 } else { 0.2 };
            let wishes: Vec<Wish> = (0..36)
                .map(|index| wish(next(600.0 * crowd), next(400.0 * crowd), index < 2))
                .collect();
            let placed = place(
                &wishes,
                Scene {
                    obstacles: &[obstacle],
                    ..EMPTY
                },
            );
            assert!(placed[0].is_some() && placed[1].is_some());
            let areas: Vec<Rect> = placed.iter().flatten().map(|placed| placed.area).collect();
            for (index, area) in areas.iter().enumerate() {
                assert!(PLOT.holds(area));
                assert_eq!(area.overlap(&obstacle), 0.0);
                for other in &areas[index + 1..] {
                    assert_eq!(area.overlap(other), 0.0);
                }
            }
        }
    }

    #[test]
    fn no_label_covers_the_bubble_that_matters_most() {
        let centre = Point { x: 330.0, y: 190.0 };
        let circle = Circle {
            at: centre,
            radius: 15.0,
        };
        let mut beside = wish(300.0, 200.0, false);
        beside.may_cover = true;
        let scene = Scene {
            bubbles: &[circle],
            kept_free: Some(circle),
            ..EMPTY
        };
        let placed = place(&[beside], scene);
        assert_eq!(circle.covered_by(&placed[0].unwrap().area), 0.0);
    }
}
