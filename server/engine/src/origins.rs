//! Where known crawlers come from: the networks that their makers publish, and single addresses
//! that were looked up. An input of the engine, so that a verdict on who only claims to be one
//! depends on nothing that is not logged. Not how any of it is found out: that is the server's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use shared::{NetworkSet, Timestamp, Verification};

use crate::request::Address;

/// A list refutes requests that are at most so much older than itself, …
const LIST_BEFORE_MS: i64 = 365 * Timestamp::DAY;
/// … and at most so much younger: makers add networks all the time.
const LIST_AFTER_MS: i64 = 90 * Timestamp::DAY;
/// A look-up refutes requests that are at most so far from it, either way.
const CHECK_MS: i64 = 30 * Timestamp::DAY;
/// So many look-ups are kept; the oldest go first.
const MAX_CHECKS: usize = 20_000;
/// No longer name is kept.
const MAX_NAME: usize = 32;

/// The form in which a crawler's name is compared: lower case, of letters, digits, `.`, `-` and
/// `_`, and short.
#[must_use]
pub fn origin_name(name: &str) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') => c,
        _ => '-',
    };
    name.trim().chars().take(MAX_NAME).map(plain).collect()
}

/// What a crawler's maker publishes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Published {
    /// When it was published, or at least fetched; `None` if it holds for all time.
    pub as_of: Option<Timestamp>,
    /// All of the crawler's networks.
    pub networks: NetworkSet,
}

/// The published networks of crawlers, by [`origin_name`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origins(pub BTreeMap<String, Published>);

/// One address that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginCheck {
    /// Who it says it is, by [`origin_name`].
    pub crawler: String,
    /// Its address.
    pub address: Address,
    /// When.
    pub at: Timestamp,
    /// Whether it is.
    pub is_its: bool,
}

/// Published networks and look-ups together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    published: Origins,
    checks: BTreeMap<(String, Address), (Timestamp, bool)>,
}

impl Origins {
    /// Whether `address` is the crawler's, for a request at `at`. A list of another time says
    /// who is one, but not who is none.
    #[must_use]
    pub fn verify(&self, crawler: &str, address: Address, at: Timestamp) -> Verification {
        let Some(published) = self.0.get(crawler) else {
            return Verification::Unverified;
        };
        let may_refute = published.as_of.is_none_or(|as_of| {
            (-LIST_BEFORE_MS..=LIST_AFTER_MS).contains(&at.since(as_of)) && is_somebodys(address)
        });
        if published.networks.contains(IpAddr::from(address)) {
            Verification::Verified
        } else if may_refute {
            Verification::Spoofed
        } else {
            Verification::Unverified
        }
    }
}

impl OriginCheck {
    /// What it says of a request at `at` from its address.
    #[must_use]
    pub fn verify(&self, at: Timestamp) -> Verification {
        verify_checked(self.at, self.is_its, at)
    }
}

/// Whether an address can be somebody's on the internet. One that cannot says nothing of who
/// came: a proxy stands before it, or the traffic is made up.
#[must_use]
pub fn is_somebodys(address: Address) -> bool {
    match IpAddr::from(address) {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || v4.is_multicast()
                || (a == 100 && b & 0xc0 == 64)
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            a & 0xe000 == 0x2000 && (a, b) != (0x2001, 0xdb8)
        }
    }
}

fn verify_checked(checked_at: Timestamp, is_its: bool, at: Timestamp) -> Verification {
    match is_its {
        true => Verification::Verified,
        false if at.since(checked_at).abs() <= CHECK_MS => Verification::Spoofed,
        false => Verification::Unverified,
    }
}

/// What is true of an actor whose addresses say this: all verified, or one refuted.
#[must_use]
pub fn verify_all(addresses: impl Iterator<Item = Verification>) -> Verification {
    let mut all = None;
    for one in addresses {
        match one {
            Verification::Spoofed => return Verification::Spoofed,
            Verification::Verified => _ = all.get_or_insert(Verification::Verified),
            Verification::Unverified => all = Some(Verification::Unverified),
        }
    }
    all.unwrap_or(Verification::Unverified)
}

impl Known {
    /// What is published now.
    pub(crate) fn published(&self) -> &Origins {
        &self.published
    }

    /// Replaces what is published.
    pub(crate) fn publish(&mut self, published: Origins) {
        self.published = published;
    }

    /// Whether a look-up was added, or a later one of the same.
    pub(crate) fn has(&self, check: &OriginCheck) -> bool {
        let key = (check.crawler.clone(), check.address);
        self.checks.get(&key).is_some_and(|(at, _)| *at >= check.at)
    }

    /// Adds look-ups; each replaces an older one of the same address.
    pub(crate) fn check(&mut self, checks: Vec<OriginCheck>) {
        for check in checks {
            let key = (origin_name(&check.crawler), check.address);
            self.checks.insert(key, (check.at, check.is_its));
        }
        if self.checks.len() > MAX_CHECKS {
            let mut ages: Vec<_> = self.checks.values().map(|(at, _)| *at).collect();
            ages.sort_unstable();
            let oldest = ages[ages.len() - MAX_CHECKS];
            self.checks.retain(|_, (at, _)| *at >= oldest);
        }
    }

    /// Whether who names itself `product` at `address` is that, for a request at `at`.
    pub(crate) fn verify(&self, product: &str, address: Address, at: Timestamp) -> Verification {
        if self.published.0.is_empty() && self.checks.is_empty() {
            return Verification::Unverified;
        }
        let crawler = origin_name(product);
        if self.published.0.contains_key(&crawler) {
            return self.published.verify(&crawler, address, at);
        }
        match self.checks.get(&(crawler, address)) {
            Some((checked_at, is_its)) => verify_checked(*checked_at, *is_its, at),
            None => Verification::Unverified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn address(text: &str) -> Address {
        Address::from(text.parse::<IpAddr>().unwrap())
    }

    fn known() -> Known {
        let published = Published {
            as_of: Some(NOW),
            networks: ["192.0.2.0/28".parse().unwrap()].into_iter().collect(),
        };
        let mut known = Known::default();
        known.publish(Origins([("googlebot".to_owned(), published)].into()));
        known
    }

    #[test]
    fn a_list_refutes_only_requests_of_its_own_time() {
        let known = known();
        let check = |ip: &str, days: i64, expected| {
            let at = NOW.plus(days * Timestamp::DAY);
            assert_eq!(
                known.verify("Googlebot", address(ip), at),
                expected,
                "{ip} {days}"
            );
        };
        check("192.0.2.1", 0, Verification::Verified);
        check("192.0.2.1", -4_000, Verification::Verified);
        check("9.9.9.9", 0, Verification::Spoofed);
        check("9.9.9.9", -365, Verification::Spoofed);
        check("9.9.9.9", -366, Verification::Unverified);
        check("9.9.9.9", 90, Verification::Spoofed);
        check("9.9.9.9", 91, Verification::Unverified);
        // Nobody's: behind a proxy, or made up.
        check("10.0.0.7", 0, Verification::Unverified);
        check("192.0.2.16", 0, Verification::Unverified);
        check("fd00::1", 0, Verification::Unverified);
        let other = known.verify("Bingbot", address("192.0.2.1"), NOW);
        assert_eq!(other, Verification::Unverified);
    }

    #[test]
    fn a_look_up_counts_where_nothing_is_published() {
        let mut known = known();
        let of = |crawler: &str, ip: &str, is_its| OriginCheck {
            crawler: crawler.to_owned(),
            address: address(ip),
            at: NOW,
            is_its,
        };
        known.check(vec![
            of("YandexBot", "192.0.2.40", true),
            of("YandexBot", "192.0.2.41", false),
            of("Googlebot", "9.9.9.9", true),
        ]);
        let verify = |crawler, ip, days: i64| {
            known.verify(crawler, address(ip), NOW.plus(days * Timestamp::DAY))
        };
        assert_eq!(
            verify("YandexBot", "192.0.2.40", 700),
            Verification::Verified
        );
        assert_eq!(
            verify("YandexBot", "192.0.2.41", -30),
            Verification::Spoofed
        );
        assert_eq!(
            verify("YandexBot", "192.0.2.41", 31),
            Verification::Unverified
        );
        assert_eq!(
            verify("YandexBot", "192.0.2.43", 0),
            Verification::Unverified
        );
        assert_eq!(verify("Googlebot", "9.9.9.9", 0), Verification::Spoofed);
    }

    #[test]
    fn an_actor_is_verified_by_all_its_addresses_and_refuted_by_one() {
        use Verification::{Spoofed, Unverified, Verified};
        let check = |all: &[Verification], expected| {
            assert_eq!(verify_all(all.iter().copied()), expected, "{all:?}");
        };
        check(&[], Unverified);
        check(&[Verified, Verified], Verified);
        check(&[Verified, Unverified], Unverified);
        check(&[Unverified, Verified], Unverified);
        check(&[Verified, Unverified, Spoofed], Spoofed);
    }

    #[test]
    fn the_oldest_look_ups_go_first() {
        let mut known = Known::default();
        let check = |number: u32| OriginCheck {
            crawler: "x".to_owned(),
            address: Address(number.into()),
            at: Timestamp(number.into()),
            is_its: true,
        };
        known.check((0..MAX_CHECKS as u32 + 7).map(check).collect());
        assert_eq!(known.checks.len(), MAX_CHECKS);
        assert!(known.checks.values().all(|(at, _)| at.0 >= 7));
    }
}
