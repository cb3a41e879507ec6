//! Decoding before matching: percent-encoding once or twice, `+`, lower case. Bounded, and
//! lossy: what comes out is compared, never shown.

/// More of a text is not looked at.
const MAX_LENGTH: usize = 4096;

/// A text, ready to be compared.
pub(super) struct Decoded {
    /// Lower case, without percent-encoding; bytes that are no UTF-8 are `\u{fffd}`.
    pub(super) text: String,
}

/// Decodes a text, at most twice (scanners encode twice to slip past filters).
pub(super) fn decode(text: &str) -> Decoded {
    let bounded = &text[..text.floor_char_boundary(MAX_LENGTH)];
    let mut bytes = bounded.as_bytes().to_vec();
    for _ in 0..2 {
        if memchr::memchr(b'%', &bytes).is_none() {
            break;
        }
        decode_once(&mut bytes);
    }
    for byte in &mut bytes {
        *byte = match *byte {
            b'+' => b' ',
            b'\\' => b'/',
            other => other.to_ascii_lowercase(),
        };
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    Decoded { text }
}

fn decode_once(bytes: &mut Vec<u8>) {
    let (mut read, mut write) = (0, 0);
    while read < bytes.len() {
        let escape = match bytes[read..] {
            [b'%', high, low, ..] => hex(high).zip(hex(low)),
            _ => None,
        };
        bytes[write] = match escape {
            Some((high, low)) => {
                read += 2;
                high * 16 + low
            }
            None => bytes[read],
        };
        read += 1;
        write += 1;
    }
    bytes.truncate(write);
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Whether a parameter holds only letters, digits and the commonest marks, so that no payload
/// can be in it.
pub(super) fn is_plain(parameter: &str) -> bool {
    parameter.len() <= MAX_LENGTH
        && parameter
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_encoded_is_decoded_and_thrice_is_not() {
        assert_eq!(decode("%2E%2e/").text, "../");
        assert_eq!(decode("%252E%252e%252f").text, "../");
        assert_eq!(decode("%25252E").text, "%2e");
        assert_eq!(decode("a+b\\C%").text, "a b/c%");
        assert_eq!(decode("%ff").text, "\u{fffd}");
    }
}
