//! Bad user-agent: what the user agent says of its sender. A class, not a number: a browser
//! that people use is no vote, a library most of one. A security scanner's name is decisive.
//! Always works. Avoided by copying a browser's user agent, which most bots do.

use shared::{BotType, DetectorKind, Direction, UserAgentClass};

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

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let class = evidence.user_agent.class;
    let vote = match class {
        UserAgentClass::SecurityScanner | UserAgentClass::Scraper => 1.0,
        UserAgentClass::HttpLibrary | UserAgentClass::Headless => 0.8,
        UserAgentClass::Empty | UserAgentClass::Inconsistent => 0.7,
        // Search engines are told by their addresses, not by a name that anybody may use.
        UserAgentClass::Crawler if evidence.user_agent.named => 0.0,
        UserAgentClass::Crawler => 0.5,
        UserAgentClass::Unknown => 0.3,
        UserAgentClass::Browser | UserAgentClass::NativeApp | UserAgentClass::Automation => 0.0,
    };
    Some(Measure {
        value: 0.0,
        vote: Some(vote),
        decisive: (class == UserAgentClass::SecurityScanner).then_some(BotType::SecurityCrawlers),
    })
}
