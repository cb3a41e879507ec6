//! Log records as instrumented servers, collectors and agents send them.

use super::*;
use crate::ingest::decode::tests::shown;
use crate::ingest::decode::{FieldMap, Format};
use crate::ingest::normalize::SecretKey;

const NOW: u64 = 1_795_354_524_809_000_000;

/// Moment, address, host, method, path, query, status, user agent.
#[track_caller]
fn check(record: &str, resource: &str, expected: [&str; 8]) {
    let record: LogRecord = serde_json::from_str(record).unwrap();
    let resource: Resource = serde_json::from_str(resource).unwrap();
    let mut decoder = Decoder::new(Format::Clf, &FieldMap::default(), SecretKey([7; 16]));
    let mut batch = Batch::default();
    let result = decoder.decode_record(&record, &resource, &mut batch);
    assert_eq!(result, Ok(()), "{record:?}");
    let request = batch.requests[0];
    assert_eq!(shown(&batch, &request), expected);
}

/// Attributes in JSON: numbers as the protocol writes them.
fn attributes(values: &[(&str, &str)]) -> String {
    let attribute = |(key, value): &(&str, &str)| {
        let kind = if value.parse::<i64>().is_ok() {
            "intValue"
        } else {
            "stringValue"
        };
        serde_json::json!({"key": key, "value": {kind: value}}).to_string()
    };
    let all: Vec<_> = values.iter().map(attribute).collect();
    format!("[{}]", all.join(","))
}

const EXPECTED: [&str; 8] = [
    "2026-11-22T13:35:24.809Z",
    "192.0.2.7",
    "shop.example.com",
    "GET",
    "/a",
    "b=c",
    "404",
    "curl/8",
];

#[test]
fn the_conventions_of_today_are_read() {
    let attributes = attributes(&[
        ("http.request.method", "GET"),
        ("url.path", "/a"),
        ("url.query", "b=c"),
        ("url.scheme", "https"),
        ("client.address", "192.0.2.7"),
        ("network.peer.address", "10.0.0.1"),
        ("user_agent.original", "curl/8"),
        ("http.response.status_code", "404"),
        ("http.response.body.size", "7"),
        ("server.address", "shop.example.com"),
        ("network.protocol.version", "1.1"),
        ("http.route", "/{id}"),
    ]);
    let record = format!(r#"{{"timeUnixNano":"{NOW}","attributes":{attributes},"body":null}}"#);
    check(&record, "{}", EXPECTED);
}

#[test]
fn the_conventions_of_before_are_read() {
    let attributes = attributes(&[
        ("http.method", "GET"),
        ("http.target", "/a?b=c"),
        ("http.host", "shop.example.com"),
        ("http.flavor", "1.1"),
        ("http.status_code", "404"),
        ("http.user_agent", "curl/8"),
        ("http.client_ip", "192.0.2.7"),
        ("net.peer.ip", "10.0.0.1"),
        ("http.response_content_length", "7"),
    ]);
    let record = format!(r#"{{"observedTimeUnixNano":{NOW},"attributes":{attributes}}}"#);
    check(&record, "{}", EXPECTED);
}

#[test]
fn headers_are_attributes_with_several_values() {
    let record = format!(
        r#"{{"timeUnixNano":"{NOW}","attributes":[
            {{"key":"http.request.header.user-agent","value":{{"arrayValue":{{"values":[{{"stringValue":"curl/8"}}]}}}}}},
            {{"key":"http.request.header.host","value":{{"arrayValue":{{"values":[{{"stringValue":"shop.example.com"}}]}}}}}},
            {{"key":"http.request.header.x-forwarded-for","value":{{"arrayValue":{{"values":[{{"stringValue":"192.0.2.7"}}]}}}}}},
            {{"key":"network.peer.address","value":{{"stringValue":"10.0.0.1"}}}},
            {{"key":"http.request.method","value":{{"stringValue":"GET"}}}},
            {{"key":"url.full","value":{{"stringValue":"https://shop.example.com/a?b=c"}}}},
            {{"key":"http.response.status_code","value":{{"doubleValue":404}}}}]}}"#
    );
    check(&record, "{}", EXPECTED);
}

#[test]
fn a_body_is_a_line_or_an_object_or_names_with_values() {
    let line = r#"192.0.2.7 - - [22/Nov/2026:13:35:24 +0000] \"GET http://shop.example.com/a?b=c HTTP/1.1\" 404 7 \"-\" \"curl/8\""#;
    let mut expected = EXPECTED;
    expected[0] = "2026-11-22T13:35:24Z";
    check(
        &format!(r#"{{"body":{{"stringValue":"{line}\n"}}}}"#),
        "{}",
        expected,
    );
    let docker = format!(r#"{{\"log\":\"{}\"}}"#, line.replace('\\', r"\\\"));
    check(
        &format!(r#"{{"body":{{"stringValue":"{docker}"}}}}"#),
        "{}",
        expected,
    );
    let object = r#"{\"remote_addr\":\"192.0.2.7\",\"host\":\"shop.example.com\",\"request\":\"GET /a?b=c HTTP/1.1\",\"status\":404,\"http_user_agent\":\"curl/8\"}"#;
    check(
        &format!(r#"{{"timeUnixNano":"{NOW}","body":{{"stringValue":"{object}"}}}}"#),
        "{}",
        EXPECTED,
    );
    let values = attributes(&[
        ("remote_addr", "192.0.2.7"),
        ("request", "GET /a?b=c HTTP/1.1"),
        ("status", "404"),
        ("http_user_agent", "curl/8"),
    ]);
    let resource = attributes(&[("server.address", "shop.example.com"), ("status", "200")]);
    check(
        &format!(r#"{{"timeUnixNano":"{NOW}","body":{{"kvlistValue":{{"values":{values}}}}}}}"#),
        &format!(r#"{{"attributes":{resource}}}"#),
        EXPECTED,
    );
}

#[test]
fn a_record_of_anything_else_is_no_request() {
    let mut decoder = Decoder::new(Format::Clf, &FieldMap::default(), SecretKey([7; 16]));
    for (record, reason) in [
        ("{}", RejectReason::NotARequest),
        (
            r#"{"body":{"stringValue":"started"}}"#,
            RejectReason::NotAccessLog,
        ),
        (
            r#"{"body":{"intValue":"7"},"attributes":null}"#,
            RejectReason::NotARequest,
        ),
        (
            r#"{"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}}]}"#,
            RejectReason::InvalidDate,
        ),
    ] {
        let record = serde_json::from_str(record).unwrap();
        let mut batch = Batch::default();
        let result = decoder.decode_record(&record, &Resource::default(), &mut batch);
        assert_eq!((result, batch.requests.len()), (Err(reason), 0));
    }
}
