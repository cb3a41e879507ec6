//! A request from the fields of a line: what each text or number means. The same for every
//! format whose fields are found by name or by place.

use engine::Batch;
use shared::KeySource;

use super::clf::decode_status;
use super::date::{decode_date, decode_epoch, decode_epoch_seconds};
use super::field_map::FieldMap;
use super::found::{Found, Scalar};
use super::names::{Field, KEPT_HEADERS};
use crate::ingest::normalize::{
    Escapes, Fact, MAX_HEADERS, Normalizer, Row, decode_address, find_forwarded_source,
    is_session_name,
};
use crate::ingest::reject::RejectReason;

/// Where the fields of a line go: they become a request of a batch.
pub(super) struct Sink<'s> {
    /// What names mean, and what further fields are kept.
    pub(super) fields: &'s FieldMap,
    /// Reused for every line.
    pub(super) headers: &'s mut String,
    pub(super) normalizer: &'s mut Normalizer,
    pub(super) batch: &'s mut Batch,
}

impl Sink<'_> {
    /// Appends the request that was found.
    pub(super) fn push(&mut self, found: &Found<'_>, escapes: Escapes) -> Result<(), RejectReason> {
        let facts = find_facts(self.fields, found);
        let row = find_row(found, &facts, self.headers)?;
        self.normalizer.push(&row, escapes, self.batch);
        Ok(())
    }
}

fn find_row<'a>(
    found: &'a Found<'_>,
    facts: &'a [Fact<'a>],
    headers: &'a mut String,
) -> Result<Row<'a>, RejectReason> {
    let text = |field| found.text(field).unwrap_or_default().as_bytes();
    let at = find_at(found).ok_or(RejectReason::InvalidDate)?;
    let status = found.scalar(Field::Status).map_or(Ok(0), find_status)?;
    let session = match found.text(Field::Session) {
        Some(session) if !matches!(session, "" | "-") => session,
        _ => find_session_cookie(found.text(Field::Cookie).unwrap_or_default()),
    };
    // Some proxies put everyone they know of in one field, the client first.
    let first = |list: &'a [u8]| list.split(|byte| *byte == b',').next().unwrap_or(list);
    let peer = decode_address(first(text(Field::Address)));
    let forwarded = find_forwarded_source(peer, text(Field::Forwarded));
    let address = match forwarded.or(peer) {
        Some(address) => address,
        None if !session.is_empty() => engine::Address::default(),
        None => return Err(RejectReason::NoAddress),
    };
    let has_target = found.scalar(Field::Target).is_some();
    let number = |field| found.scalar(field).and_then(Scalar::to_u64);
    write_headers(found, headers);
    Ok(Row {
        at,
        address,
        request_line: (!has_target && found.scalar(Field::RequestLine).is_some())
            .then(|| text(Field::RequestLine)),
        method: text(Field::Method),
        target: text(Field::Target),
        query: text(Field::Query),
        protocol: text(Field::Protocol),
        host: text(Field::Host),
        status,
        response_bytes: number(Field::ResponseBytes),
        request_bytes: number(Field::RequestBytes),
        time_us: find_duration(found),
        user_agent: text(Field::UserAgent),
        referer: text(Field::Referer),
        user: text(Field::User),
        session: session.as_bytes(),
        headers,
        facts,
        blocked: found.scalar(Field::Action).is_some_and(Scalar::is_block),
    })
}

/// When it was: most logs say it in one field, some the day apart.
fn find_at(found: &Found<'_>) -> Option<i64> {
    let time = found.scalar(Field::Time);
    if let Some(at) = time.and_then(find_moment) {
        return Some(at);
    }
    match (found.text(Field::Day), found.text(Field::Time)) {
        (Some(day), Some(time)) => decode_date(&format!("{day} {time}")),
        _ => found.scalar(Field::Day).and_then(find_moment),
    }
}

fn find_moment(value: &Scalar<'_>) -> Option<i64> {
    match value {
        Scalar::Whole(number) => decode_epoch(*number),
        Scalar::Fraction(number) => decode_epoch_seconds(*number),
        Scalar::Text(text) => decode_date(text),
        Scalar::Flag(_) => None,
    }
}

fn find_status(value: &Scalar<'_>) -> Result<u16, RejectReason> {
    if let Scalar::Text(status) = value {
        return match status.trim() {
            "" => Ok(0),
            status => decode_status(status.as_bytes()),
        };
    }
    match value.to_u64() {
        Some(0) => Ok(0),
        Some(status @ 100..=999) => Ok(u16::try_from(status).expect("three digits fit")),
        _ => Err(RejectReason::InvalidStatus),
    }
}

/// The values of kept sources, in their order.
fn find_facts<'a>(fields: &'a FieldMap, found: &'a Found<'_>) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    for (index, kept) in (0u8..).zip(fields.facts()) {
        let mut values = found.facts.iter().filter(|(fact, _)| *fact == index);
        let value = values.next().map(|(_, value)| &**value);
        let value = value.or_else(|| match &kept.source {
            KeySource::Cookie(name) => found
                .text(Field::Cookie)
                .and_then(|cookies| split_cookies(cookies).find(|(cookie, _)| cookie == name))
                .map(|(_, value)| value),
            KeySource::Bearer => found.text(Field::Authorization).and_then(find_bearer),
            _ => None,
        });
        facts.extend(value.map(|value| Fact {
            source: &kept.text,
            is_secret: kept.is_secret,
            value: value.trim().as_bytes(),
        }));
    }
    facts
}

/// The token of `Bearer …`.
pub(super) fn find_bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// The cookies of a header, each name with its value.
pub(super) fn split_cookies(cookies: &str) -> impl Iterator<Item = (&str, &str)> {
    cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='))
}

/// The value of the first cookie with the name of a session.
fn find_session_cookie(cookies: &str) -> &str {
    split_cookies(cookies)
        .find(|(name, value)| is_session_name(name.as_bytes()) && !value.is_empty())
        .map_or("", |(_, value)| value)
}

fn find_duration(found: &Found<'_>) -> Option<u32> {
    const UNITS: [(Field, f64); 4] = [
        (Field::DurationNs, 1e-3),
        (Field::DurationUs, 1.0),
        (Field::DurationMs, 1e3),
        (Field::DurationSeconds, 1e6),
    ];
    for (field, unit) in UNITS {
        if let Some(duration) = found.scalar(field).and_then(|value| value.to_us(unit)) {
            return Some(duration);
        }
    }
    let duration = found.scalar(Field::Duration)?;
    let unit = match duration {
        Scalar::Whole(_) => 1e3,
        Scalar::Text(text) if !text.contains('.') => 1e3,
        Scalar::Fraction(_) | Scalar::Text(_) | Scalar::Flag(_) => 1e6,
    };
    duration.to_us(unit)
}

fn write_headers(found: &Found<'_>, headers: &mut String) {
    headers.clear();
    for (index, value) in &found.headers {
        let name = KEPT_HEADERS[usize::from(*index)];
        if headers.len() + name.len() + value.len() + 3 > MAX_HEADERS {
            break;
        }
        if !headers.is_empty() {
            headers.push('\n');
        }
        headers.push_str(name);
        headers.push_str(": ");
        headers.extend(value.chars().filter(|character| !character.is_control()));
    }
}
