//! Reads periods: words such as `last 3 days`, and dates.

use super::SearchError;
use super::cursor::Cursor;
use super::moment::{Moment, parse_time, time_follows};
use super::period::{Inclusion, Period, Unit};

/// `last N …` goes up to this.
const MAX_COUNT: u32 = 100_000;

/// What follows `this`.
pub(super) fn parse_this(cursor: &mut Cursor) -> Result<Period, SearchError> {
    cursor.skip_spaces();
    let start = cursor.position();
    match cursor.take_word().to_ascii_lowercase().as_str() {
        "month" => Ok(Period::ThisMonth),
        _ => Err(cursor.error_since(start, "expected `this month`")),
    }
}

/// What follows `last`: a unit, or a number and a unit.
pub(super) fn parse_last(cursor: &mut Cursor) -> Result<Period, SearchError> {
    cursor.skip_spaces();
    let start = cursor.position();
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    let mut count = 1;
    if !digits.is_empty() {
        count = digits
            .parse()
            .ok()
            .filter(|count| (1..=MAX_COUNT).contains(count))
            .ok_or_else(|| {
                cursor.error_since(start, format!("expected a number from 1 to {MAX_COUNT}"))
            })?;
        cursor.skip_spaces();
    }
    let start = cursor.position();
    let word = cursor.take_word().to_ascii_lowercase();
    let plural = !digits.is_empty();
    let unit = Unit::ALL.into_iter().find(|unit| {
        let stem = if plural {
            word.strip_suffix('s').unwrap_or(&word)
        } else {
            word.as_str()
        };
        stem == unit.as_str()
    });
    let expected =
        "expected minutes, hours, days, weeks or months, e.g. `last 3 days`, `last week`";
    unit.map(|unit| Period::Last(count, unit))
        .ok_or_else(|| cursor.error_since(start, expected))
}

/// A period written with dates.
pub(super) fn parse_dates(cursor: &mut Cursor) -> Result<Period, SearchError> {
    let Some(sign @ ('<' | '>')) = cursor.peek() else {
        return parse_range(cursor);
    };
    cursor.next();
    let inclusion = if cursor.take('=') {
        Inclusion::Included
    } else {
        Inclusion::Excluded
    };
    cursor.skip_spaces();
    let moment = Moment::parse(cursor)?;
    Ok(if sign == '>' {
        Period::After(moment, inclusion)
    } else {
        Period::Before(moment, inclusion)
    })
}

/// A day, a month, or two moments with `-` between them.
fn parse_range(cursor: &mut Cursor) -> Result<Period, SearchError> {
    let first = Moment::parse(cursor)?;
    let before_spaces = cursor.position();
    cursor.skip_spaces();
    if !cursor.take('-') {
        if first.time_ms.is_some() {
            let message = "a date with a time is one end of a period: write `2026-11-07 \
                           09:00-12:00`, or `>` or `<` before it";
            return Err(cursor.error_here(message));
        }
        cursor.rewind(before_spaces);
        return Ok(Period::Whole(first));
    }
    cursor.skip_spaces();
    let start = cursor.position();
    let last = if first.time_ms.is_some() && time_follows(cursor) {
        Moment {
            time_ms: Some(parse_time(cursor)?),
            ..first
        }
    } else {
        Moment::parse(cursor)?
    };
    // Ends in different zones are compared only when the reader's zone is known.
    let comparable = first.zone.is_some() == last.zone.is_some();
    if comparable && last.end(0) <= first.begin(0) {
        return Err(cursor.error_since(start, "the period ends before it begins"));
    }
    Ok(Period::Between(first, last))
}
