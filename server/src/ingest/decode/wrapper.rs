//! What collectors of logs put around a line: syslog (old and new), containerd, docker
//! compose. One step before any format, so that each can be inside each. JSON around a line is
//! unpacked where JSON is read.

/// How many wrappers may be around each other.
const MAX_LAYERS: usize = 3;

/// The longest name of a compose service, in bytes.
const MAX_SERVICE: usize = 64;

/// `line` without what is around it.
pub(super) fn unwrap(line: &[u8]) -> &[u8] {
    let mut inner = line.trim_ascii_start();
    for _ in 0..MAX_LAYERS {
        // Most lines begin with an address: they cost but this look at their first byte.
        let unwrapped = match inner {
            [b'<', ..] => strip_priority(inner),
            [b'A'..=b'Z', ..] => strip_old_syslog(inner).or_else(|| strip_service(inner)),
            [b'a'..=b'z' | b'_', ..] => strip_service(inner),
            [b'0'..=b'9', _, _, _, b'-', ..] => strip_moment(inner),
            _ => None,
        };
        match unwrapped {
            Some(unwrapped) => inner = unwrapped.trim_ascii_start(),
            None => break,
        }
    }
    inner
}

/// `<34>` and, in the newer syslog, `1 2026-03-01T10:00:00Z host program 12 - - `.
fn strip_priority(line: &[u8]) -> Option<&[u8]> {
    let (priority, rest) = split_at(&line[1..], b'>')?;
    if priority.is_empty() || priority.len() > 3 || !priority.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let Some(mut rest) = rest.strip_prefix(b"1 ") else {
        return Some(rest);
    };
    for _ in 0..5 {
        rest = split_at(rest, b' ')?.1;
    }
    let message = match rest {
        [b'-', message @ ..] => message,
        [b'[', ..] => &rest[find_data_end(rest)?..],
        _ => return None,
    };
    let message = message.trim_ascii_start();
    Some(message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message))
}

/// Where `[id name="value"][…]` ends.
fn find_data_end(text: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'"' => is_quoted = !is_quoted,
            b']' if !is_quoted && text.get(at + 1) != Some(&b'[') => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// `Mar  1 10:00:00 host program[12]: `.
fn strip_old_syslog(line: &[u8]) -> Option<&[u8]> {
    let (head, rest) = line.split_at_checked(16)?;
    let [
        _,
        _,
        _,
        b' ',
        _,
        day,
        b' ',
        _,
        _,
        b':',
        _,
        _,
        b':',
        _,
        _,
        b' ',
    ] = head
    else {
        return None;
    };
    if !day.is_ascii_digit() {
        return None;
    }
    strip_sender(rest)
}

/// `2026-03-01T10:00:00.123+01:00 `, then `stdout F ` of containerd or the sender of syslog.
fn strip_moment(line: &[u8]) -> Option<&[u8]> {
    let (moment, rest) = split_at(line, b' ')?;
    if moment.len() < 20 || moment.get(10) != Some(&b'T') || moment.get(13) != Some(&b':') {
        return None;
    }
    match rest {
        [
            b's',
            b't',
            b'd',
            b'o',
            b'u',
            b't',
            b' ',
            b'F' | b'P',
            b' ',
            message @ ..,
        ]
        | [
            b's',
            b't',
            b'd',
            b'e',
            b'r',
            b'r',
            b' ',
            b'F' | b'P',
            b' ',
            message @ ..,
        ] => Some(message),
        _ => strip_sender(rest),
    }
}

/// `host program[12]: ` or `program: `; or a host alone, if an object follows.
fn strip_sender(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    for _ in 0..2 {
        let (word, after) = split_at(rest, b' ')?;
        if word.ends_with(b":") {
            return Some(after);
        }
        rest = after.trim_ascii_start();
        if rest.starts_with(b"{") {
            return Some(rest);
        }
    }
    None
}

/// `service-1  | ` of docker compose.
fn strip_service(line: &[u8]) -> Option<&[u8]> {
    let head = &line[..line.len().min(MAX_SERVICE)];
    let at = memchr::memchr(b'|', head)?;
    let service = head[..at].strip_suffix(b" ")?.trim_ascii_end();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let rest = &line[at + 1..];
    (service.iter().all(is_name) && rest.starts_with(b" ")).then_some(rest)
}

/// What stands before the first `byte`, and after it.
fn split_at(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, text)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let inner = unwrap(line.as_bytes());
        assert_eq!(std::str::from_utf8(inner).unwrap(), expected, "{line}");
    }

    #[test]
    fn what_is_around_a_line_is_taken_away() {
        for wrapper in [
            "",
            "  ",
            "Mar  1 10:00:00 web-1.internal nginx[12]: ",
            "Mar 11 10:00:00 nginx: ",
            "<190>Mar  1 10:00:00 web-1 nginx: ",
            "<34>1 2026-03-01T10:00:00.003Z web-1 nginx 12 ID47 - ",
            "<34>1 2026-03-01T10:00:00Z web-1 nginx - - [a@1 b=\"c]\\\"\"][d] \u{feff}",
            "2026-03-01T10:00:00.613304+00:00 web-1 nginx[12]: ",
            "2026-03-01T10:00:00.000000100+01:00 stdout F ",
            "2026-03-01T10:00:00Z stderr F ",
            "web-1  | ",
            "caddy | 2026-03-01T10:00:00Z stdout F Mar  1 10:00:00 nginx: ",
        ] {
            for line in [
                "192.0.2.7 - - [x] \"GET / HTTP/1.1\" 200 1",
                "{\"a\":1}",
                "shop.example.com:443 192.0.2.7 - -",
                "[2026-03-01T10:00:00Z] \"GET\"",
            ] {
                check(&format!("{wrapper}{line}"), line);
            }
        }
        check(
            "2026-03-01T10:00:00Z 192.0.2.1  { \"a\": 1 }",
            "{ \"a\": 1 }",
        );
        check("Mar  1 10:00:00 web-1 {}", "{}");
    }

    #[test]
    fn a_line_of_its_own_stays_whole() {
        for line in [
            "",
            "<a> b",
            "2026-03-01 10:00:00 10.0.0.1 GET /",
            "2026-03-01T10:00:00.250641Z shop 203.0.113.9:2817 10.0.0.1:80 0.1",
            "http 2026-03-01T10:00:00.250641Z app/shop/50dc 203.0.113.9:2817",
            "Marshmallow.example 192.0.2.7 - - [x] \"GET /a|b\"",
            "a|b",
            "shop.example.com 192.0.2.7 - a | b [x]",
        ] {
            check(line, line);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let inner = unwrap(&bytes);
            prop_assert!(bytes.ends_with(inner));
        }

        #[test]
        fn any_text_like_a_wrapper_is_survived(
            text in "(<[0-9]{1,4}>)?(1 )?(Mar  1 10:00:00 |2026-03-01T10:00:00Z |a \\| )?[ a-z:\\[\\]\"{|-]{0,30}",
        ) {
            let inner = unwrap(text.as_bytes());
            prop_assert!(text.as_bytes().ends_with(inner));
        }
    }
}
