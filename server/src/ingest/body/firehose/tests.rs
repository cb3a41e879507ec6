//! Deliveries as Firehose sends them.

use std::io::Write;

use data_encoding::BASE64;

use super::*;
use crate::ingest::decode::FieldMap;
use crate::ingest::normalize::{Protection, SecretKey};

const COMBINED: &str =
    r#"192.0.2.7 - - [22/Nov/2026:13:35:24 +0000] "GET /a HTTP/1.1" 200 203 "-" "curl/8""#;

fn decode_text(body: &str, max_bytes: usize) -> Result<Delivery, BodyError> {
    let (fields, by) = (FieldMap::default(), Protection::from(SecretKey([7; 16])));
    let reading = Reading {
        max_bytes,
        ..Reading::new(&fields, &by)
    };
    decode(body.as_bytes(), None, &reading)
}

fn delivery(records: &[&[u8]]) -> String {
    let records: Vec<_> = records
        .iter()
        .map(|record| serde_json::json!({"data": BASE64.encode(record)}))
        .collect();
    serde_json::json!({"requestId": "ed4acda5", "timestamp": 1, "records": records}).to_string()
}

fn gzip(plain: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(plain.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn records_are_lines_or_packed_or_an_envelope() {
    let envelope = serde_json::json!({"messageType": "DATA_MESSAGE", "logEvents": [
        {"id": "1", "timestamp": 1_795_354_524_809_i64, "message": COMBINED},
        {"id": "2", "timestamp": 1_795_354_524_809_i64, "message": "started"},
    ]});
    let body = delivery(&[
        COMBINED.as_bytes(),
        format!("{COMBINED}\n{COMBINED}\n").as_bytes(),
        &gzip(&envelope.to_string()),
        &gzip(COMBINED)[..20],
    ]);
    let body = body.replacen(r#""data":""#, r#""data":"!","x":""#, 1);
    let delivery = decode_text(&body, 1 << 20).unwrap();
    let answer = &delivery.decoded.answer;
    assert_eq!((answer.accepted, answer.rejected), (3, 3));
    assert_eq!(delivery.request_id, "ed4acda5");
}

#[test]
fn what_is_unpacked_is_bounded_over_all_records() {
    let bomb = gzip(&"x".repeat(70_000));
    let one = delivery(&[&bomb]);
    assert!(decode_text(&one, 100_000).is_ok());
    let two = delivery(&[&bomb, &bomb]);
    assert!(matches!(
        decode_text(&two, 100_000),
        Err(BodyError::TooLarge { .. })
    ));
}

#[test]
fn what_is_no_delivery_is_refused() {
    for body in [
        "",
        "{}",
        "[]",
        "{\"records\":7}",
        "{\"records\":[{}]}",
        "{\"records\":[]",
    ] {
        let error = decode_text(body, 1_000).unwrap_err();
        assert!(matches!(error, BodyError::NotOfProtocol(_)), "{body}");
    }
    assert_eq!(
        decode_text("{\"records\":[]}", 1_000).unwrap().request_id,
        ""
    );
}

#[test]
fn an_answer_names_the_delivery() {
    assert_eq!(answer("a", 5, None), r#"{"requestId":"a","timestamp":5}"#);
    assert_eq!(
        answer("a\"", 5, Some("wait")),
        r#"{"errorMessage":"wait","requestId":"a\"","timestamp":5}"#
    );
}
