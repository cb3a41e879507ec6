//! Bytes of a log field to a text that is safe to show: valid UTF-8, no control characters,
//! bounded. What cannot be shown is spelled `\xHH`, as web servers do.

/// How the log wrote bytes that it could not write as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// As they are.
    None,
    /// `\"`, `\\`, `\n`, `\t`, `\xHH`: Apache and nginx.
    Backslash,
}

/// `bytes` as a text of at most `limit` bytes. `scratch` is used only where something must be
/// rewritten; otherwise the result borrows from `bytes`.
pub(super) fn clean<'a>(
    bytes: &'a [u8],
    escapes: Escapes,
    limit: usize,
    scratch: &'a mut String,
) -> &'a str {
    if is_plain(bytes) {
        let text = std::str::from_utf8(bytes).expect("plain bytes are ASCII");
        return &text[..text.len().min(limit)];
    }
    scratch.clear();
    match escapes {
        Escapes::Backslash if memchr::memchr(b'\\', bytes).is_some() => {
            push_visible(&unescape(bytes), limit, scratch);
        }
        Escapes::None | Escapes::Backslash => push_visible(bytes, limit, scratch),
    }
    scratch
}

/// Whether all bytes are printable ASCII without a backslash.
fn is_plain(bytes: &[u8]) -> bool {
    // No early exit: this way the loop is turned into vector instructions.
    bytes.iter().fold(true, |plain, byte| {
        plain & (0x20..0x7f).contains(byte) & (*byte != b'\\')
    })
}

/// Undoes backslash escapes. One that names a control character stays as it is, and so does
/// one that is unknown.
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (decoded, length) = match rest {
            [_, b'x' | b'X', high, low, ..] => (hex_pair(*high, *low), 4),
            [_, quoted @ (b'"' | b'\\' | b'\'' | b'/'), ..] => (Some(*quoted), 2),
            _ => (None, 1),
        };
        match decoded {
            Some(byte) if byte >= 0x20 && byte != 0x7f => {
                plain.push(byte);
                rest = &rest[length..];
            }
            _ => {
                plain.push(b'\\');
                rest = &rest[1..];
            }
        }
    }
    plain.extend_from_slice(rest);
    plain
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

fn push_visible(bytes: &[u8], limit: usize, text: &mut String) {
    // Four bytes suffice for the longest character and for `\xHH`.
    let mut push = |character: &str| {
        let fits = text.len() + character.len() <= limit;
        if fits {
            text.push_str(character);
        }
        fits
    };
    let mut encoded = [0; 4];
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let fits = if character.is_control() {
                push(&hex_escapes(character.encode_utf8(&mut encoded).as_bytes()))
            } else {
                push(character.encode_utf8(&mut encoded))
            };
            if !fits {
                return;
            }
        }
        if !chunk.invalid().is_empty() && !push(&hex_escapes(chunk.invalid())) {
            return;
        }
    }
}

fn hex_escapes(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 4);
    for byte in bytes {
        write!(text, "\\x{byte:02X}").expect("writing to a string does not fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(bytes: &[u8], escapes: Escapes, expected: &str) {
        assert_eq!(clean(bytes, escapes, 100, &mut String::new()), expected);
    }

    #[test]
    fn escapes_of_printable_characters_are_undone() {
        check(
            br#"a \"b\" \x22c\x22 \\d"#,
            Escapes::Backslash,
            r#"a "b" "c" \d"#,
        );
        check(br"\xE3\x81\x82", Escapes::Backslash, "あ");
        check(br"a\b \x4", Escapes::Backslash, r"a\b \x4");
    }

    #[test]
    fn what_cannot_be_shown_is_spelled() {
        check(br"\x16\x03\x01", Escapes::Backslash, r"\x16\x03\x01");
        check(b"\x16\x03\x01", Escapes::None, r"\x16\x03\x01");
        check(b"caf\xe9 \xc3\xa9", Escapes::None, r"caf\xE9 é");
        check(br"\xC0\xAF", Escapes::Backslash, r"\xC0\xAF");
    }

    #[test]
    fn a_backslash_of_a_format_without_escapes_stays() {
        check(br"\x22", Escapes::None, r"\x22");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let mut scratch = String::new();
        assert_eq!(
            clean("ééé".as_bytes(), Escapes::None, 5, &mut scratch),
            "éé"
        );
        assert_eq!(clean(b"abc", Escapes::None, 2, &mut scratch), "ab");
    }

    proptest! {
        #[test]
        fn any_bytes_become_a_bounded_text_without_control_characters(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            limit in 0usize..100,
        ) {
            for escapes in [Escapes::None, Escapes::Backslash] {
                let mut scratch = String::new();
                let text = clean(&bytes, escapes, limit, &mut scratch);
                prop_assert!(text.len() <= limit);
                prop_assert!(!text.chars().any(char::is_control));
            }
        }
    }
}
