//! What is written on the picture, and where: labels of bubbles, medians, regions. None of it
//! covers another. Pure.

use super::label::{self, Scene, Wish};
use super::layout::{AxisPicture, BubbleLabel, Mark, Median, Picture, RING};
use super::model::{Model, Role};
use super::motion::Circle;
use super::text;
use crate::chart::axis::Axis;
use crate::chart::number;
use crate::chart::order::ordered;
use crate::chart::rect::Rect;

/// The advance of one character of the charts' monospaced labels, and a label's height. They
/// follow `--size-1` of the style sheet.
pub const CHARACTER: f64 = 7.8;
pub const LINE: f64 = 18.0;
/// How many of the other bots get a label, on wide and on narrow pictures.
pub const LABELS: (usize, usize) = (4, 2);
/// Among how many of the most suspicious they are picked.
const LABELS_FROM: usize = 10;
/// Longest label of a bubble, in characters.
const LONGEST: usize = 24;
/// A median's text covers no more of bubbles than so many square pixels.
const COVERED: f64 = 60.0;

/// The name of the band of what was not measured on x: upright, from the top.
pub fn missing_on_x(axis: &Axis, plot: Rect) -> Option<Rect> {
    let left = axis.missing?.centre() - LINE / 2.0;
    Some(Rect::sized(left, plot.top + 6.0, LINE, missing_width()))
}

/// The name of the band of what was not measured on y: at the right end.
pub fn missing_on_y(axis: &Axis, plot: Rect) -> Option<Rect> {
    let top = axis.missing?.centre() - LINE / 2.0;
    let left = plot.right - 6.0 - missing_width();
    Some(Rect::sized(left, top, missing_width(), LINE))
}

fn missing_width() -> f64 {
    text::UNMEASURED.chars().count() as f64 * CHARACTER
}

/// The name stands in a left corner of the region, unless something is there.
pub fn of_normal(area: Rect, marks: &[Mark], taken: &[Rect]) -> Option<Rect> {
    let width = 6.0 * CHARACTER;
    let left = area.left + 8.0;
    [area.bottom - 4.0 - LINE, area.top + 4.0]
        .into_iter()
        .map(|top| Rect::sized(left, top, width, LINE))
        .find(|name| {
            area.grown(-3.0).holds(name)
                && taken.iter().all(|other| other.overlap(name) == 0.0)
                && marks
                    .iter()
                    .all(|mark| mark.circle().covered_by(name) == 0.0)
        })
}

/// A median's text stands at an end of its line, where it covers the least.
pub fn place_medians(
    x: &mut AxisPicture,
    y: &mut AxisPicture,
    model: &Model,
    plot: Rect,
    marks: &[Mark],
) {
    let mut taken: Option<Rect> = None;
    let mut place = |value: f64, at: f64, candidates: &dyn Fn(f64) -> Vec<(f64, f64)>| {
        let text = format!("median {}", number::short(value));
        let width = text.chars().count() as f64 * CHARACTER;
        let cost = |area: &Rect| -> f64 {
            let covered: f64 = marks
                .iter()
                .map(|mark| mark.circle().covered_by(area))
                .sum();
            let outside = if plot.holds(area) { 0.0 } else { 1e6 };
            covered + outside + taken.map_or(0.0, |other| 1e6 * other.overlap(area))
        };
        let area = candidates(width)
            .into_iter()
            .map(|(left, top)| Rect::sized(left, top, width, LINE))
            .min_by(|one, other| cost(one).total_cmp(&cost(other)))
            .expect("there are candidates");
        // Where all of them are covered, the line goes without.
        let (text, area) = if cost(&area) > COVERED {
            (String::new(), Rect::sized(area.left, area.top, 0.0, 0.0))
        } else {
            (text, area)
        };
        taken = Some(area);
        Median { at, text, area }
    };
    let shown = |axis: &Axis, value: Option<f64>| {
        let value = value?;
        let at = axis.at(Some(value)).filter(|at| axis.shows(*at))?;
        Some((value, at))
    };
    let bottom = y.axis.begins();
    let left = x.axis.begins();
    x.median = shown(&x.axis, model.x.median).map(|(value, at)| {
        place(value, at, &|width| {
            let sides = [at + 6.0, at - 6.0 - width];
            let ends = [plot.top + 2.0, bottom - 4.0 - LINE];
            ends.into_iter()
                .flat_map(|top| sides.map(|left| (left, top)))
                .collect()
        })
    });
    y.median = shown(&y.axis, model.y.median).map(|(value, at)| {
        place(value, at, &|width| {
            let sides = [at - 3.0 - LINE, at + 3.0];
            let ends = [plot.right - 4.0 - width, left + 8.0];
            ends.into_iter()
                .flat_map(|left| sides.map(|top| (left, top)))
                .collect()
        })
    });
}

/// Labels for *this bot*, the crawlers, and a few of the others: the most suspicious.
pub fn labels(model: &Model, picture: &Picture, taken: &[Rect]) -> Vec<BubbleLabel> {
    let narrow = picture.size.is_narrow();
    let limit = if narrow { LABELS.1 } else { LABELS.0 };
    let mut wanted = Vec::new();
    let mut wishes = Vec::new();
    let by_index = {
        let marks: Vec<&Mark> = picture.marks.iter().filter(|mark| mark.inside).collect();
        let rank = |mark: &Mark| {
            let rank = match model.spots[mark.index].role {
                Role::ThisBot => 0,
                _ if model.spots[mark.index].pinned => 1,
                Role::Reference => 2,
                Role::Other | Role::Member => 3,
            };
            (rank, mark.index)
        };
        let compare = |one: usize, other: usize| rank(marks[one]).cmp(&rank(marks[other]));
        let order = ordered(marks.len(), &compare);
        order.into_iter().map(|at| marks[at]).collect::<Vec<_>>()
    };
    for mark in by_index {
        let spot = &model.spots[mark.index];
        let (text, note) = match spot.role {
            // Which one that is fits only where there is room.
            Role::ThisBot => (
                "This bot".to_owned(),
                (!narrow).then(|| shortened(&spot.bubble.label, LONGEST)),
            ),
            Role::Reference => (
                shortened(&spot.bubble.label, LONGEST),
                spot.bubble
                    .verification
                    .map(|verification| verification.as_str().to_owned()),
            ),
            Role::Other | Role::Member if !spot.pinned && mark.index > LABELS_FROM => continue,
            Role::Other | Role::Member => (shortened(&spot.bubble.label, LONGEST), None),
        };
        let length = cells(&text) + note.as_ref().map_or(0, |note| cells(note) + 1);
        let is_this = spot.role == Role::ThisBot;
        wishes.push(Wish {
            anchor: mark.at,
            radius: mark.radius + if is_this { RING } else { 0.0 },
            width: length as f64 * CHARACTER + 4.0,
            height: LINE,
            must: is_this || spot.pinned,
            // A name that would hide another bubble is left out; the card and the table have it.
            may_cover: is_this || spot.pinned,
            reach: if spot.role == Role::Reference { 5 } else { 2 },
        });
        wanted.push((mark, spot, text, note));
    }
    let obstacles: Vec<Rect> = taken.iter().copied().chain(picture.normal_name).collect();
    let bubbles: Vec<Circle> = picture
        .marks
        .iter()
        .filter(|mark| mark.inside)
        .map(Mark::circle)
        .collect();
    let within = picture.plot.grown(-2.0);
    let this_bot = wanted
        .iter()
        .find(|(_, spot, ..)| spot.role == Role::ThisBot);
    let scene = Scene {
        within,
        obstacles: &obstacles,
        bubbles: &bubbles,
        kept_free: this_bot.map(|(mark, ..)| Circle {
            at: mark.at,
            radius: mark.radius + RING,
        }),
    };
    let mut others = 0;
    label::place(&wishes, scene)
        .into_iter()
        .zip(wanted)
        .filter_map(|(place, (mark, spot, text, note))| {
            let place = place?;
            if spot.role == Role::Other && !spot.pinned {
                others += 1;
                if others > limit {
                    return None;
                }
            }
            Some(BubbleLabel {
                key: mark.key.clone(),
                role: spot.role,
                pinned: spot.pinned,
                text,
                note,
                place,
            })
        })
        .collect()
}

/// How many character cells a text takes; letters of wide scripts take two.
fn cells(text: &str) -> usize {
    text.chars()
        .map(|letter| {
            if letter < '\u{1100}' || letter == '…' {
                1
            } else {
                2
            }
        })
        .sum()
}

/// A text of at most `longest` characters, its middle left out.
pub fn shortened(text: &str, longest: usize) -> String {
    let count = text.chars().count();
    if count <= longest {
        return text.to_owned();
    }
    let head = longest / 2;
    let tail = longest - head - 1;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(
            shortened("2001:db8:1234:5678:9abc::/64", 13),
            "2001:d…c::/64"
        );
        assert_eq!(shortened("short", 13), "short");
    }
}
