//! Addresses shown only in part, to callers whose role is to see no more: `203.0.113.x`,
//! `2001:db8:1::/48`. Done to the text of whatever is answered, wherever an address stands in it,
//! so that no route can forget to. Not in bodies that are no text: those are refused.
//!
//! What is asked for is held to the same: a parameter that names an address more exactly than it
//! would be shown is refused, since asking for one address after another would tell who is there.
//! Where an address is hidden in a text in another spelling (`203-0-113-7.example`) it is not found.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::BoxError;
use axum::body::Body;
use axum::response::Response;
use futures::{StreamExt, stream};
use http::header;
use shared::search::{Condition, Key, List, parse};

/// How much of an address is shown, in bits.
const V4_BITS: u8 = 24;
const V6_BITS: u8 = 48;

/// The longest text that can be an address with its length.
const LONGEST: usize = 64;

/// The longest text that can be an IPv6 address: one that ends like one of IPv4.
const LONGEST_V6: usize = 45;

/// What stands before a version of four numbers: of a browser, not an address.
const PRODUCTS: [&str; 8] = [
    "Chrome/",
    "Chromium/",
    "Edg/",
    "EdgA/",
    "EdgiOS/",
    "OPR/",
    "CriOS/",
    "Headless/",
];

/// The answer with every address masked.
pub(super) fn mask_response(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let chunks = body.into_data_stream();
    let masked = stream::unfold(Some((chunks, Masker::default())), |state| async move {
        let (mut chunks, mut masker) = state?;
        match chunks.next().await {
            Some(Ok(bytes)) => {
                let text = masker.push(&bytes);
                Some((Ok::<_, BoxError>(text), Some((chunks, masker))))
            }
            Some(Err(error)) => Some((Err(error.into()), None)),
            None => Some((Ok(masker.finish()), None)),
        }
    });
    // Whoever compresses may ask once more after the end.
    Response::from_parts(parts, Body::from_stream(masked.fuse()))
}

/// A text with every address masked.
pub(super) fn mask_text(text: &str) -> String {
    let mut masker = Masker::default();
    let mut masked = masker.push(text.as_bytes());
    masked.extend(masker.finish());
    String::from_utf8_lossy(&masked).into_owned()
}

/// Masks a text that comes in parts.
#[derive(Default)]
struct Masker {
    /// The end of what came, where an address may begin, and a little of what was before it.
    held: Vec<u8>,
    /// How much of `held` was given back already.
    done: usize,
}

impl Masker {
    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        // An address may go on in the next part.
        let tail = self.held.iter().rev().take(LONGEST);
        let open = tail.take_while(|byte| is_part(**byte)).count();
        let end = (self.held.len() - open).max(self.done);
        self.mask_until(end)
    }

    fn finish(mut self) -> Vec<u8> {
        self.mask_until(self.held.len())
    }

    fn mask_until(&mut self, end: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(end - self.done);
        let mut at = self.done;
        while at < end {
            if !is_part(self.held[at]) {
                out.push(self.held[at]);
                at += 1;
                continue;
            }
            let run = self.held[at..end]
                .iter()
                .take_while(|byte| is_part(**byte))
                .count();
            mask_run(&self.held[..at + run], at, &mut out);
            at += run;
        }
        // Kept for what stands before the next address.
        let keep = end.saturating_sub(16);
        self.held.drain(..keep);
        self.done = end - keep;
        out
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/')
}

/// Masks what `text` ends with: from `start` on only characters that addresses are made of.
fn mask_run(text: &[u8], start: usize, out: &mut Vec<u8>) {
    let mut at = start;
    while at < text.len() {
        let found = find_v6(text, at).or_else(|| find_v4(text, at));
        let length = match &found {
            Some((length, _)) => *length,
            // An escaped character (`%20`) is no part of an address that comes after it.
            None if text[..at].ends_with(b"%") => (text.len() - at).min(2),
            // Numbers that are no address together are none in part either.
            None if text[at].is_ascii_digit() => digits_and_dots(&text[at..]),
            None => 1,
        };
        match found {
            Some((_, masked)) => out.extend_from_slice(masked.as_bytes()),
            None => out.extend_from_slice(&text[at..at + length]),
        }
        at += length;
    }
}

fn digits_and_dots(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count()
}

/// Whether a word may begin at `at`: it goes on with none but an escaped character (`\n`, `%20`).
fn may_begin(text: &[u8], at: usize) -> bool {
    let before = &text[..at];
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let has = |back: usize, sign: u8| before.len() >= back && before[before.len() - back] == sign;
    !before.last().is_some_and(is_word) || has(2, b'\\') || has(3, b'%')
}

/// The length of a network (`/24`) with which `text` begins, and how many characters that is.
fn read_length(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.strip_prefix(b"/")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let bits = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    Some((bits, digits + 1))
}

/// The IPv6 address that begins at `at`: how long it is with the length of its network, and what
/// is shown of it.
fn find_v6(text: &[u8], at: usize) -> Option<(usize, String)> {
    if !may_begin(text, at) {
        return None;
    }
    let is_own = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(**byte, b':' | b'.');
    let longest = text[at..]
        .iter()
        .take(LONGEST_V6)
        .take_while(is_own)
        .count();
    // What comes after it may be made of the same characters: a port, the end of a sentence.
    let ends = (at + 2..=at + longest).rev();
    let mut ends = ends.filter(|end| !text.get(*end).is_some_and(u8::is_ascii_hexdigit));
    let (end, address) = ends.find_map(|end| {
        let candidate = std::str::from_utf8(&text[at..end]).ok()?;
        Some((end, candidate.parse::<Ipv6Addr>().ok()?))
    })?;
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some((end - at, masked_v4(mapped)));
    }
    let network = read_length(&text[end..]).filter(|(bits, _)| *bits <= 128);
    let whole = end - at + network.map_or(0, |(_, length)| length);
    let has_host_bits = |bits: u8| {
        u128::from(address)
            .checked_shl(u32::from(bits))
            .unwrap_or(0)
            != 0
    };
    if network.is_some_and(|(bits, _)| bits <= V6_BITS && !has_host_bits(bits)) {
        let shown = String::from_utf8_lossy(&text[at..at + whole]);
        return Some((whole, shown.into_owned()));
    }
    // Nobody's address, and what stands for none.
    if address.is_unspecified() && !is_object(&text[..at]) {
        return None;
    }
    let shown = Ipv6Addr::from(u128::from(address) & (u128::MAX << (128 - V6_BITS)));
    Some((whole, format!("{shown}/{V6_BITS}")))
}

/// The IPv4 address that begins at `at`: how long it is with the length of its network, and what
/// is shown of it.
fn find_v4(text: &[u8], at: usize) -> Option<(usize, String)> {
    let length = digits_and_dots(&text[at..]);
    let candidate = std::str::from_utf8(&text[at..at + length]).ok()?;
    let candidate = candidate.trim_end_matches('.');
    let address: Ipv4Addr = candidate.parse().ok()?;
    let before = &text[..at];
    if PRODUCTS
        .iter()
        .any(|product| before.ends_with(product.as_bytes()))
    {
        return None;
    }
    let own = candidate.len();
    let has_host_bits =
        |bits: u8| u32::from(address).checked_shl(u32::from(bits)).unwrap_or(0) != 0;
    Some(match read_length(&text[at + own..]) {
        Some((bits, length)) if bits <= V4_BITS && !has_host_bits(bits) => {
            let shown = String::from_utf8_lossy(&text[at..at + own + length]);
            (own + length, shown.into_owned())
        }
        Some((bits, length)) if bits <= 32 => (own + length, network_v4(address)),
        _ if is_object(before) => (own, network_v4(address)),
        // A path that goes on with a number.
        _ => (own, masked_v4(address)),
    })
}

fn masked_v4(address: Ipv4Addr) -> String {
    let [a, b, c, _] = address.octets();
    format!("{a}.{b}.{c}.x")
}

fn network_v4(address: Ipv4Addr) -> String {
    let [a, b, c, _] = address.octets();
    format!("{a}.{b}.{c}.0/{V4_BITS}")
}

/// Whether the object of a list entry comes next: that is a network, and stays one.
fn is_object(before: &[u8]) -> bool {
    before.ends_with(b"\"object\":\"")
}

/// Whether a parameter asks for more than is shown.
pub(super) fn asks_too_much(name: &str, value: &str) -> bool {
    let is_whole = |text: &str| mask_text(text) != text || text.parse::<IpAddr>().is_ok();
    let is_in_search = match name {
        // The values of a key are found by how they begin, one character after another.
        "key" => value.parse::<Key>() == Ok(Key::Address),
        // A search says the same in many ways: with quotes, and with `\` before any character.
        "q" => [List::Attacks, List::Sessions]
            .into_iter()
            .filter_map(|list| parse(list, value).ok())
            .flat_map(|query| query.terms)
            .any(|term| match &term.condition {
                Condition::Address(asked) => !is_shown(asked.bounds()),
                other => is_whole(&other.value()),
            }),
        _ => false,
    };
    is_in_search || is_whole(value)
}

/// Whether addresses from the one to the other, as IPv6, are nothing but whole networks of those
/// that are shown.
fn is_shown((first, last): (u128, u128)) -> bool {
    let is_v4 = [first, last].iter().all(|bound| bound >> 32 == 0xffff);
    let host_bits = match is_v4 {
        true => 32 - V4_BITS,
        false => 128 - V6_BITS,
    };
    let hosts: u128 = (1 << host_bits) - 1;
    first & hosts == 0 && last & hosts == hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_in_part_wherever_they_stand() {
        for (text, masked) in [
            ("203.0.113.7", "203.0.113.x"),
            (r#"{"ip":"203.0.113.7"}"#, r#"{"ip":"203.0.113.x"}"#),
            (
                "a,203.0.113.7,b\r\n203.0.113.8",
                "a,203.0.113.x,b\r\n203.0.113.x",
            ),
            ("203.0.113.7:8080", "203.0.113.x:8080"),
            ("203.0.113.7-203.0.113.9", "203.0.113.x-203.0.113.x"),
            ("203.0.113.7/32", "203.0.113.0/24"),
            ("203.0.113.128/25", "203.0.113.0/24"),
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("203.0.113.7/8", "203.0.113.0/24"),
            ("2001:db8::7/32", "2001:db8::/48"),
            ("/lookup/203.0.113.7/7", "/lookup/203.0.113.0/24"),
            ("/lookup/203.0.113.7/orders", "/lookup/203.0.113.x/orders"),
            (r"x\n203.0.113.7", r"x\n203.0.113.x"),
            ("2001:db8:1:2::7", "2001:db8:1::/48"),
            (r#""2001:db8:1:2::7""#, r#""2001:db8:1::/48""#),
            ("2001:db8:1:2::/64", "2001:db8:1::/48"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("[2001:db8:1::7]:443", "[2001:db8:1::/48]:443"),
            ("::ffff:203.0.113.7", "203.0.113.x"),
            (r"\n2001:db8:1:2::7", r"\n2001:db8:1::/48"),
            ("ip:2001:db8:1:2::7", "ip:2001:db8:1::/48"),
            ("/lookup/2001:db8:1:2::7", "/lookup/2001:db8:1::/48"),
            ("2001:db8:1:2:3:4:5:6:443", "2001:db8:1::/48:443"),
            ("from 2001:db8:1::7.", "from 2001:db8:1::/48."),
            ("?q=%22203.0.113.7%22", "?q=%22203.0.113.x%22"),
            ("%5B2001:db8:1:2::7%5D", "%5B2001:db8:1::/48%5D"),
            (r#""object":"203.0.113.7""#, r#""object":"203.0.113.0/24""#),
            (r#""object":"2001:db8::7""#, r#""object":"2001:db8::/48""#),
        ] {
            assert_eq!(mask_text(text), masked);
        }
    }

    #[test]
    fn what_is_no_address_stays() {
        for text in [
            "2026-11-26T10:00:00Z",
            "10:00:00.123",
            "Mozilla/5.0 (X11) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
            "std::fmt",
            "1.2.3",
            "1.2.3.4567",
            "deadbeef00000051",
            "https://shop.example:8080/a/b",
            "",
        ] {
            assert_eq!(mask_text(text), text);
        }
    }

    #[test]
    fn parts_are_masked_like_the_whole() {
        let text = r#"[{"ip":"203.0.113.77","at":"2026-11-26T10:00:00Z"},"2001:db8:1:2::7"]"#;
        let whole = mask_text(text);
        for size in 1..text.len() {
            let mut masker = Masker::default();
            let mut masked = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                masked.extend(masker.push(chunk));
            }
            masked.extend(masker.finish());
            assert_eq!(String::from_utf8(masked).unwrap(), whole, "{size}");
        }
    }

    #[test]
    fn what_names_an_address_asks_too_much_and_a_network_does_not() {
        for value in [
            "203.0.113.7",
            "ip:203.0.113.7",
            "ip:203.0.113.0-203.0.113.9",
            "ip:203.0.113.128/25",
            "!ip:203.0.113.7 today",
            "2001:db8:1:2::/64",
            "::1",
            "url:\"*203.0.113.7*\"",
            r"ip:203.0.113\.7",
            r"url:*203\.0.113.7*",
            "ip:2001:db8:1:2::7",
            "!ip:2001:db8:1:2::-2001:db8:1:2::ff",
            "ip:2001:db8:1:2::/64",
        ] {
            assert!(asks_too_much("q", value), "{value}");
        }
        for value in [
            "",
            "ip:203.0.113.0/24",
            "ip:203.0.",
            "ip:100+",
            "last 3 days",
            "2026-11-07 09:00-12:00",
            "2001:db8::/32",
            "ip:2001:db8::/32",
            "ua:Chrome/120.0.0.0",
        ] {
            assert!(!asks_too_much("q", value), "{value}");
        }
        for key in ["ip", "IP", "Ip"] {
            assert!(asks_too_much("key", key), "{key}");
        }
        assert!(!asks_too_much("key", "domain"));
    }
}
