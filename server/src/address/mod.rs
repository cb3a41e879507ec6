//! What is known of an address: its country, the kind of place it is, and whether it is a
//! crawler's. Countries come with the binary; lists that crawlers, clouds and Tor publish are
//! fetched (`published`), names of addresses are looked up (`lookup`), and the operator may give
//! files of all of it. No verdict depends on where an address is; on whose it is only by way of
//! the engine's input, which is logged.

mod built_in;
mod csv;
mod fields;
mod files;
mod keeper;
mod list;
mod lookup;
mod maxmind;
pub(crate) mod published;
mod ranges;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use engine::{Address, Origins, Published, origin_name, verify_all};
use published::Shelf;
use ranges::{Ranges, RangesBuilder};
use shared::{AddressList, Network, Timestamp, Verification};

pub use files::{AddressDataError, open, open_origins};
pub(crate) use keeper::Keeper;
pub(crate) use lookup::Checks;

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

/// What is known of addresses at a time; cheap to clone, and never changes once it is made.
#[derive(Clone)]
pub struct AddressBook {
    places: Arc<Places>,
    origins: Arc<Origins>,
    checks: Arc<Checks>,
    lists: Arc<[AddressList]>,
}

/// Where addresses are.
struct Places {
    /// The operator's; asked before what is built in.
    countries: Ranges<Country>,
    /// Numbers of `names`.
    sources: Ranges<u16>,
    names: Vec<String>,
    /// Whether countries are looked up in what is built in.
    has_built_in: bool,
    /// Names and versions of all that went into it.
    versions: Vec<String>,
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
        BookBuilder {
            is_empty: true,
            ..BookBuilder::default()
        }
        .finish()
    }

    /// The same with other look-ups.
    pub(crate) fn with_checks(&self, checks: Checks) -> Self {
        Self {
            checks: Arc::new(checks),
            ..self.clone()
        }
    }

    /// Where crawlers come from, as far as it is published.
    #[must_use]
    pub fn origins(&self) -> &Arc<Origins> {
        &self.origins
    }

    /// What was looked up of addresses of those who say that they are crawlers.
    pub(crate) fn checks(&self) -> &Arc<Checks> {
        &self.checks
    }

    /// Where the lists stand that others publish.
    #[must_use]
    pub fn lists(&self) -> &[AddressList] {
        &self.lists
    }

    /// The country of an address, where known.
    #[must_use]
    pub fn country(&self, address: Address) -> Option<Country> {
        let given = self.places.countries.find(address);
        given.or_else(|| {
            let known = || built_in::country(address);
            self.places.has_built_in.then(known).flatten()
        })
    }

    /// What kind of place an address is: `tor`, `vpn`, `proxy`, or the name of a datacenter.
    /// The first of these where several hold.
    #[must_use]
    pub fn source(&self, address: Address) -> Option<&str> {
        let number = self.places.sources.find(address)?;
        self.places
            .names
            .get(usize::from(number))
            .map(String::as_str)
    }

    /// Whether anything is known of any crawler's addresses.
    #[must_use]
    pub fn knows_crawlers(&self) -> bool {
        !self.origins.0.is_empty() || !self.checks.is_empty()
    }

    /// Whether who called itself `crawler` at `at` came from where that one comes from: verified
    /// by all of `addresses`, refuted by one. Unverified if nothing is known of them, or if there
    /// are none.
    #[must_use]
    pub fn verify(&self, crawler: &str, addresses: &[Address], at: Timestamp) -> Verification {
        let crawler = origin_name(crawler);
        let is_published = self.origins.0.contains_key(&crawler);
        verify_all(addresses.iter().map(|address| {
            if is_published {
                return self.origins.verify(&crawler, *address, at);
            }
            let check = self.checks.find(&crawler, *address);
            check.map_or(Verification::Unverified, |check| check.verify(at))
        }))
    }

    /// The names and versions of all that it is made of, e.g. `iptocc 1.4.175`; what is kept of
    /// its answers is out of date once this changes.
    #[must_use]
    pub fn version(&self) -> String {
        self.places.versions.join(", ")
    }
}

impl fmt::Debug for AddressBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AddressBook")
            .field(&self.places.versions)
            .finish()
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
    /// Of each crawler its networks, and of when they are if that matters.
    crawlers: BTreeMap<String, (Vec<Network>, Option<Timestamp>)>,
    /// How many ranges were added.
    added: usize,
    versions: Vec<String>,
    lists: Vec<AddressList>,
    /// Whether not even what is built in is known.
    is_empty: bool,
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
                let (networks, _) = self.crawlers.entry((*name).to_owned()).or_default();
                networks.extend(list::networks_between(first, last));
            }
        }
        Ok(())
    }

    /// Adds the last copies of what others publish.
    fn add_published(&mut self, shelf: &Shelf, with_places: bool) -> Result<(), Full> {
        self.lists = published::standing(shelf);
        for list in published::LISTS {
            let Some(kept) = shelf.kept(list) else {
                continue;
            };
            match list.subject {
                published::Subject::Crawlers(names) => {
                    for name in names {
                        let of_crawler = self.crawlers.entry(origin_name(name)).or_default();
                        of_crawler.0.extend(kept.networks.iter());
                        of_crawler.1 = of_crawler.1.max(Some(kept.fetched_at));
                    }
                }
                published::Subject::Source(name) if with_places => {
                    for network in kept.networks.iter() {
                        self.add(network.bounds(), &Fact::Source(name))?;
                    }
                }
                published::Subject::Source(_) => continue,
            }
            let name = list.name;
            self.versions.push(format!("{name} of {}", kept.fetched_at));
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
        if !self.is_empty {
            self.versions.push(built_in::NAME.to_owned());
        }
        if self.lists.is_empty() {
            self.lists = published::standing(&Shelf::default());
        }
        let crawlers = self.crawlers.into_iter().map(|(name, (networks, as_of))| {
            let networks = networks.into_iter().collect();
            (name, Published { as_of, networks })
        });
        AddressBook {
            places: Arc::new(Places {
                countries: self.countries.finish(),
                sources: self.sources.finish(),
                names: self.names,
                has_built_in: !self.is_empty,
                versions: self.versions,
            }),
            origins: Arc::new(Origins(crawlers.collect())),
            checks: Arc::default(),
            lists: self.lists.into(),
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
