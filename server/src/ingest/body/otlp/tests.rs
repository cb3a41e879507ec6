//! Requests of collectors, in both forms.

use super::*;
use crate::ingest::decode::FieldMap;
use crate::ingest::decode::otlp::{AnyValue, KeyValue, LogRecord, Resource, Value};
use crate::ingest::normalize::{Protection, SecretKey};

fn decode_as(body: &[u8], content_type: &str) -> (Kind, Result<DecodedBody, BodyError>) {
    let (fields, by) = (FieldMap::default(), Protection::from(SecretKey([7; 16])));
    decode(body, None, content_type, &Reading::new(&fields, &by))
}

fn attribute(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::Text(value.to_owned())),
        }),
    }
}

/// A field of a message: its number, then its bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![number << 3 | 2];
    prost::encode_length_delimiter(bytes.len(), &mut message).unwrap();
    message.extend_from_slice(bytes);
    message
}

/// A request with these records, each a field of its own.
fn request(records: &[Vec<u8>]) -> Vec<u8> {
    let resource = Resource {
        attributes: vec![attribute("server.address", "shop.example.com")],
    };
    let records: Vec<u8> = records.iter().flat_map(|record| field(2, record)).collect();
    let scope = field(1, &field(1, b"nginx"));
    let of_scope = field(2, &[scope, records].concat());
    // The resource last, though it usually comes first.
    field(1, &[of_scope, field(1, &resource.encode_to_vec())].concat())
}

fn record() -> LogRecord {
    LogRecord {
        time_unix_nano: 1_795_354_524_809_000_000,
        attributes: vec![
            attribute("http.request.method", "GET"),
            attribute("url.path", "/a"),
            attribute("client.address", "192.0.2.7"),
        ],
        ..LogRecord::default()
    }
}

#[test]
fn a_protobuf_request_is_read_and_answered_in_kind() {
    let other = LogRecord {
        body: attribute("", "started").value,
        ..LogRecord::default()
    };
    let good = record().encode_to_vec();
    let body = request(&[
        good.clone(),
        other.encode_to_vec(),
        b"\x0a\xff".to_vec(),
        good,
    ]);
    let (kind, decoded) = decode_as(&body, "application/json");
    let decoded = decoded.unwrap();
    assert_eq!(kind, Kind::Protobuf);
    assert_eq!((decoded.answer.accepted, decoded.answer.rejected), (2, 2));
    let first = decoded.batch.requests[0];
    assert_eq!(decoded.batch.text(first.host), "shop.example.com");
    assert_eq!(first.at, 1_795_354_524_809);
    let answer = Answer::decode(&kind.answer(&decoded.answer)[..]).unwrap();
    assert_eq!(
        answer.partial_success,
        Some(PartialSuccess {
            rejected_log_records: 2,
            error_message: "record 2: not a line of an access log; \
                            record 3: not a line of an access log"
                .to_owned(),
        })
    );
    assert_eq!(kind.answer(&Ingested::default()), b"");
    let failure = Status::decode(&kind.failure("busy")[..]).unwrap();
    assert_eq!(failure.message, "busy");
}

#[test]
fn a_json_request_is_read_and_answered_in_kind() {
    let body = r#"
    {"resourceLogs":[{"resource":{"attributes":[{"key":"server.address","value":{"stringValue":"shop.example.com"}}]},
      "scopeLogs":[{"scope":{"name":"x"},"logRecords":[
        {"timeUnixNano":"1795354524809000000","severityNumber":9,"attributes":[
          {"key":"http.request.method","value":{"stringValue":"GET"}},
          {"key":"url.path","value":{"stringValue":"/a"}},
          {"key":"client.address","value":{"stringValue":"192.0.2.7"}}]},
        {"body":{"stringValue":"started"}}]}]},{"scopeLogs":null}]}"#;
    let (kind, decoded) = decode_as(body.as_bytes(), "application/x-protobuf");
    let decoded = decoded.unwrap();
    assert_eq!(kind, Kind::Json);
    assert_eq!((decoded.answer.accepted, decoded.answer.rejected), (1, 1));
    let first = decoded.batch.requests[0];
    assert_eq!(decoded.batch.text(first.host), "shop.example.com");
    assert_eq!(
        String::from_utf8(kind.answer(&decoded.answer)).unwrap(),
        r#"{"partialSuccess":{"errorMessage":"record 2: not a line of an access log","rejectedLogRecords":"1"}}"#
    );
    assert_eq!(kind.answer(&Ingested::default()), b"{}");
    assert_eq!(kind.failure("busy"), br#"{"message":"busy"}"#);
}

#[test]
fn what_is_neither_is_refused_and_nothing_at_all_is_taken() {
    for body in [&b"{"[..], b"[]x", b"rubbish", b"\x0a\x05\x0a"] {
        let (_, decoded) = decode_as(body, "");
        assert!(
            matches!(decoded, Err(BodyError::NotOfProtocol(_))),
            "{body:?}"
        );
    }
    let (kind, decoded) = decode_as(b"", "application/x-protobuf");
    assert_eq!(
        (kind, decoded.unwrap().answer),
        (Kind::Protobuf, Ingested::default())
    );
    assert_eq!(
        decode_as(b"", "application/json; charset=utf-8").0,
        Kind::Json
    );
}

#[test]
fn a_request_of_nothing_but_empty_messages_takes_no_memory() {
    let many = [0x0a, 0x00].repeat(1_000_000);
    let (_, decoded) = decode_as(&many, "");
    assert_eq!(decoded.unwrap().answer, Ingested::default());
}
