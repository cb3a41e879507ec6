//! From a search text to a [`Query`]. Whatever it does not know is an error that names the
//! characters and says what is possible; nothing is ignored.

use super::SearchError;
use super::condition::Condition;
use super::cursor::{Cursor, error};
use super::dates::{parse_dates, parse_last, parse_this};
use super::key::{Key, List};
use super::pattern::{Pattern, Sign};
use super::period::Period;
use super::query::Query;
use crate::nearest::nearest;
use crate::{AttackStatus, BotType};

/// A search longer than this is refused.
const MAX_CHARS: usize = 2_000;

const PERIODS: &str = "today, yesterday, last week, last 3 days, this month, 2026-11-07, 2026-11, \
                       2026-11-01 - 2026-11-07, 2026-11-07 09:00-12:00, >2026-11-01";

/// Reads a text that searches `list`.
///
/// # Errors
///
/// If a part of the text is not of the language, names something impossible, or means nothing
/// in that list.
pub fn parse(list: List, text: &str) -> Result<Query, SearchError> {
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
            return Ok(query);
        };
        let start = cursor.position();
        if is_date(next) {
            let period = parse_dates(&mut cursor)?;
            expect_end_of_term(&mut cursor)?;
            set_period(&cursor, &mut query, start, period)?;
            continue;
        }
        let negated = cursor.take('!');
        match parse_term(list, &mut cursor, start)? {
            Found::Condition(condition) => query.insert(negated, condition),
            Found::Period(_) if negated => return Err(refuse_negated_period(&cursor, start)),
            Found::Period(period) => set_period(&cursor, &mut query, start, period)?,
        }
    }
}

/// What a term is.
enum Found {
    Condition(Condition),
    Period(Period),
}

fn is_date(next: char) -> bool {
    next.is_ascii_digit() || matches!(next, '<' | '>')
}

/// A word, a path, or a key with its value; the cursor stands behind the `!`, if there was one.
fn parse_term(list: List, cursor: &mut Cursor, start: usize) -> Result<Found, SearchError> {
    if cursor.position() > start && cursor.peek().is_some_and(is_date) {
        cursor.take_word();
        return Err(refuse_negated_period(cursor, start));
    }
    if cursor.peek() == Some('/') {
        let path = Pattern::new(parse_signs(cursor)?);
        return Ok(Found::Condition(Condition::Text(Key::Url, path)));
    }
    let word = cursor
        .take_while(|c| c.is_ascii_alphanumeric() || c == '_')
        .to_ascii_lowercase();
    if !word.is_empty() && cursor.take(':') {
        return parse_key(list, cursor, start, &word).map(Found::Condition);
    }
    let rest = cursor.take_word();
    if !rest.is_empty() || word.is_empty() {
        return Err(refuse_word(list, cursor, start, &format!("{word}{rest}")));
    }
    let condition = match word.as_str() {
        "today" => return Ok(Found::Period(Period::Today)),
        "yesterday" => return Ok(Found::Period(Period::Yesterday)),
        "this" => return parse_this(cursor).map(Found::Period),
        "last" => return parse_last(cursor).map(Found::Period),
        "excepted" => Condition::Excepted,
        "ongoing" => Condition::Ongoing,
        "bot" => Condition::Bot,
        _ => {
            let of_type = word.parse::<BotType>().map(Condition::Type).ok();
            let of_status = || word.parse::<AttackStatus>().map(Condition::Status).ok();
            of_type
                .or_else(of_status)
                .ok_or_else(|| refuse_word(list, cursor, start, &word))?
        }
    };
    if !condition.key().is_of(list) {
        return Err(refuse_here(list, cursor, start, &word));
    }
    Ok(Found::Condition(condition))
}

/// The value of a key; the cursor stands behind the colon.
fn parse_key(
    list: List,
    cursor: &mut Cursor,
    start: usize,
    name: &str,
) -> Result<Condition, SearchError> {
    let key = match name {
        "host" => Some(Key::Domain),
        _ => name.parse::<Key>().ok().filter(|key| is_written(*key)),
    };
    let Some(key) = key else {
        return Err(refuse_key(list, cursor, start, name));
    };
    if !key.is_of(list) {
        cursor.take_word();
        return Err(refuse_here(list, cursor, start, &format!("{name}:")));
    }
    let value_start = cursor.position();
    let signs = parse_signs(cursor)?;
    if signs.is_empty() {
        return Err(cursor.error_since(value_start, format!("`{name}:` takes {}", expected(key))));
    }
    match key {
        Key::Country => read_country(cursor, value_start, &signs),
        Key::Method => Ok(Condition::Text(key, Pattern::new(signs).to_uppercase())),
        Key::Source
        | Key::Domain
        | Key::Url
        | Key::Application
        | Key::UserAgent
        | Key::User
        | Key::Role => Ok(Condition::Text(key, Pattern::new(signs))),
        _ => {
            let condition = Condition::read(key, &plain(&signs)).map_err(|invalid| {
                let at = (value_start + invalid.offset).min(cursor.position());
                let mut error = cursor.error_since(at, invalid.message);
                error.meant = invalid.meant.map(str::to_owned);
                error
            })?;
            if !condition.key().is_of(list) {
                let written = format!("{name}:{}", condition.value());
                return Err(refuse_here(list, cursor, start, &written));
            }
            Ok(condition)
        }
    }
}

/// Whether it stands in a search with a colon.
fn is_written(key: Key) -> bool {
    !key.is_word() && key != Key::AddressCount
}

/// What stands behind the key.
const fn expected(key: Key) -> &'static str {
    match key {
        Key::Address => "an address, a range, a prefix, a network, or a count such as ip:100+",
        Key::Application => "a name, e.g. app:shop or app:'my shop'",
        Key::Country => "two letters, e.g. country:DE",
        Key::Source => "a kind of network, e.g. source:tor, source:vpn, source:proxy",
        Key::StatusCode => {
            "response codes, e.g. statuscode:404, statuscode:5xx, statuscode:400-499, statuscode:500+"
        }
        Key::Method => "a method, e.g. method:POST",
        Key::Hits => "a number, e.g. hits:>100 or hits:10-20",
        Key::Confidence => "a percentage, e.g. confidence:>80",
        Key::Domain => "a host, e.g. domain:shop.example or domain:*.example",
        Key::Url => "a path, e.g. url:/login or url:\"/my path\"",
        Key::UserAgent => "a part of a user agent, e.g. ua:curl",
        Key::Detector => "a detector, e.g. detector:request_rate",
        Key::User => "a user, e.g. user:anna or user:*@example.com",
        Key::Role => "a role, e.g. role:admin",
        Key::Session | Key::Attack => "an identifier of up to 16 hexadecimal digits",
        Key::Campaign => "an attack's identifier, or * for any campaign",
        Key::Verified => "verified, spoofed or unverified",
        Key::Outcome => "signed_in, sensitive_answered or nothing",
        Key::Request => "a request's identifier, e.g. request_id:12-345",
        Key::Type | Key::Status | Key::Excepted | Key::Ongoing | Key::Bot | Key::AddressCount => {
            "nothing"
        }
    }
}

fn read_country(cursor: &Cursor, start: usize, signs: &[Sign]) -> Result<Condition, SearchError> {
    let code = plain(signs);
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let message = format!("`country:` takes {}", expected(Key::Country));
        return Err(cursor.error_since(start, message));
    }
    let pattern = Pattern::literal(&code.to_ascii_uppercase());
    Ok(Condition::Text(Key::Country, pattern))
}

/// The characters of a value that is no pattern.
fn plain(signs: &[Sign]) -> String {
    let characters = signs.iter().map(|sign| match sign {
        Sign::Char(character) => *character,
        Sign::One => '?',
        Sign::Any => '*',
    });
    characters.collect()
}

/// A value: a word, or a text in quotes. In both `\` makes the next character an ordinary one.
fn parse_signs(cursor: &mut Cursor) -> Result<Vec<Sign>, SearchError> {
    let start = cursor.position();
    let quote = cursor.peek().filter(|next| matches!(next, '\'' | '"'));
    if quote.is_some() {
        cursor.next();
    }
    let mut signs = Vec::new();
    loop {
        match (cursor.peek(), quote) {
            (None, None) => return Ok(signs),
            (Some(next), None) if next.is_whitespace() => return Ok(signs),
            (None, Some(quote)) => {
                let message = format!("this quote is never closed: a {quote} is missing");
                return Err(error(start, 1, message));
            }
            (Some(next), _) => {
                cursor.next();
                if quote == Some(next) {
                    break;
                }
                signs.push(if next == '\\' {
                    Sign::Char(cursor.next().unwrap_or('\\'))
                } else {
                    Sign::bare(next)
                });
            }
        }
    }
    expect_end_of_term(cursor)?;
    Ok(signs)
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

fn refuse_negated_period(cursor: &Cursor, start: usize) -> SearchError {
    let message = "a period cannot be negated; >2026-11-07 and <2026-11-07 are what is \
                   after and before a day";
    cursor.error_since(start, message)
}

/// The error for what only the other list can be searched by.
fn refuse_here(list: List, cursor: &Cursor, start: usize, written: &str) -> SearchError {
    let other = match list {
        List::Attacks => List::Sessions,
        List::Sessions => List::Attacks,
    };
    let message = format!(
        "`{written}` can be searched for in {} only; possible keys: {}",
        other.as_str(),
        possible_keys(list)
    );
    cursor.error_since(start, message)
}

/// The error for a key that is none of the language's; the cursor stands behind its colon.
fn refuse_key(list: List, cursor: &Cursor, start: usize, name: &str) -> SearchError {
    let fault = format!("there is no key `{name}:`");
    let known: Vec<&str> = keys_of(list).map(Key::as_str).collect();
    let Some(meant) = nearest(name, &known) else {
        let keys = possible_keys(list);
        return cursor.error_since(start, format!("{fault}; possible keys: {keys}"));
    };
    meaning(cursor, start, &fault, format!("{meant}:"))
}

/// The error about what stands for something else, most likely: as it is, without the `!` that
/// may stand before it.
fn meaning(cursor: &Cursor, start: usize, fault: &str, meant: String) -> SearchError {
    let message = format!("{fault}; did you mean `{meant}`?");
    let mut error = cursor.error_since(start, message);
    let negation = if cursor.is_at(start, '!') { "!" } else { "" };
    error.meant = Some([negation, &meant].concat());
    error
}

/// The error for a word that is none of the language's.
fn refuse_word(list: List, cursor: &Cursor, start: usize, word: &str) -> SearchError {
    let mut words: Vec<&str> = BotType::ALL.iter().map(|it| it.as_str()).collect();
    words.extend(AttackStatus::ALL.iter().map(|it| it.as_str()));
    let flags = [Key::Excepted, Key::Ongoing, Key::Bot];
    words.extend(
        flags
            .iter()
            .filter(|key| key.is_of(list))
            .map(|key| key.as_str()),
    );
    let shown: String = word.chars().take(40).collect();
    let mut known = words.clone();
    known.extend(["today", "yesterday"]);
    let meant = nearest(word, &known).map(str::to_owned);
    let keys: Vec<&str> = keys_of(list).map(Key::as_str).collect();
    let meant = meant.or_else(|| {
        // The key itself lacks no more than what its own error says.
        let key = nearest(word, &keys).filter(|key| !key.eq_ignore_ascii_case(word))?;
        Some(format!("{key}:"))
    });
    if let Some(meant) = meant {
        let fault = format!("`{shown}` is no word of the search");
        return meaning(cursor, start, &fault, meant);
    }
    let fault = if shown.is_empty() {
        "`!` stands before what it negates, without a space".to_owned()
    } else if word
        .parse::<Key>()
        .is_ok_and(|key| is_written(key) && key.is_of(list))
    {
        format!("`{shown}` is a key: a colon and a value come after it")
    } else {
        format!("`{shown}` is no word of the search")
    };
    let words = words.join(", ");
    let keys = possible_keys(list);
    let message = format!("{fault}; possible: {words}; {PERIODS}; {keys}; /path; ! before any");
    cursor.error_since(start, message)
}

/// The keys that stand in a search of `list`, with a colon and a value behind them.
fn keys_of(list: List) -> impl Iterator<Item = Key> {
    let keys = Key::ALL.iter().copied();
    keys.filter(move |key| is_written(*key) && key.is_of(list))
}

fn possible_keys(list: List) -> String {
    let written: Vec<String> = keys_of(list).map(|key| format!("{key}:")).collect();
    written.join(", ")
}
