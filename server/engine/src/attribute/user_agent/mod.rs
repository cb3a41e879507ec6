//! What a user agent says of its sender. Only what is said: whether it is true (is this
//! Googlebot's address?) is verified elsewhere.
//!
//! Names come from tables; what no table knows is told by its structure. Browsers begin with
//! `Mozilla/5.0 (platform) Engine/…`; programs give a name and version, often with an address
//! where their makers can be reached. A browser that people use is never called inconsistent.

mod browser;
mod contradiction;
mod names;
mod shape;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use shared::{Purpose, UserAgentClass};

pub use browser::Browser;

use crate::attribute::words::Words;
use names::{Known, Rank};
use shape::Shape;

/// More of a user agent is not looked at.
const MAX_LENGTH: usize = 2048;

/// What a user agent says of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent {
    /// Its class.
    pub class: UserAgentClass,
    /// The program's name, where it has one beyond its class.
    pub name: Option<Cow<'static, str>>,
    /// Whether `name` is one of a known program, which others may only pretend to be.
    pub is_known: bool,
    /// What it works for, where it works by itself and says so.
    pub purpose: Option<Purpose>,
    /// The browser it claims to be, also for crawlers that dress as one.
    pub browser: Option<Browser>,
    /// For [`UserAgentClass::Inconsistent`]: in what it contradicts itself.
    pub contradiction: Option<&'static str>,
}

impl UserAgent {
    fn of(class: UserAgentClass, name: Option<Cow<'static, str>>) -> Self {
        Self {
            class,
            name,
            is_known: false,
            purpose: None,
            browser: None,
            contradiction: None,
        }
    }
}

static NAMES: LazyLock<Words<Known>> = LazyLock::new(|| Words::new(names::all()));
static CRAWLERS: LazyLock<Words<&'static str>> = LazyLock::new(|| Words::new(names::crawlers()));

/// Makes the tables.
pub(super) fn prepare() {
    LazyLock::force(&NAMES);
    LazyLock::force(&CRAWLERS);
}

/// Says what a user agent says of its sender.
#[must_use]
pub fn classify(user_agent: &str) -> UserAgent {
    let text = bounded(user_agent.trim());
    if text.is_empty() || text == "-" {
        return UserAgent::of(UserAgentClass::Empty, None);
    }
    let (known, in_program, has_engine) = find_names(text);
    let shape = Shape::parse(text, has_engine);
    let known = match known {
        None if !shape.is_browser() => in_program,
        known => known,
    };
    let mut found = match known {
        Some((_, known)) if known.rank == Rank::Code => inconsistent("holds code, not a name"),
        Some((_, known)) if !known.name.is_empty() => {
            let name = Some(Cow::Borrowed(known.name));
            UserAgent {
                is_known: true,
                purpose: known.purpose,
                ..UserAgent::of(known.class, name)
            }
        }
        hint => by_structure(text, &shape, hint),
    };
    found.browser = browser::find(&shape);
    found
}

/// A word of the tables, and where in the text it stands.
type Place = (usize, Known);

/// What the tables know of a text: the word that decides, the one that decides if it is no
/// browser, and whether it names a browser's engine.
fn find_names(text: &str) -> (Option<Place>, Option<Place>, bool) {
    let mut best: [Option<Place>; 2] = [None; 2];
    let mut has_engine = false;
    for (place, known) in NAMES.find_all(text) {
        let at = place.start;
        if known.rank == Rank::Engine {
            has_engine = true;
            continue;
        }
        if known.rank == Rank::Crawl && is_phone(text, at) {
            continue;
        }
        let best = &mut best[usize::from(known.rank.is_overruled_by_engine())];
        // Of two words that begin together the longer comes later, and says more.
        if best.is_none_or(|(before, other)| (known.rank, at) <= (other.rank, before)) {
            *best = Some((at, known));
        }
    }
    let [known, in_program] = best;
    (known, in_program, has_engine)
}

/// Whether `bot` at `at` belongs to a maker of phones.
fn is_phone(text: &str, at: usize) -> bool {
    at.checked_sub(2)
        .and_then(|start| text.as_bytes().get(start..at))
        .is_some_and(|before| before.eq_ignore_ascii_case(b"cu"))
}

/// The canonical name of a search engine's or AI maker's crawler that names itself, e.g.
/// `Googlebot`. `name` is a user agent or the name that [`classify`] found in one.
#[must_use]
pub fn known_crawler(name: &str) -> Option<&'static str> {
    let mut canonical = names::crawlers().map(|(_, canonical)| canonical);
    let mut found = canonical.find(|canonical| *canonical == name);
    let mut first = usize::MAX;
    if found.is_none() {
        for (place, canonical) in CRAWLERS.find_all(bounded(name)) {
            // Of two words that begin together the longer comes later.
            if place.start <= first {
                (first, found) = (place.start, Some(canonical));
            }
        }
    }
    found
}

fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LENGTH)]
}

/// The class of what no table names. `hint`: a generic word in it (`bot`, `feed`, `Android`).
fn by_structure(text: &str, shape: &Shape<'_>, hint: Option<Place>) -> UserAgent {
    let named = |class, at| UserAgent::of(class, shape.own_name(text, at));
    if let Some(why) = contradiction::mistake(text) {
        return inconsistent(why);
    }
    match hint {
        Some((at, known)) if known.rank != Rank::App => {
            return UserAgent {
                purpose: known.purpose,
                ..named(known.class, Some(at))
            };
        }
        _ => {}
    }
    if shape.has_contact(text) {
        return named(UserAgentClass::Crawler, None);
    }
    if let Some((_, app)) = hint {
        return named(app.class, None);
    }
    if let Some(why) = contradiction::find(shape) {
        return inconsistent(why);
    }
    if shape.is_prefixed() {
        return named(UserAgentClass::HttpLibrary, None);
    }
    if shape.is_browser() {
        return UserAgent::of(UserAgentClass::Browser, None);
    }
    if shape.compatible_name.is_some() || shape.is_own_name_after_mozilla() {
        return named(UserAgentClass::Crawler, None);
    }
    if shape.is_program() {
        return named(UserAgentClass::HttpLibrary, None);
    }
    UserAgent::of(UserAgentClass::Unknown, None)
}

fn inconsistent(why: &'static str) -> UserAgent {
    UserAgent {
        contradiction: Some(why),
        ..UserAgent::of(UserAgentClass::Inconsistent, None)
    }
}
