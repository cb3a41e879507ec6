//! What every format has in common: whatever is around a line, however they are mixed.

use crate::ingest::normalize::SecretKey;
use engine::{Batch, Request};
use proptest::prelude::*;

use super::*;

fn new_decoder() -> Decoder {
    Decoder::new(Format::Clf, &FieldMap::default(), SecretKey([7; 16]))
}

pub(super) fn decode(line: &str) -> Result<(Batch, Request), RejectReason> {
    let mut batch = Batch::default();
    new_decoder().decode(line.as_bytes(), &mut batch)?;
    let request = batch.requests[0];
    Ok((batch, request))
}

/// What becomes of each line of a log.
pub(super) fn decode_lines(log: &str) -> Vec<Result<(), RejectReason>> {
    let mut decoder = new_decoder();
    let mut batch = Batch::default();
    log.lines()
        .map(|line| decoder.decode(line.as_bytes(), &mut batch))
        .collect()
}

/// Moment, address, host, method, path, query, status, user agent.
type Expected<'e> = [&'e str; 8];

/// The same of a request.
pub(super) fn shown(batch: &Batch, request: &Request) -> [String; 8] {
    [
        shared::Timestamp(request.at).to_string(),
        request.address.to_string(),
        batch.text(request.host).to_owned(),
        batch.text(request.method).to_owned(),
        batch.text(request.path).to_owned(),
        batch.text(request.query).to_owned(),
        request.status.to_string(),
        batch.text(request.user_agent).to_owned(),
    ]
}

#[track_caller]
pub(super) fn check(line: &str, expected: Expected<'_>) -> (Batch, Request) {
    check_last(line, expected)
}

/// Checks the request of a log's last line.
#[track_caller]
pub(super) fn check_last(log: &str, expected: Expected<'_>) -> (Batch, Request) {
    let mut decoder = new_decoder();
    let mut batch = Batch::default();
    let results: Vec<_> = log
        .lines()
        .map(|line| decoder.decode(line.as_bytes(), &mut batch))
        .collect();
    assert_eq!(results.last(), Some(&Ok(())), "{log}");
    let request = *batch.requests.last().expect("the last line is a request");
    assert_eq!(shown(&batch, &request), expected, "{log}");
    (batch, request)
}

/// A line of every format.
const LINES: [&str; 6] = [
    r#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 203 "-" "curl/8""#,
    r#"{"time":"2015-05-17T10:05:03Z","ip":"192.0.2.7","method":"GET","path":"/a","status":200,"user_agent":"curl/8"}"#,
    r#"192.0.2.7:14853 [17/May/2015:10:05:03.000] web~ app/one 0/0/0/3/3 200 739 - - ---- 1/1/0/0/0 0/0 {curl/8} "GET /a HTTP/1.1""#,
    r#"[2015-05-17T10:05:03Z] "GET /a HTTP/2" 200 - 154 20 226 100 "192.0.2.7" "curl/8" "f2d5" "-" "10.0.2.1:80""#,
    r#"[17/May/2015:10:05:03 +0000] 200 - GET https - "/a" [Client 192.0.2.7] [Length 512] [Gzip 1.1] "curl/8" "-""#,
    "2015-05-17\t10:05:03\tCDG50\t703\t192.0.2.7\tGET\t-\t/a\t200\t-\tcurl/8\t-\t-\tHit\tx==\t-\thttps\t62\t0.113\t-\tTLSv1.3\tAES\tHit\tHTTP/2.0",
];

const EXPECTED: Expected<'_> = [
    "2015-05-17T10:05:03Z",
    "192.0.2.7",
    "",
    "GET",
    "/a",
    "",
    "200",
    "curl/8",
];

#[test]
fn every_format_may_be_in_every_wrapper() {
    for line in LINES {
        check(line, EXPECTED);
        check(&format!("2026-03-01T10:00:00Z stdout F {line}"), EXPECTED);
        check(
            &format!("<190>Mar  1 10:00:00 web-1 nginx: {line}"),
            EXPECTED,
        );
        check(&format!("web-1  | {line}"), EXPECTED);
        let wrapped = serde_json::json!({"log": format!("{line}\n"), "stream": "stdout"});
        check(&wrapped.to_string(), EXPECTED);
        let journal = serde_json::json!({"MESSAGE": wrapped.to_string()}).to_string();
        check(&format!("app | {journal}"), EXPECTED);
    }
}

#[test]
fn formats_may_be_mixed_whichever_is_expected() {
    for format in Format::ALL {
        let mut decoder = Decoder::new(format, &FieldMap::default(), SecretKey([7; 16]));
        let mut batch = Batch::default();
        for line in LINES {
            assert_eq!(
                decoder.decode(line.as_bytes(), &mut batch),
                Ok(()),
                "{line}"
            );
        }
        let moments: Vec<i64> = batch.requests.iter().map(|request| request.at).collect();
        assert_eq!(moments, [1_431_857_103_000; LINES.len()]);
    }
}

#[test]
fn of_a_given_format_only_its_lines_are_read() {
    for (index, line) in LINES.into_iter().enumerate() {
        for format in [Format::Clf, Format::Json] {
            let choice = FormatChoice::Given(format);
            let sample = sniff(line.as_bytes(), choice, &FieldMap::default());
            let mut decoder = Decoder::of_source(&sample, &FieldMap::default(), SecretKey([7; 16]));
            let is_read = decoder
                .decode(line.as_bytes(), &mut Batch::default())
                .is_ok();
            let is_its_own = index == usize::from(format == Format::Json);
            assert_eq!(is_read, is_its_own, "{format}: {line}");
        }
    }
}

#[test]
fn what_is_no_access_log_says_why() {
    use RejectReason::{Blank, Comment, ErrorLog, InvalidJson, NotARequest, NotAccessLog};
    for (line, reason) in [
        ("", Blank),
        (" \t", Blank),
        ("Mar  1 10:00:00 web-1 nginx: ", Blank),
        ("#Software: x", Comment),
        (
            "[Thu Mar 05 10:00:00.123456 2026] [core:error] [pid 7005] [client 192.0.2.7:1] AH00126: Invalid URI in request GET /../ HTTP/1.1",
            ErrorLog,
        ),
        (
            r#"2026/03/05 10:00:00 [error] 31#31: *46 open() "/a" failed (2: No such file), client: 192.0.2.7, server: x, request: "GET /a HTTP/1.1", host: "x""#,
            ErrorLog,
        ),
        (
            "Mar  1 10:00:00 web-1 nginx: 2026/03/05 10:00:00 [warn] 31#31: x",
            ErrorLog,
        ),
        (r#"{"level":"info","msg":"starting"}"#, NotARequest),
        (r#"{"a":"#, InvalidJson),
        ("DEBUG: Plugin: 2025/09/05 13:53:40 updated", NotAccessLog),
    ] {
        assert_eq!(decode(line).map(|_| ()), Err(reason), "{line}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut batch = Batch::default();
        let result = new_decoder().decode(&bytes, &mut batch);
        prop_assert_eq!(batch.requests.len(), usize::from(result.is_ok()));
    }

    #[test]
    fn a_damaged_line_of_any_format_is_survived(
        line in proptest::sample::select(&LINES[..]),
        at in 0usize..140,
        length in 0usize..12,
        junk in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut line = line.as_bytes().to_vec();
        let at = at.min(line.len());
        line.splice(at..(at + length).min(line.len()), junk);
        let mut batch = Batch::default();
        let result = new_decoder().decode(&line, &mut batch);
        prop_assert_eq!(batch.requests.len(), usize::from(result.is_ok()));
    }
}
