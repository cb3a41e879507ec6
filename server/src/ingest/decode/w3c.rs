//! W3C's extended log format, as IIS and CloudFront write it: a line `#Fields:` says what
//! stands in which column of the lines below. Columns are told apart by tabs (CloudFront), or
//! by spaces with quotes around what has some itself. CloudFront's lines are also read without
//! their head, since tools that collect them cut it off, and its real-time log has none.

use std::borrow::Cow;

use super::field_map::{Entry, FieldMap};
use super::found::{Found, Scalar};
use super::names::Field;
use super::row::Sink;
use super::text::{next_quoted, next_token, repair};
use crate::ingest::normalize::Escapes;
use crate::ingest::reject::RejectReason;

/// What the line that names the columns begins with.
const FIELDS: &[u8] = b"#Fields:";

/// The columns of a CloudFront log, as far as they are of interest.
const CLOUDFRONT: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) \
    cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) \
    x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken \
    x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version";

/// The columns of its real-time log, in the order in which they are unless somebody chose others.
const REAL_TIME: &str = "timestamp c-ip s-ip time-to-first-byte sc-status sc-bytes cs-method \
    cs-protocol cs-host cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header \
    time-taken cs-protocol-version c-ip-version cs-user-agent cs-referer cs-cookie cs-uri-query";

/// How many columns are looked at.
const MAX_COLUMNS: usize = 256;

/// Decodes lines of one source.
#[derive(Debug, Default)]
pub(super) struct W3cDecoder {
    /// What the log says of its columns.
    columns: Vec<Column>,
    /// The day of `#Date:`, for logs whose lines have but a time.
    day: String,
    /// The columns of CloudFront's lines without a head.
    cloudfront: Vec<Column>,
    /// The same of its real-time log.
    real_time: Vec<Column>,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy)]
enum Column {
    Day,
    TimeOfDay,
    /// Host and path in one.
    Address(Entry),
    Known(Entry),
    Unknown,
}

impl W3cDecoder {
    /// Gives the request of `line` to `sink`, or learns from it what the columns are.
    pub(super) fn decode(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Result<(), RejectReason> {
        if line.starts_with(b"#") {
            self.learn(line, sink.fields);
            return Err(RejectReason::Comment);
        }
        let text = repair(line);
        let is_tabbed = text.contains('\t');
        if self.columns.is_empty() && is_tabbed && self.cloudfront.is_empty() {
            self.cloudfront = name_columns(CLOUDFRONT, sink.fields);
            self.real_time = name_columns(REAL_TIME, sink.fields);
        }
        let columns = match &self.columns[..] {
            [] if is_tabbed && is_real_time(&text) => &self.real_time,
            [] if is_tabbed => &self.cloudfront,
            columns => columns,
        };
        let values = split(&text, is_tabbed, columns.len()).ok_or(RejectReason::NotAccessLog)?;
        let mut found = Found::default();
        let (mut day, mut time_of_day) = (self.day.as_str(), None);
        for (column, value) in columns.iter().zip(values) {
            match column {
                Column::Day => day = value,
                Column::TimeOfDay => time_of_day = Some(value),
                Column::Address(entry) => read_address(value, *entry, &mut found),
                Column::Known(entry) => {
                    found.set(*entry, Scalar::Text(restore(value, entry, is_tabbed)));
                }
                Column::Unknown => {}
            }
        }
        if let Some(time_of_day) = time_of_day {
            let moment = format!("{day} {time_of_day}");
            found.set(Entry::of(Field::Time), Scalar::Text(moment.into()));
        }
        if !found.has_request() {
            return Err(RejectReason::NotAccessLog);
        }
        sink.push(&found, Escapes::None)
    }

    /// Reads a line that begins with `#`.
    pub(super) fn learn(&mut self, line: &[u8], fields: &FieldMap) {
        let text = repair(line);
        if let Some(names) = find_columns(line) {
            self.columns = name_columns(&repair(names), fields);
        } else if let Some(date) = text.strip_prefix("#Date:") {
            self.day = date.split_whitespace().next().unwrap_or_default().into();
        }
    }
}

/// Whether a line begins with seconds since 1970 instead of a date.
fn is_real_time(line: &str) -> bool {
    let first = line.split('\t').next().unwrap_or_default();
    first.len() >= 10
        && first
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The names of columns, if `line` is the one that says them.
pub(super) fn find_columns(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(FIELDS)
}

fn name_columns(names: &str, fields: &FieldMap) -> Vec<Column> {
    let column = |name: &str| match name {
        "date" => Column::Day,
        "time" => Column::TimeOfDay,
        _ => match fields.find(FieldMap::ROOT, name) {
            Some(entry) if name == "cs-uri" => Column::Address(entry),
            Some(entry) => Column::Known(entry),
            None => Column::Unknown,
        },
    };
    names
        .split_whitespace()
        .take(MAX_COLUMNS)
        .map(column)
        .collect()
}

/// The values of `line`; `None` if there are fewer than columns.
fn split(line: &str, is_tabbed: bool, columns: usize) -> Option<Vec<&str>> {
    let mut values = Vec::with_capacity(columns);
    if is_tabbed {
        values.extend(line.split('\t').take(columns));
    } else {
        let mut rest = line.as_bytes();
        while values.len() < columns {
            rest = rest.trim_ascii_start();
            let (value, after) = match rest.first()? {
                b'"' => next_quoted(rest)?,
                _ => next_token(rest),
            };
            values.push(std::str::from_utf8(value).ok()?);
            rest = after;
        }
    }
    (columns > 0 && values.len() == columns).then_some(values)
}

/// `shop.example.com/a` as host and path; `/a` and `http://shop.example.com/a` as they are.
fn read_address<'l>(value: &'l str, entry: Entry, found: &mut Found<'l>) {
    let mut target = value;
    if !value.starts_with('/') && !value.contains("://") {
        let at = value.find('/').unwrap_or(value.len());
        found.set(
            Entry::of(Field::Host),
            Scalar::Text(Cow::Borrowed(&value[..at])),
        );
        target = &value[at..];
    }
    found.set(entry, Scalar::Text(Cow::Borrowed(target)));
}

/// What a client sent as it was before the server made one word of it: CloudFront writes a
/// space as `%20`, IIS as `+`.
fn restore<'l>(value: &'l str, entry: &Entry, is_tabbed: bool) -> Cow<'l, str> {
    let is_text = matches!(
        entry.field,
        Some((Field::UserAgent | Field::Referer | Field::Cookie, _))
    );
    if !is_text || value.contains(' ') {
        return Cow::Borrowed(value);
    }
    if is_tabbed {
        return Cow::Owned(decode_percent(value));
    }
    if value.contains('+') && matches!(entry.field, Some((Field::UserAgent | Field::Cookie, _))) {
        return Cow::Owned(decode_plus(value));
    }
    Cow::Borrowed(value)
}

pub(super) fn decode_percent(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
    };
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).expect("two digits are a byte"));
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    repair(&decoded).into_owned()
}

/// A plus is a space; a second one right behind it is a plus.
fn decode_plus(value: &str) -> String {
    let mut is_space_before = false;
    value
        .chars()
        .map(|character| {
            is_space_before = character == '+' && !is_space_before;
            if is_space_before { ' ' } else { character }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::ingest::decode::tests::{check_last, decode_lines};
    use crate::ingest::reject::RejectReason;

    #[test]
    fn the_log_says_what_its_columns_are() {
        let (_, request) = check_last(
            "#Software: Microsoft Internet Information Services 10.0\n\
             #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n\
             2026-03-01 10:00:00 10.0.0.1 GET /a b=c 443 ann 203.0.113.9 Mozilla/5.0+(compatible;+Bot/2.1;++http://example.com) - 404 0 2 187",
            [
                "2026-03-01T10:00:00Z",
                "203.0.113.9",
                "",
                "GET",
                "/a",
                "b=c",
                "404",
                "Mozilla/5.0 (compatible; Bot/2.1; +http://example.com)",
            ],
        );
        assert_eq!(request.time_us, Some(187_000));
    }

    #[test]
    fn other_columns_may_follow_in_one_log() {
        let results = decode_lines(
            "#Fields: time c-ip cs-method cs-uri-stem sc-status\n\
             10:00:00 203.0.113.9 GET / 200\n\
             #Date: 2026-03-01 09:00:00\n\
             10:00:00 203.0.113.9 GET / 200\n\
             10:00:00 203.0.113.9\n\
             #Fields: date time cs-method sc-status c-ip cs-uri\n\
             \"2026-03-01\" \"10:00:00\" \"GET\" \"\" \"203.0.113.9\" \"shop.example.com/a\"",
        );
        use RejectReason::{Comment, InvalidDate, NotAccessLog};
        assert_eq!(
            results,
            [
                Err(Comment),
                Err(InvalidDate),
                Err(Comment),
                Ok(()),
                Err(NotAccessLog),
                Err(Comment),
                Ok(()),
            ]
        );
        check_last(
            "#Fields: date time cs-method sc-status c-ip cs-uri\n\
             \"2026-03-01\" \"10:00:00\" \"GET\" \"\" \"203.0.113.9\" \"shop.example.com/a\"",
            [
                "2026-03-01T10:00:00Z",
                "203.0.113.9",
                "shop.example.com",
                "GET",
                "/a",
                "",
                "0",
                "",
            ],
        );
    }

    #[test]
    fn cloudfront_is_read_also_without_its_head() {
        let (_, request) = check_last(
            "2026-03-01\t10:00:00\tCDG50\t703\t203.0.113.9\tGET\td1.cloudfront.example\t/a\t400\t-\tcurl/7%20(x%2by)\tb=c\t-\tError\tx==\tshop.example.com\thttps\t62\t0.113\t-\tTLSv1.3\tAES\tError\tHTTP/2.0\t-\t-\t5\t0.1",
            [
                "2026-03-01T10:00:00Z",
                "203.0.113.9",
                "shop.example.com",
                "GET",
                "/a",
                "b=c",
                "400",
                "curl/7 (x+y)",
            ],
        );
        assert_eq!(request.time_us, Some(113_000));
        assert_eq!(
            (request.request_bytes, request.response_bytes),
            (Some(62), Some(703))
        );
        check_last(
            "1772359200.250\t203.0.113.9\t10.0.0.1\t0.002\t404\t703\tGET\thttps\td1.cloudfront.example\t/a\t62\tCDG50\tx==\tshop.example.com\t0.113\tHTTP/2.0\tIPv4\tcurl/7%20(x)\t-\t-\tb=c\tMiss",
            [
                "2026-03-01T10:00:00.25Z",
                "203.0.113.9",
                "shop.example.com",
                "GET",
                "/a",
                "b=c",
                "404",
                "curl/7 (x)",
            ],
        );
        let results = decode_lines("2026-03-01\t10:00:00\tno\tlog");
        assert_eq!(results, [Err(RejectReason::NotAccessLog)]);
    }
}
