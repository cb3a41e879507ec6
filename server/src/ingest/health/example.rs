//! An example of what was rejected, fit to be shown to whoever looks after the traffic: short, and
//! without the values of secrets. It was not decoded, so the names of secrets are looked for as
//! they stand in queries, headers and JSON.

use crate::ingest::normalize::is_secret_name;

/// The longest example, in characters.
const MAX_CHARS: usize = 200;

/// What stands in place of a secret.
const HIDDEN: char = '…';

/// The beginning of `text` with every value of a secret's name hidden.
pub(super) fn without_secrets(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, after) = rest.split_at(at + 1);
        shown.push_str(before);
        rest = after;
        if is_secret_name(last_name(&before[..at])) {
            let opening = rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len();
            let (opening, value) = rest.split_at(opening);
            let ends = value.find(['&', '"', '\'', ';', ',', '}', '\\']);
            // The value of a header may have words: `Authorization: Bearer …`.
            let ends = ends.unwrap_or(value.len());
            if ends > 0 {
                shown.push_str(opening);
                shown.push(HIDDEN);
                rest = &value[ends..];
            }
        }
    }
    shown.push_str(rest);
    match shown.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => {
            shown.truncate(end);
            shown.push('…');
            shown
        }
        None => shown,
    }
}

/// The name that a text ends with.
fn last_name(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '"', '\'', '\\']);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '%');
    let start = text.char_indices().rev().find(|(_, c)| !is_part(*c));
    start.map_or(text, |(at, c)| &text[at + c.len_utf8()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secrets_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            (
                "GET /in?user=ann&password=hunter2&x=1",
                "GET /in?user=ann&password=…&x=1",
            ),
            (
                r#"{"user":"ann","password":"hunter2"}"#,
                r#"{"user":"ann","password":"…"}"#,
            ),
            (
                r#"{\"api_key\": \"k\",\"a\":1"#,
                r#"{\"api_key\": \"…\",\"a\":1"#,
            ),
            ("authorization: Bearer abc", "authorization: …"),
            ("cookie: a=1; token=abc; b=2", "cookie: a=1; token=…; b=2"),
            (
                "2026-11-26T10:00:00Z level=info",
                "2026-11-26T10:00:00Z level=info",
            ),
            ("password=", "password="),
            ("", ""),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }

    #[test]
    fn an_example_is_short_and_whole_characters() {
        let shown = without_secrets(&"ä=".repeat(5_000));
        assert_eq!(shown.chars().count(), MAX_CHARS + 1);
    }
}
