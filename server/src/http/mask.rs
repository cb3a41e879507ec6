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

/// How much of an address is shown, in bits.
const V4_BITS: u8 = 24;
const V6_BITS: u8 = 48;

/// The longest text that can be an address with its length.
const LONGEST: usize = 64;

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
            mask_run(&self.held[..at], &self.held[at..at + run], &mut out);
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

/// Masks a run of characters that addresses are made of.
fn mask_run(before: &[u8], run: &[u8], out: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(run);
    if let Some(masked) = mask_v6(before, &text) {
        out.extend_from_slice(masked.as_bytes());
        return;
    }
    let mut rest: &str = &text;
    while let Some((start, length, masked)) =
        find_v4(before, &text[..text.len() - rest.len()], rest)
    {
        out.extend_from_slice(&rest.as_bytes()[..start]);
        out.extend_from_slice(masked.as_bytes());
        rest = &rest[start + length..];
    }
    out.extend_from_slice(rest.as_bytes());
}

/// The whole run as an IPv6 address, or one with a port or the length of a network.
fn mask_v6(before: &[u8], run: &str) -> Option<String> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let is_escape = before.len() >= 2 && before[before.len() - 2] == b'\\';
    if before.last().is_some_and(is_word) && !is_escape {
        return None;
    }
    let trimmed = run.trim_end_matches(['.', ':', '/']);
    let trimmed = if run.starts_with(&format!("{trimmed}::")) {
        &run[..trimmed.len() + 2]
    } else {
        trimmed
    };
    let (address, suffix) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    let parsed: Ipv6Addr = address.parse().ok()?;
    let rest = &run[trimmed.len()..];
    if let Some(mapped) = parsed.to_ipv4_mapped() {
        return Some(format!("{}{rest}", masked_v4(mapped)));
    }
    let bits: Option<u8> = suffix.parse().ok();
    let has_host_bits =
        |bits: u8| u128::from(parsed).checked_shl(u32::from(bits)).unwrap_or(0) != 0;
    if bits.is_some_and(|bits| bits <= V6_BITS && !has_host_bits(bits)) {
        return Some(run.to_owned());
    }
    let object = is_object(before);
    // Nobody's address, and what stands for none.
    if parsed.is_unspecified() && !object {
        return None;
    }
    let network = Ipv6Addr::from(u128::from(parsed) & (u128::MAX << (128 - V6_BITS)));
    Some(format!("{network}/{V6_BITS}{rest}"))
}

/// The first IPv4 address in `rest`, which comes after `earlier` of the same run: where it
/// begins, how long it is with the length of its network, and what is shown of it.
fn find_v4(before: &[u8], earlier: &str, rest: &str) -> Option<(usize, usize, String)> {
    let bytes = rest.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        if !bytes[start].is_ascii_digit() {
            start += 1;
            continue;
        }
        let length = bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
            .count();
        let candidate = rest[start..start + length].trim_end_matches('.');
        let Ok(address) = candidate.parse::<Ipv4Addr>() else {
            start += length;
            continue;
        };
        let lead = [before, earlier.as_bytes(), &bytes[..start]].concat();
        if PRODUCTS
            .iter()
            .any(|product| lead.ends_with(product.as_bytes()))
        {
            start += length;
            continue;
        }
        let after = &rest[start + candidate.len()..];
        let suffix = after.strip_prefix('/').map(|after| {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            &after[..digits]
        });
        let suffix = suffix.filter(|digits| !digits.is_empty());
        let bits: Option<u8> = suffix.and_then(|digits| digits.parse().ok());
        let whole = candidate.len() + suffix.map_or(0, |digits| digits.len() + 1);
        let has_host_bits =
            |bits: u8| u32::from(address).checked_shl(u32::from(bits)).unwrap_or(0) != 0;
        let masked = match bits {
            Some(bits) if bits <= V4_BITS && !has_host_bits(bits) => {
                rest[start..start + whole].to_owned()
            }
            Some(bits) if bits <= 32 => network_v4(address),
            _ if is_object(&lead) => network_v4(address),
            // A path that goes on with a number.
            _ => {
                return Some((start, candidate.len(), masked_v4(address)));
            }
        };
        return Some((start, whole, masked));
    }
    None
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
    // The values of a key are found by how they begin, one character after another.
    (name == "key" && matches!(value, "ip" | "IP"))
        || mask_text(value) != *value
        || value.parse::<IpAddr>().is_ok()
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
        ] {
            assert!(!asks_too_much("q", value), "{value}");
        }
        assert!(asks_too_much("key", "ip") && !asks_too_much("key", "domain"));
    }
}
