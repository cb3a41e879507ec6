//! Rows as they come into a batch: split, cleaned, without secrets.

use shared::Privacy;

use super::super::SecretKey;
use super::*;

fn normalize(row: &Row<'_>) -> (Batch, Request) {
    normalize_by(SecretKey([7; 16]).into(), row)
}

fn normalize_by(by: Protection, row: &Row<'_>) -> (Batch, Request) {
    let mut batch = Batch::default();
    Normalizer::new(by).push(row, Escapes::Backslash, &mut batch);
    let request = batch.requests[0];
    (batch, request)
}

#[track_caller]
fn check_line(line: &str, method: &str, path: &str, query: &str, protocol: &str) {
    let (batch, request) = normalize(&Row {
        request_line: Some(line.as_bytes()),
        ..Row::default()
    });
    let found = [
        request.method,
        request.path,
        request.query,
        request.protocol,
    ]
    .map(|text| batch.text(text));
    assert_eq!(found, [method, path, query, protocol]);
}

#[test]
fn request_lines_are_split() {
    check_line("GET /a?b=c HTTP/1.1", "GET", "/a", "b=c", "HTTP/1.1");
    check_line("GET /a b HTTP/1.1", "GET", "/a b", "", "HTTP/1.1");
    check_line("GET /a", "GET", "/a", "", "");
    check_line("M-SEARCH * HTTP/1.1", "M-SEARCH", "*", "", "HTTP/1.1");
    check_line(r"GET /\x22 HTTP/1.1", "GET", "/\"", "", "HTTP/1.1");
}

#[test]
fn a_request_line_that_is_no_http_is_a_path_without_method() {
    check_line(r"\x16\x03\x01\x02", "", r"\x16\x03\x01\x02", "", "");
    check_line("145.ll|'|'|SGFj x", "", "145.ll|'|'|SGFj x", "", "");
    check_line("-", "", "", "", "");
    check_line("", "", "", "", "");
}

#[test]
fn an_absolute_target_names_the_host() {
    let (batch, request) = normalize(&Row {
        request_line: Some(b"GET http://Shop.Example.com:80/a HTTP/1.0"),
        host: b"other.example.com",
        ..Row::default()
    });
    assert_eq!(batch.text(request.host), "shop.example.com");
    assert_eq!(batch.text(request.path), "/a");
}

#[test]
fn a_host_is_lower_case_without_port() {
    let (batch, request) = normalize(&Row {
        host: b"Shop.Example.COM:8443",
        ..Row::default()
    });
    assert_eq!(batch.text(request.host), "shop.example.com");
}

#[test]
fn no_secret_reaches_the_batch() {
    let (batch, request) = normalize(&Row {
        request_line: Some(b"GET /l;jsessionid=hush1?password=hush2&x=1 HTTP/1.1"),
        referer: b"https://ann:hush3@example.com/l;sid=hush4?token=hush5&y=2",
        ..Row::default()
    });
    let texts = format!("{:?}", batch.texts);
    assert!(!texts.contains("hush"), "{texts}");
    assert!(batch.text(request.query).ends_with("&x=1"));
    assert!(
        batch
            .text(request.referer)
            .starts_with("https://example.com/l;sid=~")
    );
    assert!(batch.text(request.referer).ends_with("&y=2"));
}

#[test]
fn facts_keep_no_secret_and_tell_values_apart() {
    let token = b"f3a9c2e1d4b5a6978812";
    let facts = |value| {
        let fact = |source, is_secret, value| Fact {
            source,
            is_secret,
            value,
        };
        let (batch, request) = normalize(&Row {
            facts: &[
                fact("bearer", true, b"hush".as_slice()),
                fact("cookie:none", true, b"-"),
                fact("field:sid", false, value),
                fact("field:user", false, b"ann"),
            ],
            ..Row::default()
        });
        batch.text(request.facts).to_owned()
    };
    let lines = facts(token);
    let [bearer, sid, user] = lines.lines().collect::<Vec<_>>()[..] else {
        panic!("{lines}");
    };
    assert!(bearer.starts_with("bearer=~") && bearer.len() == "bearer=~".len() + 16);
    assert!(sid.starts_with("field:sid=~"), "{sid}");
    assert_eq!(user, "field:user=ann");
    assert_eq!(facts(token), lines);
    assert_ne!(facts(b"f3a9c2e1d4b5a6978813"), lines);
}

#[test]
fn keys_users_and_chosen_fields_are_hashed_and_still_told_apart() {
    let privacy = Privacy {
        hashes_session_keys: true,
        hashed_fields: vec!["X-Customer".to_owned(), "mail".to_owned()],
        ..Privacy::default()
    };
    let by = |key: u8| Protection::new(SecretKey([key; 16]), &privacy);
    let row = |user| Row {
        request_line: Some(b"GET /a?mail=ann%40example.com&page=2 HTTP/1.1"),
        headers: "accept: */*\nx-customer: ann\n",
        user,
        session: b"17",
        facts: &[
            Fact {
                source: "field:account",
                is_secret: false,
                value: b"ann",
            },
            Fact {
                source: "field:role",
                is_secret: false,
                value: b"admin",
            },
        ],
        ..Row::default()
    };
    let (batch, request) = normalize_by(by(7), &row(b"ann"));
    let texts = format!("{:?}", batch.texts);
    assert!(!texts.contains("ann"), "{texts}");
    assert!(batch.text(request.user).starts_with('~'));
    assert!(batch.text(request.query).ends_with("&page=2"));
    assert!(
        batch
            .text(request.headers)
            .starts_with("accept: */*\nx-customer: ~")
    );
    assert!(batch.text(request.facts).ends_with("\nfield:role=admin"));
    let user = |key, user| {
        let (batch, request) = normalize_by(by(key), &row(user));
        (batch.text(request.user).to_owned(), request.session_key)
    };
    assert_eq!(user(7, b"ann"), user(7, b"ann"));
    assert_ne!(user(7, b"ann").0, user(7, b"bob").0);
    assert_ne!(user(7, b"ann").1, user(8, b"ann").1);
    assert_ne!(request.session_key, hash_session_key("17"));
}

#[test]
fn every_text_is_bounded() {
    let long = vec![b'a'; 100_000];
    let target = [b"GET /", long.as_slice(), b"?b=", &long, b" HTTP/1.1"].concat();
    let (batch, _) = normalize(&Row {
        request_line: Some(&target),
        user_agent: &long,
        referer: &long,
        user: &long,
        host: &long,
        ..Row::default()
    });
    assert!(batch.texts.bytes() < 16_384, "{}", batch.texts.bytes());
}

#[test]
fn a_dash_is_nothing() {
    let (batch, request) = normalize(&Row {
        user_agent: b"-",
        referer: b"-",
        user: b"-",
        session: b"-",
        ..Row::default()
    });
    assert!(batch.texts.is_empty());
    assert_eq!(request.session_key, 0);
}

#[test]
fn a_row_says_the_same_whatever_stood_before_it() {
    // What is written otherwise in some column, and what that becomes.
    const TEXTS: [&str; 16] = [
        "-",
        "a",
        r"\x41",
        r"\\x41",
        "A",
        r"\\",
        r"\",
        r#"\""#,
        r#"""#,
        "é",
        r"\xE9",
        "https://u:secret@shop.example/a",
        "https://shop.example/a",
        "https://shop.example/a?token=secret",
        "https://shop.example/a?token=~",
        "/a;jsessionid=secret",
    ];
    let row = |text: &'static str| Row {
        request_line: Some(text.as_bytes()),
        user_agent: text.as_bytes(),
        user: text.as_bytes(),
        referer: text.as_bytes(),
        ..Row::default()
    };
    let said = |batch: &Batch, request: &Request| {
        [
            request.path,
            request.user_agent,
            request.user,
            request.referer,
        ]
        .map(|text| batch.text(text).to_owned())
    };
    for (before, text) in TEXTS.iter().flat_map(|a| TEXTS.map(|b| (*a, b))) {
        let (alone, request) = normalize(&row(text));
        let mut batch = Batch::default();
        let mut normalizer = Normalizer::new(SecretKey([7; 16]));
        for text in [before, text, text] {
            normalizer.push(&row(text), Escapes::Backslash, &mut batch);
            let last = batch.requests.last().unwrap();
            if text != before {
                assert_eq!(
                    said(&batch, last),
                    said(&alone, &request),
                    "{text} after {before}"
                );
            }
        }
    }
}
