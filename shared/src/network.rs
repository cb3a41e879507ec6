//! An address or a subnet, in one canonical form. Not the addresses of a search: those are
//! [`crate::search::AddressTerm`].

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A subnet without host bits; a single address is the smallest. IPv4 and IPv6 never overlap,
/// although both are kept as IPv6 (IPv4 as `::ffff:a.b.c.d`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: u128,
    /// Of the 128 bits, how many are the network's.
    length: u8,
    is_v4: bool,
}

/// What is wrong with a text that should be an address or a subnet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither an address such as 192.0.2.7 nor a subnet such as 192.0.2.0/24 or 2001:db8::/48"
)]
pub struct InvalidNetwork(pub String);

/// The bits that an IPv4 subnet is longer by in its IPv6 form.
const MAPPED: u8 = 96;

impl Network {
    /// One address.
    #[must_use]
    pub fn single(address: IpAddr) -> Self {
        Self::of(
            to_bits(address.to_canonical()),
            128,
            address.to_canonical().is_ipv4(),
        )
    }

    /// The subnet of `length` bits that holds `address`; `None` if it has no so many bits.
    #[must_use]
    pub fn holding(address: IpAddr, length: u8) -> Option<Self> {
        let length = match address {
            IpAddr::V4(_) => length.checked_add(MAPPED)?,
            IpAddr::V6(_) => length,
        };
        let is_v4 = to_bits(address) >> 32 == 0xffff && length >= MAPPED;
        (length <= 128).then(|| Self::of(to_bits(address), length, is_v4))
    }

    fn of(bits: u128, length: u8, is_v4: bool) -> Self {
        Self {
            first: bits & !host_mask(length),
            length,
            is_v4,
        }
    }

    /// The lowest and the highest address, as IPv6.
    #[must_use]
    pub fn bounds(self) -> (u128, u128) {
        (self.first, self.first | host_mask(self.length))
    }

    /// Whether it is of IPv4.
    #[must_use]
    pub fn is_v4(self) -> bool {
        self.is_v4
    }

    /// The length of its network part as people write it: at most 32 or 128.
    #[must_use]
    pub fn length(self) -> u8 {
        self.length - if self.is_v4 { MAPPED } else { 0 }
    }

    /// Whether it is one address.
    #[must_use]
    pub fn is_single(self) -> bool {
        self.length == 128
    }

    /// Whether `other` lies in it, or is the same.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        let (first, last) = self.bounds();
        self.is_v4 == other.is_v4
            && self.length <= other.length
            && (first..=last).contains(&other.first)
    }

    /// Whether `address` lies in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.covers(Self::single(address))
    }

    /// The subnet one bit shorter, where there is one of the same family.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let shortest = if self.is_v4 { MAPPED } else { 0 };
        (self.length > shortest).then(|| Self::of(self.first, self.length - 1, self.is_v4))
    }

    /// How many addresses, as people read it: `256`, `2^64`.
    #[must_use]
    pub fn size(self) -> String {
        match 128 - self.length {
            bits @ 0..=32 => (1u64 << bits).to_string(),
            bits => format!("2^{bits}"),
        }
    }
}

/// IPv4 first, then by their first address, the larger subnet first.
impl Ord for Network {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (!self.is_v4, self.first, self.length).cmp(&(!other.is_v4, other.first, other.length))
    }
}

impl PartialOrd for Network {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from(self.first);
        match (self.is_v4, self.is_single()) {
            (true, _) => write!(f, "{}", IpAddr::V6(address).to_canonical())?,
            (false, _) => write!(f, "{address}")?,
        }
        if !self.is_single() {
            write!(f, "/{}", self.length())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let text = text.trim();
        let read = || {
            let (address, length) = match text.split_once('/') {
                Some((address, length)) => (address, Some(length)),
                None => (text, None),
            };
            let address: IpAddr = address.parse().ok()?;
            let Some(length) = length else {
                return Some(Self::single(address));
            };
            let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            Self::holding(address, length.parse().ok().filter(|_| is_number)?)
        };
        read().ok_or_else(|| InvalidNetwork(text.chars().take(60).collect()))
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Addresses as the fewest subnets that hold exactly them: sorted, none in another, no two that
/// would make a larger one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NetworkSet(Vec<Network>);

impl NetworkSet {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its subnets: IPv4 first, then by their first address.
    pub fn iter(&self) -> impl Iterator<Item = Network> {
        self.0.iter().copied()
    }

    /// Whether all of `network` is in it.
    #[must_use]
    pub fn covers(&self, network: Network) -> bool {
        // What holds it begins there or before, and only the last such can reach it.
        let after = self
            .0
            .partition_point(|one| (!one.is_v4, one.first) <= (!network.is_v4, network.first));
        after > 0 && self.0[after - 1].covers(network)
    }

    /// Whether `address` is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.covers(Network::single(address))
    }
}

impl FromIterator<Network> for NetworkSet {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        let mut sorted: Vec<Network> = networks.into_iter().collect();
        sorted.sort_unstable();
        let mut kept: Vec<Network> = Vec::new();
        for network in sorted {
            if kept.last().is_some_and(|last| last.covers(network)) {
                continue;
            }
            kept.push(network);
            // Two halves of one subnet are that subnet, which may be a half in turn.
            while let [.., low, high] = kept[..]
                && low.length == high.length
                && low.parent() == high.parent()
                && let Some(whole) = low.parent()
            {
                kept.truncate(kept.len() - 2);
                kept.push(whole);
            }
        }
        Self(kept)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Network {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some(
                "An address or a subnet, e.g. `192.0.2.7` or `2001:db8::/48`.",
            ))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Network {}

fn to_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn host_mask(length: u8) -> u128 {
    match length {
        0 => u128::MAX,
        length => (1u128 << (128 - length)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn every_way_to_write_a_subnet_gives_the_same() {
        let check = |text: &str, expected: &str| {
            assert_eq!(network(text).to_string(), expected, "{text}");
            assert_eq!(network(expected), network(text), "{text}");
        };
        check("192.0.2.7", "192.0.2.7");
        check(" 192.0.2.7/32 ", "192.0.2.7");
        check("192.0.2.7/24", "192.0.2.0/24");
        check("::ffff:192.0.2.7", "192.0.2.7");
        check("::ffff:192.0.2.7/120", "192.0.2.0/24");
        check("0.0.0.0/0", "0.0.0.0/0");
        check("2001:DB8:0:0::1", "2001:db8::1");
        check("2001:db8::1/48", "2001:db8::/48");
        check("::/0", "::/0");
        check("::1", "::1");
    }

    #[test]
    fn nonsense_is_no_subnet() {
        for text in [
            "",
            "/",
            "x",
            "10.0.0",
            "010.0.0.1",
            "1.2.3.4/33",
            "1.2.3.4/-1",
            "1.2.3.4/+8",
            "1.2.3.4/",
            "1.2.3.4/8/8",
            "::1/129",
            "fe80::1%eth0",
            "1.2.3.4/256",
            "\u{661}.2.3.4",
            "1.2.3.4 5.6.7.8",
            "localhost",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        let long = "9".repeat(1_000).parse::<Network>().unwrap_err();
        assert!(long.to_string().len() < 200);
    }

    #[test]
    fn a_subnet_covers_what_lies_in_it_and_nothing_of_the_other_family() {
        assert!(network("10.0.0.0/8").covers(network("10.1.0.0/16")));
        assert!(!network("10.1.0.0/16").covers(network("10.0.0.0/8")));
        assert!(network("10.0.0.1").covers(network("10.0.0.1")));
        assert!(!network("::/0").covers(network("10.0.0.1")));
        assert!(network("0.0.0.0/0").contains("::ffff:10.0.0.1".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("::1".parse().unwrap()));
    }

    #[test]
    fn a_subnet_says_how_many_addresses_it_has() {
        assert_eq!(network("10.0.0.1").size(), "1");
        assert_eq!(network("0.0.0.0/0").size(), "4294967296");
        assert_eq!(network("2001:db8::/48").size(), "2^80");
        assert_eq!(network("::/0").parent(), None);
        assert_eq!(network("0.0.0.0/0").parent(), None);
    }

    fn set(texts: &[&str]) -> NetworkSet {
        texts.iter().map(|text| network(text)).collect()
    }

    #[test]
    fn a_set_is_the_fewest_subnets_in_order() {
        let check = |texts: &[&str], expected: &[&str]| {
            let shown: Vec<String> = set(texts).iter().map(|one| one.to_string()).collect();
            assert_eq!(shown, expected);
        };
        check(&[], &[]);
        check(&["10.0.0.1", "10.0.0.1"], &["10.0.0.1"]);
        check(&["10.0.0.1", "10.0.0.0"], &["10.0.0.0/31"]);
        // Adjacent, but no two halves of one subnet.
        check(&["10.0.0.1", "10.0.0.2"], &["10.0.0.1", "10.0.0.2"]);
        check(
            &["10.0.0.3", "10.0.0.1", "10.0.0.0", "10.0.0.2"],
            &["10.0.0.0/30"],
        );
        check(&["10.0.0.7", "10.0.0.0/24"], &["10.0.0.0/24"]);
        check(&["0.0.0.0/1", "128.0.0.0/1"], &["0.0.0.0/0"]);
        check(&["::/1", "8000::/1", "10.0.0.1"], &["10.0.0.1", "::/0"]);
        check(
            &["2001:db8::1", "9.9.9.9", "::1"],
            &["9.9.9.9", "::1", "2001:db8::1"],
        );
    }

    #[test]
    fn a_set_holds_what_its_parts_hold_and_nothing_else() {
        let parts = ["10.0.0.0/30", "10.0.0.4", "192.0.2.0/24", "2001:db8::/48"];
        let set = set(&parts);
        let mut holds = 0;
        for last in 0..=255u8 {
            for text in [
                format!("10.0.0.{last}"),
                format!("192.0.2.{last}"),
                format!("11.0.0.{last}"),
            ] {
                let address: IpAddr = text.parse().unwrap();
                let expected = parts.iter().any(|part| network(part).contains(address));
                assert_eq!(set.contains(address), expected, "{text}");
                holds += usize::from(expected);
            }
        }
        assert_eq!(holds, 5 + 256);
        assert!(set.covers(network("2001:db8:0:1::/64")));
        assert!(!set.covers(network("2001:db8::/47")));
        assert!(!NetworkSet::default().contains("::".parse().unwrap()));
    }
}
