//! Whole bodies: what becomes of their records, whatever they are packed and wrapped in.

use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::ingest::normalize::SecretKey;

const NGINX: &str = r#"{"time":"2026-11-22T13:35:24.809Z","remote_addr":"192.0.2.7","method":"GET","request_uri":"/a","status":200}"#;
const COMBINED: &str =
    r#"192.0.2.7 - - [22/Nov/2026:13:35:24 +0000] "GET /a HTTP/1.1" 200 203 "-" "curl/8""#;

pub(super) fn decode(body: &[u8]) -> DecodedBody {
    let by = Protection::from(SecretKey([7; 16]));
    decode_body(body, None, &Reading::new(&FieldMap::default(), &by)).unwrap()
}

/// Accepted, rejected, and the reasons.
#[track_caller]
fn check(body: &str, accepted: u64, reasons: &[&str]) {
    let decoded = decode(body.as_bytes());
    let answer = &decoded.answer;
    let found: Vec<_> = answer
        .errors
        .iter()
        .map(|error| error.reason.as_str())
        .collect();
    assert_eq!((answer.accepted, &found[..]), (accepted, reasons), "{body}");
    assert_eq!(decoded.batch.requests.len() as u64, accepted);
    assert_eq!(answer.rejected, reasons.len() as u64);
    assert_eq!(decoded.rejects.total(), answer.rejected);
}

#[test]
fn a_body_is_read_whatever_it_is() {
    check(&format!("{NGINX}\n{NGINX}\n"), 2, &[]);
    check(&format!("[{NGINX},{NGINX}]"), 2, &[]);
    check(&format!("{NGINX}{NGINX}"), 2, &[]);
    check(NGINX, 1, &[]);
    check(&format!(r#"{{"records":[{NGINX},{NGINX}]}}"#), 2, &[]);
    check(&format!("{COMBINED}\n{NGINX}\n\n{COMBINED}"), 3, &[]);
    let texts = serde_json::json!([COMBINED, NGINX]).to_string();
    check(&texts, 2, &[]);
    let cloudwatch = serde_json::json!({"messageType": "DATA_MESSAGE", "owner": "1", "logEvents": [
        {"id": "1", "timestamp": 1_795_354_524_809_i64, "message": COMBINED},
        {"id": "2", "timestamp": 1_795_354_524_809_i64, "message": NGINX},
    ]});
    check(&cloudwatch.to_string(), 2, &[]);
    check("", 0, &[]);
}

#[test]
fn the_head_of_a_w3c_log_says_what_its_lines_are() {
    check(
        "#Version: 1.0\r\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n\
         2015-05-17 10:05:03 192.0.2.7 GET / 200\r\n2015-05-17 10:05:04 192.0.2.7 GET /b 200\r\n",
        2,
        &[],
    );
}

#[test]
fn what_is_no_request_is_told_by_its_number() {
    let body = format!("{NGINX}\n{{\"msg\":\"up\"}}\nrubbish\n{NGINX}\n{{\"a\"");
    check(&body, 2, &["not_a_request", "not_access_log", "cut_off"]);
    let answer = decode(body.as_bytes()).answer;
    let numbers: Vec<_> = answer.errors.iter().map(|error| error.record).collect();
    assert_eq!(numbers, [2, 3, 5]);
    assert_eq!(answer.errors[1].example, "rubbish");
    let many = decode("rubbish\n".repeat(50).as_bytes()).answer;
    assert_eq!(
        (many.rejected, many.errors.len()),
        (50, Ingested::MAX_ERRORS)
    );
}

#[test]
fn an_object_that_is_a_request_is_one_though_it_has_an_array() {
    let with_array = NGINX.replace(
        "\"status\"",
        "\"matches\":[{\"id\":1},{\"id\":2}],\"status\"",
    );
    check(&with_array, 1, &[]);
}

#[test]
fn more_requests_than_are_taken_at_once_are_none() {
    let by = Protection::from(SecretKey([7; 16]));
    let fields = FieldMap::default();
    let body = format!("{NGINX}\n").repeat(MAX_ROWS + 1);
    let reading = Reading::new(&fields, &by);
    assert_eq!(
        decode_body(body.as_bytes(), None, &reading).unwrap_err(),
        BodyError::TooMany
    );
    let one_less = &body.as_bytes()[NGINX.len() + 1..];
    let decoded = decode_body(one_less, None, &reading).unwrap();
    assert_eq!(decoded.answer.accepted, MAX_ROWS as u64);
    assert_eq!(decoded.batch.resolution_ms, 1);
    let reading = Reading {
        max_bytes: 100,
        ..reading
    };
    let error = decode_body(one_less, None, &reading).unwrap_err();
    assert_eq!(error, BodyError::TooLarge { limit: 100 });
}

#[test]
fn what_a_body_holds_is_said() {
    let format = |body: &str| decode(body.as_bytes()).format;
    assert_eq!(format(NGINX), Some(Format::Json));
    assert_eq!(format(&format!("{COMBINED}\nrubbish")), Some(Format::Clf));
    let wrapped = serde_json::json!({"log": COMBINED}).to_string();
    assert_eq!(format(&wrapped), Some(Format::Clf));
    assert_eq!(format("rubbish"), None);
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(plain).unwrap();
    packer.finish().unwrap()
}

proptest! {
    #[test]
    fn a_body_is_the_same_however_it_is_packed(
        records in proptest::collection::vec(
            proptest::sample::select(&[NGINX, COMBINED, "rubbish", "{\"msg\":\"up\"}", "{\"a\""][..]),
            0..12,
        ),
    ) {
        let body = records.join("\n");
        let plain = decode(body.as_bytes());
        for packed in [gzip(body.as_bytes()), zstd::encode_all(body.as_bytes(), 1).unwrap()] {
            let unpacked = decode(&packed);
            prop_assert_eq!(&unpacked.answer, &plain.answer);
            prop_assert_eq!(&unpacked.batch.requests, &plain.batch.requests);
        }
    }
}
