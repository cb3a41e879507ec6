//! Envoy's own text format, and the longer one of Istio. Requests of other systems in front of
//! Envoy are in `X-Forwarded-For`, the only address that the shorter one has.

pub(super) const LAYOUTS: &[&str] = &[
    concat!(
        r#"[$time] "$request" $status $_ $request_bytes $bytes $duration_ms $_ "#,
        r#""$forwarded" "$user_agent" "$_" "$host" "$_""#
    ),
    concat!(
        r#"[$time] "$request" $status $_ $_ $_ "$_" $request_bytes $bytes $duration_ms $_ "#,
        r#""$forwarded" "$user_agent" "$_" "$host" "$_" $_ $_ $_ $ip $_"#
    ),
];

#[cfg(test)]
mod tests {
    use crate::ingest::decode::tests::{check, decode};

    #[test]
    fn the_usual_text_is_read() {
        let (_, request) = check(
            r#"[2026-03-01T10:00:00.250Z] "POST /v1/cart?x=1 HTTP/2" 201 - 154 20 226 100 "203.0.113.9" "curl/8.1" "f2d5" "shop.example.com" "10.0.2.1:80""#,
            [
                "2026-03-01T10:00:00.25Z",
                "203.0.113.9",
                "shop.example.com",
                "POST",
                "/v1/cart",
                "x=1",
                "201",
                "curl/8.1",
            ],
        );
        assert_eq!(request.time_us, Some(226_000));
        assert_eq!(
            (request.request_bytes, request.response_bytes),
            (Some(154), Some(20))
        );
    }

    #[test]
    fn addresses_of_ones_own_network_count_where_there_are_no_others() {
        let line = |forwarded: &str| {
            let line = format!(
                r#"[2026-03-01T10:00:00.250Z] "GET / HTTP/2" 200 - 0 2 1 1 "{forwarded}" "-" "-" "-" "-""#
            );
            decode(&line).unwrap().1.address.to_string()
        };
        assert_eq!(line("192.168.1.9, 10.0.0.1"), "192.168.1.9");
        assert_eq!(line("fd00::9, [fd00::1]:4321"), "fd00::9");
        assert_eq!(line("198.51.100.4, 10.0.0.1"), "198.51.100.4");
    }

    #[test]
    fn the_longer_text_names_who_connected() {
        check(
            r#"[2026-03-01T10:00:00.250Z] "GET /a HTTP/1.1" 404 NR route_not_found - "-" 0 11 3 - "-" "Mozilla/5.0" "f2d5" "shop.example.com" "-" outbound 10.0.0.4:1 10.0.0.4:8080 203.0.113.9:55000 - default"#,
            [
                "2026-03-01T10:00:00.25Z",
                "203.0.113.9",
                "shop.example.com",
                "GET",
                "/a",
                "",
                "404",
                "Mozilla/5.0",
            ],
        );
    }
}
