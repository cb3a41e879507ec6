//! Numbers as people read them in a chart: short on ticks, exact enough in cards and tables.
//! The locale is `format`'s.

use crate::format::decimal;
use crate::math::{log10, pow, within};

/// A number for a tick: `0`, `0.05`, `30`, `1,200`, `20k`, `3M`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-4) {
        power_of_ten(value)
    } else if size >= 1e9 {
        format!("{}G", decimal(value / 1e9, 1))
    } else if size >= 1e6 {
        format!("{}M", decimal(value / 1e6, 1))
    } else if size >= 1e4 {
        format!("{}k", decimal(value / 1e3, 1))
    } else if size >= 100.0 {
        decimal(value, 0)
    } else {
        significant(value, 3)
    }
}

/// Ticks' numbers with as many digits as it takes to tell neighbours apart.
pub fn short_and_distinct(values: &[f64]) -> Vec<String> {
    let labels: Vec<String> = values.iter().copied().map(short).collect();
    if labels.windows(2).all(|pair| pair[0] != pair[1]) {
        return labels;
    }
    let step = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(f64::INFINITY, f64::min);
    let places = within(-log10(step).floor(), 0.0, 15.0) as u8;
    values.iter().map(|value| decimal(*value, places)).collect()
}

/// A number for a card or a table: three significant digits, or all digits of what is whole.
pub fn full(value: f64) -> String {
    let size = value.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-5) {
        power_of_ten(value)
    } else if size >= 100.0 || value.fract() == 0.0 {
        decimal(value, 0)
    } else {
        significant(value, 3)
    }
}

/// A duration in seconds for a tick: two digits say enough beside the rate.
pub fn seconds(value: f64) -> String {
    let text = if value >= 10.0 {
        short(value.round())
    } else {
        significant(value, 2)
    };
    format!("{text} s")
}

/// A number with its unit, the unit left out where there is none.
pub fn with_unit(value: f64, unit: &str) -> String {
    if unit.is_empty() {
        full(value)
    } else {
        format!("{}\u{a0}{unit}", full(value))
    }
}

fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let places = (digits - 1 - log10(value.abs()).floor() as i32).clamp(0, 8);
    decimal(value, places as u8)
}

fn power_of_ten(value: f64) -> String {
    let power = log10(value.abs()).floor();
    let factor = decimal(value / pow(10.0, power), 1);
    let power: String = (power as i32)
        .to_string()
        .chars()
        .map(|digit| match digit {
            '-' => '⁻',
            '0' => '⁰',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            _ => '⁹',
        })
        .collect();
    if factor == "1" {
        format!("10{power}")
    } else {
        format!("{factor}×10{power}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_short() {
        let check = |value, expected: &str| assert_eq!(short(value), expected);
        check(0.0, "0");
        check(0.05, "0.05");
        check(0.1 + 0.2, "0.3");
        check(30.0, "30");
        check(1_200.0, "1,200");
        check(20_000.0, "20k");
        check(1_500_000.0, "1.5M");
        check(0.00001, "10⁻⁵");
        check(3e-6, "3×10⁻⁶");
    }

    #[test]
    fn cards_keep_what_is_whole() {
        let check = |value, expected: &str| assert_eq!(full(value), expected);
        check(3_498.0, "3,498");
        check(1_234_567.0, "1,234,567");
        check(0.4567, "0.457");
        check(326.4, "326");
        check(32.46, "32.5");
        check(0.00023, "0.00023");
        assert_eq!(with_unit(0.5, "requests/s"), "0.5\u{a0}requests/s");
        assert_eq!(with_unit(7.0, ""), "7");
    }
}
