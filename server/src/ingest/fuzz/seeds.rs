//! Good inputs, a few for each decoder.

use std::io::Write;

use prost::Message;

use crate::ingest::decode::otlp::{AnyValue, Inside, KeyValue, List, LogRecord, Resource, Value};

const LINES: [&str; 13] = [
    r#"192.0.2.7 - ann [17/May/2015:10:05:03 +0000] "GET /a;jsessionid=1?b=c&sid=x HTTP/1.1" 200 203 "https://a:b@x.example/?q=1" "curl/8 \"x\" \x16""#,
    r#"shop.example.com:443 2001:db8::1 - - [17/May/2015:10:05:03 -0700] "\x16\x03" 400 0"#,
    r#"{"time":"2015-05-17T10:05:03Z","ip":"192.0.2.7","method":"GET","path":"/a","status":200,"user_agent":"curl/8","cookie":"a=b; sid=x"}"#,
    r#"{"level":"info","ts":1711741827.96,"request":{"client_ip":"192.0.2.7","method":"POST","host":"x:9080","uri":"/x?y","headers":{"User-Agent":["curl/7"],"Cookie":["PHPSESSID=abc"]}},"duration":0.00003,"size":5,"status":401}"#,
    r#"{"timestamp":1795354524809,"action":"BLOCK","httpRequest":{"clientIp":"192.0.2.7","headers":[{"name":"Host","value":"a.example"},{"name":"User-Agent","value":"curl%208"}],"uri":"/a","httpMethod":"GET"}}"#,
    r#"192.0.2.7:14853 [17/May/2015:10:05:03.000] web~ app/one 0/0/0/3/3 200 739 - - ---- 1/1/0/0/0 0/0 {x.example|curl/8} {} "GET /a HTTP/1.1""#,
    r#"[2015-05-17T10:05:03Z] "GET /a HTTP/2" 200 - 154 20 226 100 "192.0.2.7" "curl/8" "f2d5" "-" "10.0.2.1:80""#,
    r#"[17/May/2015:10:05:03 +0000] 200 - GET https - "/a" [Client 192.0.2.7] [Length 512] [Gzip 1.1] "curl/8" "-""#,
    r#"https 2026-03-01T10:00:00.250641Z app/shop/50dc 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 33 57 "GET https://shop.example.com:443/a?b=c HTTP/1.1" "curl/7.46.0" - -"#,
    "#Fields: date time c-ip cs-method cs-uri cs(User-Agent) sc-status\n2015-05-17 10:05:03 192.0.2.7 GET x.example/a \"a b\" 200",
    "2015-05-17\t10:05:03\tCDG50\t703\t192.0.2.7\tGET\t-\t/a\t200\t-\tcurl%208\t-\t-\tHit\tx==\t-\thttps\t62\t0.113\t-\tTLSv1.3\tAES\tHit\tHTTP/2.0",
    r#"<34>1 2026-03-01T10:00:00.003Z web-1 nginx 12 ID47 [a@1 b="c]"] {"log":"192.0.2.7 - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 1\n"}"#,
    r#"web-1  | Mar  1 10:00:00 host nginx[1]: 2026/03/05 10:00:00 [error] 31#31: *46 open() failed"#,
];

pub(super) fn lines() -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = LINES.iter().map(|line| line.as_bytes().to_vec()).collect();
    lines.push(LINES.join("\n").into_bytes());
    lines
}

/// Messages by their length and by their line, the first and the last of them cut.
pub(super) fn syslog() -> Vec<Vec<u8>> {
    let message = |line: &str| format!("<190>Mar  1 10:00:00 web-1 nginx: {line}");
    let counted = |line: &str| {
        let message = message(line);
        format!("{} {message}", message.len())
    };
    let mut streams = vec![
        LINES.map(counted).concat(),
        LINES.map(message).join("\n"),
        [
            counted(LINES[0]),
            message(LINES[2]),
            "\n".to_owned(),
            counted(LINES[3]),
        ]
        .concat(),
        format!("999999 <34>1 {}", LINES[0]),
        LINES[11].to_owned(),
    ];
    streams.push(streams[2][9..streams[2].len() - 9].to_owned());
    streams.into_iter().map(String::into_bytes).collect()
}

pub(super) fn bodies() -> Vec<Vec<u8>> {
    let json = &LINES[2..5];
    let texts = serde_json::json!([LINES[0], LINES[2]]).to_string();
    let cloudwatch = serde_json::json!({"messageType": "DATA_MESSAGE", "logEvents": [
        {"id": "1", "timestamp": 1, "message": LINES[0]}, {"message": LINES[2]},
    ]});
    let mut bodies = vec![
        json.join("\n"),
        json.concat(),
        format!("[{}]", json.join(",\n")),
        format!(r#"{{"n":[1],"records":[{}],"x":{{}}}}"#, json.join(",")),
        json[0].replace(',', ",\n  "),
        texts,
        cloudwatch.to_string(),
        r#"{"content":"tests"}"#.to_owned(),
        format!("\u{feff}\u{1e}{}\n\n{}\r\n", json[0], LINES[0]),
    ];
    bodies.push(bodies.join("\n"));
    let mut bodies: Vec<_> = bodies.into_iter().map(String::into_bytes).collect();
    bodies.extend(lines());
    bodies.push(gzip(bodies[2].as_slice()));
    bodies
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(plain).expect("memory can be written to");
    packer.finish().expect("memory can be written to")
}

pub(super) fn packed() -> Vec<Vec<u8>> {
    let level = flate2::Compression::default();
    let plain = LINES.join("\n").into_bytes();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
    zlib.write_all(&plain).expect("memory can be written to");
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), level);
    deflate.write_all(&plain).expect("memory can be written to");
    let zstd = zstd::encode_all(&plain[..], 3).expect("memory can be read");
    let bomb = vec![b'a'; 200_000];
    vec![
        gzip(&plain),
        gzip(&gzip(&plain)),
        gzip(&bomb),
        [gzip(b"a\n"), gzip(b"b\n")].concat(),
        zstd::encode_all(&bomb[..], 3).expect("memory can be read"),
        zstd,
        zlib.finish().expect("memory can be written to"),
        deflate.finish().expect("memory can be written to"),
        plain,
    ]
}

fn value(value: Value) -> Option<AnyValue> {
    Some(AnyValue { value: Some(value) })
}

fn text(key: &str, text: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: value(Value::Text(text.to_owned())),
    }
}

fn records() -> Vec<LogRecord> {
    let attributes = vec![
        text("http.request.method", "GET"),
        text("url.full", "https://shop.example.com/a?sid=c"),
        text("client.address", "192.0.2.7"),
        text("session.id", "x"),
        KeyValue {
            key: "http.response.status_code".to_owned(),
            value: value(Value::Whole(404)),
        },
        KeyValue {
            key: "http.request.header.user-agent".to_owned(),
            value: value(Value::List(List {
                values: vec![AnyValue {
                    value: Some(Value::Bytes(b"curl/8\xff".to_vec())),
                }],
            })),
        },
    ];
    let inside = Inside {
        values: attributes.clone(),
    };
    let of_body = |body| LogRecord {
        observed_time_unix_nano: 1_795_354_524_809_000_000,
        body: value(body),
        ..LogRecord::default()
    };
    vec![
        LogRecord {
            time_unix_nano: 1_795_354_524_809_000_000,
            attributes,
            ..LogRecord::default()
        },
        of_body(Value::Text(LINES[0].to_owned())),
        of_body(Value::Text(LINES[2].to_owned())),
        of_body(Value::Inside(inside)),
        of_body(Value::Fraction(1.5)),
        of_body(Value::Flag(true)),
    ]
}

pub(super) fn log_records() -> Vec<Vec<u8>> {
    records().iter().map(Message::encode_to_vec).collect()
}

/// A field of a message: its number, then its bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![number << 3 | 2];
    prost::encode_length_delimiter(bytes.len(), &mut message).expect("a vector grows");
    message.extend_from_slice(bytes);
    message
}

pub(super) fn otlp() -> Vec<Vec<u8>> {
    let resource = Resource {
        attributes: vec![text("server.address", "shop.example.com")],
    };
    let resource = field(1, &resource.encode_to_vec());
    let all: Vec<u8> = log_records()
        .iter()
        .flat_map(|record| field(2, record))
        .collect();
    let whole = field(1, &[resource, field(2, &all)].concat());
    let one = field(1, &field(2, &field(2, &log_records()[0])));
    let json = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"server.address","value":{"stringValue":"x.example"}}]},"scopeLogs":[{"scope":{},"logRecords":[{"timeUnixNano":"1795354524809000000","severityNumber":9,"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.path","value":{"stringValue":"/a"}},{"key":"client.address","value":{"stringValue":"192.0.2.7"}},{"key":"http.response.status_code","value":{"intValue":"200"}}]},{"observedTimeUnixNano":1,"body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"doubleValue":1.5},{"bytesValue":"AAA="},{"boolValue":true}]}}}]}}}]}]}]}"#;
    vec![
        whole,
        one,
        json.as_bytes().to_vec(),
        json.as_bytes().to_vec(),
    ]
}

pub(super) fn elastic() -> Vec<Vec<u8>> {
    let bulk = format!(
        "{{\"create\":{{\"_index\":\"logs\",\"_id\":\"1\"}}}}\n{}\n{{\"index\":{{}}}}\n{}\n\
         {{\"delete\":{{\"_id\":\"1\"}}}}\n{{\"update\":{{}}}}\n{{\"doc\":{{}}}}\n",
        LINES[2], LINES[3]
    );
    let one = format!(
        "{{\"create\":{{}}}}\n{}\n",
        serde_json::json!({"message": LINES[0]})
    );
    vec![
        bulk.clone().into_bytes(),
        one.into_bytes(),
        gzip(bulk.as_bytes()),
    ]
}

pub(super) fn firehose() -> Vec<Vec<u8>> {
    let encode = |bytes: &[u8]| serde_json::json!({"data": data_encoding::BASE64.encode(bytes)});
    let bodies = bodies();
    let delivery = |records: &[serde_json::Value]| {
        serde_json::json!({"requestId": "ed4acda5", "timestamp": 1, "records": records})
            .to_string()
            .into_bytes()
    };
    vec![
        delivery(&[encode(LINES[0].as_bytes())]),
        delivery(&[
            encode(&gzip(LINES[2].as_bytes())),
            encode(LINES[4].as_bytes()),
        ]),
        delivery(
            &bodies[..3]
                .iter()
                .map(|body| encode(body))
                .collect::<Vec<_>>(),
        ),
    ]
}
