//! What a user agent says of its sender. Only what is said: whether it is true (is this
//! Googlebot's address?) is verified elsewhere.
//!
//! Names come from tables; what no table knows is told by its structure. Browsers begin with
//! `Mozilla/5.0 (platform) Engine/…`; programs give a name and version, often with an address
//! where their makers can be reached. A browser that people use is never called inconsistent.

mod browser;
mod contradiction;
mod names;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use shared::UserAgentClass;

pub use browser::Browser;

use crate::attribute::words::Words;
use browser::Shape;

/// More of a user agent is not looked at.
const MAX_LENGTH: usize = 2048;

/// What a user agent says of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent {
    /// Its class.
    pub class: UserAgentClass,
    /// The program's name, where it has one beyond its class.
    pub name: Option<Cow<'static, str>>,
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
            browser: None,
            contradiction: None,
        }
    }
}

static NAMES: LazyLock<Words<names::Known>> = LazyLock::new(|| Words::new(names::all()));
static CRAWLERS: LazyLock<Words<&'static str>> =
    LazyLock::new(|| Words::new(names::CRAWLERS.iter().copied()));

/// Says what a user agent says of its sender.
#[must_use]
pub fn classify(user_agent: &str) -> UserAgent {
    let text = bounded(user_agent.trim());
    if text.is_empty() || text == "-" {
        return UserAgent::of(UserAgentClass::Empty, None);
    }
    let shape = Shape::parse(text);
    let known = NAMES
        .find_all(text)
        .filter(|(_, known)| known.applies(&shape))
        .min_by_key(|(at, known)| (known.rank, *at))
        .map(|(_, known)| known);
    let mut found = match known {
        Some(known) if known.rank < names::Rank::Hint => {
            UserAgent::of(known.class, Some(Cow::Borrowed(known.name)))
        }
        hint => by_structure(text, &shape, hint.map(|known| known.class)),
    };
    found.browser = browser::find(&shape);
    found
}

/// The canonical name of a search engine's or AI maker's crawler that names itself, e.g.
/// `Googlebot`. `name` is a user agent or the name that [`classify`] found in one.
#[must_use]
pub fn known_crawler(name: &str) -> Option<&'static str> {
    let first = CRAWLERS.find_all(bounded(name)).min_by_key(|(at, _)| *at);
    first.map(|(_, canonical)| canonical)
}

fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LENGTH)]
}

/// The class of what no table names. `hint`: what generic words in it say (`bot`, `feed`).
fn by_structure(text: &str, shape: &Shape<'_>, hint: Option<UserAgentClass>) -> UserAgent {
    if let Some(why) = contradiction::code_or_placeholder(text) {
        return inconsistent(why);
    }
    if let Some(class) = hint {
        return UserAgent::of(class, shape.own_name(text));
    }
    if shape.has_contact(text) {
        return UserAgent::of(UserAgentClass::Crawler, shape.own_name(text));
    }
    if let Some(why) = contradiction::find(shape) {
        return inconsistent(why);
    }
    if shape.is_browser() {
        return UserAgent::of(UserAgentClass::Browser, None);
    }
    if shape.compatible_name.is_some() {
        return UserAgent::of(UserAgentClass::Crawler, shape.own_name(text));
    }
    if shape.is_program() {
        return UserAgent::of(UserAgentClass::HttpLibrary, shape.own_name(text));
    }
    UserAgent::of(UserAgentClass::Unknown, None)
}

fn inconsistent(why: &'static str) -> UserAgent {
    UserAgent {
        contradiction: Some(why),
        ..UserAgent::of(UserAgentClass::Inconsistent, None)
    }
}
