//! Numbers as people read them, for the texts that the API makes. Not for the console's own
//! numbers: it formats those itself.

/// `1,204`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 page`, `1,204 pages`, `3 addresses`.
pub(crate) fn count(n: u64, thing: &str) -> String {
    let ending = match thing {
        _ if n == 1 => "",
        _ if thing.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {thing}{ending}", number(n))
}

/// `40 s`, `22 min`, `3 h`, `5 days`: the largest unit of which there are at least two.
pub(crate) fn duration(ms: i64) -> String {
    let rounded = |unit_s: i64| (ms + unit_s * 500) / (unit_s * 1_000);
    match ms / 1_000 {
        ..=119 => format!("{} s", rounded(1)),
        120..=7_199 => format!("{} min", rounded(60)),
        7_200..=172_799 => format!("{} h", rounded(3_600)),
        172_800.. => format!("{} days", rounded(86_400)),
    }
}

/// `820 bytes`, `35 MB`, `1.2 GB`.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if n < 1_000 {
        return count(n, "byte");
    }
    let mut value = n as f64 / 1e3;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1e3;
        unit += 1;
    }
    if value < 9.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_things_counted() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(number),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(count(1, "address"), "1 address");
        assert_eq!(count(2_000, "address"), "2,000 addresses");
        assert_eq!(count(0, "page"), "0 pages");
    }

    #[test]
    fn durations_take_the_largest_unit_of_which_there_are_two() {
        let minute = 60_000;
        assert_eq!(duration(1_400), "1 s");
        assert_eq!(duration(119_000), "119 s");
        assert_eq!(duration(22 * minute + 29_000), "22 min");
        assert_eq!(duration(3 * 60 * minute), "3 h");
        assert_eq!(duration(47 * 60 * minute), "47 h");
        assert_eq!(duration(5 * 24 * 60 * minute), "5 days");
    }

    #[test]
    fn bytes_keep_two_digits_when_they_are_few() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_000), "1.0 kB");
        assert_eq!(bytes(35_400_000), "35 MB");
        assert_eq!(bytes(999_600), "1.0 MB");
        assert_eq!(bytes(1_240_000_000), "1.2 GB");
        assert_eq!(bytes(u64::MAX), "18447 PB");
    }
}
