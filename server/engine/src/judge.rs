//! From findings to a verdict: which detector counts how much for which bot type, and when
//! that is enough. Pure arithmetic over findings; what to do with a verdict is the engine's.

use serde::{Deserialize, Serialize};
use shared::{BotType, DetectorKind};

use crate::anomaly::AnomalyFeature;
use crate::detectors::{self, Evidence, Family, Finding, Normals};
use crate::effects::DetectorMask;
use crate::shape::Contradiction;
use crate::welcome::Welcome;

/// A decisive finding sets this floor, in percent.
pub(crate) const DECISIVE_FLOOR: f64 = 80.0;
/// Requests of evidence at which a verdict counts half: confidence × n / (n + 5).
pub(crate) const EVIDENCE_HALF: f64 = 5.0;

/// At how many requests an actor is judged again that was judged at so many: an eighth more.
#[must_use]
pub(crate) fn due_after(requests: u64) -> u64 {
    requests + (requests / 8).max(1)
}

/// The highest confidence that so many requests are enough for, in percent, unless something is
/// decisive.
#[must_use]
pub(crate) fn most_confidence(requests: u64) -> f64 {
    let requests = requests as f64;
    100.0 * (requests / (requests + EVIDENCE_HALF))
}

/// What an actor was judged to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// Of how many requests.
    pub requests: u64,
    /// What each detector found, in the order of [`DetectorKind::ALL`].
    pub findings: Vec<Finding>,
    /// What it does that its user agent would not.
    pub contradiction: Option<Contradiction>,
    /// Every type with its confidence in percent, highest first.
    pub types: Vec<Judgement>,
    /// The anomaly model that voted.
    pub anomaly: Option<AnomalyVote>,
}

/// The version of the anomaly model that voted, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnomalyVote {
    /// The version.
    pub number: u32,
    /// When it was trained, in milliseconds since 1970 UTC.
    pub trained_at: i64,
    /// What makes the actor unusual, with the share of each.
    pub contributions: Vec<(AnomalyFeature, f64)>,
}

/// How sure the verdict is of one type.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Judgement {
    /// The type.
    pub bot_type: BotType,
    /// 0 to 100.
    pub confidence: f64,
    /// Whether a decisive finding set the floor.
    pub decisive: bool,
}

impl Verdict {
    /// The detectors that voted.
    #[must_use]
    pub(crate) fn voted(&self) -> DetectorMask {
        let voters = DetectorKind::ALL.iter().zip(&self.findings);
        voters
            .filter(|(_, finding)| finding.vote > 0.0)
            .fold(DetectorMask::default(), |mask, (kind, _)| mask.with(*kind))
    }

    /// Sum of log2 of the deviations of voters, each capped at 5.
    #[must_use]
    pub(crate) fn suspicion(&self) -> f64 {
        let voters = self.findings.iter().filter(|finding| finding.vote > 0.0);
        voters
            .map(|finding| libm::log2(finding.deviation.max(1.0)).min(5.0))
            .sum()
    }

    /// The highest confidence.
    #[must_use]
    pub(crate) fn confidence(&self) -> f64 {
        self.types
            .first()
            .map_or(0.0, |judgement| judgement.confidence)
    }
}

/// How much a detector counts for a type; 0 if it does not. Of one family only the strongest
/// counts: two measures of the same behaviour are not two reasons.
#[must_use]
pub(crate) fn weight(bot_type: BotType, detector: DetectorKind) -> f64 {
    use DetectorKind as D;
    match detector {
        // Whatever it does: who it is counts the same.
        D::SpoofedCrawler => return 3.0,
        D::OutdatedBrowser => return 0.5,
        _ => {}
    }
    match bot_type {
        BotType::ApiAbuse => match detector {
            D::RequestUniqueness => 3.0,
            D::BadUserAgent | D::IpRotation | D::SessionRotation => 3.0,
            D::BusinessLogic => 2.0,
            D::RequestInterval => 2.0,
            D::RequestRate => 1.5,
            D::SuspiciousBehavior | D::AnomalyModel => 1.0,
            _ => 0.0,
        },
        BotType::AccountTakeover => match detector {
            D::AuthenticationAbuse => 6.0,
            D::CredentialStuffing => 5.0,
            D::LowFrequencyStuffing => 3.0,
            D::RequestUniqueness => 2.0,
            D::PersistentAto | D::IpRotation | D::SessionRotation => 1.5,
            D::BadUserAgent => 1.0,
            D::RequestRate | D::RequestInterval | D::ErrorRate => 0.5,
            _ => 0.0,
        },
        BotType::Scraping => match detector {
            D::QueryAbuse => 4.0,
            D::WideScope | D::RequestInterval => 3.0,
            D::BadUserAgent | D::IpRotation => 2.0,
            D::RequestRate => 1.5,
            D::AnomalyModel => 1.0,
            D::ResponseConsumption => 0.5,
            _ => 0.0,
        },
        BotType::SecurityCrawlers => match detector {
            D::ExploitProbing => 4.0,
            D::ErrorRate => 2.0,
            D::WideScope | D::BadUserAgent | D::SuspiciousBehavior => 1.0,
            D::RequestRate => 0.5,
            _ => 0.0,
        },
        BotType::ResourceConsumption => match detector {
            D::RequestConsumption | D::ResponseConsumption | D::ResponseTime => 4.0,
            D::RequestRate => 3.0,
            D::BadUserAgent | D::IpRotation => 2.5,
            D::RequestUniqueness => 1.0,
            _ => 0.0,
        },
    }
}

/// How much a family counts when none of it votes. What a bot is and where it goes it cannot
/// easily hide; a random pause, a well-chosen endpoint or a successful answer costs it nothing,
/// and proves little.
fn silence(family: Family) -> f64 {
    match family {
        Family::Identity | Family::Coverage => 1.0,
        Family::Pace | Family::Intent | Family::Response | Family::Likeness => 0.5,
    }
}

/// From so many times normal on speed is what it is all about.
const FAST: f64 = 4.0;

/// What a type cannot do without: the findings that make it this type and no other.
#[must_use]
pub(crate) fn essential(bot_type: BotType, findings: &[Finding]) -> bool {
    let found = |kind: DetectorKind| &findings[kind as usize];
    let voted = |kind: DetectorKind| found(kind).vote > 0.0;
    match bot_type {
        // A page left open asks again and again, too: something else must speak for a program.
        BotType::ApiAbuse => {
            voted(DetectorKind::BadUserAgent)
                || voted(DetectorKind::IpRotation)
                || voted(DetectorKind::SessionRotation)
                || voted(DetectorKind::RequestRate)
                || voted(DetectorKind::BusinessLogic)
        }
        BotType::AccountTakeover => {
            voted(DetectorKind::AuthenticationAbuse)
                || voted(DetectorKind::CredentialStuffing)
                || voted(DetectorKind::LowFrequencyStuffing)
        }
        BotType::Scraping => voted(DetectorKind::QueryAbuse) || voted(DetectorKind::WideScope),
        BotType::SecurityCrawlers => {
            voted(DetectorKind::ExploitProbing)
                || voted(DetectorKind::ErrorRate) && voted(DetectorKind::WideScope)
        }
        // What it costs: who is after content, passwords or holes is named for that.
        BotType::ResourceConsumption => {
            let costs = voted(DetectorKind::RequestConsumption)
                || voted(DetectorKind::ResponseConsumption)
                || voted(DetectorKind::ResponseTime);
            let rate = found(DetectorKind::RequestRate);
            let is_fast = rate.vote > 0.0 && rate.deviation >= FAST;
            let is_for_more = voted(DetectorKind::WideScope)
                || voted(DetectorKind::AuthenticationAbuse)
                || voted(DetectorKind::ExploitProbing);
            (costs || is_fast) && !is_for_more
        }
    }
}

/// Judges the evidence; `bar` is the confidence in percent from which on an actor is a bot.
#[must_use]
pub(crate) fn judge(evidence: &Evidence<'_>, normals: &Normals, bar: f64) -> Verdict {
    let alone = Evidence {
        anomaly: None,
        ..*evidence
    };
    let mut findings: Vec<Finding> = DetectorKind::ALL
        .iter()
        .map(|kind| detectors::look(*kind, &alone, normals))
        .collect();
    // It costs more than all others, and changes nothing where they are not enough for any type.
    let is_of = |bot_type: &BotType| share_of_votes(*bot_type, &findings) > 0.0;
    let is_decided = || findings.iter().any(|finding| finding.decisive.is_some());
    if is_decided() || BotType::ALL.iter().any(is_of) {
        let kind = DetectorKind::AnomalyModel;
        findings[kind as usize] = detectors::look(kind, evidence, normals);
    }
    let most = most_confidence(evidence.features.requests());
    let welcome = Welcome::of(evidence);
    let mut types: Vec<Judgement> = BotType::ALL
        .iter()
        .map(|bot_type| {
            let decisive = findings
                .iter()
                .any(|finding| finding.decisive == Some(*bot_type));
            let confidence = if welcome.excuses(*bot_type) && !decisive {
                0.0
            } else {
                most * share_of_votes(*bot_type, &findings)
            };
            Judgement {
                bot_type: *bot_type,
                confidence: if decisive {
                    confidence.max(DECISIVE_FLOOR)
                } else {
                    confidence
                },
                decisive,
            }
        })
        .collect();
    // Suspicious API activity is what fits no narrower type.
    let narrower = types
        .iter()
        .filter(|judgement| judgement.bot_type != BotType::ApiAbuse)
        .map(|judgement| judgement.confidence)
        .fold(0.0, f64::max);
    if narrower >= bar {
        for judgement in &mut types {
            judgement.confidence = judgement.confidence.min(narrower);
        }
    }
    types.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then(b.bot_type.cmp(&a.bot_type))
    });
    Verdict {
        requests: evidence.features.requests(),
        findings,
        contradiction: evidence.contradiction,
        types,
        anomaly: None,
    }
}

/// What one family says of a type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Term {
    /// The family.
    pub family: Family,
    /// Its strongest voter; if none votes, the one that would have counted most.
    pub detector: DetectorKind,
    /// Weight × vote of that one.
    pub votes: f64,
    /// How much the family counts in all.
    pub weight: f64,
}

/// What each family says of a type, as far as one of its detectors worked.
#[must_use]
pub(crate) fn terms(bot_type: BotType, findings: &[Finding]) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for (kind, finding) in DetectorKind::ALL.iter().zip(findings) {
        let weight = weight(bot_type, *kind);
        // A browser of today speaks for nobody: that is what everybody copies.
        let is_silent = *kind == DetectorKind::OutdatedBrowser && finding.vote == 0.0;
        if weight == 0.0 || !finding.worked || is_silent {
            continue;
        }
        let family = detectors::spec(*kind).family;
        let votes = weight * finding.vote;
        match terms.iter_mut().find(|term| term.family == family) {
            Some(term) => {
                if votes > term.votes || (votes == 0.0 && term.votes == 0.0 && weight > term.weight)
                {
                    (term.detector, term.votes) = (*kind, votes);
                }
                term.weight = term.weight.max(weight);
            }
            None => terms.push(Term {
                family,
                detector: *kind,
                votes,
                weight,
            }),
        }
    }
    for term in terms.iter_mut().filter(|term| term.votes == 0.0) {
        term.weight *= silence(term.family);
    }
    terms
}

/// Σ weight × vote / Σ weight over the families that a type asks for and that worked; 0 unless
/// two of them voted.
#[must_use]
pub(crate) fn share_of_votes(bot_type: BotType, findings: &[Finding]) -> f64 {
    if !essential(bot_type, findings) {
        return 0.0;
    }
    let terms = terms(bot_type, findings);
    // The anomaly model looks at what the others look at: it is no second reason.
    let reasons = terms.iter();
    let reasons = reasons.filter(|it| it.votes > 0.0 && it.family != Family::Likeness);
    if reasons.count() < 2 {
        return 0.0;
    }
    let votes: f64 = terms.iter().map(|term| term.votes).sum();
    let weights: f64 = terms.iter().map(|term| term.weight).sum();
    votes / weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::hash_parts;
    use crate::baseline::Baseline;
    use crate::directory::KnownUserAgent;
    use crate::effects::EndpointKey;
    use crate::event::Event;
    use crate::features::Features;
    use shared::UserAgentClass;

    fn normals() -> Normals {
        Normals::of(&Baseline::default())
    }

    fn known(class: UserAgentClass) -> KnownUserAgent {
        KnownUserAgent {
            class,
            ..KnownUserAgent::default()
        }
    }

    /// `count` requests, one every `gap_s` seconds, to `endpoints` endpoints in turn.
    fn features(count: u64, gap_s: i64, endpoints: u64, flags: u32) -> Features {
        let mut features = Features::default();
        for index in 0..count {
            features.add(&Event {
                endpoint: EndpointKey(index % endpoints),
                target: hash_parts(&[&(index % endpoints).to_le_bytes()]),
                flags,
                ..Event::example(index as i64 * gap_s * 1_000)
            });
        }
        features
    }

    fn confidence(features: &Features, class: UserAgentClass, bot_type: BotType) -> Judgement {
        let evidence = Evidence::of(features, known(class));
        let verdict = judge(&evidence, &normals(), 60.0);
        *verdict
            .types
            .iter()
            .find(|judgement| judgement.bot_type == bot_type)
            .unwrap()
    }

    #[test]
    fn confidence_is_the_share_of_votes_of_those_that_worked_times_the_evidence() {
        // 45 requests, a minute apart, one endpoint, a library's user agent. As api_abuse, of
        // each family the strongest: interval 2 × 1 (spread 0, 30 times below), uniqueness
        // 3 × vote(0.15 / (1/45)), user agent 3 × 0.8; what a business loses did not work.
        let polled = features(45, 60, 1, 0);
        let uniqueness = 0.5 + 0.5 * (libm::log2(0.15 * 45.0) / 3.0);
        let votes = 2.0 + 3.0 * uniqueness + 2.4;
        let expected = 100.0 * votes / (2.0 + 3.0 + 3.0) * 45.0 / 50.0;
        let found = confidence(&polled, UserAgentClass::HttpLibrary, BotType::ApiAbuse);
        assert!(
            (found.confidence - expected).abs() < 1e-9,
            "{found:?} {expected}"
        );
        assert!(!found.decisive);
    }

    #[test]
    fn what_a_bot_can_hide_for_nothing_counts_half_when_it_is_silent() {
        let silent = |kind: DetectorKind| Finding {
            worked: true,
            value: 0.0,
            normal: normals().get(kind),
            deviation: 0.0,
            vote: 0.0,
            decisive: None,
        };
        let findings: Vec<Finding> = DetectorKind::ALL.iter().map(|kind| silent(*kind)).collect();
        let weight = |family| {
            let terms = terms(BotType::ApiAbuse, &findings);
            terms
                .iter()
                .find(|term| term.family == family)
                .unwrap()
                .weight
        };
        assert_eq!(weight(Family::Coverage), 3.0);
        assert_eq!(weight(Family::Pace), 1.0);
    }

    #[test]
    fn one_family_of_behaviour_alone_is_never_enough() {
        // Twice a second for ten minutes to many endpoints: fast, and nothing else.
        let fast = features(600, 0, 30, 0);
        let found = confidence(&fast, UserAgentClass::Browser, BotType::ResourceConsumption);
        assert_eq!(found.confidence, 0.0);
    }

    #[test]
    fn a_decisive_finding_sets_the_floor_of_eighty_even_for_one_request() {
        let probe = features(1, 1, 1, Event::PROBE | Event::DECISIVE_PROBE);
        let found = confidence(&probe, UserAgentClass::Browser, BotType::SecurityCrawlers);
        assert_eq!((found.confidence, found.decisive), (80.0, true));
    }

    #[test]
    fn seven_failed_attempts_are_not_decisive_and_eight_are() {
        let flags = Event::AUTHENTICATION | Event::ATTEMPT;
        let decisive = |count| {
            let guesses = features(count, 30, 1, flags);
            confidence(&guesses, UserAgentClass::Browser, BotType::AccountTakeover).decisive
        };
        assert!(!decisive(7));
        assert!(decisive(8));
    }

    #[test]
    fn automation_that_names_itself_may_be_regular() {
        let polled = features(500, 60, 1, 0);
        let found = confidence(&polled, UserAgentClass::Automation, BotType::ApiAbuse);
        assert_eq!(found.confidence, 0.0);
    }

    #[test]
    fn suspicious_activity_never_stands_before_a_narrower_type_that_crossed_the_bar() {
        let mut scraper = features(400, 1, 1, 0);
        for index in 0..400u64 {
            scraper.variants.add(hash_parts(&[&index.to_le_bytes()]));
        }
        let evidence = Evidence::of(&scraper, known(UserAgentClass::HttpLibrary));
        let verdict = judge(&evidence, &normals(), 60.0);
        assert_eq!(verdict.types[0].bot_type, BotType::Scraping, "{verdict:?}");
    }
}
