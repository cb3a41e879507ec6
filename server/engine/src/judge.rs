//! From findings to a verdict: which detector counts how much for which bot type, and when
//! that is enough. Pure arithmetic over findings; what to do with a verdict is the engine's.

use serde::{Deserialize, Serialize};
use shared::{BotType, DetectorKind};

use crate::anomaly::AnomalyFeature;
use crate::detectors::{self, Evidence, Family, Finding, Normals};
use crate::effects::DetectorMask;
use crate::welcome::Welcome;

/// A decisive finding sets this floor, in percent.
const DECISIVE_FLOOR: f64 = 80.0;
/// Requests of evidence at which a verdict counts half: confidence × n / (n + 5).
const EVIDENCE_HALF: f64 = 5.0;

/// What an actor was judged to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// What each detector found, in the order of [`DetectorKind::ALL`].
    pub findings: Vec<Finding>,
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

/// How much a detector counts for a type; 0 if it does not.
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
            D::RequestInterval | D::RequestUniqueness => 3.0,
            D::RequestRate | D::BadUserAgent => 2.0,
            D::SuspiciousBehavior | D::BusinessLogic | D::QueryAbuse | D::ErrorRate => 0.5,
            D::AnomalyModel => 1.0,
            _ => 0.0,
        },
        BotType::AccountTakeover => match detector {
            D::AuthenticationAbuse => 6.0,
            D::RequestUniqueness => 2.0,
            D::RequestRate | D::RequestInterval | D::ErrorRate | D::BadUserAgent => 0.5,
            _ => 0.0,
        },
        BotType::Scraping => match detector {
            D::QueryAbuse => 4.0,
            D::RequestRate | D::BadUserAgent => 2.0,
            D::WideScope => 1.5,
            D::RequestInterval | D::AnomalyModel => 1.0,
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
            D::RequestRate | D::BadUserAgent => 3.0,
            D::RequestUniqueness | D::BusinessLogic => 1.0,
            _ => 0.0,
        },
    }
}

/// What a type cannot do without: the findings that make it this type and no other.
fn essential(bot_type: BotType, findings: &[Finding]) -> bool {
    let voted = |kind: DetectorKind| findings[kind as usize].vote > 0.0;
    match bot_type {
        BotType::ApiAbuse => true,
        BotType::AccountTakeover => voted(DetectorKind::AuthenticationAbuse),
        BotType::Scraping => voted(DetectorKind::QueryAbuse) || voted(DetectorKind::WideScope),
        BotType::SecurityCrawlers => {
            voted(DetectorKind::ExploitProbing)
                || voted(DetectorKind::ErrorRate) && voted(DetectorKind::WideScope)
        }
        // Speed alone: who is after content, passwords or holes is named for that.
        BotType::ResourceConsumption => {
            voted(DetectorKind::RequestRate)
                && !voted(DetectorKind::QueryAbuse)
                && !voted(DetectorKind::WideScope)
                && !voted(DetectorKind::AuthenticationAbuse)
                && !voted(DetectorKind::ExploitProbing)
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
    // It costs more than all others, and never is enough alone.
    if findings.iter().any(|finding| finding.vote > 0.0) {
        let kind = DetectorKind::AnomalyModel;
        findings[kind as usize] = detectors::look(kind, evidence, normals);
    }
    let requests = evidence.features.requests() as f64;
    let weight_of_evidence = requests / (requests + EVIDENCE_HALF);
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
                100.0 * weight_of_evidence * share_of_votes(*bot_type, &findings)
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
        findings,
        types,
        anomaly: None,
    }
}

/// Σ weight × vote / Σ weight over the detectors relevant to a type that worked; 0 unless two
/// independent families voted.
fn share_of_votes(bot_type: BotType, findings: &[Finding]) -> f64 {
    if !essential(bot_type, findings) {
        return 0.0;
    }
    let (mut votes, mut weights) = (0.0, 0.0);
    let mut families: [Option<Family>; 2] = [None, None];
    for (kind, finding) in DetectorKind::ALL.iter().zip(findings) {
        let weight = weight(bot_type, *kind);
        // A browser of today speaks for nobody: that is what everybody copies.
        let is_silent = *kind == DetectorKind::OutdatedBrowser && finding.vote == 0.0;
        if weight == 0.0 || !finding.worked || is_silent {
            continue;
        }
        weights += weight;
        votes += weight * finding.vote;
        if finding.vote > 0.0 {
            let family = Some(detectors::spec(*kind).family);
            if families[0].is_none() {
                families[0] = family;
            } else if families[0] != family {
                families[1] = family;
            }
        }
    }
    if families[1].is_none() || weights == 0.0 {
        0.0
    } else {
        votes / weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::hash_parts;
    use crate::baseline::Baseline;
    use crate::directory::KnownUserAgent;
    use crate::effects::EndpointKey;
    use crate::event::{Event, MethodId};
    use crate::features::Features;
    use crate::session::RoleId;
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
    fn features(count: u64, gap_s: i64, endpoints: u64, flags: u16) -> Features {
        let mut features = Features::default();
        for index in 0..count {
            features.add(&Event {
                at: index as i64 * gap_s * 1_000,
                client: Default::default(),
                address: Default::default(),
                endpoint: EndpointKey(index % endpoints),
                target: hash_parts(&[&(index % endpoints).to_le_bytes()]),
                user_agent: Default::default(),
                user: 0,
                response_bytes: 0,
                id: shared::RequestId { segment: 0, row: 0 },
                source: 0,
                resolution_ms: 1_000,
                surprise: 0,
                flags,
                status: 200,
                method: MethodId::of("GET"),
                role: RoleId::NONE,
            });
        }
        features
    }

    fn confidence(features: &Features, class: UserAgentClass, bot_type: BotType) -> Judgement {
        let evidence = Evidence {
            features,
            user_agent: known(class),
            usual_surprise: 0.0,
            anomaly: None,
        };
        let verdict = judge(&evidence, &normals(), 60.0);
        *verdict
            .types
            .iter()
            .find(|judgement| judgement.bot_type == bot_type)
            .unwrap()
    }

    #[test]
    fn confidence_is_the_share_of_votes_of_those_that_worked_times_the_evidence() {
        // 45 requests, a minute apart, one endpoint, a library's user agent. As api_abuse:
        //   interval 3 × 1 (spread 0, 30 times below), uniqueness 3 × vote(0.15 / (1/45)),
        //   rate 2 × 0, user agent 2 × 0.8, query abuse ½ × 0; errors and surprise did not work.
        let polled = features(45, 60, 1, 0);
        let uniqueness = 0.5 + 0.5 * (libm::log2(0.15 * 45.0) / 3.0);
        let votes = 3.0 + 3.0 * uniqueness + 1.6;
        let expected = 100.0 * votes / (3.0 + 3.0 + 2.0 + 2.0 + 0.5) * 45.0 / 50.0;
        let found = confidence(&polled, UserAgentClass::HttpLibrary, BotType::ApiAbuse);
        assert!(
            (found.confidence - expected).abs() < 1e-9,
            "{found:?} {expected}"
        );
        assert!(!found.decisive);
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
        let evidence = Evidence {
            features: &scraper,
            user_agent: known(UserAgentClass::HttpLibrary),
            usual_surprise: 0.0,
            anomaly: None,
        };
        let verdict = judge(&evidence, &normals(), 60.0);
        assert_eq!(verdict.types[0].bot_type, BotType::Scraping, "{verdict:?}");
    }
}
