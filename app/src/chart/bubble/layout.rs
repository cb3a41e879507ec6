//! The picture of one heatmap in pixels: axes, bubbles, labels, reference lines. Pure: the
//! same model, size and views always give the same picture. Draws nothing.

use super::label::Placed;
use super::model::{AxisModel, Key, Model, Role};
use super::motion::Circle;
use super::names::{self, CHARACTER};
use super::text;
use crate::chart::axis::{Axis, AxisView, Stretch, Tick};
use crate::chart::legend;
use crate::chart::number;
use crate::chart::order::ordered;
use crate::chart::rect::{Point, Rect};
use crate::math::within;

/// Between *this bot* and the ring around it.
pub const RING: f64 = 5.0;
/// Below this width there are fewer ticks and labels.
const NARROW: f64 = 520.0;
/// What titles take above the plot, and ticks and a title below it.
const ABOVE: f64 = 44.0;
const BELOW: f64 = 56.0;

/// The room a picture has, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// What the two axes show; the model's own views, or a part of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Views {
    pub x: AxisView,
    pub y: AxisView,
}

/// One bubble in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub key: Key,
    /// Its place in the model's order.
    pub index: usize,
    pub at: Point,
    pub radius: f64,
    /// Whether it lies within what the axes show.
    pub inside: bool,
}

/// The label of a bubble.
#[derive(Debug, Clone, PartialEq)]
pub struct BubbleLabel {
    pub key: Key,
    pub role: Role,
    pub pinned: bool,
    pub text: String,
    /// Follows the text, quietly: `verified`.
    pub note: Option<String>,
    pub place: Placed,
}

/// One axis in pixels with all its text.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisPicture {
    pub axis: Axis,
    pub title: String,
    /// The title of the second reading.
    pub second_title: Option<String>,
    pub ticks: Vec<Tick>,
    /// The second reading of each tick, in step with `ticks`; empty without one. It stands
    /// beside the first, on narrow pictures below it.
    pub seconds: Vec<String>,
    pub between: Vec<f64>,
    /// Where the application's normal ends, if the axis shows it or what lies beyond.
    pub normal: Option<f64>,
    pub median: Option<Median>,
}

/// The median of the other bots on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Median {
    pub at: f64,
    pub text: String,
    pub area: Rect,
}

/// One heatmap in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub size: Size,
    pub plot: Rect,
    pub x: AxisPicture,
    pub y: AxisPicture,
    /// The region where the application's ordinary actors are, if it shows.
    pub normal: Option<Rect>,
    /// Where the region's name stands, if it has the room.
    pub normal_name: Option<Rect>,
    /// Where the names of the bands of what was not measured stand: that of x upright.
    pub missing_x_name: Option<Rect>,
    pub missing_y_name: Option<Rect>,
    /// In drawing order: the largest first, and *this bot* after its equals.
    pub marks: Vec<Mark>,
    pub labels: Vec<BubbleLabel>,
}

impl Size {
    /// The size of a picture in a container of this width.
    pub fn in_width(width: f64) -> Self {
        Self {
            width,
            height: within((width * 0.64).max((width * 0.9).min(400.0)), 340.0, 540.0).round(),
        }
    }

    pub fn is_narrow(self) -> bool {
        self.width < NARROW
    }

    /// How many ticks there is room for on the vertical axis.
    fn y_ticks(self) -> usize {
        // Two readings of one tick stand one above the other on narrow pictures.
        let row = if self.is_narrow() { 64.0 } else { 52.0 };
        (((self.height - ABOVE - BELOW) / row) as usize).clamp(2, 7)
    }
}

impl Views {
    pub fn whole(model: &Model) -> Self {
        Self {
            x: model.x.view,
            y: model.y.view,
        }
    }
}

impl Picture {
    pub fn new(model: &Model, views: Views, size: Size) -> Self {
        let plot = plot_area(model, views, size);
        let x_ticks = ((plot.width() / 70.0) as usize).clamp(2, 7);
        let mut x = AxisPicture::new(&model.x, Axis::new(views.x, plot.left, plot.right), x_ticks);
        let mut y = AxisPicture::new(
            &model.y,
            Axis::new(views.y, plot.bottom, plot.top),
            size.y_ticks(),
        );
        let marks = marks(model, &x.axis, &y.axis);
        names::place_medians(&mut x, &mut y, model, plot, &marks);
        let normal = normal_area(&x, &y, plot);
        let missing_x_name = names::missing_on_x(&x.axis, plot);
        let missing_y_name = names::missing_on_y(&y.axis, plot);
        let medians = [&x.median, &y.median].into_iter().flatten();
        let taken: Vec<Rect> = medians
            .map(|median| median.area)
            .chain(missing_x_name)
            .chain(missing_y_name)
            .collect();
        let normal_name = normal.and_then(|area| names::of_normal(area, &marks, &taken));
        let mut picture = Self {
            size,
            plot,
            x,
            y,
            normal,
            normal_name,
            missing_x_name,
            missing_y_name,
            marks,
            labels: Vec::new(),
        };
        picture.labels = names::labels(model, &picture, &taken);
        picture
    }

    /// Where values stand that this picture has a place for.
    pub fn along(&self, values: &[(Option<f64>, Option<f64>)]) -> Vec<Point> {
        let places = values.iter().filter_map(|(x, y)| {
            Some(Point {
                x: self.x.axis.at(*x)?,
                y: self.y.axis.at(*y)?,
            })
        });
        places.collect()
    }

    pub fn mark(&self, key: &Key) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.key == *key)
    }
}

impl Mark {
    pub fn circle(&self) -> Circle {
        Circle {
            at: self.at,
            radius: self.radius,
        }
    }
}

impl AxisPicture {
    fn new(model: &AxisModel, axis: Axis, count: usize) -> Self {
        let ticks = axis.ticks(count, model.whole);
        let seconds = match model.inverse {
            Some(inverse) => ticks
                .iter()
                .map(|tick| match inverse.interval(tick.value) {
                    Some(interval) => number::seconds(interval),
                    None => String::new(),
                })
                .collect(),
            None => Vec::new(),
        };
        let dimension = &model.dimension;
        let at = axis.at(Some(dimension.normal));
        Self {
            title: text::titled(dimension),
            second_title: model.inverse.map(|_| "interval".to_owned()),
            seconds,
            between: axis.between(),
            normal: at.map(|at| within(at, axis.origin.min(axis.end), axis.origin.max(axis.end))),
            median: None,
            ticks,
            axis,
        }
    }

    /// The bands beside the scale with the text that says what they hold.
    pub fn bands(&self) -> Vec<(Stretch, Band)> {
        let zero = self.axis.zero.map(|stretch| (stretch, Band::Zero));
        let missing = self.axis.missing.map(|stretch| (stretch, Band::Missing));
        zero.into_iter().chain(missing).collect()
    }
}

/// What stands apart from a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    Zero,
    Missing,
}

/// The area inside the axes: what the tick labels and titles leave.
fn plot_area(model: &Model, views: Views, size: Size) -> Rect {
    let (top, bottom) = (ABOVE, size.height - BELOW);
    let picture = AxisPicture::new(&model.y, Axis::new(views.y, bottom, top), size.y_ticks());
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0) as f64;
    let ticks = widest(&mut picture.ticks.iter().map(|tick| tick.label.chars().count()));
    let seconds = widest(&mut picture.seconds.iter().map(|text| text.chars().count()));
    let columns = if size.is_narrow() {
        ticks.max(seconds) * CHARACTER
    } else if seconds > 0.0 {
        (ticks + seconds) * CHARACTER + 12.0
    } else {
        ticks * CHARACTER
    };
    Rect {
        left: (columns + 24.0).round(),
        top,
        right: size.width - 20.0,
        bottom,
    }
}

fn marks(model: &Model, x: &Axis, y: &Axis) -> Vec<Mark> {
    let marks: Vec<Mark> = model
        .spots
        .iter()
        .enumerate()
        .filter_map(|(index, spot)| {
            let at = Point {
                x: x.at(spot.x)?,
                y: y.at(spot.y)?,
            };
            Some(Mark {
                key: spot.key.clone(),
                index,
                at,
                radius: spot
                    .size
                    .map_or_else(legend::unmeasured_radius, legend::radius),
                inside: x.shows(at.x) && y.shows(at.y),
            })
        })
        .collect();
    let order = ordered(marks.len(), &|one, other| {
        let (one, other) = (&marks[one], &marks[other]);
        let by_radius = other.radius.total_cmp(&one.radius);
        by_radius.then(other.index.cmp(&one.index))
    });
    order.into_iter().map(|at| marks[at].clone()).collect()
}

/// From the origin to where *normal* ends on both axes; zero is normal, the unmeasured is not.
fn normal_area(x: &AxisPicture, y: &AxisPicture, plot: Rect) -> Option<Rect> {
    let start = |axis: &Axis| match (axis.missing, axis.zero) {
        (None, _) => axis.origin,
        (Some(_), Some(zero)) => zero.from,
        (Some(_), None) => axis.scaled.from,
    };
    let area = Rect::between(
        Point {
            x: start(&x.axis),
            y: start(&y.axis),
        },
        Point {
            x: x.normal?,
            y: y.normal?,
        },
    );
    let visible = area.width() > 1.0 && area.height() > 1.0 && x.normal? > plot.left;
    visible.then_some(area)
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::{bubble, model};
    use super::*;

    const WIDE: Size = Size {
        width: 760.0,
        height: 460.0,
    };
    const SMALL: Size = Size {
        width: 340.0,
        height: 340.0,
    };

    fn picture(model: &Model, size: Size) -> Picture {
        Picture::new(model, Views::whole(model), size)
    }

    fn crowd(count: u64) -> Model {
        model(
            (0..count)
                .map(|id| {
                    let step = id as f64;
                    let wave = (step * 1.7).sin().abs();
                    bubble(
                        id,
                        0.02 * 1.4f64.powf(step),
                        0.5 + 30.0 * wave,
                        20.0 * step,
                        9.0 * step,
                    )
                })
                .collect(),
        )
    }

    #[test]
    fn every_bubble_is_inside_the_plot_at_every_width() {
        for size in [WIDE, SMALL] {
            let picture = picture(&crowd(31), size);
            assert_eq!(picture.marks.len(), 31);
            for mark in &picture.marks {
                assert!(picture.plot.contains(mark.at), "{mark:?}");
            }
            assert!(picture.plot.width() > size.width * 0.6);
        }
    }

    #[test]
    fn the_largest_is_drawn_first() {
        let picture = picture(&crowd(31), WIDE);
        for pair in picture.marks.windows(2) {
            assert!(pair[0].radius >= pair[1].radius);
        }
    }

    #[test]
    fn of_equals_this_bot_is_drawn_last() {
        let model = model((0..31).map(|id| bubble(id, 5.0, 5.0, 50.0, 50.0)).collect());
        let picture = picture(&model, WIDE);
        assert_eq!(picture.marks.last().unwrap().index, 0);
        let spot = picture.marks[0].at;
        assert!(
            picture.marks.iter().all(|mark| mark.at == spot),
            "no jitter"
        );
    }

    #[test]
    fn this_bot_is_always_labelled_and_led_to() {
        for size in [WIDE, SMALL] {
            for model in [
                crowd(1),
                crowd(31),
                model((0..31).map(|id| bubble(id, 5.0, 5.0, 50.0, 50.0)).collect()),
            ] {
                let picture = picture(&model, size);
                let first = &picture.labels[0];
                assert_eq!(first.text, "This bot");
                assert!(first.place.leader.is_some());
            }
        }
    }

    #[test]
    fn labels_are_few_and_never_overlap() {
        for size in [WIDE, SMALL] {
            let picture = picture(&crowd(31), size);
            assert!(picture.labels.len() <= 1 + names::LABELS.0);
            for (index, one) in picture.labels.iter().enumerate() {
                for other in &picture.labels[index + 1..] {
                    assert_eq!(one.place.area.overlap(&other.place.area), 0.0);
                }
            }
        }
    }

    #[test]
    fn normal_is_shaded_from_the_corner_to_where_it_ends() {
        let picture = picture(&crowd(31), WIDE);
        let area = picture.normal.unwrap();
        assert_eq!(
            (area.left, area.bottom),
            (picture.plot.left, picture.plot.bottom)
        );
        let end = picture.x.axis.at(Some(0.5)).unwrap();
        assert!((area.right - end).abs() < 1e-9);
    }

    #[test]
    fn the_interval_stands_beside_the_rate() {
        let picture = picture(&crowd(31), WIDE);
        let ticks = &picture.y.ticks;
        assert_eq!(ticks.len(), picture.y.seconds.len());
        let ten = ticks.iter().position(|tick| tick.label == "10").unwrap();
        assert_eq!(picture.y.seconds[ten], "0.1 s");
        assert!(picture.x.seconds.is_empty());
    }

    #[test]
    fn two_readings_of_a_tick_never_run_into_one_another() {
        for rate in [0.7, 1.1, 9.0, 60.0] {
            let model = model(vec![bubble(1, 0.3, rate, 20.0, 20.0)]);
            let picture = picture(&model, WIDE);
            for (tick, second) in picture.y.ticks.iter().zip(&picture.y.seconds) {
                let width = |text: &str| text.chars().count() as f64 * CHARACTER;
                let first = picture.plot.left - 10.0 - width(&tick.label);
                assert!(12.0 + width(second) < first, "{} {second}", tick.label);
            }
        }
    }

    #[test]
    fn narrow_pictures_have_fewer_ticks() {
        let model = crowd(31);
        let (wide, small) = (picture(&model, WIDE), picture(&model, SMALL));
        assert!(small.x.ticks.len() < wide.x.ticks.len());
        for pair in small.x.ticks.windows(2) {
            let width = pair[0].label.chars().count() as f64 * CHARACTER;
            assert!(pair[1].at - pair[0].at > width + 4.0);
        }
    }

    #[test]
    fn the_unmeasured_and_zero_stand_apart_from_the_scale() {
        let mut bubbles: Vec<_> = (1..6)
            .map(|id| bubble(id, 10f64.powi(id as i32 - 3), 1.0, 20.0, 20.0))
            .collect();
        bubbles[0].x = None;
        bubbles[1].x = Some(0.0);
        bubbles.push(bubble(7, 0.001, 2.0, 20.0, 20.0));
        let model = model(bubbles);
        let picture = picture(&model, WIDE);
        let at = |id: u64| {
            picture
                .mark(&Key::Attack(shared::AttackId(id)))
                .unwrap()
                .at
                .x
        };
        assert!(at(1) < at(2) && at(2) < at(7));
        assert!(at(7) >= picture.x.axis.scaled.from);
    }
}
