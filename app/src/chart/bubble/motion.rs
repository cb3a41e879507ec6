//! How a picture turns into the next: what moves, and where it is on the way. Pure; the
//! frames come from `figure`.

use super::layout::Picture;
use super::model::Key;
use crate::chart::rect::{Point, Rect};
use crate::math::within;

/// How long a change takes, in milliseconds.
pub const DURATION_MS: f64 = 200.0;

/// Where everything that moves is at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// A bubble's circle, each bubble once.
    pub circles: Vec<(Key, Circle)>,
    pub normal: Option<Rect>,
    pub median_x: Option<f64>,
    pub median_y: Option<f64>,
}

/// A bubble's circle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Circle {
    pub at: Point,
    pub radius: f64,
}

impl Circle {
    /// Roughly how much of the circle an area covers, in square pixels; 0 only if nothing.
    pub fn covered_by(&self, area: &Rect) -> f64 {
        if area.nearest(self.at).distance(self.at) >= self.radius {
            0.0
        } else {
            Rect::around(self.at, self.radius).overlap(area).max(1.0)
        }
    }
}

impl Frame {
    /// Where a bubble is.
    pub fn circle(&self, key: &Key) -> Option<Circle> {
        let mut circles = self.circles.iter();
        let found = circles.find(|(known, _)| known == key);
        found.map(|(_, circle)| *circle)
    }

    /// Where the campaign is whose address this is.
    fn origin(&self, key: &Key) -> Option<Circle> {
        self.circle(&Key::Attack(key.campaign()?))
    }

    /// The addresses of campaigns that are here and not there.
    pub fn leaving(&self, there: &Self) -> impl Iterator<Item = (&Key, Circle)> {
        self.circles
            .iter()
            .filter(|(key, _)| key.campaign().is_some() && there.circle(key).is_none())
            .map(|(key, circle)| (key, *circle))
    }

    /// Where everything is when nothing moves.
    pub fn of(picture: &Picture) -> Self {
        Self {
            circles: picture
                .marks
                .iter()
                .map(|mark| (mark.key.clone(), mark.circle()))
                .collect(),
            normal: picture.normal,
            median_x: picture.x.median.as_ref().map(|median| median.at),
            median_y: picture.y.median.as_ref().map(|median| median.at),
        }
    }

    /// The frame `elapsed` milliseconds after leaving `from` for `to`. What `from` lacks
    /// grows where it belongs; what `to` lacks is gone at once. The addresses of a campaign come
    /// out of its bubble, and go back into it.
    pub fn on_the_way(from: &Self, to: &Self, elapsed: f64) -> Self {
        let share = eased(elapsed / DURATION_MS);
        let mix = |one: f64, other: f64| one + (other - one) * share;
        let mix_lines = |one: Option<f64>, other: Option<f64>| {
            other.map(|other| one.map_or(other, |one| mix(one, other)))
        };
        let mut circles: Vec<(Key, Circle)> = to
            .circles
            .iter()
            .map(|(key, end)| {
                let start = from.circle(key).unwrap_or(Circle {
                    at: from.origin(key).map_or(end.at, |origin| origin.at),
                    radius: 0.0,
                });
                let circle = Circle {
                    at: Point {
                        x: mix(start.at.x, end.at.x),
                        y: mix(start.at.y, end.at.y),
                    },
                    radius: mix(start.radius, end.radius),
                };
                (key.clone(), circle)
            })
            .collect();
        for (key, start) in from.leaving(to) {
            if let Some(end) = to.origin(key) {
                let circle = Circle {
                    at: Point {
                        x: mix(start.at.x, end.at.x),
                        y: mix(start.at.y, end.at.y),
                    },
                    radius: mix(start.radius, 0.0),
                };
                circles.push((key.clone(), circle));
            }
        }
        Self {
            circles,
            normal: to.normal.map(|end| {
                from.normal.map_or(end, |start| Rect {
                    left: mix(start.left, end.left),
                    top: mix(start.top, end.top),
                    right: mix(start.right, end.right),
                    bottom: mix(start.bottom, end.bottom),
                })
            }),
            median_x: mix_lines(from.median_x, to.median_x),
            median_y: mix_lines(from.median_y, to.median_y),
        }
    }
}

/// Quick to leave, slow to arrive: 0 to 1.
fn eased(share: f64) -> f64 {
    let rest = 1.0 - within(share, 0.0, 1.0);
    1.0 - rest * rest * rest
}

#[cfg(test)]
mod tests {
    use shared::AttackId;

    use super::*;

    fn frame(id: u64, x: f64) -> Frame {
        let circle = Circle {
            at: Point { x, y: 0.0 },
            radius: 10.0,
        };
        Frame {
            circles: vec![(Key::Attack(AttackId(id)), circle)],
            median_x: Some(x),
            ..Frame::default()
        }
    }

    #[test]
    fn a_change_starts_where_it_was_and_ends_where_it_goes() {
        let (from, to) = (frame(1, 0.0), frame(1, 100.0));
        assert_eq!(Frame::on_the_way(&from, &to, 0.0), from);
        assert_eq!(Frame::on_the_way(&from, &to, DURATION_MS), to);
        assert_eq!(Frame::on_the_way(&from, &to, 1e9), to);
        let middle = Frame::on_the_way(&from, &to, DURATION_MS / 2.0);
        assert!(middle.median_x > Some(50.0) && middle.median_x < Some(100.0));
    }

    #[test]
    fn the_addresses_of_a_campaign_come_out_of_its_bubble_and_go_back() {
        let folded = frame(1, 50.0);
        let member = Key::Member(AttackId(1), "10.0.0.7".to_owned());
        let mut unfolded = folded.clone();
        let place = frame(2, 200.0).circles[0].1;
        unfolded.circles.push((member.clone(), place));
        let out = Frame::on_the_way(&folded, &unfolded, 0.0)
            .circle(&member)
            .unwrap();
        assert_eq!((out.at.x, out.radius), (50.0, 0.0));
        let back = Frame::on_the_way(&unfolded, &folded, DURATION_MS / 2.0)
            .circle(&member)
            .unwrap();
        assert!(back.at.x > 50.0 && back.at.x < 200.0 && back.radius < 10.0);
    }

    #[test]
    fn what_is_new_grows_where_it_belongs() {
        let start = Frame::on_the_way(&frame(1, 0.0), &frame(2, 100.0), 0.0);
        let circle = start.circle(&Key::Attack(AttackId(2))).unwrap();
        assert_eq!((circle.at.x, circle.radius), (100.0, 0.0));
        assert_eq!(start.circles.len(), 1);
    }
}
