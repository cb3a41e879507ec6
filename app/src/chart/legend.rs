//! Legends of the absolute scales of colour and size: which values to name, and how big the
//! circles are. The colours themselves are the style sheet's.

use shared::{Dimension, Scale};

use super::number;
use crate::math::{log2, pow, within};

/// The number of steps of the heat scale; the style sheet has a colour for 0 to `LEVELS`.
pub const LEVELS: u8 = 16;

/// Diameters in pixels at normal and at full.
const SMALLEST: f64 = 6.0;
const LARGEST: f64 = 28.0;

/// A named place on a legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// 0 at normal, 1 at full.
    pub level: f64,
    pub label: String,
}

/// How far `value` stands on the scale of a dimension: 0 at normal or below, 1 at full or above.
pub fn level(dimension: &Dimension, value: f64) -> f64 {
    let (normal, full) = (dimension.normal, dimension.full);
    let level = match dimension.scale {
        Scale::Linear => (value - normal) / (full - normal),
        Scale::Log2 if value <= 0.0 || normal <= 0.0 => 0.0,
        Scale::Log2 => log2(value / normal) / log2(full / normal),
    };
    if level.is_finite() {
        within(level, 0.0, 1.0)
    } else {
        0.0
    }
}

/// The step of the heat scale for a value.
pub fn heat(dimension: &Dimension, value: f64) -> u8 {
    (level(dimension, value) * f64::from(LEVELS)).round() as u8
}

/// The radius for a level: its *area* grows evenly from the smallest to the largest circle.
pub fn radius(level: f64) -> f64 {
    let (small, large) = (SMALLEST / 2.0, LARGEST / 2.0);
    (small * small + within(level, 0.0, 1.0) * (large * large - small * small)).sqrt()
}

/// The radius where the size was not measured: between the ends, so that it claims neither.
pub fn unmeasured_radius() -> f64 {
    radius(0.25)
}

/// The numbers under the colour legend, from normal to full.
pub fn colour_stops(dimension: &Dimension) -> Vec<Stop> {
    match dimension.scale {
        Scale::Log2 => stops(dimension, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        Scale::Linear => stops(dimension, &[0.0, 0.25, 0.5, 0.75, 1.0]),
    }
}

/// The three circles of the size legend, smallest first.
pub fn size_stops(dimension: &Dimension) -> Vec<Stop> {
    match dimension.scale {
        Scale::Log2 => stops(dimension, &[0.0, 0.4, 1.0]),
        Scale::Linear => stops(dimension, &[0.0, 0.5, 1.0]),
    }
}

fn stops(dimension: &Dimension, levels: &[f64]) -> Vec<Stop> {
    levels
        .iter()
        .map(|level| {
            let text = number::short(value_at(dimension, *level));
            // Both ends are open unless the value has ends itself: what is beyond looks the same.
            let is_score = dimension.normal == 0.0 && dimension.full == 1.0;
            let label = match *level {
                _ if is_score => text,
                level if level <= 0.0 => format!("≤ {text}"),
                level if level >= 1.0 => format!("≥ {text}"),
                _ => text,
            };
            Stop {
                level: *level,
                label,
            }
        })
        .collect()
}

/// The value that stands at a level; undoes [`level`] between normal and full.
fn value_at(dimension: &Dimension, level: f64) -> f64 {
    let (normal, full) = (dimension.normal, dimension.full);
    match dimension.scale {
        Scale::Linear => normal + level * (full - normal),
        Scale::Log2 if normal > 0.0 && full > 0.0 => normal * pow(full / normal, level),
        Scale::Log2 => full * level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(normal: f64, full: f64, scale: Scale) -> Dimension {
        Dimension {
            name: String::new(),
            label: String::new(),
            unit: String::new(),
            explanation: String::new(),
            normal,
            full,
            scale,
        }
    }

    #[test]
    fn a_log_scale_is_full_at_32_times_normal_and_halfway_at_the_square_root() {
        let scale = dimension(10.0, 320.0, Scale::Log2);
        assert_eq!(level(&scale, 10.0), 0.0);
        assert_eq!(level(&scale, 320.0), 1.0);
        assert!((level(&scale, 10.0 * 32f64.sqrt()) - 0.5).abs() < 1e-12);
        assert_eq!(level(&scale, 3.0), 0.0);
        assert_eq!(level(&scale, 1e9), 1.0);
        assert_eq!(level(&scale, 0.0), 0.0);
    }

    #[test]
    fn a_score_is_linear() {
        let scale = dimension(0.0, 1.0, Scale::Linear);
        assert_eq!(level(&scale, 0.25), 0.25);
        assert_eq!(level(&scale, f64::NAN), 0.0);
    }

    #[test]
    fn levels_are_quantised_to_the_colours_there_are() {
        let scale = dimension(10.0, 320.0, Scale::Log2);
        assert_eq!(heat(&scale, 3.0), 0);
        assert_eq!(heat(&scale, 10.0), 0);
        assert_eq!(heat(&scale, 10.0 * 32f64.sqrt()), 8);
        assert_eq!(heat(&scale, 320.0), LEVELS);
        assert_eq!(heat(&scale, 1e12), LEVELS);
    }

    #[test]
    fn a_bubble_is_6_px_at_normal_and_28_px_at_full() {
        assert_eq!(radius(0.0) * 2.0, 6.0);
        assert_eq!(radius(1.0) * 2.0, 28.0);
        assert_eq!(radius(7.0) * 2.0, 28.0);
    }

    #[test]
    fn area_grows_evenly_with_the_level() {
        let area = |level| radius(level) * radius(level);
        let (low, high) = (area(0.5) - area(0.25), area(0.75) - area(0.5));
        assert!((low - high).abs() < 1e-9);
    }

    #[test]
    fn legends_name_real_values_from_normal_to_full() {
        let labels = |stops: Vec<Stop>| -> Vec<String> {
            stops.into_iter().map(|stop| stop.label).collect()
        };
        let log = dimension(10.0, 320.0, Scale::Log2);
        assert_eq!(
            labels(colour_stops(&log)),
            ["≤ 10", "20", "40", "80", "160", "≥ 320"]
        );
        assert_eq!(labels(size_stops(&log)), ["≤ 10", "40", "≥ 320"]);
        let score = dimension(0.0, 1.0, Scale::Linear);
        let bits = dimension(4.0, 9.0, Scale::Linear);
        assert_eq!(labels(size_stops(&bits)), ["≤ 4", "6.5", "≥ 9"]);
        assert_eq!(
            labels(colour_stops(&score)),
            ["0", "0.25", "0.5", "0.75", "1"]
        );
    }
}
