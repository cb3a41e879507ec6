//! What is known of an address: its country, the kind of place it is, and whether a crawler
//! publishes it as its own. Countries come with the binary; the rest, and better countries, are
//! in files that the operator gives. Asked while reading only: no verdict depends on it.

mod built_in;
mod csv;
mod fields;
mod files;
mod list;
mod maxmind;
mod ranges;

use std::collections::BTreeMap;
use std::fmt;

use engine::Address;
use ranges::{Ranges, RangesBuilder};
use shared::Verification;

pub use files::{AddressDataError, open};

/// A country as ISO 3166-1 names it, in two letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of this code, in any case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let code: [u8; 2] = code.as_bytes().try_into().ok()?;
        let code = code.map(|byte| byte.to_ascii_uppercase());
        // XX and ZZ say that nobody knows, T1 stands for Tor at one CDN.
        let is_code = code.iter().all(u8::is_ascii_uppercase) && code != *b"XX" && code != *b"ZZ";
        is_code.then_some(Self(code))
    }

    /// `DE`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters")
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Longest-prefix knowledge of addresses. Never changes once it is made.
pub struct AddressBook {
    /// The operator's; asked before what is built in.
    countries: Ranges<Country>,
    /// Numbers of `names`.
    sources: Ranges<u16>,
    names: Vec<String>,
    /// What the makers of crawlers publish as theirs, by the crawlers' names.
    crawlers: BTreeMap<String, Ranges<()>>,
    /// Whether countries are looked up in what is built in.
    has_built_in: bool,
    /// Names and versions of all that went into it.
    origins: Vec<String>,
}

impl AddressBook {
    /// What the binary knows by itself.
    #[must_use]
    pub fn built_in() -> Self {
        BookBuilder::default().finish()
    }

    /// Knows nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            has_built_in: false,
            origins: Vec::new(),
            ..Self::built_in()
        }
    }

    /// The country of an address, where known.
    #[must_use]
    pub fn country(&self, address: Address) -> Option<Country> {
        let given = self.countries.find(address);
        given.or_else(|| {
            let known = || built_in::country(address);
            self.has_built_in.then(known).flatten()
        })
    }

    /// What kind of place an address is: `tor`, `vpn`, `proxy`, or the name of a datacenter.
    /// The first of these where several hold.
    #[must_use]
    pub fn source(&self, address: Address) -> Option<&str> {
        self.name(self.sources.find(address)?)
    }

    /// Whether anything is known of any crawler's addresses.
    #[must_use]
    pub fn knows_crawlers(&self) -> bool {
        !self.crawlers.is_empty()
    }

    /// Whether who calls itself `crawler` comes from the addresses that this crawler's maker
    /// publishes: all of `addresses` must. Unverified if nothing is known of them, or if there
    /// are none.
    #[must_use]
    pub fn verify(&self, crawler: &str, addresses: &[Address]) -> Verification {
        let Some(published) = self.crawlers.get(&list::simple_name(crawler)) else {
            return Verification::Unverified;
        };
        let is_published = |address: &Address| published.find(*address).is_some();
        match addresses {
            [] => Verification::Unverified,
            _ if addresses.iter().all(is_published) => Verification::Verified,
            _ => Verification::Spoofed,
        }
    }

    /// The names and versions of all that it is made of, e.g. `iptocc 1.4.175`; what is kept of
    /// its answers is out of date once this changes.
    #[must_use]
    pub fn version(&self) -> String {
        self.origins.join(", ")
    }

    fn name(&self, number: u16) -> Option<&str> {
        self.names.get(usize::from(number)).map(String::as_str)
    }
}

impl fmt::Debug for AddressBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AddressBook").field(&self.origins).finish()
    }
}

/// The most ranges that a book takes in all; more would hold too much memory.
const MAX_RANGES: usize = 4_000_000;

/// The most different names of places and crawlers.
const MAX_NAMES: usize = 1_000;

/// Collects what files say.
#[derive(Default)]
struct BookBuilder {
    countries: RangesBuilder<Country>,
    sources: RangesBuilder<u16>,
    names: Vec<String>,
    crawlers: BTreeMap<String, RangesBuilder<()>>,
    /// How many ranges were added.
    added: usize,
    origins: Vec<String>,
}

/// Why something could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Full {
    #[error("there are more than {MAX_RANGES} networks")]
    Ranges,
    #[error("there are more than {MAX_NAMES} names")]
    Names,
}

/// What a range of addresses is said to be.
enum Fact<'a> {
    Country(Country),
    Source(&'a str),
    Crawler(&'a str),
}

impl BookBuilder {
    /// Says something of the addresses from `first` to `last`.
    fn add(&mut self, (first, last): (u128, u128), fact: &Fact<'_>) -> Result<(), Full> {
        if self.added >= MAX_RANGES {
            return Err(Full::Ranges);
        }
        self.added += 1;
        match fact {
            Fact::Country(country) => self.countries.add(first, last, 0, *country),
            Fact::Source(name) => {
                let number = self.number(name)?;
                self.sources.add(first, last, precedence(name), number);
            }
            Fact::Crawler(name) => {
                if self.crawlers.len() >= MAX_NAMES && !self.crawlers.contains_key(*name) {
                    return Err(Full::Names);
                }
                let published = self.crawlers.entry((*name).to_owned()).or_default();
                published.add(first, last, 0, ());
            }
        }
        Ok(())
    }

    fn number(&mut self, name: &str) -> Result<u16, Full> {
        let known = self.names.iter().position(|known| known == name);
        let number = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        if number >= MAX_NAMES {
            return Err(Full::Names);
        }
        Ok(u16::try_from(number).expect("few names"))
    }

    fn finish(mut self) -> AddressBook {
        self.origins.push(built_in::NAME.to_owned());
        let crawlers = self.crawlers.into_iter();
        AddressBook {
            countries: self.countries.finish(),
            sources: self.sources.finish(),
            names: self.names,
            crawlers: crawlers
                .map(|(name, published)| (name, published.finish()))
                .collect(),
            has_built_in: true,
            origins: self.origins,
        }
    }
}

/// Which of several sources of an address counts: what hides its user goes before where it is.
fn precedence(source: &str) -> u8 {
    match source {
        "tor" => 3,
        "vpn" => 2,
        "proxy" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
