//! The names that programs call themselves, as facts: which word in a user agent means which
//! program of which class. Not how a user agent is read (the parent does that).
//!
//! Words follow [`crate::attribute::words::Words`]: whole words, `*` leaves an end open.

mod automation;
mod crawlers;
mod libraries;
mod scanners;
mod words;

use shared::{Purpose, UserAgentClass};

use automation::{AUTOMATION, HEADLESS};
use crawlers::CRAWLERS;
use libraries::LIBRARIES;
use scanners::{SCANNERS, SCRAPERS};
use words::{APPS, CODE, CRAWL, ENGINES, KINDS};

/// Words with the names they stand for, of programs that do the same.
type Group = (Purpose, &'static [(&'static str, &'static str)]);

/// What a word in a user agent means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) rank: Rank,
    pub(super) class: UserAgentClass,
    pub(super) name: &'static str,
    pub(super) purpose: Option<Purpose>,
}

/// Which word decides when a user agent holds several: the first of the smallest rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Scanner,
    /// Program code where a name should be.
    Code,
    Scraper,
    Crawler,
    Headless,
    Automation,
    /// Says that it is a crawler, without naming one: `bot`.
    Crawl,
    /// Names another kind of program: `feed`.
    Kind,
    Library,
    /// Names a platform of apps.
    App,
    /// Names the engine of a browser: says nothing of the class by itself.
    Engine,
}

impl Rank {
    /// Whether words of this rank mean nothing in a browser's user agent: browsers of phones
    /// and desktops name these too (`Java`, `Android`).
    pub(super) fn is_overruled_by_engine(self) -> bool {
        matches!(self, Self::Library | Self::App)
    }
}

/// The words of crawlers that are known by name, each with that name.
pub(super) fn crawlers() -> impl Iterator<Item = (&'static str, &'static str)> {
    CRAWLERS.iter().flat_map(|(_, rows)| rows.iter().copied())
}

/// All tables together.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Known)> {
    let known = |rank, class, purpose| {
        move |(word, name): &(&'static str, &'static str)| {
            let known = Known {
                rank,
                class,
                name,
                purpose,
            };
            (*word, known)
        }
    };
    let table = |rank, class, rows: &'static [(&'static str, &'static str)]| {
        rows.iter().map(known(rank, class, None))
    };
    let groups = |rank, class, groups: &'static [Group]| {
        let rows = move |(purpose, rows): &'static Group| {
            rows.iter().map(known(rank, class, Some(*purpose)))
        };
        groups.iter().flat_map(rows)
    };
    let bare = |rank, class, words: &'static [&'static str]| {
        words
            .iter()
            .map(move |word| known(rank, class, None)(&(*word, "")))
    };
    let kinds = KINDS.iter().map(move |(purpose, word)| {
        known(Rank::Kind, UserAgentClass::Automation, *purpose)(&(*word, ""))
    });
    table(Rank::Scanner, UserAgentClass::SecurityScanner, SCANNERS)
        .chain(table(Rank::Scraper, UserAgentClass::Scraper, SCRAPERS))
        .chain(groups(Rank::Crawler, UserAgentClass::Crawler, CRAWLERS))
        .chain(table(Rank::Headless, UserAgentClass::Headless, HEADLESS))
        .chain(groups(
            Rank::Automation,
            UserAgentClass::Automation,
            AUTOMATION,
        ))
        .chain(table(Rank::Library, UserAgentClass::HttpLibrary, LIBRARIES))
        .chain(bare(Rank::App, UserAgentClass::NativeApp, APPS))
        .chain(bare(Rank::Engine, UserAgentClass::Browser, ENGINES))
        .chain(bare(Rank::Code, UserAgentClass::Inconsistent, CODE))
        .chain(bare(Rank::Crawl, UserAgentClass::Crawler, CRAWL))
        .chain(kinds)
}
