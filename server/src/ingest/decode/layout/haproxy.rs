//! HAProxy's HTTP log. Its dates have no zone and are taken as UTC. Headers that it captures
//! stand there without their names: what looks like a user agent or a host is one.

use super::super::clf::is_host_name;
use super::super::field_map::Entry;
use super::super::found::{Found, Scalar};
use super::super::names::Field;

pub(super) const LAYOUTS: &[&str] = &[
    r#"$ip [$time] $_ $_ $_/$_/$_/$_/$duration_ms $status $bytes $_ $_ $_ $_ $_ $captured"$request""#,
];

/// Finds user agent and host in `{a|b} {c}`: what was captured of the request, then of the
/// response.
pub(super) fn read_captured(captured: &str, found: &mut Found<'_>) {
    let Some(inside) = captured.trim_start().strip_prefix('{') else {
        return;
    };
    let of_request = inside.split_once('}').map_or(inside, |(inside, _)| inside);
    for value in of_request.split('|') {
        let field = if is_user_agent(value) && found.text(Field::UserAgent).is_none() {
            Field::UserAgent
        } else if is_host_name(value.as_bytes()) {
            Field::Host
        } else {
            continue;
        };
        found.set(Entry::of(field), Scalar::Text(value.to_owned().into()));
    }
}

/// A product with its version, or words with spaces: `curl/8.1`, `Mozilla/5.0 (X11 …`.
fn is_user_agent(value: &str) -> bool {
    let (product, version) = value.split_once('/').unwrap_or((value, ""));
    let is_word = |character: char| character.is_ascii_alphanumeric() || "-_. ".contains(character);
    !product.is_empty()
        && product.chars().all(is_word)
        && version.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::ingest::decode::tests::{check, decode};
    use crate::ingest::reject::RejectReason;

    const DATE: &str = "2026-03-01T10:00:00.25Z";

    #[test]
    fn a_line_without_captured_headers_is_read() {
        let (_, request) = check(
            r#"203.0.113.9:14853 [01/Mar/2026:10:00:00.250] web~ app/one 170/0/0/3/173 404 +739 - - ---- 1/1/0/0/0 0/0 "GET /a?b=c HTTP/1.1""#,
            [DATE, "203.0.113.9", "", "GET", "/a", "b=c", "404", ""],
        );
        assert_eq!(request.time_us, Some(173_000));
        assert_eq!(request.response_bytes, Some(739));
    }

    #[test]
    fn captured_headers_are_known_by_their_looks() {
        check(
            r#"Mar  1 10:00:01 lb-1 haproxy[7]: 203.0.113.9:1 [01/Mar/2026:10:00:00.250] web~ app/one 0/0/7/1/8 200 11 - - ---- 2/1/0/0/0 0/0 {shop.example.com|Mozilla/5.0 (X11; Linux)|} {} "POST /a HTTP/1.1""#,
            [
                DATE,
                "203.0.113.9",
                "shop.example.com",
                "POST",
                "/a",
                "",
                "200",
                "Mozilla/5.0 (X11; Linux)",
            ],
        );
    }

    #[test]
    fn what_was_no_http_is_a_request_all_the_same() {
        check(
            r#"203.0.113.9:1 [01/Mar/2026:10:00:00.250] web web/<NOSRV> -1/-1/-1/-1/0 400 187 - - PR-- 0/0/0/0/0 0/0 "<BADREQ>""#,
            [DATE, "203.0.113.9", "", "", "<BADREQ>", "", "400", ""],
        );
    }

    #[test]
    fn what_holds_no_request_is_none() {
        for line in [
            "203.0.113.9:1 [01/Mar/2026:10:00:00.250] web/1: SSL handshake failure",
            "203.0.113.9:1 [01/Mar/2026:10:00:00.250] web app/one 0/0/5007 212 -- 0/0/0/0/3 0/0",
            "Mar  1 10:00:01 lb-1 haproxy[7]: Proxy web started.",
        ] {
            assert_eq!(decode(line).unwrap_err(), RejectReason::NotAccessLog);
        }
    }
}
