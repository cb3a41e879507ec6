//! What is under the pointer and where the keyboard's cursor goes next. Pure.

use super::layout::{Mark, Picture};
use super::model::Key;
use crate::chart::order::ordered;
use crate::chart::rect::{Point, Rect};
use crate::math::within;

/// How far beside a bubble the pointer may be: small bubbles are hard to hit.
const SLACK_FINE: f64 = 5.0;
const SLACK_COARSE: f64 = 16.0;
/// Bubbles nearer than this cannot be told apart.
const SAME_SPOT: f64 = 3.0;
/// A shorter drag is a click.
const SHORTEST_DRAG: f64 = 8.0;

/// Where the keyboard moves the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Left,
    Right,
    Up,
    Down,
    First,
    Last,
}

/// The bubbles at a place, the one meant first. `coarse` for a finger.
pub fn hits<'a>(picture: &'a Picture, at: Point, coarse: bool) -> Vec<&'a Mark> {
    let visible = || picture.marks.iter().rev().filter(|mark| mark.inside);
    let inside: Vec<&'a Mark> = visible()
        .filter(|mark| mark.at.distance(at) <= mark.radius + 1.0)
        .collect();
    if !inside.is_empty() {
        return inside;
    }
    let slack = if coarse { SLACK_COARSE } else { SLACK_FINE };
    let nearest = visible()
        .map(|mark| (mark.at.distance(at) - mark.radius, mark))
        .filter(|(distance, _)| *distance <= slack)
        .min_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((_, mark)) => same_spot(picture, mark),
        None => Vec::new(),
    }
}

/// The names of bubbles.
pub fn keys(marks: &[&Mark]) -> Vec<Key> {
    marks.iter().map(|mark| mark.key.clone()).collect()
}

/// The bubbles that stand exactly where `mark` stands, itself first.
pub fn same_spot<'a>(picture: &'a Picture, mark: &'a Mark) -> Vec<&'a Mark> {
    let mut all = vec![mark];
    all.extend(
        picture
            .marks
            .iter()
            .rev()
            .filter(|other| other.inside && other.key != mark.key)
            .filter(|other| other.at.distance(mark.at) <= SAME_SPOT),
    );
    all
}

/// The next bubble from `from` in a direction: in the order of x for left and right, of y for
/// up and down, so that repeated steps visit every bubble. Without `from`, *this bot*.
pub fn next(picture: &Picture, from: Option<&Key>, step: Step) -> Option<Key> {
    let marks: Vec<&Mark> = picture.marks.iter().filter(|mark| mark.inside).collect();
    let order = ordered(marks.len(), &|one, other| {
        let (one, other) = (marks[one], marks[other]);
        let along = match step {
            Step::Left | Step::Right => one.at.x.total_cmp(&other.at.x),
            Step::Up | Step::Down => other.at.y.total_cmp(&one.at.y),
            Step::First | Step::Last => one.index.cmp(&other.index),
        };
        along.then(one.index.cmp(&other.index))
    });
    let order: Vec<&Mark> = order.into_iter().map(|at| marks[at]).collect();
    let last = order.len().checked_sub(1)?;
    let now = from.and_then(|key| order.iter().position(|mark| mark.key == *key));
    let place = match (step, now) {
        (Step::First, _) => 0,
        (Step::Last, _) => last,
        (_, None) => order.iter().position(|mark| mark.index == 0).unwrap_or(0),
        (Step::Right | Step::Up, Some(now)) => (now + 1).min(last),
        (Step::Left | Step::Down, Some(now)) => now.saturating_sub(1),
    };
    Some(order[place].key.clone())
}

/// The area a drag has marked, inside the plot. A drag along one axis marks the whole other.
pub fn brushed(plot: Rect, start: Point, now: Point) -> Option<Rect> {
    let drag = Rect::between(plot.nearest(start), plot.nearest(now));
    let (wide, tall) = (
        drag.width() >= SHORTEST_DRAG,
        drag.height() >= SHORTEST_DRAG,
    );
    match (wide, tall) {
        (false, false) => None,
        (true, true) => Some(drag),
        (true, false) => Some(Rect {
            top: plot.top,
            bottom: plot.bottom,
            ..drag
        }),
        (false, true) => Some(Rect {
            left: plot.left,
            right: plot.right,
            ..drag
        }),
    }
}

/// The part of the plot that a keyboard zoom shows: half as wide and high, around a place.
pub fn around(plot: Rect, centre: Point) -> Rect {
    let (width, height) = (plot.width() / 2.0, plot.height() / 2.0);
    let left = within(centre.x - width / 2.0, plot.left, plot.right - width);
    let top = within(centre.y - height / 2.0, plot.top, plot.bottom - height);
    Rect::sized(left, top, width, height)
}

/// The upper left corner of a card of a size: beside `anchor`, and within `bounds` always.
pub fn card_corner(anchor: Point, radius: f64, card: (f64, f64), bounds: Rect) -> Point {
    let (width, height) = card;
    let gap = radius + 14.0;
    let right = anchor.x + gap;
    let left = anchor.x - gap - width;
    let fits_beside = right + width <= bounds.right || left >= bounds.left;
    let x = if right + width <= bounds.right {
        right
    } else if left >= bounds.left {
        left
    } else {
        anchor.x - width / 2.0
    };
    let y = if fits_beside {
        anchor.y - height / 2.0
    } else if anchor.y - gap - height >= bounds.top {
        anchor.y - gap - height
    } else {
        anchor.y + gap
    };
    Point {
        x: x.min(bounds.right - width).max(bounds.left),
        y: y.min(bounds.bottom - height).max(bounds.top),
    }
}

#[cfg(test)]
mod tests {
    use shared::AttackId;

    use super::super::layout::{Size, Views};
    use super::super::model::tests::{bubble, model};
    use super::*;

    fn picture(bubbles: Vec<shared::Bubble>) -> Picture {
        let model = model(bubbles);
        let size = Size {
            width: 760.0,
            height: 460.0,
        };
        Picture::new(&model, Views::whole(&model), size)
    }

    fn key(id: u64) -> Key {
        Key::Attack(AttackId(id))
    }

    #[test]
    fn the_small_bubble_on_top_of_a_big_one_is_meant() {
        let picture = picture(vec![
            bubble(0, 9.0, 9.0, 20.0, 20.0),
            bubble(1, 4.0, 4.0, 20.0, 9_999.0),
            bubble(2, 4.0, 4.0, 20.0, 12.0),
        ]);
        let at = picture.mark(&key(1)).unwrap().at;
        let found: Vec<&Key> = hits(&picture, at, false)
            .iter()
            .map(|mark| &mark.key)
            .collect();
        assert_eq!(found, [&key(2), &key(1)]);
    }

    #[test]
    fn all_bubbles_on_one_spot_are_found_and_this_bot_is_first() {
        let picture = picture((0..31).map(|id| bubble(id, 5.0, 5.0, 50.0, 50.0)).collect());
        let at = picture.marks[0].at;
        let found = hits(&picture, at, false);
        assert_eq!(found.len(), 31);
        assert_eq!(found[0].key, key(0));
        let beside = Point {
            x: at.x + found[0].radius + 3.0,
            y: at.y,
        };
        assert_eq!(hits(&picture, beside, false).len(), 31);
    }

    #[test]
    fn a_finger_may_be_less_exact_than_a_mouse() {
        let picture = picture(vec![bubble(0, 5.0, 5.0, 1.0, 1.0)]);
        let mark = &picture.marks[0];
        let beside = Point {
            x: mark.at.x + mark.radius + 10.0,
            y: mark.at.y,
        };
        assert!(hits(&picture, beside, false).is_empty());
        assert_eq!(hits(&picture, beside, true).len(), 1);
    }

    #[test]
    fn arrows_visit_every_bubble_once_and_stop_at_the_ends() {
        let picture = picture(
            (0..9)
                .map(|id| bubble(id, (id * 5 % 9) as f64, (id * 2 % 9) as f64, 20.0, 20.0))
                .collect(),
        );
        for (start, step) in [(Step::Left, Step::Right), (Step::Down, Step::Up)] {
            let mut at = next(&picture, None, Step::First);
            for _ in 0..9 {
                at = next(&picture, at.as_ref(), start);
            }
            let mut seen = vec![at.clone()];
            for _ in 0..8 {
                at = next(&picture, at.as_ref(), step);
                assert!(!seen.contains(&at));
                seen.push(at.clone());
            }
            assert_eq!(next(&picture, at.as_ref(), step), at);
        }
    }

    #[test]
    fn the_cursor_begins_at_this_bot() {
        let picture = picture(
            (0..5)
                .map(|id| bubble(id, 5.0 - id as f64, 1.0, 1.0, 1.0))
                .collect(),
        );
        assert_eq!(next(&picture, None, Step::Right), Some(key(0)));
    }

    #[test]
    fn a_short_drag_is_a_click_and_a_flat_one_zooms_one_axis() {
        let plot = Rect::sized(50.0, 20.0, 600.0, 300.0);
        let at = |x: f64, y: f64| Point { x, y };
        assert_eq!(brushed(plot, at(100.0, 100.0), at(105.0, 104.0)), None);
        let flat = brushed(plot, at(100.0, 100.0), at(200.0, 104.0)).unwrap();
        assert_eq!((flat.top, flat.bottom), (plot.top, plot.bottom));
        let outside = brushed(plot, at(100.0, 100.0), at(9_999.0, -50.0)).unwrap();
        assert!(plot.holds(&outside));
    }

    #[test]
    fn a_keyboard_zoom_stays_in_the_plot() {
        let plot = Rect::sized(50.0, 20.0, 600.0, 300.0);
        let part = around(plot, Point { x: 55.0, y: 318.0 });
        assert!(plot.holds(&part));
        assert_eq!((part.width(), part.height()), (300.0, 150.0));
    }

    #[test]
    fn a_card_never_leaves_its_bounds_and_never_hides_its_bubble_where_there_is_room() {
        for bounds in [
            Rect::sized(0.0, 0.0, 390.0, 700.0),
            Rect::sized(-20.0, -100.0, 900.0, 600.0),
        ] {
            for x in (0..390).step_by(10) {
                for y in (0..500).step_by(10) {
                    let anchor = Point {
                        x: f64::from(x),
                        y: f64::from(y),
                    };
                    let corner = card_corner(anchor, 10.0, (260.0, 200.0), bounds);
                    let card = Rect::sized(corner.x, corner.y, 260.0, 200.0);
                    assert!(bounds.holds(&card), "{anchor:?}");
                    assert!(!card.contains(anchor), "{anchor:?}");
                }
            }
        }
    }
}
