//! Moments and durations.

use shared::Timestamp;

use super::intl::{self, Style};

/// Beyond this many milliseconds "ago" says less than the date.
const RELATIVE_UNTIL: i64 = 7 * Timestamp::DAY;

/// Units of a duration with their lengths in milliseconds, largest first.
const UNITS: [(i64, &str); 4] = [
    (Timestamp::DAY, "d"),
    (Timestamp::HOUR, "h"),
    (Timestamp::MINUTE, "min"),
    (Timestamp::SECOND, "s"),
];

/// The moment with its weekday, seconds and zone.
pub fn exact(at: Timestamp) -> String {
    intl::moment(at.0, Style::Full)
}

/// The day of the moment.
pub fn day(at: Timestamp) -> String {
    intl::moment(at.0, Style::Day)
}

/// Day and time to the minute.
pub fn day_and_minute(at: Timestamp) -> String {
    intl::moment(at.0, Style::DayAndMinute)
}

/// A tick of an axis whose ticks are `step` milliseconds apart.
pub fn tick(at: Timestamp, step: i64) -> String {
    let style = match step {
        step if step >= 28 * Timestamp::DAY => Style::Month,
        step if step >= Timestamp::DAY => Style::ShortDay,
        step if step >= Timestamp::MINUTE => Style::Minute,
        _ => Style::Second,
    };
    intl::moment(at.0, style)
}

/// Day and time to the second.
pub fn day_and_second(at: Timestamp) -> String {
    intl::moment(at.0, Style::DayAndSecond)
}

/// Time of the day to the second.
pub fn second(at: Timestamp) -> String {
    intl::moment(at.0, Style::Second)
}

/// `3 min ago` within a week of `now`, else day and time.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let age = now.since(at);
    if (0..Timestamp::MINUTE).contains(&age) {
        "just now".to_owned()
    } else if (0..RELATIVE_UNTIL).contains(&age) {
        format!("{} ago", coarse(age))
    } else {
        day_and_minute(at)
    }
}

/// A duration in its two largest units: `3 h 12 min`.
pub fn duration(ms: i64) -> String {
    let Some(largest) = UNITS.iter().position(|(length, _)| ms >= *length) else {
        return "< 1 s".to_owned();
    };
    let (length, name) = UNITS[largest];
    let whole = format!("{} {name}", ms / length);
    match UNITS.get(largest + 1) {
        Some((smaller, name)) if ms % length >= *smaller => {
            format!("{whole} {} {name}", ms % length / smaller)
        }
        _ => whole,
    }
}

/// A duration of at least a second in its largest unit.
fn coarse(ms: i64) -> String {
    let (length, name) = UNITS
        .into_iter()
        .find(|(length, _)| ms >= *length)
        .unwrap_or((Timestamp::SECOND, "s"));
    format!("{} {name}", ms / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_two_largest_units() {
        for (ms, expected) in [
            (0, "< 1 s"),
            (12_900, "12 s"),
            (60_000, "1 min"),
            (61_000, "1 min 1 s"),
            (11_520_000, "3 h 12 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(ms), expected);
        }
    }

    #[test]
    fn old_moments_are_dates_and_recent_ones_ages() {
        let now = Timestamp(1_431_857_103_000);
        assert_eq!(relative(now.plus(-20_000), now), "just now");
        assert_eq!(relative(now.plus(-3 * Timestamp::HOUR), now), "3 h ago");
        assert_eq!(
            relative(now.plus(-8 * Timestamp::DAY), now),
            "2015-05-09T10:05"
        );
    }

    #[test]
    fn a_moment_ahead_of_the_clock_is_a_date() {
        let now = Timestamp(1_431_857_103_000);
        assert_eq!(relative(now.plus(90_000), now), "2015-05-17T10:06");
    }
}
