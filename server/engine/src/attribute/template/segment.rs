//! One segment of a path: safe decoding, writing back, and which placeholder it becomes. Not
//! how segments relate (dates over three segments, static files): see the parent.

use std::borrow::Cow;

/// The placeholders there are. A segment that already is one is left alone.
const PLACEHOLDERS: [&str; 11] = [
    "{id}",
    "{uuid}",
    "{hash}",
    "{token}",
    "{email}",
    "{date}",
    "{year}",
    "{month}",
    "{day}",
    "{text}",
    "{malformed}",
];

/// Decodes the escapes of a segment once. A `%` that begins no escape stands for itself.
pub(super) fn decode(segment: &str) -> Cow<'_, [u8]> {
    let bytes = segment.as_bytes();
    let Some(first) = memchr::memchr(b'%', bytes) else {
        return Cow::Borrowed(bytes);
    };
    let mut decoded = bytes[..first].to_vec();
    let mut rest = &bytes[first..];
    while let Some((byte, tail)) = rest.split_first() {
        if let (b'%', [high, low, tail @ ..]) = (byte, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            decoded.push(high * 16 + low);
            rest = tail;
        } else {
            decoded.push(*byte);
            rest = tail;
        }
    }
    Cow::Owned(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Writes a decoded segment as its placeholder, or else so that decoding gives it back:
/// letters, digits and harmless marks as they are, everything else escaped.
pub(super) fn write_segment(decoded: &[u8], out: &mut String) {
    if let Some(known) = PLACEHOLDERS.iter().find(|p| p.as_bytes() == decoded) {
        out.push_str(known);
        return;
    }
    let (stem, extension) = split_extension(decoded);
    if let Some(placeholder) = placeholder(decoded) {
        out.push_str(placeholder);
        return;
    }
    let folded_stem = PLACEHOLDERS.iter().copied().find(|p| p.as_bytes() == stem);
    if let Some(extension) = extension
        && let Some(placeholder) = folded_stem.or_else(|| placeholder(stem))
    {
        out.push_str(placeholder);
        out.push('.');
        write_escaped(extension, out);
        return;
    }
    write_escaped(decoded, out);
}

fn write_escaped(decoded: &[u8], out: &mut String) {
    let text = std::str::from_utf8(decoded).ok();
    // Bytes beyond ASCII are written as they are only if all are valid together: otherwise
    // writing some could make others valid, and folding again would give something else.
    for (index, byte) in decoded.iter().enumerate() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(char::from(*byte)),
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b'+' | b','
            | b'=' | b':' | b'@' | b'&' => out.push(char::from(*byte)),
            0x80.. if text.is_some() => {
                let text = text.expect("just checked");
                if let Some(character) = text.get(index..).and_then(|rest| rest.chars().next()) {
                    write_character(character, out);
                }
            }
            _ => write_escape(*byte, out),
        }
    }
}

/// Letters of any language read better unescaped; marks and controls can deceive.
fn write_character(character: char, out: &mut String) {
    if character.is_alphanumeric() {
        out.push(character);
    } else {
        let mut buffer = [0; 4];
        for byte in character.encode_utf8(&mut buffer).bytes() {
            write_escape(byte, out);
        }
    }
}

fn write_escape(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// Stem and extension: one to five letters or digits, at least one letter.
fn split_extension(segment: &[u8]) -> (&[u8], Option<&[u8]>) {
    if let Some(dot) = memchr::memrchr(b'.', segment)
        && dot > 0
    {
        let extension = &segment[dot + 1..];
        let is_extension = (1..=5).contains(&extension.len())
            && extension.iter().all(u8::is_ascii_alphanumeric)
            && extension.iter().any(u8::is_ascii_alphabetic);
        if is_extension {
            return (&segment[..dot], Some(extension));
        }
    }
    (segment, None)
}

/// The placeholder for a decoded segment; `None` for a name.
pub(super) fn placeholder(segment: &[u8]) -> Option<&'static str> {
    if !segment.iter().any(u8::is_ascii_digit) {
        return is_email(segment)
            .then_some("{email}")
            .or_else(|| is_random(segment).then_some("{token}"));
    }
    if is_date(segment) {
        Some("{date}")
    } else if is_number(segment) {
        Some("{id}")
    } else if is_uuid(segment) {
        Some("{uuid}")
    } else if is_hash(segment) {
        Some("{hash}")
    } else if is_email(segment) {
        Some("{email}")
    } else if is_web_token(segment) || is_random(segment) {
        Some("{token}")
    } else {
        None
    }
}

/// Digits, perhaps with a sign. `1.12.4` is a version and stays.
fn is_number(segment: &[u8]) -> bool {
    let digits = segment.strip_prefix(b"-").unwrap_or(segment);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// `2015-08-10`, `2015_08_10`, `20150810`, `2015-08`.
fn is_date(segment: &[u8]) -> bool {
    let is_separator = |b: u8| matches!(b, b'-' | b'_' | b'.');
    let (year, month, day) = match *segment {
        [a, b, c, d, s, m, n, t, x, y] if is_separator(s) && s == t => {
            ([a, b, c, d], [m, n], [x, y])
        }
        [a, b, c, d, m, n, x, y] if segment.iter().all(u8::is_ascii_digit) => {
            ([a, b, c, d], [m, n], [x, y])
        }
        [a, b, c, d, b'-', m, n] => ([a, b, c, d], [m, n], *b"01"),
        _ => return false,
    };
    let year = super::number(&year);
    year.is_some_and(|year| (1900..=2099).contains(&year))
        && super::is_within(&month, 12)
        && super::is_within(&day, 31)
}

fn is_uuid(segment: &[u8]) -> bool {
    let bare = segment
        .strip_prefix(b"{")
        .and_then(|inner| inner.strip_suffix(b"}"))
        .unwrap_or(segment);
    bare.len() == 36
        && bare.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Hexadecimal, at least 8 long, with letters and at least a quarter digits: `deadbeef` and
/// `facade` are words, `9fceb02d` is not.
fn is_hash(segment: &[u8]) -> bool {
    let digits = segment.iter().filter(|b| b.is_ascii_digit()).count();
    segment.len() >= 8
        && segment.iter().all(u8::is_ascii_hexdigit)
        && digits < segment.len()
        && digits * 4 >= segment.len()
}

fn is_email(segment: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', segment) else {
        return false;
    };
    let (name, domain) = (&segment[..at], &segment[at + 1..]);
    let is_domain_byte = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    !name.is_empty()
        && name.len() <= 64
        && domain.len() <= 255
        && domain.iter().all(is_domain_byte)
        && memchr::memchr(b'.', domain).is_some_and(|dot| dot > 0 && dot + 2 < domain.len())
}

/// A JSON web token, or at least its beginning (`{"` in base64 is `eyJ`).
fn is_web_token(segment: &[u8]) -> bool {
    segment.len() >= 20 && segment.starts_with(b"eyJ")
}

/// Whether a segment looks drawn at random: its kinds of character (lower, upper, digit)
/// change far more often than in words, camel case or a slug with a year in it.
fn is_random(segment: &[u8]) -> bool {
    let mut longest: &[u8] = &[];
    for part in segment.split(|b| matches!(b, b'-' | b'_' | b'.' | b'=' | b'~' | b'+')) {
        if !part.iter().all(u8::is_ascii_alphanumeric) {
            return false;
        }
        if part.len() > longest.len() {
            longest = part;
        }
    }
    if longest.len() < 10 || longest.len() * 2 < segment.len() {
        return false;
    }
    let kind = |b: u8| match b {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    };
    let changes = longest
        .windows(2)
        .filter(|pair| kind(pair[0]) != kind(pair[1]))
        .count();
    let steps = longest.len() - 1;
    let has = |is: fn(&u8) -> bool| longest.iter().any(is);
    let has_digit = has(u8::is_ascii_digit);
    let one_case = !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase));
    // Camel case changes twice a word: 0.4 per step for words of five letters.
    let tenths = match longest.len() {
        20.. if has_digit && one_case => 3,
        16.. if has_digit => 4,
        _ if has_digit => 5,
        16.. => 5,
        _ => return false,
    };
    changes * 10 >= steps * tenths
}
