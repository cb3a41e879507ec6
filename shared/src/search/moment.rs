//! A date, a date with a time, or a month, as people type it: in the reader's zone unless it
//! names its own. Not a [`Timestamp`], which is a point in time wherever the reader is.

use std::fmt;

use time::{Date, Month};

use super::SearchError;
use super::cursor::Cursor;
use crate::Timestamp;

/// A date, a date with a time, or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The date; of a month the first one.
    pub(super) date: Date,
    /// Whether the whole month is meant. Without a time.
    pub(super) is_month: bool,
    /// Milliseconds after midnight; `None` for the whole day.
    pub(super) time_ms: Option<u32>,
    /// Minutes east of UTC; `None` for the reader's zone. Only with a time.
    pub(super) zone: Option<i16>,
}

impl Moment {
    /// `at` in UTC, to the millisecond. Outside the years 1 to 9999 it is the nearest of them.
    #[must_use]
    pub fn exact(at: Timestamp) -> Self {
        let first = Date::MIN.replace_year(1).expect("year 1 has 1 January");
        let last = Date::from_calendar_date(9999, Month::December, 31).expect("a date");
        let day = |date: Date| i64::from(date.to_julian_day());
        let epoch = day(time::macros::date!(1970 - 01 - 01));
        let first_ms = (day(first) - epoch) * Timestamp::DAY;
        let last_ms = (day(last) - epoch + 1) * Timestamp::DAY - 1;
        let ms = at.0.clamp(first_ms, last_ms);
        let julian = epoch + ms.div_euclid(Timestamp::DAY);
        Self {
            date: i32::try_from(julian)
                .ok()
                .and_then(|julian| Date::from_julian_day(julian).ok())
                .expect("clamped to the years of a date"),
            is_month: false,
            time_ms: Some(ms.rem_euclid(Timestamp::DAY) as u32),
            zone: Some(0),
        }
    }

    /// When it begins, for a reader `zone_offset_minutes` east of UTC.
    #[must_use]
    pub fn begin(self, zone_offset_minutes: i32) -> Timestamp {
        let zone = self.zone.map_or(zone_offset_minutes, i32::from);
        midnight(self.date, zone).plus(i64::from(self.time_ms.unwrap_or(0)))
    }

    /// When it is over: for a date or a month the midnight after it, with a time the moment itself.
    #[must_use]
    pub fn end(self, zone_offset_minutes: i32) -> Timestamp {
        let begin = self.begin(zone_offset_minutes);
        let days = match self.time_ms {
            Some(_) => 0,
            None if self.is_month => days_of_month(self.date),
            None => 1,
        };
        begin.plus(days * Timestamp::DAY)
    }

    /// Reads a month, or a date and a time if one follows after `T` or a space.
    pub(super) fn parse(cursor: &mut Cursor) -> Result<Self, SearchError> {
        let (date, is_month) = parse_date(cursor)?;
        let mut moment = Self {
            date,
            is_month,
            time_ms: None,
            zone: None,
        };
        if is_month {
            return Ok(moment);
        }
        if cursor.take('T') || cursor.take('t') {
            moment.time_ms = Some(parse_time(cursor)?);
            moment.zone = parse_zone(cursor)?;
            return Ok(moment);
        }
        let before_spaces = cursor.position();
        cursor.skip_spaces();
        if cursor.position() > before_spaces && time_follows(cursor) {
            moment.time_ms = Some(parse_time(cursor)?);
        } else {
            cursor.rewind(before_spaces);
        }
        Ok(moment)
    }

    /// Writes the time alone, as after the first end of `09:00-12:00`.
    pub(super) fn write_time(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.time_ms.unwrap_or(0);
        let (minutes, seconds, ms) = (ms / 60_000, ms / 1_000 % 60, ms % 1_000);
        write!(f, "{:02}:{:02}", minutes / 60, minutes % 60)?;
        if seconds > 0 || ms > 0 {
            write!(f, ":{seconds:02}")?;
        }
        if ms > 0 {
            write!(f, ".{ms:03}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date.to_calendar_date();
        write!(f, "{year:04}-{:02}", u8::from(month))?;
        if self.is_month {
            return Ok(());
        }
        write!(f, "-{day:02}")?;
        if self.time_ms.is_none() {
            return Ok(());
        }
        f.write_str(if self.zone.is_some() { "T" } else { " " })?;
        self.write_time(f)?;
        match self.zone {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(zone) => {
                let sign = if zone < 0 { '-' } else { '+' };
                let minutes = zone.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// The moment that a whole text names with its time and its zone, as RFC 3339 writes it.
pub(crate) fn parse_exact(text: &str) -> Option<Timestamp> {
    let mut cursor = Cursor::new(text);
    let moment = Moment::parse(&mut cursor).ok()?;
    let is_exact = moment.zone.is_some() && cursor.peek().is_none();
    is_exact.then(|| moment.begin(0))
}

/// The beginning of a day, for a reader `zone` minutes east of UTC.
pub(super) fn midnight(date: Date, zone: i32) -> Timestamp {
    let utc = Timestamp::from(date.midnight().assume_utc());
    utc.plus(-i64::from(zone) * Timestamp::MINUTE)
}

/// Whether the next characters are a time such as `09:00`.
pub(super) fn time_follows(cursor: &Cursor) -> bool {
    let digit = |ahead| cursor.peek_at(ahead).is_some_and(|c| c.is_ascii_digit());
    digit(0) && (cursor.peek_at(1) == Some(':') || digit(1) && cursor.peek_at(2) == Some(':'))
}

/// How many days the month of a date has.
pub(super) fn days_of_month(date: Date) -> i64 {
    i64::from(date.month().length(date.year()))
}

/// A date; the first one of a month, and whether it is a month, if no day is named.
fn parse_date(cursor: &mut Cursor) -> Result<(Date, bool), SearchError> {
    let start = cursor.position();
    let mut is_month = false;
    let parts = (|| {
        let year = cursor.take_digits(4)?;
        let month = cursor.take('-').then(|| cursor.take_digits(2))??;
        is_month = !day_follows(cursor);
        if is_month {
            return Some((year, month, 1));
        }
        let day = cursor.take('-').then(|| cursor.take_digits(2))??;
        Some((year, month, day))
    })();
    let Some((year, month, day)) = parts else {
        return Err(cursor.error_here("expected a date such as 2026-11-07"));
    };
    u8::try_from(month)
        .ok()
        .and_then(|month| Month::try_from(month).ok())
        .filter(|_| year > 0)
        .zip(u8::try_from(day).ok())
        .and_then(|(month, day)| Date::from_calendar_date(year as i32, month, day).ok())
        .map(|date| (date, is_month))
        .ok_or_else(|| cursor.error_since(start, "there is no such date"))
}

/// Whether a day comes after a month, rather than nothing, or the year that a range ends with.
fn day_follows(cursor: &Cursor) -> bool {
    let digit = |ahead| cursor.peek_at(ahead).is_some_and(|c| c.is_ascii_digit());
    cursor.peek() == Some('-') && digit(1) && !(digit(2) && digit(3))
}

/// Milliseconds after midnight of `9:00`, `09:00`, `09:00:30`, `09:00:30.250`.
pub(super) fn parse_time(cursor: &mut Cursor) -> Result<u32, SearchError> {
    let start = cursor.position();
    let expected = "expected a time such as 09:00 or 09:00:30";
    let hour = cursor
        .take_digits(2)
        .or_else(|| cursor.take_digits(1))
        .ok_or_else(|| cursor.error_here(expected))?;
    let two_digits = |cursor: &mut Cursor| {
        cursor
            .take_digits(2)
            .ok_or_else(|| cursor.error_here(expected))
    };
    if !cursor.take(':') {
        return Err(cursor.error_here(expected));
    }
    let minute = two_digits(cursor)?;
    let second = if cursor.take(':') {
        two_digits(cursor)?
    } else {
        0
    };
    let ms = parse_fraction(cursor)?;
    if hour > 23 || minute > 59 || second > 59 {
        return Err(cursor.error_since(start, "there is no such time of day"));
    }
    Ok(((hour * 60 + minute) * 60 + second) * 1_000 + ms)
}

/// Milliseconds of `.25`; digits past the third are below what is kept.
fn parse_fraction(cursor: &mut Cursor) -> Result<u32, SearchError> {
    if !cursor.take('.') {
        return Ok(0);
    }
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    if digits.is_empty() {
        return Err(cursor.error_here("expected the digits of a fraction of a second"));
    }
    let padded = format!("{digits:0<3}");
    Ok(padded[..3].parse().expect("three digits"))
}

/// `Z`, `+02:00`, or nothing. A `-` that begins no offset is left for the range.
fn parse_zone(cursor: &mut Cursor) -> Result<Option<i16>, SearchError> {
    if cursor.take('Z') || cursor.take('z') {
        return Ok(Some(0));
    }
    let start = cursor.position();
    let sign = match cursor.peek() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return Ok(None),
    };
    cursor.next();
    let offset = cursor.take_digits(2).and_then(|hours| {
        let minutes = cursor.take(':').then(|| cursor.take_digits(2))??;
        Some((hours, minutes))
    });
    match offset {
        Some((hours, minutes)) if hours <= 23 && minutes <= 59 => {
            Ok(Some(sign * (hours * 60 + minutes) as i16))
        }
        None if sign < 0 => {
            cursor.rewind(start);
            Ok(None)
        }
        _ => Err(cursor.error_since(start, "expected an offset from UTC such as +02:00 or Z")),
    }
}
