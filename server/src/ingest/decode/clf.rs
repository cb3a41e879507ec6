//! Common and Combined Log Format, as Apache, nginx and those who copy them write it:
//!
//! ```text
//! [vhost[:port] ]address ident user [date] "request" status bytes[ "referer" "user agent"[ …]]
//! ```
//!
//! Before the address there may be a syslog header; after the user agent what a server was
//! told to add: a request time, `X-Forwarded-For`, the host, bytes in and out.

use engine::{Address, Batch};

use super::date::ClfDates;
use super::text::{next_quoted, next_token, split_quoted};
use crate::ingest::normalize::{Escapes, Normalizer, Row, decode_address, find_forwarded_source};
use crate::ingest::reject::RejectReason;

/// Decodes lines of one source.
#[derive(Debug, Default)]
pub(super) struct ClfDecoder {
    dates: ClfDates,
}

impl ClfDecoder {
    /// Appends the request of `line` to `batch`.
    pub(super) fn decode(
        &mut self,
        line: &[u8],
        normalizer: &mut Normalizer,
        batch: &mut Batch,
    ) -> Result<(), RejectReason> {
        let row = self.find_fields(line)?;
        normalizer.push(&row, Escapes::Backslash, batch);
        Ok(())
    }

    fn find_fields<'a>(&mut self, line: &'a [u8]) -> Result<Row<'a>, RejectReason> {
        use RejectReason::{InvalidDate, NotAccessLog};
        // The date is the last bracket before the request: what is before it, the user's name
        // above all, may be the sender's own text, but cannot contain a quote.
        let quote = find_request(line).ok_or(NotAccessLog)?;
        let bracket = memchr::memrchr(b'[', &line[..quote]).ok_or(NotAccessLog)?;
        let end = memchr::memchr(b']', &line[bracket..quote]).ok_or(NotAccessLog)? + bracket;
        let (request_line, rest) = split_request(&line[quote + 1..]).ok_or(NotAccessLog)?;
        let at = self
            .dates
            .decode(&line[bracket + 1..end])
            .ok_or(InvalidDate)?;
        let source = find_source(&line[..bracket]);
        let mut row = Row {
            at,
            request_line: Some(request_line),
            host: source.host,
            user: source.user,
            ..Row::default()
        };
        let (status, rest) = next_token(rest);
        row.status = decode_status(status)?;
        let (bytes, mut rest) = next_token(rest);
        row.response_bytes = match bytes {
            // `%b` writes no bytes as a dash.
            b"-" => Some(0),
            _ => decode_number(bytes),
        };
        let mut extra = Extra::default();
        if let Some((referer, after)) = next_quoted(rest) {
            (row.referer, rest) = (referer, after);
            if let Some((user_agent, after)) = next_quoted(rest) {
                (row.user_agent, rest) = (user_agent, after);
            }
            if !rest.is_empty() {
                extra = find_extra(rest);
            }
        }
        if row.host.is_empty() {
            row.host = extra.host;
        }
        row.time_us = extra.time_us;
        row.request_bytes = extra.request_bytes;
        let forwarded = find_forwarded_source(source.address, extra.forwarded);
        row.address = forwarded
            .or(source.address)
            .ok_or(RejectReason::NoAddress)?;
        Ok(row)
    }
}

/// The quote before the request: the one after the date. Apache writes a user without a name
/// as `""`, so it need not be the first.
fn find_request(line: &[u8]) -> Option<usize> {
    let mut quotes = memchr::memchr_iter(b'"', line).take(3);
    quotes
        .clone()
        .find(|quote| line[..*quote].ends_with(b"] "))
        .or_else(|| quotes.next())
}

/// What stands before the date.
struct Source<'a> {
    address: Option<Address>,
    host: &'a [u8],
    user: &'a [u8],
}

/// Finds the address: the first word that is one. One word before it is the virtual host, more
/// are the header of a log collector.
fn find_source(text: &[u8]) -> Source<'_> {
    let (first, rest) = next_token(text);
    let mut host: &[u8] = b"";
    let (mut address, mut rest) = (decode_address(first), rest);
    if address.is_none() {
        let mut words = 1;
        let mut after = rest;
        while words < 8 && !after.is_empty() {
            let (word, next) = next_token(after);
            if let Some(found) = decode_address(strip_comma(word)) {
                address = Some(found);
                // `nginx[2869]:` is a program, not a host.
                let is_host = words == 1 && !first.ends_with(b":") && first != b"-";
                host = if is_host { first } else { b"" };
                rest = next;
                break;
            }
            (words, after) = (words + 1, next);
        }
        // `192.0.2.7, 10.0.0.1 - -`: a forwarded list where the address should be.
        if first.ends_with(b",")
            && let Some(client) = decode_address(strip_comma(first))
        {
            (address, host) = (Some(client), b"");
        }
    }
    Source {
        address,
        host,
        user: find_user(rest),
    }
}

/// `ident user ` → the user, which may contain spaces. Some servers put an identifier of the
/// request between the two.
fn find_user(text: &[u8]) -> &[u8] {
    let (_ident, rest) = next_token(text);
    let user = rest.trim_ascii();
    if matches!(user, b"-" | b"\"\"") || user.ends_with(b" -") {
        return b"";
    }
    match memchr::memchr(b' ', user) {
        Some(space) if is_request_id(&user[..space]) => user[space..].trim_ascii(),
        _ => user,
    }
}

fn is_request_id(word: &[u8]) -> bool {
    word.len() >= 16 && word.iter().all(u8::is_ascii_hexdigit)
}

fn strip_comma(word: &[u8]) -> &[u8] {
    word.strip_suffix(b",").unwrap_or(word)
}

/// The request line and what follows its closing quote. A quote inside that the server failed
/// to escape is not the closing one: that is followed by a status.
fn split_request(text: &[u8]) -> Option<(&[u8], &[u8])> {
    split_quoted(text, |rest| match rest {
        [b' ', b'-', b' ', ..] => true,
        [b' ', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    })
}

/// A status: nothing, or 100 to 999.
pub(super) fn decode_status(text: &[u8]) -> Result<u16, RejectReason> {
    match text {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
            let digit = |byte: &u8| u16::from(byte - b'0');
            Ok(digit(a) * 100 + digit(b) * 10 + digit(c))
        }
        b"-" | b"0" | b"000" => Ok(0),
        _ => Err(RejectReason::InvalidStatus),
    }
}

fn decode_number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0, |number: u64, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

/// What stands after the user agent.
#[derive(Default)]
struct Extra<'a> {
    time_us: Option<u32>,
    request_bytes: Option<u64>,
    forwarded: &'a [u8],
    host: &'a [u8],
}

/// Understands what can be understood without being told: in quotes, addresses are
/// `X-Forwarded-For` and a name with dots is the host; bare, a number with a fraction is the
/// request time in seconds, `12ms` the same in milliseconds, and the first of two numbers the
/// bytes received.
fn find_extra(text: &[u8]) -> Extra<'_> {
    let mut extra = Extra::default();
    let mut numbers = 0;
    let mut first_number = None;
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        if rest[0] == b'"' {
            let Some((field, after)) = next_quoted(rest) else {
                break;
            };
            rest = after.trim_ascii_start();
            let (first, _) = next_token(field);
            if decode_address(strip_comma(first)).is_some() {
                extra.forwarded = field;
            } else if extra.host.is_empty() && is_host_name(field) {
                extra.host = field;
            }
            continue;
        }
        let (word, after) = next_token(rest);
        rest = after.trim_ascii_start();
        let value = match memchr::memchr(b'=', word) {
            Some(at) if matches!(&word[..at], b"rt" | b"request_time") => &word[at + 1..],
            Some(at) if &word[..at] == b"host" => {
                extra.host = &word[at + 1..];
                continue;
            }
            Some(_) => continue,
            None => word,
        };
        if let Some(number) = decode_number(value) {
            numbers += 1;
            first_number = first_number.or(Some(number));
        } else if extra.time_us.is_none()
            && let Some(time) = decode_seconds(value)
        {
            numbers += 1;
            extra.time_us = Some(time);
        }
    }
    if numbers == 2 {
        extra.request_bytes = first_number;
    }
    extra
}

/// `0.123` (seconds) or `12ms` as microseconds.
fn decode_seconds(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some(ms) = text.strip_suffix("ms") {
        return ms.parse::<u32>().ok()?.checked_mul(1_000);
    }
    if !text.contains('.') {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    // `as` saturates.
    (seconds >= 0.0).then_some((seconds * 1e6) as u32)
}

/// A name with dots, perhaps with a port: `shop.example.com:443`.
pub(super) fn is_host_name(text: &[u8]) -> bool {
    text.len() <= 255
        && text.contains(&b'.')
        && text.iter().any(u8::is_ascii_alphabetic)
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::normalize::SecretKey;
    use engine::Request;
    use proptest::prelude::*;

    const COMBINED: &str = r#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 203 "http://example.com/" "Mozilla/5.0 (X11)""#;

    fn decode(line: &str) -> Result<(Batch, Request), RejectReason> {
        let mut batch = Batch::default();
        let mut normalizer = Normalizer::new(SecretKey([7; 16]));
        ClfDecoder::default().decode(line.as_bytes(), &mut normalizer, &mut batch)?;
        let request = batch.requests[0];
        Ok((batch, request))
    }

    /// Address, host, user, method, path, status, user agent.
    #[track_caller]
    fn check(line: &str, expected: [&str; 7]) {
        let (batch, request) = decode(line).unwrap_or_else(|reason| panic!("{reason}: {line}"));
        let found = [
            &request.address.to_string(),
            batch.text(request.host),
            batch.text(request.user),
            batch.text(request.method),
            batch.text(request.path),
            &request.status.to_string(),
            batch.text(request.user_agent),
        ];
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn a_combined_line_is_read_whole() {
        let (batch, request) = decode(COMBINED).unwrap();
        assert_eq!(request.at, 1_431_857_103_000);
        assert_eq!(request.address.to_string(), "192.0.2.7");
        let texts = [
            request.method,
            request.path,
            request.query,
            request.protocol,
            request.referer,
            request.user_agent,
        ]
        .map(|text| batch.text(text));
        assert_eq!(
            texts,
            [
                "GET",
                "/a",
                "b=c",
                "HTTP/1.1",
                "http://example.com/",
                "Mozilla/5.0 (X11)"
            ]
        );
        assert_eq!((request.status, request.response_bytes), (200, Some(203)));
        assert_eq!((request.time_us, request.request_bytes), (None, None));
    }

    #[test]
    fn common_lines_end_after_the_bytes() {
        check(
            r#"192.0.2.7 - ann [17/May/2015:10:05:03 +0000] "GET / HTTP/1.0" 304 -"#,
            ["192.0.2.7", "", "ann", "GET", "/", "304", ""],
        );
    }

    #[test]
    fn a_virtual_host_stands_before_the_address() {
        check(
            r#"Shop.example.com:443 2001:db8::7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/2.0" 200 1 "-" "curl/8""#,
            [
                "2001:db8::7",
                "shop.example.com",
                "",
                "GET",
                "/",
                "200",
                "curl/8",
            ],
        );
    }

    #[test]
    fn a_syslog_header_is_no_host() {
        check(
            r#"Sep 15 16:13:46 web-1.internal nginx[2869]: 192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/8""#,
            ["192.0.2.7", "", "", "GET", "/", "200", "curl/8"],
        );
    }

    #[test]
    fn a_user_may_have_spaces_and_a_request_id_is_none() {
        check(
            r#"192.0.2.7 - ann of x [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#,
            ["192.0.2.7", "", "ann of x", "GET", "/", "200", ""],
        );
        check(
            r#"www.example.com 192.0.2.7 - 7bde940ef0f870cdee1f6d53fe0ff157 - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#,
            ["192.0.2.7", "www.example.com", "", "GET", "/", "200", ""],
        );
    }

    #[test]
    fn a_user_without_a_name_is_none() {
        check(
            r#"192.0.2.7 - "" [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#,
            ["192.0.2.7", "", "", "GET", "/", "200", ""],
        );
    }

    #[test]
    fn a_user_cannot_forge_a_date() {
        let (_, request) = decode(
            r#"192.0.2.7 - x [01/Jan/2001:00:00:00 +0000] \x22 [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#,
        )
        .unwrap();
        assert_eq!(request.at, 1_431_857_103_000);
    }

    #[test]
    fn quotes_are_read_escaped_and_not() {
        check(
            r#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /\"a\x22 HTTP/1.1" 200 1 "-" "a \"b\" c""#,
            ["192.0.2.7", "", "", "GET", "/\"a\"", "200", "a \"b\" c"],
        );
        check(
            r#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /"a" HTTP/1.1" 200 1 "-" "a "b"c""#,
            ["192.0.2.7", "", "", "GET", "/\"a\"", "200", "a \"b\"c"],
        );
    }

    #[test]
    fn tls_on_a_plain_port_is_a_request_without_method() {
        check(
            r#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "\x16\x03\x01\x02\x00" 400 157 "-" "-""#,
            ["192.0.2.7", "", "", "", r"\x16\x03\x01\x02\x00", "400", ""],
        );
        check(
            r#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-""#,
            ["192.0.2.7", "", "", "", "", "408", ""],
        );
    }

    #[test]
    fn further_fields_are_understood_where_they_can_be() {
        let line = |extra: &str| format!("{COMBINED} {extra}");
        let (batch, request) =
            decode(&line(r#""-" "shop.example.com:443" rt=0.25 ua="0.1""#)).unwrap();
        assert_eq!(batch.text(request.host), "shop.example.com");
        assert_eq!(request.time_us, Some(250_000));
        let (_, request) = decode(&line("512 0.004")).unwrap();
        assert_eq!(
            (request.request_bytes, request.time_us),
            (Some(512), Some(4_000))
        );
        let (_, request) =
            decode(&line(r#"42 "router@docker" "http://10.0.0.1:80" 12ms"#)).unwrap();
        assert_eq!(request.time_us, Some(12_000));
        let (_, request) = decode(&line("123456")).unwrap();
        assert_eq!((request.request_bytes, request.time_us), (None, None));
    }

    #[test]
    fn behind_an_own_proxy_the_forwarded_address_counts() {
        let forwarded = r#""203.0.113.9, 198.51.100.4""#;
        let (_, request) = decode(&format!("{COMBINED} {forwarded}")).unwrap();
        assert_eq!(request.address.to_string(), "192.0.2.7");
        let inside = COMBINED.replace("192.0.2.7", "10.0.0.1");
        let (_, request) = decode(&format!("{inside} {forwarded}")).unwrap();
        assert_eq!(request.address.to_string(), "198.51.100.4");
    }

    #[test]
    fn what_cannot_be_read_has_a_reason() {
        let change = |from: &str, to: &str| decode(&COMBINED.replace(from, to)).unwrap_err();
        assert_eq!(change("17/May", "31/Feb"), RejectReason::InvalidDate);
        assert_eq!(change(" 200 ", " 99999 "), RejectReason::InvalidStatus);
        assert_eq!(change(" 200 ", " 2x0 "), RejectReason::InvalidStatus);
        assert_eq!(
            change("192.0.2.7", "client.example.com"),
            RejectReason::NoAddress
        );
        assert_eq!(change("\"", ""), RejectReason::NotAccessLog);
        assert_eq!(change("[", ""), RejectReason::NotAccessLog);
        assert_eq!(
            decode("Apache started").unwrap_err(),
            RejectReason::NotAccessLog
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut batch = Batch::default();
            let mut normalizer = Normalizer::new(SecretKey([7; 16]));
            let _ = ClfDecoder::default().decode(&bytes, &mut normalizer, &mut batch);
        }

        #[test]
        fn a_damaged_line_is_survived(
            at in 0usize..COMBINED.len(),
            junk in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut line = COMBINED.as_bytes().to_vec();
            line.splice(at..(at + junk.len()).min(COMBINED.len()), junk);
            let mut batch = Batch::default();
            let mut normalizer = Normalizer::new(SecretKey([7; 16]));
            let result = ClfDecoder::default().decode(&line, &mut normalizer, &mut batch);
            prop_assert_eq!(batch.requests.len(), usize::from(result.is_ok()));
        }

        #[test]
        fn what_was_written_reads_back(
            address: u32,
            second in 946_684_800i64..4_000_000_000,
            path in "/[a-z0-9/._-]{0,30}",
            user_agent in "[a-zA-Z0-9/.;()\" \\\\]{1,40}",
            status in 100u16..600,
            bytes in 0u64..1_000_000_000,
        ) {
            let address = std::net::Ipv4Addr::from(address);
            let moment = time::OffsetDateTime::from_unix_timestamp(second).unwrap();
            let month = &moment.month().to_string()[..3];
            let escaped = user_agent.replace('\\', r"\\").replace('"', "\\\"");
            let line = format!(
                "{address} - - [{:02}/{month}/{}:{:02}:{:02}:{:02} +0000] \"GET {path} HTTP/1.1\" {status} {bytes} \"-\" \"{escaped}\"",
                moment.day(), moment.year(), moment.hour(), moment.minute(), moment.second(),
            );
            let (batch, request) = decode(&line).unwrap();
            prop_assert_eq!(request.at, second * 1_000);
            prop_assert_eq!(request.address.to_string(), address.to_string());
            prop_assert_eq!(batch.text(request.path), path);
            prop_assert_eq!(batch.text(request.user_agent), user_agent);
            prop_assert_eq!((request.status, request.response_bytes), (status, Some(bytes)));
        }
    }
}
