//! Dates as logs write them, to milliseconds since 1970 UTC. By hand, because every line has
//! one; no clock.

/// Years that a log can have. Outside them a date is rejected as impossible.
const YEARS: std::ops::RangeInclusive<i64> = 1990..=2199;

const DAY_MS: i64 = 86_400_000;

/// Decodes `10/Oct/2000:13:55:36 -0700`, remembering the day of the line before.
#[derive(Debug, Default)]
pub(super) struct ClfDates {
    /// The day and its zone as text, `10/Oct/2000` and ` -0700`, and when it begins.
    day: [u8; 11],
    zone: [u8; 6],
    begins: i64,
}

impl ClfDates {
    /// The moment, or `None` if it is no date or one that does not exist.
    pub(super) fn decode(&mut self, text: &[u8]) -> Option<i64> {
        let text: &[u8; 26] = text.try_into().ok()?;
        let (day, rest) = text.split_first_chunk::<11>()?;
        let (time, zone) = rest.split_first_chunk::<9>()?;
        if *day != self.day || zone != self.zone {
            let begins = decode_clf_day(day)? - decode_zone(zone)?;
            (self.day, self.begins) = (*day, begins);
            self.zone.copy_from_slice(zone);
        }
        let [b':', h1, h2, b':', m1, m2, b':', s1, s2] = *time else {
            return None;
        };
        let time = time_of_day(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?)?;
        Some(self.begins + time)
    }
}

/// `10/Oct/2000` as the day's beginning, as if in UTC.
fn decode_clf_day(day: &[u8; 11]) -> Option<i64> {
    let [d1, d2, b'/', month @ .., b'/', y1, y2, y3, y4] = day else {
        return None;
    };
    let month = match &month.map(|byte| byte.to_ascii_lowercase()) {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    };
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    begin_of_day(year, month, two(*d1, *d2)?)
}

/// ` -0700` as the milliseconds to subtract from local time.
fn decode_zone(zone: &[u8]) -> Option<i64> {
    let [b' ', sign, h1, h2, m1, m2] = *zone else {
        return None;
    };
    zone_ms(sign, two(h1, h2)?, two(m1, m2)?)
}

fn zone_ms(sign: u8, hours: i64, minutes: i64) -> Option<i64> {
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// Decodes a date in any of the forms that JSON logs use: RFC 3339 and its looser relatives
/// (a space for `T`, a zone without colon or none: UTC), Common Log Format, and seconds,
/// milliseconds, microseconds or nanoseconds since 1970 as digits.
#[must_use]
pub(super) fn decode_date(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(moment) = decode_rfc3339(text.as_bytes()) {
        return Some(moment);
    }
    if text.as_bytes().get(2) == Some(&b'/') {
        return ClfDates::default()
            .decode(text.as_bytes())
            .or_else(|| decode_proxy(text.as_bytes()));
    }
    match text.parse::<i64>() {
        Ok(number) => decode_epoch(number),
        Err(_) => decode_epoch_seconds(text.parse().ok()?),
    }
}

/// `10/Oct/2000:13:55:36.123` of HAProxy, which has no zone: UTC.
fn decode_proxy(text: &[u8]) -> Option<i64> {
    let (day, rest) = text.split_first_chunk::<11>()?;
    let [b':', h1, h2, b':', m1, m2, b':', s1, s2, fraction @ ..] = rest else {
        return None;
    };
    let time = time_of_day(two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?)?;
    let fraction = match fraction {
        [b'.', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => milliseconds(digits),
        _ => return None,
    };
    Some(decode_clf_day(day)? + time + fraction)
}

/// A whole number since 1970: its size says whether it counts seconds, milliseconds,
/// microseconds or nanoseconds.
#[must_use]
pub(super) fn decode_epoch(number: i64) -> Option<i64> {
    let ms = match number {
        0..100_000_000_000 => number * 1_000,
        100_000_000_000..100_000_000_000_000 => number,
        100_000_000_000_000..100_000_000_000_000_000 => number / 1_000,
        _ => number / 1_000_000,
    };
    is_in_range(ms).then_some(ms)
}

/// A number with a fraction: seconds, or milliseconds if it is that large.
#[must_use]
pub(super) fn decode_epoch_seconds(number: f64) -> Option<i64> {
    let ms = if number < 1e11 {
        number * 1_000.0
    } else {
        number
    };
    // `as` saturates, and what is no number becomes 0: neither is in range.
    let ms = ms.round() as i64;
    is_in_range(ms).then_some(ms)
}

fn is_in_range(ms: i64) -> bool {
    let begin = |year| begin_of_day(year, 1, 1).expect("the range's own years are in it");
    (begin(*YEARS.start())..begin(*YEARS.end()) + 365 * DAY_MS).contains(&ms)
}

fn decode_rfc3339(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_first_chunk::<19>()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        o1,
        o2,
        b'-',
        d1,
        d2,
        b'T' | b't' | b' ' | b'_',
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
    ] = *date
    else {
        return None;
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let day = begin_of_day(year, two(o1, o2)?, two(d1, d2)?)?;
    let time = time_of_day(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?)?;
    let (fraction, zone) = match rest {
        [b'.' | b',', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (milliseconds(&rest[..digits]), &rest[digits..])
        }
        _ => (0, rest),
    };
    let zone = zone.trim_ascii_start();
    let zone = match *zone {
        [] | [b'Z' | b'z'] | [b'U', b'T', b'C'] => 0,
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => {
            zone_ms(sign, two(h1, h2)?, two(m1, m2)?)?
        }
        [sign, h1, h2] => zone_ms(sign, two(h1, h2)?, 0)?,
        _ => return None,
    };
    Some(day + time + fraction - zone)
}

/// The first three digits of a fraction of a second.
fn milliseconds(digits: &[u8]) -> i64 {
    let digit = |index: usize| digits.get(index).map_or(0, |byte| i64::from(byte - b'0'));
    digit(0) * 100 + digit(1) * 10 + digit(2)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Second 60 is a leap second; it counts as the first of the next minute.
fn time_of_day(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    (hours < 24 && minutes < 60 && seconds <= 60)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000)
}

/// The beginning of a day that exists, in the proleptic Gregorian calendar.
fn begin_of_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if !YEARS.contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::Timestamp;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = decode_date(text).map(|ms| Timestamp(ms).to_string());
        assert_eq!(found.as_deref().unwrap_or("none"), expected, "{text}");
    }

    #[test]
    fn dates_of_every_form_are_read() {
        check("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z");
        check("2026-11-22T13:35:24.809+00:00", "2026-11-22T13:35:24.809Z");
        check("2021-11-12T16:59:45+0000", "2021-11-12T16:59:45Z");
        check("2021-12-08T14:02:43.587782192Z", "2021-12-08T14:02:43.587Z");
        check("2021-12-08 14:02:43", "2021-12-08T14:02:43Z");
        check("2021-12-08 14:02:43,5 +0130", "2021-12-08T12:32:43.5Z");
        check("1795354524.809", "2026-11-22T13:35:24.809Z");
        check("1795354524", "2026-11-22T13:35:24Z");
        check("1795354524809", "2026-11-22T13:35:24.809Z");
        check("1712790000123000000", "2024-04-10T23:00:00.123Z");
        check("29/Feb/2016:23:59:60 +0000", "2016-03-01T00:00:00Z");
        check("10/Oct/2000:13:55:36.250", "2000-10-10T13:55:36.25Z");
    }

    #[test]
    fn impossible_dates_are_none() {
        for text in [
            "31/Feb/2015:10:00:00 +0000",
            "29/Feb/2015:10:00:00 +0000",
            "00/Jan/2015:10:00:00 +0000",
            "10/Foo/2015:10:00:00 +0000",
            "10/Oct/2015:24:00:00 +0000",
            "10/Oct/2015:10:61:00 +0000",
            "10/Oct/0000:10:00:00 +0000",
            "10/Oct/9999:10:00:00 +0000",
            "10/Oct/2015:10:00:00 +9900",
            "10/Oct/2015:10:00:00",
            "10/Oct/2015:10:00:00.x",
            "2021-13-01T00:00:00Z",
            "0",
            "-1",
            "NaN",
            "inf",
            "1e300",
            "",
            "yesterday",
        ] {
            check(text, "none");
        }
    }

    #[test]
    fn a_remembered_day_does_not_leak_into_another_zone() {
        let mut dates = ClfDates::default();
        let east = dates.decode(b"10/Oct/2000:13:00:00 +0200").unwrap();
        let west = dates.decode(b"10/Oct/2000:13:00:00 -0200").unwrap();
        assert_eq!(west - east, 4 * 3_600_000);
        assert_eq!(dates.decode(b"10/Oct/2000:xx:00:00 -0200"), None);
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(ms in 631_152_000_000i64..4_102_444_800_000) {
            let text = Timestamp(ms).to_string();
            prop_assert_eq!(decode_date(&text), Some(ms));
            prop_assert_eq!(decode_epoch(ms), Some(ms));
        }

        #[test]
        fn any_text_is_survived(text in ".{0,40}") {
            let _survived = decode_date(&text);
        }
    }
}
