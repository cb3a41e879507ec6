//! From a search text to a [`Query`]. Whatever it does not know is an error that names the
//! characters and says what is possible; nothing is ignored.

use super::SearchError;
use super::address::AddressTerm;
use super::cursor::{Cursor, error};
use super::moment::{Moment, parse_time, time_follows};
use super::period::{Inclusion, Period, Unit};
use super::query::Query;
use crate::BotType;

/// A search longer than this is refused.
const MAX_CHARS: usize = 2_000;

/// `last N …` goes up to this.
const MAX_COUNT: u32 = 100_000;

/// Keys and words of the language that this version cannot search by.
const LATER_KEYS: &[&str] = &[
    "attack",
    "campaign",
    "confidence",
    "country",
    "detector",
    "domain",
    "hits",
    "method",
    "outcome",
    "request_id",
    "session",
    "source",
    "statuscode",
    "ua",
    "url",
    "verified",
];
const LATER_WORDS: &[&str] = &["blocked", "monitoring"];

const PERIODS: &str = "today, yesterday, last week, last 3 days, this month, 2026-11-07, \
                       2026-11-01 - 2026-11-07, 2026-11-07 09:00-12:00, >2026-11-01";

/// Reads a search text.
///
/// # Errors
///
/// If a part of the text is not of the language, names something impossible, or is not
/// supported yet.
pub fn parse(text: &str) -> Result<Query, SearchError> {
    let mut cursor = Cursor::new(text);
    let chars = text.chars().count();
    if chars > MAX_CHARS {
        let message = format!("a search has at most {MAX_CHARS} characters");
        return Err(error(MAX_CHARS, chars - MAX_CHARS, message));
    }
    let mut query = Query::default();
    loop {
        cursor.skip_spaces();
        let Some(next) = cursor.peek() else {
            break;
        };
        if next.is_ascii_digit() || matches!(next, '<' | '>') {
            parse_dates(&mut cursor, &mut query)?;
        } else {
            parse_term(&mut cursor, &mut query)?;
        }
    }
    query.types.sort_unstable();
    Ok(query)
}

/// A word, or a key with its value.
fn parse_term(cursor: &mut Cursor, query: &mut Query) -> Result<(), SearchError> {
    let start = cursor.position();
    let word = cursor
        .take_while(|c| c.is_ascii_alphanumeric() || c == '_')
        .to_ascii_lowercase();
    if !word.is_empty() && cursor.take(':') {
        return parse_key(cursor, query, start, &word);
    }
    let rest = cursor.take_word();
    if !rest.is_empty() {
        return Err(refuse_word(cursor, start, &format!("{word}{rest}")));
    }
    if let Ok(bot_type) = word.parse::<BotType>() {
        push_once(&mut query.types, bot_type);
        return Ok(());
    }
    let period = match word.as_str() {
        "today" => Period::Today,
        "yesterday" => Period::Yesterday,
        "this" => parse_this(cursor)?,
        "last" => parse_last(cursor)?,
        _ => return Err(refuse_word(cursor, start, &word)),
    };
    set_period(cursor, query, start, period)
}

/// The value of a key; the cursor stands behind the colon.
fn parse_key(
    cursor: &mut Cursor,
    query: &mut Query,
    start: usize,
    key: &str,
) -> Result<(), SearchError> {
    match key {
        "ip" => parse_ip(cursor, query),
        "app" => {
            let name = parse_value(
                cursor,
                "`app:` takes a name, e.g. app:shop or app:'my shop'",
            )?;
            let known = |other: &String| other.to_lowercase() == name.to_lowercase();
            if !query.applications.iter().any(known) {
                query.applications.push(name);
            }
            Ok(())
        }
        _ if LATER_KEYS.contains(&key) => {
            cursor.take_word();
            let message = format!("`{key}:` is not supported yet; possible keys: ip:, app:");
            Err(cursor.error_since(start, message))
        }
        _ => {
            let message = format!("there is no key `{key}:`; possible keys: ip:, app:");
            Err(cursor.error_since(start, message))
        }
    }
}

fn parse_ip(cursor: &mut Cursor, query: &mut Query) -> Result<(), SearchError> {
    let start = cursor.position();
    let value = parse_value(
        cursor,
        "`ip:` takes an address, a range, a prefix, a network, or a count such as ip:100+",
    )?;
    if let Some(count) = value.strip_suffix('+') {
        let count = count
            .parse::<u32>()
            .ok()
            .filter(|count| *count > 0 && value.starts_with(|c: char| c.is_ascii_digit()))
            .ok_or_else(|| {
                cursor.error_since(start, "expected a number of addresses such as ip:100+")
            })?;
        // Values of one key widen the search: the smaller count includes the larger.
        query.ip_count = Some(query.ip_count.map_or(count, |other| other.min(count)));
        return Ok(());
    }
    match AddressTerm::parse(&value) {
        Ok(term) => {
            push_once(&mut query.addresses, term);
            Ok(())
        }
        Err(invalid) => {
            let at = (start + invalid.offset).min(cursor.position());
            Err(cursor.error_since(at, invalid.message))
        }
    }
}

/// A value behind a colon: a word, or a text in quotes.
fn parse_value(cursor: &mut Cursor, expected: &str) -> Result<String, SearchError> {
    let start = cursor.position();
    let value = match cursor.peek() {
        Some(quote @ ('\'' | '"')) => parse_quoted(cursor, quote)?,
        _ => cursor.take_word(),
    };
    if value.is_empty() {
        return Err(cursor.error_since(start, expected));
    }
    Ok(value)
}

/// A text in quotes, in which `\` makes the next character an ordinary one.
fn parse_quoted(cursor: &mut Cursor, quote: char) -> Result<String, SearchError> {
    let start = cursor.position();
    cursor.next();
    let mut value = String::new();
    loop {
        match cursor.next() {
            Some(c) if c == quote => break,
            Some('\\') => value.extend(cursor.next()),
            Some(c) => value.push(c),
            None => {
                let message = format!("this quote is never closed: a {quote} is missing");
                return Err(error(start, 1, message));
            }
        }
    }
    expect_end_of_term(cursor)?;
    Ok(value)
}

/// What follows `this`.
fn parse_this(cursor: &mut Cursor) -> Result<Period, SearchError> {
    cursor.skip_spaces();
    let start = cursor.position();
    match cursor.take_word().to_ascii_lowercase().as_str() {
        "month" => Ok(Period::ThisMonth),
        _ => Err(cursor.error_since(start, "expected `this month`")),
    }
}

/// What follows `last`: a unit, or a number and a unit.
fn parse_last(cursor: &mut Cursor) -> Result<Period, SearchError> {
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
    let expected = "expected minutes, hours, days or weeks, e.g. `last 3 days`, `last week`";
    unit.map(|unit| Period::Last(count, unit))
        .ok_or_else(|| cursor.error_since(start, expected))
}

/// A period written with dates.
fn parse_dates(cursor: &mut Cursor, query: &mut Query) -> Result<(), SearchError> {
    let start = cursor.position();
    let period = match cursor.peek() {
        Some(sign @ ('<' | '>')) => {
            cursor.next();
            let inclusion = if cursor.take('=') {
                Inclusion::Included
            } else {
                Inclusion::Excluded
            };
            cursor.skip_spaces();
            let moment = Moment::parse(cursor)?;
            if sign == '>' {
                Period::After(moment, inclusion)
            } else {
                Period::Before(moment, inclusion)
            }
        }
        _ => parse_range(cursor)?,
    };
    expect_end_of_term(cursor)?;
    set_period(cursor, query, start, period)
}

/// A day, or two moments with `-` between them.
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
        return Ok(Period::Day(first));
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

fn expect_end_of_term(cursor: &mut Cursor) -> Result<(), SearchError> {
    let start = cursor.position();
    if cursor.take_word().is_empty() {
        return Ok(());
    }
    Err(cursor.error_since(start, "expected a space"))
}

fn set_period(
    cursor: &Cursor,
    query: &mut Query,
    start: usize,
    period: Period,
) -> Result<(), SearchError> {
    if query.period.is_some_and(|other| other != period) {
        let message = "a search has one period, and this is the second";
        return Err(cursor.error_since(start, message));
    }
    query.period = Some(period);
    Ok(())
}

/// The error for a word that is none of the language's, or not yet.
fn refuse_word(cursor: &Cursor, start: usize, word: &str) -> SearchError {
    let types = BotType::ALL
        .iter()
        .map(|bot_type| bot_type.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let possible = format!("possible: {types}; {PERIODS}; ip:, app:");
    let shown: String = word.chars().take(40).collect();
    let message = if word.starts_with('!') {
        format!("negation with `!` is not supported yet; {possible}")
    } else if word.starts_with('/') || LATER_WORDS.contains(&word) {
        format!("searching by `{shown}` is not supported yet; {possible}")
    } else {
        format!("`{shown}` is no word of the search; {possible}")
    };
    cursor.error_since(start, message)
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}
