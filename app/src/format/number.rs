//! Numbers, shares, sizes and deviations.

use super::intl;

/// A count with the locale's grouping.
pub fn count(value: u64) -> String {
    // Counts of requests stay far below 2^53.
    intl::number(value as f64, 0)
}

/// A value with at most `decimals` decimals.
pub fn decimal(value: f64, decimals: u8) -> String {
    intl::number(value, decimals)
}

/// A count and its noun, e.g. `1 hit`, `3,498 hits`.
pub fn count_of(value: u64, singular: &str, plural: &str) -> String {
    format!(
        "{} {}",
        count(value),
        if value == 1 { singular } else { plural }
    )
}

/// A measured value with three significant digits, integers from 1,000 on.
pub fn quantity(value: f64) -> String {
    if !value.is_finite() {
        return "\u{2013}".to_owned();
    }
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if magnitude < 0.000_5 {
        return "< 0.001".to_owned();
    }
    let decimals = match magnitude {
        m if m >= 99.95 => 0,
        m if m >= 9.995 => 1,
        m if m >= 0.9995 => 2,
        _ => 3,
    };
    intl::number(value, decimals)
}

/// A share of a whole in percent; what is not nothing never reads as 0%.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value <= 0.0 || !value.is_finite() {
        "0%".to_owned()
    } else if value < 0.1 {
        "< 0.1%".to_owned()
    } else if value < 10.0 && (value - value.round()).abs() > 0.05 {
        format!("{}%", intl::number(value, 1))
    } else if value < 100.0 && value > 99.5 {
        "> 99%".to_owned()
    } else {
        format!("{}%", intl::number(value, 0))
    }
}

/// How many times above or below normal, e.g. `32×`; above 1,000 only that.
pub fn times(deviation: f64) -> String {
    if deviation > 1000.0 {
        "> 1,000×".to_owned()
    } else if deviation >= 9.95 {
        format!("{}×", intl::number(deviation, 0))
    } else {
        format!("{}×", intl::number(deviation, 1))
    }
}

/// A number of bytes in decimal units, split into value and unit.
pub fn bytes(value: u64) -> (String, &'static str) {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut scaled = value as f64;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    let decimals = u8::from(unit > 0 && scaled < 9.95);
    (intl::number(scaled, decimals), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_has_three_digits_that_count() {
        for (value, expected) in [
            (0.0, "0"),
            (0.000_1, "< 0.001"),
            (0.034_2, "0.034"),
            (1.234, "1.23"),
            (12.34, "12.3"),
            (326.4, "326"),
            (1204.4, "1,204"),
            (f64::NAN, "\u{2013}"),
        ] {
            assert_eq!(quantity(value), expected);
        }
    }

    #[test]
    fn a_share_never_rounds_to_nothing_or_all() {
        for (share, expected) in [
            (0.0, "0%"),
            (0.000_2, "< 0.1%"),
            (0.034, "3.4%"),
            (0.05, "5%"),
            (0.5, "50%"),
            (0.999, "> 99%"),
            (1.0, "100%"),
        ] {
            assert_eq!(percent(share), expected);
        }
    }

    #[test]
    fn deviations_and_sizes_read_at_a_glance() {
        assert_eq!(times(32.3), "32×");
        assert_eq!(times(2.04), "2×");
        assert_eq!(times(4096.0), "> 1,000×");
        assert_eq!(bytes(999), ("999".to_owned(), "B"));
        assert_eq!(bytes(1_234), ("1.2".to_owned(), "kB"));
        assert_eq!(bytes(88_496_000), ("88".to_owned(), "MB"));
    }
}
