//! Bulk requests, and what their senders read of the answers.

use serde_json::Value;

use super::*;
use crate::ingest::decode::FieldMap;
use crate::ingest::normalize::{Protection, SecretKey};

const NGINX: &str = r#"{"@timestamp":"2026-11-22T13:35:24.809Z","remote_addr":"192.0.2.7","request":"GET /a HTTP/1.1","status":200}"#;

/// As Filebeat sends a line of a file.
const FILEBEAT: &str = r#"{"@timestamp":"2026-11-22T13:35:25.000Z","host":{"name":"web-1"},"agent":{"type":"filebeat"},"log":{"offset":0,"file":{"path":"/var/log/nginx/access.log"}},"message":"192.0.2.7 - - [22/Nov/2026:13:35:24 +0000] \"GET /a HTTP/1.1\" 200 203 \"-\" \"curl/8\"","input":{"type":"filestream"}}"#;

fn decode_text(body: &str, index: Option<&str>) -> Result<Bulk, BodyError> {
    let (fields, by) = (FieldMap::default(), Protection::from(SecretKey([7; 16])));
    decode(body.as_bytes(), None, index, &Reading::new(&fields, &by))
}

#[test]
fn every_document_has_its_own_answer() {
    let body = format!(
        "{{\"create\":{{\"_index\":\"logs-\\\"x\\\"\",\"_id\":\"1\"}}}}\n{NGINX}\n\
         {{\"index\":{{}}}}\n{FILEBEAT}\n\n\
         {{\"delete\":{{\"_id\":\"1\"}}}}\n\
         {{\"update\":{{\"_id\":\"1\"}}}}\n{{\"doc\":{{}}}}\n\
         {{\"create\":{{}}}}\n{{\"message\":\"started\"}}\n\
         {{\"create\":{{}}}}\n"
    );
    let bulk = decode_text(&body, Some("access")).unwrap();
    assert_eq!(
        (bulk.decoded.answer.accepted, bulk.decoded.answer.rejected),
        (2, 4)
    );
    assert_eq!(bulk.decoded.batch.requests.len(), 2);
    let answer: Value = serde_json::from_str(&bulk.answer(7)).unwrap();
    assert_eq!(
        (&answer["took"], &answer["errors"]),
        (&7.into(), &true.into())
    );
    let items = answer["items"].as_array().unwrap();
    let said: Vec<_> = items
        .iter()
        .map(|item| {
            let (verb, said) = item.as_object().unwrap().iter().next().unwrap();
            (verb.as_str(), said["status"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("create", 201),
            ("index", 201),
            ("delete", 400),
            ("update", 400),
            ("create", 400),
            ("create", 400),
        ]
    );
    assert_eq!(items[0]["create"]["_index"], "logs-\"x\"");
    assert_eq!(items[0]["create"]["_id"], "1");
    assert_eq!(items[1]["index"]["_index"], "access");
    assert_eq!(items[5]["create"]["error"]["reason"], "last line cut off");
}

#[test]
fn a_bulk_request_without_faults_says_so() {
    let bulk = decode_text(&format!("{{\"create\":{{}}}}\n{NGINX}\n"), None).unwrap();
    let answer: Value = serde_json::from_str(&bulk.answer(0)).unwrap();
    assert_eq!(answer["errors"], false);
    assert_eq!(
        decode_text("", None).unwrap().answer(0),
        r#"{"took":0,"errors":false,"items":[]}"#
    );
}

#[test]
fn what_is_no_bulk_request_is_refused() {
    for body in ["rubbish", "{}", NGINX, "{\"create\":7}\n{}"] {
        let error = decode_text(body, None).unwrap_err();
        assert!(matches!(error, BodyError::NotOfProtocol(_)), "{body}");
    }
    let many = "{\"delete\":{}}\n".repeat(MAX_ROWS + 1);
    assert_eq!(decode_text(&many, None).unwrap_err(), BodyError::TooMany);
    let failure: Value = serde_json::from_str(&failure(429, "wait")).unwrap();
    assert_eq!(failure["error"]["root_cause"][0]["reason"], "wait");
}
