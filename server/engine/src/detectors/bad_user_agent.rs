//! Bad user-agent: what the user agent says of its sender. A class, not a number: a browser
//! that people use is no vote, a library most of one. A security scanner's name is decisive.
//! A browser that does not behave like one contradicts itself (see `shape`); that a tool drives
//! it (see `driven`) is decisive: in all else it is like a person's. Always works.
//! Avoided by copying a browser's user agent, which most bots do, and loading what it would load,
//! which most do not.

use shared::{BotType, DetectorKind, Direction, UserAgentClass};

use crate::shape::Contradiction;

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::BadUserAgent,
    unit: "",
    default: 1.0,
    direction: Direction::Category,
    resolution: 1.0,
    learned: false,
    family: Family::Identity,
};

/// Endpoints from which on a crawler should have asked what it may ask for.
const CRAWL: u64 = 10;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let class = evidence.user_agent.class;
    let vote = match class {
        UserAgentClass::SecurityScanner | UserAgentClass::Scraper => 1.0,
        UserAgentClass::HttpLibrary | UserAgentClass::Headless => 0.8,
        UserAgentClass::Empty | UserAgentClass::Inconsistent => 0.7,
        // A crawler that is welcome asks first what it may ask for. (Whether it is who it says
        // it is, is another question.)
        UserAgentClass::Crawler if !evidence.user_agent.is_rude() => 0.0,
        UserAgentClass::Crawler if evidence.features.core.endpoints.distinct() >= CRAWL => 0.7,
        UserAgentClass::Crawler if evidence.user_agent.named => 0.0,
        UserAgentClass::Crawler | UserAgentClass::Unknown => 0.3,
        UserAgentClass::Browser => match evidence.contradiction {
            Some(Contradiction::Neither) => 0.9,
            Some(Contradiction::NoFiles | Contradiction::Driven(_)) => 0.7,
            Some(Contradiction::NoReferer) => 0.5,
            None => 0.0,
        },
        UserAgentClass::NativeApp | UserAgentClass::Automation => 0.0,
    };
    let decisive = match (class, evidence.contradiction) {
        (UserAgentClass::SecurityScanner, _) => Some(BotType::SecurityCrawlers),
        (UserAgentClass::Browser, Some(Contradiction::Driven(_))) => Some(BotType::ApiAbuse),
        _ => None,
    };
    Some(Measure {
        value: 0.0,
        vote: Some(vote),
        decisive,
    })
}
