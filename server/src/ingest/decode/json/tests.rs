//! JSON lines as the servers people use write them.

use engine::{Batch, Request};
use proptest::prelude::*;

use crate::ingest::decode::tests::shown;
use crate::ingest::decode::{Decoder, FieldMap, Format};
use crate::ingest::normalize::SecretKey;
use crate::ingest::reject::RejectReason;

fn decode_with(fields: &str, line: &str) -> Result<(Batch, Request), RejectReason> {
    decode_as(&fields.parse().unwrap(), line)
}

/// One that reads nothing else.
fn new_decoder(fields: &FieldMap) -> Decoder {
    let mut decoder = Decoder::new(Format::Json, fields, SecretKey([7; 16]));
    decoder.is_strict = true;
    decoder
}

fn decode_as(fields: &FieldMap, line: &str) -> Result<(Batch, Request), RejectReason> {
    let mut batch = Batch::default();
    new_decoder(fields).decode(line.as_bytes(), &mut batch)?;
    let request = batch.requests[0];
    Ok((batch, request))
}

fn decode(line: &str) -> Result<(Batch, Request), RejectReason> {
    decode_with("", line)
}

/// Moment, address, host, method, path, query, status, user agent.
#[track_caller]
fn check(line: &str, expected: [&str; 8]) -> (Batch, Request) {
    let (batch, request) = decode(line).unwrap_or_else(|reason| panic!("{reason}: {line}"));
    assert_eq!(shown(&batch, &request), expected, "{line}");
    (batch, request)
}

#[test]
fn nginx_lines_are_read() {
    let (_, request) = check(
        r#"{"time":"2026-11-22T13:35:24.809+00:00","msec":1795354524.809,"remote_addr":"192.0.2.7","host":"Shop.example.com","method":"GET","request_uri":"/a?b=c","status":200,"body_bytes_sent":15,"request_length":200,"request_time":0.001,"user_agent":"curl/8","referer":"","sid":"abc","request_id":"x"}"#,
        [
            "2026-11-22T13:35:24.809Z",
            "192.0.2.7",
            "shop.example.com",
            "GET",
            "/a",
            "b=c",
            "200",
            "curl/8",
        ],
    );
    assert_eq!(
        request.session_key,
        engine::attribute::hash_session_key("abc")
    );
    assert_eq!(request.time_us, Some(1_000));
    assert_eq!(
        (request.response_bytes, request.request_bytes),
        (Some(15), Some(200))
    );
}

#[test]
fn nginx_lines_with_a_request_line_and_numbers_as_text_are_read() {
    let (_, request) = check(
        r#"{"time_local":"22/Nov/2026:13:35:24 +0000","remote_addr":"10.0.0.1","request":"GET /a HTTP/1.1","status":"404","body_bytes_sent":"7","request_time":"0.250","http_user_agent":"-","http_x_forwarded_for":"192.0.2.7"}"#,
        [
            "2026-11-22T13:35:24Z",
            "192.0.2.7",
            "",
            "GET",
            "/a",
            "",
            "404",
            "",
        ],
    );
    assert_eq!(
        (request.time_us, request.response_bytes),
        (Some(250_000), Some(7))
    );
    assert_eq!(request.session_key, 0);
}

#[test]
fn caddy_lines_are_read() {
    let (batch, request) = check(
        r#"{"level":"error","ts":1711741827.9626286,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"1","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"POST","host":"localhost:9080","uri":"/x?y","headers":{"User-Agent":["curl/7.88.1"],"Accept":["*/*"],"Cookie":["a=b; PHPSESSID=abc"]}},"bytes_read":3,"user_id":"ann","duration":0.000033987,"size":5,"status":401,"resp_headers":{"Server":["Caddy"]}}"#,
        [
            "2024-03-29T19:50:27.963Z",
            "192.0.2.7",
            "localhost",
            "POST",
            "/x",
            "y",
            "401",
            "curl/7.88.1",
        ],
    );
    assert_eq!(batch.text(request.user), "ann");
    assert_eq!(batch.text(request.headers), "accept: */*");
    assert_eq!(request.time_us, Some(34));
    assert_eq!(
        request.session_key,
        engine::attribute::hash_session_key("abc")
    );
    assert_eq!(
        (request.response_bytes, request.request_bytes),
        (Some(5), Some(3))
    );
}

#[test]
fn traefik_lines_are_read() {
    let (_, request) = check(
        r#"{"ClientAddr":"192.0.2.7:39496","ClientHost":"192.0.2.7","ClientUsername":"-","DownstreamContentSize":357,"DownstreamStatus":200,"Duration":357313,"OriginStatus":201,"RequestAddr":"t.localhost","RequestContentSize":0,"RequestHost":"t.localhost","RequestMethod":"GET","RequestPath":"/a","RequestProtocol":"HTTP/1.1","ServiceURL":{"Scheme":"http","Host":"172.17.0.3:80","Path":""},"StartLocal":"2021-12-08T15:02:43.587782192+01:00","StartUTC":"2021-12-08T14:02:43.587782192Z","msg":"","request_User-Agent":"Nikto","time":"2021-12-08T14:02:44Z"}"#,
        [
            "2021-12-08T14:02:43.587Z",
            "192.0.2.7",
            "t.localhost",
            "GET",
            "/a",
            "",
            "200",
            "Nikto",
        ],
    );
    assert_eq!(request.time_us, Some(357));
}

#[test]
fn cloudfront_lines_have_the_day_apart_and_no_spaces() {
    check(
        r#"{"date":"2026-11-22","time":"13:35:24","x-edge-location":"CDG50","sc-bytes":"703","c-ip":"192.0.2.7","cs-method":"GET","cs(Host)":"d1.cloudfront.example","cs-uri-stem":"/a","sc-status":"404","cs(User-Agent)":"Mozilla/5.0%20(X11)","cs-uri-query":"b=c","x-host-header":"a.example","time-taken":"0.113"}"#,
        [
            "2026-11-22T13:35:24Z",
            "192.0.2.7",
            "a.example",
            "GET",
            "/a",
            "b=c",
            "404",
            "Mozilla/5.0 (X11)",
        ],
    );
}

#[test]
fn ocsf_events_are_read() {
    let (batch, request) = check(
        r#"{"activity_id":3,"category_uid":4,"class_uid":4002,"time":1795354524809,"severity_id":1,"disposition":"Blocked","http_request":{"http_method":"GET","url":{"hostname":"a.example","path":"/a","query_string":"b=c","url_string":"https://a.example/a?b=c"},"user_agent":"curl/8","version":"HTTP/1.1","length":200,"http_headers":[{"name":"Accept","value":"*/*"},{"name":"X-Other","value":"x"}]},"http_response":{"code":404,"length":15},"src_endpoint":{"ip":"192.0.2.7","port":4711},"dst_endpoint":{"ip":"10.0.0.1"},"observables":[{"name":"a","type_id":1},{"name":"b","type_id":2}]}"#,
        [
            "2026-11-22T13:35:24.809Z",
            "192.0.2.7",
            "a.example",
            "GET",
            "/a",
            "b=c",
            "404",
            "curl/8",
        ],
    );
    assert!(request.blocked);
    assert_eq!(batch.text(request.headers), "accept: */*");
    assert_eq!(
        (request.request_bytes, request.response_bytes),
        (Some(200), Some(15))
    );
}

#[test]
fn lines_of_aws_waf_have_their_headers_in_a_list() {
    let (_, request) = check(
        r#"{"timestamp":1795354524809,"formatVersion":1,"action":"BLOCK","httpRequest":{"clientIp":"192.0.2.7","country":"DE","headers":[{"name":"Host","value":"a.example"},{"name":"User-Agent","value":"curl/8"},null],"uri":"/a","args":"b=c","httpVersion":"HTTP/1.1","httpMethod":"GET","requestId":"x"},"responseCodeSent":null}"#,
        [
            "2026-11-22T13:35:24.809Z",
            "192.0.2.7",
            "a.example",
            "GET",
            "/a",
            "b=c",
            "0",
            "curl/8",
        ],
    );
    assert!(request.blocked);
}

#[test]
fn ecs_lines_are_read_nested_and_dotted() {
    let expected = [
        "2025-01-13T09:58:13.631Z",
        "192.0.2.7",
        "a.example",
        "GET",
        "/x",
        "y=1",
        "200",
        "curl/8",
    ];
    check(
        r#"{"@timestamp":"2025-01-13T09:58:13.631Z","source":{"ip":"192.0.2.7"},"url":{"domain":"a.example","path":"/x","query":"y=1"},"http":{"request":{"method":"GET"},"response":{"status_code":200,"body":{"bytes":7}}},"user_agent":{"original":"curl/8"}}"#,
        expected,
    );
    check(
        r#"{"@timestamp":"2025-01-13T09:58:13.631Z","source.ip":"192.0.2.7","url.domain":"a.example","url.path":"/x","url.query":"y=1","http.request.method":"GET","http.response.status_code":200,"user_agent.original":"curl/8"}"#,
        expected,
    );
}

#[test]
fn other_servers_are_read() {
    check(
        r#"{"ClientIP":"192.0.2.7","ClientRequestHost":"w.example","ClientRequestMethod":"GET","ClientRequestURI":"/","ClientRequestUserAgent":"x","EdgeEndTimestamp":1712790000123000000,"EdgeResponseBytes":1,"EdgeResponseStatus":200,"EdgeStartTimestamp":1712790000100000000,"CacheResponseStatus":304,"WAFAction":"allow"}"#,
        [
            "2024-04-10T23:00:00.1Z",
            "192.0.2.7",
            "w.example",
            "GET",
            "/",
            "",
            "200",
            "x",
        ],
    );
    let (_, request) = check(
        r#"2025-12-31T17:40:00.000000100+01:00 stdout F {"start_time":"2025-12-31T16:40:00.100Z","method":"GET","x-envoy-origin-path":"/p","response_code":403,"duration":11,"user-agent":"x","downstream_remote_address":"192.0.2.7:40000",":authority":"c.internal"}"#,
        [
            "2025-12-31T16:40:00.1Z",
            "192.0.2.7",
            "c.internal",
            "GET",
            "/p",
            "",
            "403",
            "x",
        ],
    );
    assert_eq!(request.time_us, Some(11_000));
}

#[test]
fn a_line_wrapped_in_json_is_read() {
    check(
        r#"{"log":"192.0.2.7 - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 1 \"-\" \"curl/8\"\n","stream":"stdout","time":"2020-01-01T00:00:00Z"}"#,
        [
            "2015-05-17T10:05:03Z",
            "192.0.2.7",
            "",
            "GET",
            "/a",
            "",
            "200",
            "curl/8",
        ],
    );
    check(
        r#"{"log":"{\"ts\":1431857103,\"ip\":\"192.0.2.7\",\"method\":\"GET\",\"uri\":\"/a\"}","time":"2020-01-01T00:00:00Z"}"#,
        [
            "2015-05-17T10:05:03Z",
            "192.0.2.7",
            "",
            "GET",
            "/a",
            "",
            "0",
            "",
        ],
    );
}

#[test]
fn escapes_that_json_does_not_know_are_read() {
    check(
        r#"{"ts":1431857103,"ip":"192.0.2.7","request":"GET /\x22a\x22 HTTP/1.1","status":200}"#,
        [
            "2015-05-17T10:05:03Z",
            "192.0.2.7",
            "",
            "GET",
            "/\"a\"",
            "",
            "200",
            "",
        ],
    );
}

#[test]
fn given_names_are_used() {
    let (batch, request) = decode_with(
        "ip=peer,target=where,time=when,session=key",
        r#"{"when":1431857103,"peer":"192.0.2.7","where":"/a","key":"k","sid":"s"}"#,
    )
    .unwrap();
    assert_eq!(batch.text(request.path), "/a");
    assert_eq!(
        request.session_key,
        engine::attribute::hash_session_key("k")
    );
}

#[test]
fn a_session_key_stands_in_for_an_address() {
    let (_, request) = decode(r#"{"ts":1431857103,"sid":"s","method":"GET","uri":"/"}"#).unwrap();
    assert_eq!(request.address, engine::Address::default());
}

#[test]
fn what_cannot_be_read_has_a_reason() {
    let reason = |line: &str| decode(line).unwrap_err();
    assert_eq!(reason("rubbish"), RejectReason::InvalidJson);
    assert_eq!(reason(r#"{"ts":1,"#), RejectReason::InvalidJson);
    assert_eq!(reason("[1,2]"), RejectReason::InvalidJson);
    assert_eq!(
        reason(r#"{"level":"info","msg":"started"}"#),
        RejectReason::NotARequest
    );
    let request = r#""ip":"192.0.2.7","uri":"/""#;
    assert_eq!(reason(&format!("{{{request}}}")), RejectReason::InvalidDate);
    assert_eq!(
        reason(&format!(r#"{{{request},"ts":-5}}"#)),
        RejectReason::InvalidDate
    );
    assert_eq!(
        reason(&format!(r#"{{{request},"ts":1431857103,"status":"abc"}}"#)),
        RejectReason::InvalidStatus
    );
    assert_eq!(
        reason(r#"{"ts":1431857103,"ip":"-","uri":"/"}"#),
        RejectReason::NoAddress
    );
    let deep = format!(
        r#"{{"status":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_eq!(reason(&deep), RejectReason::InvalidJson);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut line = b"{".to_vec();
        line.extend(bytes);
        let mut batch = Batch::default();
        let _ = new_decoder(&FieldMap::default()).decode(&line, &mut batch);
    }

    #[test]
    fn what_was_written_reads_back(
        at in 700_000_000_000i64..4_000_000_000_000,
        path in "/\\PC{0,40}",
        user_agent in "[^\\pC-]\\PC{0,40}",
        status in 100u16..600,
    ) {
        prop_assume!(!path.contains(['?', ';']));
        let line = serde_json::json!({
            "time": shared::Timestamp(at), "ip": "192.0.2.7", "method": "GET",
            "uri": path, "status": status, "ua": user_agent,
        });
        let (batch, request) = decode(&line.to_string()).unwrap();
        prop_assert_eq!(request.at, at);
        prop_assert_eq!(batch.text(request.path), path);
        prop_assert_eq!(batch.text(request.user_agent), user_agent);
        prop_assert_eq!(request.status, status);
    }
}

#[test]
fn values_of_kept_sources_become_facts_in_one_order() {
    let sources = [
        "header:x-tenant",
        "field:user.plan",
        "bearer",
        "cookie:trail",
        "auto",
        "field:n",
    ];
    let sources: Vec<_> = sources.iter().map(|text| text.parse().unwrap()).collect();
    let fields = FieldMap::default().keeping(&sources);
    let facts = |rest: &str| {
        let line = format!(
            r#"{{"time":"2026-11-22T13:35:24Z","ip":"192.0.2.7","method":"GET","path":"/"{rest}}}"#
        );
        let (batch, request) = decode_as(&fields, &line).unwrap();
        batch.text(request.facts).to_owned()
    };
    assert_eq!(facts(""), "");
    assert_eq!(
        facts(r#","n":17,"user":{"plan":"gold\nx"},"request":{"headers":{"X-Tenant":["acme"]}}"#),
        "field:n=17\nfield:user.plan=gold\\x0Ax\nheader:x-tenant=acme"
    );
    let secrets = facts(r#","cookie":"a=b; trail=hush","http_authorization":"Bearer hush2""#);
    assert!(!secrets.contains("hush"), "{secrets}");
    let sources: Vec<_> = secrets
        .lines()
        .map(|line| line.split('=').next().unwrap())
        .collect();
    assert_eq!(sources, ["bearer", "cookie:trail"]);
    // The same cookie as nginx writes it alone.
    assert_eq!(
        facts(r#","cookie_trail":"hush""#),
        secrets.lines().nth(1).unwrap()
    );
}
