//! Addresses in a search: one, a range, a prefix, a network. Not the count `ip:100+`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses a search asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressTerm {
    /// `192.0.2.7`.
    Single(IpAddr),
    /// `192.0.2.7-192.0.2.9`, both ends included, both of one family, in order.
    Range(IpAddr, IpAddr),
    /// `192.168.`: an IPv4 address of which the first `octets` (1 to 3) are given.
    Prefix(Ipv4Addr, u8),
    /// `10.0.0.0/8`: an address without host bits and the length of its network part.
    Network(IpAddr, u8),
}

/// What is wrong with a text that should name addresses, and from which character on.
pub(super) struct Invalid {
    pub(super) message: String,
    pub(super) offset: usize,
}

const FORMS: &str = "an address, a range 192.0.2.1-192.0.2.9, a prefix 192.168., \
                     a network 10.0.0.0/8, or a count 100+";

impl AddressTerm {
    /// The lowest and the highest address asked for, as IPv6 (IPv4 as `::ffff:a.b.c.d`).
    #[must_use]
    pub fn bounds(&self) -> (u128, u128) {
        match *self {
            Self::Single(address) => (to_bits(address), to_bits(address)),
            Self::Range(first, last) => (to_bits(first), to_bits(last)),
            Self::Prefix(address, octets) => {
                let first = to_bits(IpAddr::V4(address));
                (first, first | host_mask(32 - 8 * u32::from(octets)))
            }
            Self::Network(address, length) => {
                let first = to_bits(address);
                (first, first | host_mask(host_bits(address, length)))
            }
        }
    }

    /// Whether `address` is one of those asked for.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (first, last) = self.bounds();
        (first..=last).contains(&to_bits(address))
    }

    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        if let Some((address, length)) = text.split_once('/') {
            return parse_network(address, length);
        }
        if let Some((first, last)) = text.split_once('-') {
            return parse_range(first, last);
        }
        if let Some(prefix) = text.strip_suffix('.') {
            return parse_prefix(prefix);
        }
        parse_address(text, 0).map(Self::Single)
    }
}

impl fmt::Display for AddressTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(address) => write!(f, "{address}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Prefix(address, octets) => {
                for octet in &address.octets()[..usize::from(*octets)] {
                    write!(f, "{octet}.")?;
                }
                Ok(())
            }
            Self::Network(address, length) => write!(f, "{address}/{length}"),
        }
    }
}

fn parse_address(text: &str, offset: usize) -> Result<IpAddr, Invalid> {
    text.parse::<IpAddr>()
        .map(|address| address.to_canonical())
        .map_err(|_| Invalid {
            message: format!("`{text}` is no address; `ip:` takes {FORMS}"),
            offset,
        })
}

fn parse_range(first_text: &str, last_text: &str) -> Result<AddressTerm, Invalid> {
    let offset = first_text.chars().count() + 1;
    let first = parse_address(first_text, 0)?;
    let last = parse_address(last_text, offset)?;
    let fault = if first.is_ipv4() != last.is_ipv4() {
        "the two ends of a range must both be IPv4 or both IPv6"
    } else if last < first {
        "the range ends before it begins"
    } else {
        return Ok(AddressTerm::Range(first, last));
    };
    Err(Invalid {
        message: fault.to_owned(),
        offset,
    })
}

fn parse_prefix(text: &str) -> Result<AddressTerm, Invalid> {
    let invalid = || Invalid {
        message: format!("`{text}.` is no prefix of an address; `ip:` takes {FORMS}"),
        offset: 0,
    };
    let mut octets = [0; 4];
    let mut given = 0;
    for part in text.split('.') {
        if given == 3 || part.starts_with('+') {
            return Err(invalid());
        }
        octets[given] = part.parse().map_err(|_| invalid())?;
        given += 1;
    }
    Ok(AddressTerm::Prefix(Ipv4Addr::from(octets), given as u8))
}

fn parse_network(address_text: &str, length_text: &str) -> Result<AddressTerm, Invalid> {
    let address = parse_address(address_text, 0)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let digits = !length_text.is_empty() && length_text.bytes().all(|b| b.is_ascii_digit());
    let length = length_text
        .parse::<u8>()
        .ok()
        .filter(|length| digits && *length <= longest)
        .ok_or_else(|| Invalid {
            message: format!("the length of this network is a number from 0 to {longest}"),
            offset: address_text.chars().count() + 1,
        })?;
    let network = to_bits(address) & !host_mask(host_bits(address, length));
    // An IPv4 network stays IPv4: the mapping's own bits are never host bits.
    Ok(AddressTerm::Network(
        Ipv6Addr::from(network).to_canonical(),
        length,
    ))
}

fn to_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn host_bits(address: IpAddr, length: u8) -> u32 {
    let all = if address.is_ipv4() { 32 } else { 128 };
    all - u32::from(length)
}

fn host_mask(bits: u32) -> u128 {
    if bits == 128 {
        u128::MAX
    } else {
        (1 << bits) - 1
    }
}
