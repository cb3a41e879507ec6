//! The access logs of the load balancers of AWS: Application Load Balancer, and the classic
//! one, which does not say the protocol first.

pub(super) const LAYOUTS: &[&str] = &[
    concat!(
        r#"$_ $time $_ $ip $_ $_ $duration_s $_ $status $_ $request_bytes $bytes "#,
        r#""$request" "$user_agent""#
    ),
    concat!(
        r#"$time $_ $ip $_ $_ $duration_s $_ $status $_ $request_bytes $bytes "#,
        r#""$request" "$user_agent""#
    ),
];

#[cfg(test)]
mod tests {
    use crate::ingest::decode::tests::{check, decode};

    #[test]
    fn an_application_load_balancers_line_is_read() {
        let (_, request) = check(
            r#"https 2026-03-01T10:00:00.250641Z app/shop/50dc 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 33 57 "GET https://shop.example.com:443/a?b=c HTTP/1.1" "curl/7.46.0" ECDHE TLSv1.2 arn:aws:x "Root=1-2" "shop.example.com" "-" 1 2026-03-01T10:00:00.1Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#,
            [
                "2026-03-01T10:00:00.25Z",
                "203.0.113.9",
                "shop.example.com",
                "GET",
                "/a",
                "b=c",
                "200",
                "curl/7.46.0",
            ],
        );
        assert_eq!(request.time_us, Some(48_000));
        assert_eq!(
            (request.request_bytes, request.response_bytes),
            (Some(33), Some(57))
        );
    }

    #[test]
    fn without_a_target_there_is_no_duration() {
        let (_, request) = decode(
            r#"http 2026-03-01T10:00:00.250641Z app/shop/50dc 203.0.113.9:2817 - -1 -1 -1 404 - 204 167 "GET http://shop.example.com:80/.env HTTP/1.1" "-" - - - "Root=1-2" "-" "-" 0 2026-03-01T10:00:00.1Z "fixed-response" "-" "-" "-" "-" "-" "-""#,
        )
        .unwrap();
        assert_eq!((request.status, request.time_us), (404, None));
    }

    #[test]
    fn a_classic_load_balancers_line_is_read() {
        check(
            r#"2026-03-01T10:00:00.250641Z shop 203.0.113.9:2817 10.0.0.1:80 0.00007 0.001 0.00005 200 200 0 29 "GET http://shop.example.com:80/ HTTP/1.1" "curl/7.38.0" - -"#,
            [
                "2026-03-01T10:00:00.25Z",
                "203.0.113.9",
                "shop.example.com",
                "GET",
                "/",
                "",
                "200",
                "curl/7.38.0",
            ],
        );
    }
}
