//! Bodies of every kind, whole and broken.

use proptest::prelude::*;

use super::*;

/// The pieces of a body as texts: what is broken begins with its reason, an envelope's inside
/// stands in `<>`.
fn pieces(body: &str) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Pieces::of_body(body.as_bytes())
        .map(|piece| match piece {
            Piece::Record(record) => text(record),
            Piece::Text(line) => format!("text {}", text(line)),
            Piece::Envelope { inside, .. } => format!("<{}>", text(inside)),
            Piece::Broken(reason, example) => format!("{}: {}", reason.as_str(), text(example)),
        })
        .collect()
}

#[track_caller]
fn check(body: &str, expected: &[&str]) {
    assert_eq!(pieces(body), expected, "{body}");
}

#[test]
fn objects_come_in_every_order_and_arrangement() {
    let expected = [r#"{"a":1}"#, r#"{"b":{"c":"}{"}}"#, r#"{"d":[1]}"#];
    let [a, b, d] = expected;
    for body in [
        format!("{a}\n{b}\n{d}\n"),
        format!("{a}\r\n\r\n  {b}\r\n{d}"),
        format!("{a}{b}{d}"),
        format!("{a} {b},{d},\n"),
        format!("[{a},{b},{d}]"),
        format!(" [\n  {a} ,\n  {b},\n  {d}\n]\n"),
        format!("[{a}]\n[{b},{d}]"),
        format!("\u{feff}{a}\n[]{b}\n[{d}]"),
        format!("\u{1e}{a}\n\u{1e}{b}\n\u{1e}{d}\n"),
    ] {
        check(&body, &expected);
    }
    check(
        "{\n  \"a\": 1,\n  \"b\": {}\n}\n{}",
        &["{\n  \"a\": 1,\n  \"b\": {}\n}", "{}"],
    );
    check("", &[]);
    check(" \n[ ]\n", &[]);
}

#[test]
fn lines_of_other_logs_stay_lines() {
    check(
        "192.0.2.7 - - [x] {a} \r\n\n[2015-05-17T10:05:03Z] \"GET /\"\n#Fields: a\n{\"a\":1}\nlast",
        &[
            "192.0.2.7 - - [x] {a}",
            "[2015-05-17T10:05:03Z] \"GET /\"",
            "#Fields: a",
            "{\"a\":1}",
            "last",
        ],
    );
    check(r#"["a \"b\"", "c"]"#, &[r#"text "a \"b\"""#, r#"text "c""#]);
}

#[test]
fn one_array_of_objects_makes_an_envelope() {
    check(
        r#"{"owner":"x","logs":[{"a":[{}]},{"b":1}],"n":[1]}{"records":[{}]}"#,
        &[r#"<{"a":[{}]},{"b":1}>"#, "<{}>"],
    );
    check(r#"{"a":[{}],"b":[{}]}"#, &[r#"{"a":[{}],"b":[{}]}"#]);
    check(r#"{"a":{"b":[{}]}}"#, &[r#"{"a":{"b":[{}]}}"#]);
}

#[test]
fn what_ends_too_early_is_cut_off_once_and_the_rest_counts() {
    check(r#"[{"a":1},{"b":2"#, &[r#"{"a":1}"#, r#"cut_off: {"b":2"#]);
    check(
        r#"[{"a":1},{"b":"x"#,
        &[r#"{"a":1}"#, r#"cut_off: {"b":"x"#],
    );
    check(r#"[{"a":1},"#, &[r#"{"a":1}"#, "cut_off: "]);
    check(
        "[{\"a\":1},\n{\n\"b\":",
        &[r#"{"a":1}"#, "cut_off: {\n\"b\":"],
    );
    check(r#"["a","b"#, &[r#"text "a""#, r#"cut_off: "b"#]);
    check("{\"a\":1}\n{\"b\"", &[r#"{"a":1}"#, "cut_off: {\"b\""]);
    check(
        r#"{"x":1,"logs":[{"a":1},{"b":{}},{"c":"#,
        &[r#"{"a":1}"#, r#"{"b":{}}"#, r#"cut_off: {"c":"#],
    );
}

#[test]
fn what_is_broken_ends_with_its_line() {
    check(
        "{\"a\":\"x\n{\"b\":1}\n{\"c\":\n{\"d\":2}\n",
        &[
            "invalid_json: {\"a\":\"x",
            "{\"b\":1}",
            "invalid_json: {\"c\":",
            "{\"d\":2}",
        ],
    );
    check(
        "[{\"a\":1},null,{\"b\":1}]",
        &["{\"a\":1}", "invalid_json: null", "{\"b\":1}"],
    );
    check("{\"a\":1} x\n{\"b\":1}", &["{\"a\":1}", "x", "{\"b\":1}"]);
    let many = "{\"a\":\n".repeat(10) + "{\"b\":{}}\n";
    let pieces = pieces(&many);
    assert_eq!((pieces.len(), pieces[10].as_str()), (11, "{\"b\":{}}"));
}

#[test]
fn what_is_too_long_is_passed_over() {
    let long = "x".repeat(MAX_LINE_BYTES);
    for body in [
        format!("{{\"a\":\"{long}\"}}\n{{\"b\":1}}"),
        format!("{{\"a\":{{}},\"b\":\"{long}\"}}{{\"b\":1}}"),
        format!("[\"{long}\",{{\"b\":1}}]"),
        format!("{long}x\n{{\"b\":1}}"),
    ] {
        let pieces = pieces(&body);
        assert!(pieces[0].starts_with("too_long: ") && pieces[0].len() < 2_000);
        assert_eq!(pieces[1..], ["{\"b\":1}"]);
    }
}

#[test]
fn a_body_made_to_be_slow_takes_linear_time() {
    for part in [
        "{",
        "[{",
        "{\"a\":[{",
        "{\n",
        "{\"a\":[{\n",
        "[ ",
        "{}",
        "{ ",
        "\"",
        "[\"",
        "{\"a\":{}}",
        "},{",
        "[{}],",
    ] {
        let body = part.repeat(2_000_000 / part.len());
        let started = std::time::Instant::now();
        let count = Pieces::of_body(body.as_bytes()).count();
        assert!(started.elapsed().as_secs() < 5, "{part}: {count} pieces");
    }
}

/// An object with texts that look like its outline.
fn any_object() -> impl Strategy<Value = String> {
    let text = r#"([a-z{}\[\],: /]|\\"|\\\\|\\n){0,12}"#;
    let scalar = prop_oneof![
        text.prop_map(|text| format!("\"{text}\"")),
        Just("1".to_owned()),
        Just("null".to_owned()),
    ];
    let value = scalar.prop_recursive(3, 12, 4, |value| {
        prop_oneof![
            proptest::collection::vec(value.clone(), 0..4)
                .prop_map(|values| format!("[{}]", values.join(","))),
            proptest::collection::vec(value, 0..4).prop_map(|values| {
                let fields = values.iter().map(|value| format!("\"a\": {value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }),
        ]
    });
    proptest::collection::vec(value, 0..4).prop_map(|values| {
        let fields = values.iter().map(|value| format!("\"k\":{value}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    })
}

/// The records, envelopes whole.
fn records(body: &str) -> Vec<&str> {
    let mut records = Vec::new();
    for piece in Pieces::of_body(body.as_bytes()) {
        let record = match piece {
            Piece::Record(record) | Piece::Text(record) => record,
            Piece::Envelope { whole, .. } => whole,
            Piece::Broken(reason, example) => panic!("{reason}: {example:?} in {body}"),
        };
        records.push(std::str::from_utf8(record).unwrap());
    }
    records
}

proptest! {
    #[test]
    fn however_objects_follow_one_another_they_are_the_same(
        objects in proptest::collection::vec(any_object(), 0..6),
        separator in proptest::sample::select(&["", " ", "\n", "\r\n", ",", " ,\n"][..]),
        is_array: bool,
    ) {
        let mut body = objects.join(separator);
        if is_array {
            body = format!("[{}]", objects.join(","));
        }
        prop_assert_eq!(records(&body), objects);
    }

    #[test]
    fn wherever_a_body_is_cut_what_was_whole_counts(
        objects in proptest::collection::vec(any_object(), 1..6),
        is_array: bool,
        cut in 0.0f64..1.0,
    ) {
        let (start, separator) = if is_array { ("[", ",") } else { ("", "\n") };
        let body = format!("{start}{}", objects.join(separator));
        let mut at = (body.len() as f64 * cut) as usize;
        while !body.is_char_boundary(at) {
            at -= 1;
        }
        let mut whole = 0;
        let mut end = start.len();
        for object in &objects {
            end += object.len();
            whole += usize::from(end <= at);
            end += separator.len();
        }
        let is_whole = |piece: &Piece<'_>| !matches!(piece, Piece::Broken(..));
        let pieces: Vec<_> = Pieces::of_body(&body.as_bytes()[..at]).collect();
        let found: Vec<_> = pieces.iter().take_while(|piece| is_whole(piece)).collect();
        prop_assert!(found.len() >= whole, "{} of {whole} in {}", found.len(), &body[..at]);
        let is_cut = |piece: &&Piece<'_>| matches!(piece, Piece::Broken(RejectReason::CutOff, _));
        let cut = pieces.iter().filter(is_cut).count();
        prop_assert!(cut <= 1);
        if is_array && at > 0 {
            prop_assert_eq!(cut, 1);
        }
    }

    #[test]
    fn any_bytes_are_survived_and_no_piece_overlaps_another(
        bytes in proptest::collection::vec(
            prop_oneof![proptest::sample::select(&b"{}[]\",:\n\\ a1"[..]), any::<u8>()],
            0..300,
        ),
    ) {
        let mut total = 0;
        for piece in Pieces::of_body(&bytes) {
            total += match piece {
                Piece::Record(piece) | Piece::Text(piece) | Piece::Envelope { whole: piece, .. } => {
                    prop_assert!(!piece.is_empty());
                    piece.len()
                }
                Piece::Broken(_, piece) => piece.len(),
            };
        }
        prop_assert!(total <= bytes.len());
    }
}
