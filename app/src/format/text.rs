//! Hostile text made visible. Everything from a log is rendered as text; this keeps it from
//! hiding or reordering anything as text too.

use std::borrow::Cow;

/// `text` with control characters, and characters that reorder or hide text, made visible.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match u32::from(character) {
            code @ 0..=0x1f => shown.extend(char::from_u32(0x2400 + code)),
            0x7f => shown.push('\u{2421}'),
            code if is_deceptive(character) => {
                shown.push_str(&format!("\u{27e8}U+{code:04X}\u{27e9}"));
            }
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// `text` in lower case; the browser knows the letters, so that their tables stay out of the WASM.
pub fn lower(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_lowercase();
}

fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(visible("/wp-login.php?a=ü"), "/wp-login.php?a=ü");
    }

    #[test]
    fn what_would_hide_or_reorder_text_is_shown() {
        assert_eq!(visible("a\n\u{1b}[31mb"), "a␊␛[31mb");
        assert_eq!(visible("exe.\u{202e}gpj"), "exe.⟨U+202E⟩gpj");
        assert_eq!(visible("\u{7f}\u{85}"), "␡⟨U+0085⟩");
    }
}
