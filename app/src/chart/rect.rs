//! Rectangles and points in pixels. `y` grows downwards, as on a screen.

use crate::math::within;

/// A place in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// An upright rectangle: `left <= right`, `top <= bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    /// The rectangle with two opposite corners, whichever they are.
    pub fn between(one: Point, other: Point) -> Self {
        Self {
            left: one.x.min(other.x),
            top: one.y.min(other.y),
            right: one.x.max(other.x),
            bottom: one.y.max(other.y),
        }
    }

    /// The rectangle at a corner with a size.
    pub fn sized(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self {
            left,
            top,
            right: left + width,
            bottom: top + height,
        }
    }

    /// The square around a circle.
    pub fn around(centre: Point, radius: f64) -> Self {
        Self::sized(
            centre.x - radius,
            centre.y - radius,
            2.0 * radius,
            2.0 * radius,
        )
    }

    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn centre(&self) -> Point {
        Point {
            x: f64::midpoint(self.left, self.right),
            y: f64::midpoint(self.top, self.bottom),
        }
    }

    pub fn contains(&self, point: Point) -> bool {
        (self.left..=self.right).contains(&point.x) && (self.top..=self.bottom).contains(&point.y)
    }

    /// Whether `other` lies within this rectangle, edges included.
    pub fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.right >= other.right
            && self.bottom >= other.bottom
    }

    /// The area that both cover.
    pub fn overlap(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    /// This rectangle with `by` more on every side (less, if negative).
    pub fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// The point of this rectangle nearest to `point`.
    pub fn nearest(&self, point: Point) -> Point {
        Point {
            x: within(point.x, self.left, self.right),
            y: within(point.y, self.top, self.bottom),
        }
    }
}

impl Point {
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point `by` pixels from here in the direction of `other`; here, if they coincide.
    pub fn towards(self, other: Self, by: f64) -> Self {
        let distance = self.distance(other);
        if distance < f64::EPSILON {
            return self;
        }
        Self {
            x: self.x + (other.x - self.x) * by / distance,
            y: self.y + (other.y - self.y) * by / distance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_may_come_in_any_order() {
        let one = Point { x: 9.0, y: 1.0 };
        let other = Point { x: 2.0, y: 5.0 };
        assert_eq!(Rect::between(one, other), Rect::between(other, one));
        assert_eq!(Rect::between(one, other), Rect::sized(2.0, 1.0, 7.0, 4.0));
    }

    #[test]
    fn rectangles_that_only_touch_do_not_overlap() {
        let left = Rect::sized(0.0, 0.0, 10.0, 10.0);
        assert_eq!(left.overlap(&Rect::sized(10.0, 0.0, 5.0, 5.0)), 0.0);
        assert_eq!(left.overlap(&Rect::sized(8.0, 8.0, 5.0, 5.0)), 4.0);
    }
}
