//! The shape of a visit: browsers that load a page also load its files and say which page they
//! come from. Whether an application's log shows that at all is learned; then who claims to be a
//! browser and does neither contradicts itself. Not the user agent's text: that is
//! `attribute::user_agent`.

use std::fmt;

use serde::{Deserialize, Serialize};
use shared::UserAgentClass;

use crate::driven::Company;
use crate::features::Features;

/// A visit has a shape from so many requests on, static files left out.
const ENOUGH: u64 = 5;
/// Without a referer it says something only after more: many first pages have none.
const ENOUGH_REFERRED: u64 = 10;
/// So many visits must have shown it before files or referers are expected.
const ENOUGH_VISITS: u32 = 8;
/// Files are expected where so large a share of the visits load them. Half of all visits may be
/// programs that load none, and half of the rest may have them in their cache.
const EXPECTED_SHARE: f64 = 0.2;
/// Who loads files loads at least so many for each request that is none. Where a page has hardly
/// any, its visitors are not told by them.
const FILES_PER_REQUEST: f64 = 0.3;
/// Older visits fade when there are so many.
const FADE_AT: u32 = 2_000;

/// What an actor does that a browser would not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Contradiction {
    /// Loads no page's files.
    NoFiles,
    /// Comes from nowhere.
    NoReferer,
    /// Neither.
    Neither,
    /// Moves like a program, as most do who use its very user agent.
    Driven(Company),
}

impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFiles => formatter.write_str("loads no page's files"),
            Self::NoReferer => formatter.write_str("never comes from a page"),
            Self::Neither => formatter.write_str("loads no page's files, never comes from a page"),
            Self::Driven(company) => company.fmt(formatter),
        }
    }
}

/// What visits of an application look like, as far as they claim to be a browser's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shape {
    visits: u32,
    with_files: u32,
    with_referer: u32,
}

impl Shape {
    /// Whether a visit is long enough to be learned from.
    #[must_use]
    pub(crate) fn is_enough(features: &Features) -> bool {
        features.requests() >= ENOUGH
    }

    /// Learns from a visit of who claims to be a browser.
    pub(crate) fn learn(&mut self, features: &Features) {
        let files = features.static_requests() as f64;
        self.visits += 1;
        self.with_files +=
            u32::from(files >= FILES_PER_REQUEST * features.requests() as f64 && files >= 3.0);
        self.with_referer += u32::from(2 * features.referred >= features.requests());
        if self.visits >= FADE_AT {
            self.visits /= 2;
            self.with_files /= 2;
            self.with_referer /= 2;
        }
    }

    /// Whether people's browsers load files here.
    #[must_use]
    pub(crate) fn has_files(&self) -> bool {
        self.is_expected(self.with_files)
    }

    fn is_expected(&self, shown: u32) -> bool {
        self.visits >= ENOUGH_VISITS && f64::from(shown) >= EXPECTED_SHARE * f64::from(self.visits)
    }

    /// What an actor does that the browser which it claims to be would not.
    #[must_use]
    pub(crate) fn contradiction(
        &self,
        features: &Features,
        class: UserAgentClass,
    ) -> Option<Contradiction> {
        if class != UserAgentClass::Browser || !Self::is_enough(features) {
            return None;
        }
        let no_files = self.has_files() && features.static_requests() == 0;
        let no_referer = self.is_expected(self.with_referer)
            && features.referred == 0
            && features.requests() >= ENOUGH_REFERRED;
        match (no_files, no_referer) {
            (true, true) => Some(Contradiction::Neither),
            (true, false) => Some(Contradiction::NoFiles),
            (false, true) => Some(Contradiction::NoReferer),
            (false, false) => None,
        }
    }

    /// Whether an actor may be a program: it calls itself none of a person's, or loads none of
    /// the files that a person's browser loads here.
    #[must_use]
    pub(crate) fn is_bare(&self, features: &Features, class: UserAgentClass) -> bool {
        match class {
            UserAgentClass::Browser => self.has_files() && features.static_requests() == 0,
            UserAgentClass::NativeApp => false,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    fn visit(requests: u64, files: u64, referred: u64) -> Features {
        let mut features = Features::default();
        for index in 0..requests + files {
            let mut event = Event::example(index as i64 * 1_000);
            if index >= requests {
                event.flags |= Event::STATIC;
            } else if index < referred {
                event.flags |= Event::REFERER;
            }
            features.add(&event);
        }
        features
    }

    fn shop() -> Shape {
        let mut shape = Shape::default();
        for _ in 0..10 {
            shape.learn(&visit(6, 12, 5));
        }
        shape
    }

    #[test]
    fn who_claims_to_be_a_browser_and_loads_no_files_contradicts_itself() {
        let shape = shop();
        let found = |features| shape.contradiction(&features, UserAgentClass::Browser);
        assert_eq!(found(visit(6, 0, 6)), Some(Contradiction::NoFiles));
        assert_eq!(found(visit(12, 0, 0)), Some(Contradiction::Neither));
        assert_eq!(found(visit(12, 1, 0)), Some(Contradiction::NoReferer));
        assert_eq!(found(visit(12, 1, 1)), None);
        assert_eq!(found(visit(4, 0, 0)), None, "too short");
    }

    #[test]
    fn where_nobody_loads_files_they_are_not_expected() {
        let mut shape = Shape::default();
        for _ in 0..50 {
            shape.learn(&visit(8, 0, 0));
        }
        assert_eq!(
            shape.contradiction(&visit(20, 0, 0), UserAgentClass::Browser),
            None
        );
    }

    #[test]
    fn an_icon_alone_is_not_what_a_page_loads() {
        let mut shape = Shape::default();
        for _ in 0..50 {
            shape.learn(&visit(8, 1, 0));
        }
        assert!(!shape.has_files());
    }

    #[test]
    fn half_of_the_visits_being_programs_does_not_hide_what_browsers_do() {
        let mut shape = shop();
        for _ in 0..10 {
            shape.learn(&visit(8, 0, 0));
        }
        assert!(shape.has_files());
    }

    #[test]
    fn apps_load_no_files_and_tools_are_programs_in_any_case() {
        let shape = shop();
        let nothing = visit(6, 0, 0);
        assert!(!shape.is_bare(&nothing, UserAgentClass::NativeApp));
        assert!(shape.is_bare(&nothing, UserAgentClass::Browser));
        assert!(Shape::default().is_bare(&nothing, UserAgentClass::HttpLibrary));
        assert!(!Shape::default().is_bare(&nothing, UserAgentClass::Browser));
    }
}
