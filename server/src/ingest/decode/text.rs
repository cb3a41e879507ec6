//! Lines of text cut into pieces: words, fields in quotes, the text up to what must follow.
//! Not what a piece means.

use std::borrow::Cow;

/// `bytes` as text; invalid UTF-8 becomes replacement characters.
pub(super) fn repair(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The next word and what follows it.
pub(super) fn next_token(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = memchr::memchr(b' ', text).unwrap_or(text.len());
    text.split_at(end)
}

/// The next field in quotes, and what follows it.
pub(super) fn next_quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start().strip_prefix(b"\"")?;
    split_quoted(text, |rest| matches!(rest, [] | [b' ' | b'\t', ..]))
}

/// Splits `text` at the first quote that is not escaped and whose successors `is_end` accepts.
pub(super) fn split_quoted(text: &[u8], is_end: impl Fn(&[u8]) -> bool) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', &text[from..])?;
        if text[at] == b'\\' {
            from = (at + 2).min(text.len());
        } else if is_end(&text[at + 1..]) {
            return Some((&text[..at], &text[at + 1..]));
        } else {
            from = at + 1;
        }
    }
}
