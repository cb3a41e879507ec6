//! Source addresses as logs write them. Not what is known about an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use engine::Address;

/// The address in `text`: `192.0.2.7`, `192.0.2.7:8080`, `2001:db8::1`, `[2001:db8::1]:8080`,
/// with or without a zone. `None` if it is none.
#[must_use]
pub fn decode_address(text: &[u8]) -> Option<Address> {
    let text = text.trim_ascii();
    if let Some(address) = decode_v4(text) {
        return Some(address);
    }
    let text = std::str::from_utf8(text).ok()?;
    let bare = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?.0,
        None => text,
    };
    let bare = bare
        .split_once('%')
        .map_or(bare, |(address, _zone)| address);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Some(Address(u128::from(address)));
    }
    let (bare, port) = bare.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    decode_v4(bare.as_bytes())
}

/// Four decimal numbers and three dots, by hand: every line of a log has one.
fn decode_v4(text: &[u8]) -> Option<Address> {
    if text.len() > 15 {
        return None;
    }
    let (mut value, mut octet, mut digits, mut dots) = (0u32, 0u32, 0, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' if digits < 3 => {
                octet = octet * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && octet < 256 && dots < 3 => {
                value = value << 8 | octet;
                (octet, digits, dots) = (0, 0, dots + 1);
            }
            _ => return None,
        }
    }
    (dots == 3 && digits > 0 && octet < 256)
        .then(|| Address::from(IpAddr::V4(Ipv4Addr::from(value << 8 | octet))))
}

/// Who a proxy of one's own forwarded for: the last address of `X-Forwarded-For` that is not
/// itself inside, because everything to its left is the sender's own claim; the first one where
/// all of them are inside. `peer` is where the connection came from; if it is public, the header
/// is not believed at all.
#[must_use]
pub fn find_forwarded_source(peer: Option<Address>, forwarded: &[u8]) -> Option<Address> {
    if peer.is_some_and(|peer| !is_inside(peer)) {
        return None;
    }
    let mut furthest = None;
    let hops = forwarded.rsplit(|byte| *byte == b',');
    for address in hops.map_while(decode_address) {
        furthest = Some(address);
        if !is_inside(address) {
            break;
        }
    }
    furthest
}

/// Whether an address is never that of a stranger: private, loopback, link-local.
fn is_inside(address: Address) -> bool {
    match IpAddr::from(address) {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = decode_address(text.as_bytes()).map(|address| address.to_string());
        assert_eq!(found.as_deref().unwrap_or("none"), expected, "{text}");
    }

    #[test]
    fn addresses_come_with_and_without_ports_and_zones() {
        check("192.0.2.7", "192.0.2.7");
        check("192.0.2.7:8080", "192.0.2.7");
        check("2001:db8::1", "2001:db8::1");
        check("[2001:db8::1]:443", "2001:db8::1");
        check("fe80::1%eth0", "fe80::1");
        check("::ffff:192.0.2.7", "192.0.2.7");
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            "-",
            "localhost",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "1..2.3",
            "unix:",
            "0001.2.3.4",
        ] {
            check(text, "none");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_an_own_proxy() {
        let inside = decode_address(b"10.0.0.1");
        let outside = decode_address(b"198.51.100.1");
        let forwarded = b"203.0.113.9, 192.0.2.7, 10.0.0.2";
        assert_eq!(
            find_forwarded_source(inside, forwarded),
            decode_address(b"192.0.2.7")
        );
        assert_eq!(find_forwarded_source(outside, forwarded), None);
        assert_eq!(find_forwarded_source(inside, b"-"), None);
        assert_eq!(
            find_forwarded_source(inside, b"192.168.0.9, 10.0.0.2"),
            decode_address(b"192.168.0.9")
        );
        assert_eq!(
            find_forwarded_source(None, b"192.0.2.7"),
            decode_address(b"192.0.2.7")
        );
    }

    proptest! {
        #[test]
        fn every_address_reads_back(value: u32, wide: u128) {
            let v4 = Ipv4Addr::from(value).to_string();
            prop_assert_eq!(decode_address(v4.as_bytes()).unwrap().to_string(), v4);
            let v6 = Ipv6Addr::from(wide);
            prop_assert_eq!(decode_address(v6.to_string().as_bytes()), Some(Address(wide)));
        }
    }
}
