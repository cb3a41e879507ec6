//! Formats of nginx that begin with the date: those of Nginx Proxy Manager (with and without a
//! cache in front), and one with host, address and duration before the request.

pub(super) const LAYOUTS: &[&str] = &[
    concat!(
        r#"[$time] $_ $_ $status - $method $_ $host "$target" "#,
        r#"[Client $ip] [Length $bytes] [Gzip $_ "$user_agent" "$referer""#
    ),
    concat!(
        r#"[$time] $status - $method $_ $host "$target" "#,
        r#"[Client $ip] [Length $bytes] [Gzip $_ "$user_agent" "$referer""#
    ),
    r#"[$time] $host $ip $duration_s "$request" $status $bytes $_ $referer $user_agent"#,
];

#[cfg(test)]
mod tests {
    use crate::ingest::decode::tests::{check, decode};

    const DATE: &str = "2026-03-01T10:00:00Z";

    #[test]
    fn proxied_and_own_answers_are_read() {
        let expected = [
            DATE,
            "203.0.113.9",
            "shop.example.com",
            "GET",
            "/a",
            "b=c",
            "404",
            "curl/7.68.0",
        ];
        for (answer, gzip) in [
            ("- 404 404", "[Gzip 1.1] [Sent-to 10.0.0.9]"),
            ("HIT - 404", "[Gzip -]"),
            ("404", "[Gzip 1.1]"),
            ("404", "[Gzip 1.1] [Sent-to app]"),
        ] {
            let line = format!(
                r#"[01/Mar/2026:10:00:00 +0000] {answer} - GET https shop.example.com "/a?b=c" [Client 203.0.113.9] [Length 512] {gzip} "curl/7.68.0" "-""#
            );
            let (_, request) = check(&line, expected);
            assert_eq!(request.response_bytes, Some(512));
        }
    }

    #[test]
    fn host_address_and_duration_may_stand_before_the_request() {
        let (_, request) = check(
            r#"[01/Mar/2026:11:00:00 +0100] _ 203.0.113.9 0.227 "\x16\x03\x01" 400 122 282 - Mozilla/5.0 (Windows NT 10.0)"#,
            [
                DATE,
                "203.0.113.9",
                "",
                "",
                r"\x16\x03\x01",
                "",
                "400",
                "Mozilla/5.0 (Windows NT 10.0)",
            ],
        );
        assert_eq!(request.time_us, Some(227_000));
    }

    #[test]
    fn a_line_with_the_date_first_that_is_neither_has_a_reason() {
        assert!(decode(r#"[01/Mar/2026:11:00:00 +0100] something "else" 12"#).is_err());
    }
}
