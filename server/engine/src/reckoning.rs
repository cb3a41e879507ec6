//! How a confidence came about, kept with the verdict so that it can be written out term by term
//! later, whatever the weights are by then. Not the judgement itself.

use serde::{Deserialize, Serialize};
use shared::{BotType, ConfidenceRule, DetectorKind};

use crate::judge::{self, Judgement, Verdict};

/// How the confidence of one type came about: Σ votes / Σ weights over its terms, times
/// n / (n + 5) for n requests, and what was made of that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reckoning {
    /// The type.
    pub bot_type: BotType,
    /// What was summed up.
    pub terms: Vec<ReckonedTerm>,
    /// The confidence, 0 to 100, not rounded.
    pub confidence: f64,
    /// What the arithmetic came to.
    pub rule: ConfidenceRule,
}

/// One term of a reckoning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReckonedTerm {
    /// Whose.
    pub detector: DetectorKind,
    /// Weight × vote.
    pub votes: f64,
    /// How much it counted in all.
    pub weight: f64,
}

/// Of how many requests a confidence counts half.
pub const EVIDENCE_HALF: f64 = judge::EVIDENCE_HALF;

/// The confidence, in percent, that one decisive finding is enough for.
pub const DECISIVE_FLOOR: f64 = judge::DECISIVE_FLOOR;

/// How much a detector counts for a type; 0 if it does not.
#[must_use]
pub fn weight(bot_type: BotType, detector: DetectorKind) -> f64 {
    judge::weight(bot_type, detector)
}

/// Writes out how `judgement` came about in `verdict`.
#[must_use]
pub(crate) fn reckon(verdict: &Verdict, judgement: &Judgement) -> Reckoning {
    let bot_type = judgement.bot_type;
    let terms = judge::terms(bot_type, &verdict.findings);
    let terms = terms.iter().map(|term| ReckonedTerm {
        detector: term.detector,
        votes: term.votes,
        weight: term.weight,
    });
    Reckoning {
        bot_type,
        terms: terms.collect(),
        confidence: judgement.confidence,
        rule: find_rule(verdict, judgement),
    }
}

fn find_rule(verdict: &Verdict, judgement: &Judgement) -> ConfidenceRule {
    let requests = verdict.requests as f64;
    let share = judge::share_of_votes(judgement.bot_type, &verdict.findings);
    let plain = 100.0 * requests / (requests + EVIDENCE_HALF) * share;
    let is_plain = (judgement.confidence - plain).abs() < 1e-9;
    if judgement.decisive && judgement.confidence > plain {
        ConfidenceRule::Decisive
    } else if is_plain && share > 0.0 {
        ConfidenceRule::Counted
    } else if share > 0.0 && judgement.confidence == 0.0 {
        ConfidenceRule::Excused
    } else if share > 0.0 {
        ConfidenceRule::Narrower
    } else if judge::essential(judgement.bot_type, &verdict.findings) {
        ConfidenceRule::OneFamily
    } else {
        ConfidenceRule::NotEssential
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Normal;
    use crate::detectors::Finding;

    /// A verdict in which these detectors voted so much.
    fn verdict(requests: u64, votes: &[(DetectorKind, f64)]) -> Verdict {
        let finding = |kind: &DetectorKind| Finding {
            worked: votes.iter().any(|(voter, _)| voter == kind),
            value: 1.0,
            normal: Normal {
                value: 1.0,
                learned_percent: 0,
                actors: 0,
            },
            deviation: 1.0,
            vote: votes
                .iter()
                .find(|(voter, _)| voter == kind)
                .map_or(0.0, |(_, vote)| *vote),
            decisive: None,
        };
        Verdict {
            requests,
            findings: DetectorKind::ALL.iter().map(finding).collect(),
            contradiction: None,
            types: Vec::new(),
            anomaly: None,
        }
    }

    fn judgement(confidence: f64, decisive: bool) -> Judgement {
        Judgement {
            bot_type: BotType::Scraping,
            confidence,
            decisive,
        }
    }

    #[test]
    fn the_terms_give_the_confidence() {
        let votes = [
            (DetectorKind::QueryAbuse, 1.0),
            (DetectorKind::BadUserAgent, 0.8),
        ];
        let verdict = verdict(45, &votes);
        let share = judge::share_of_votes(BotType::Scraping, &verdict.findings);
        let confidence = 100.0 * share * 45.0 / 50.0;
        let reckoning = reckon(&verdict, &judgement(confidence, false));
        let sum = |of: fn(&ReckonedTerm) -> f64| reckoning.terms.iter().map(of).sum::<f64>();
        let counted = 100.0 * sum(|term| term.votes) / sum(|term| term.weight) * 0.9;
        assert!((counted - confidence).abs() < 1e-9, "{reckoning:?}");
        assert_eq!(reckoning.rule, ConfidenceRule::Counted);
    }

    #[test]
    fn what_is_not_the_arithmetic_has_its_reason() {
        let two = [
            (DetectorKind::QueryAbuse, 1.0),
            (DetectorKind::BadUserAgent, 0.8),
        ];
        let rule = |votes: &[(DetectorKind, f64)], confidence, decisive| {
            reckon(&verdict(10, votes), &judgement(confidence, decisive)).rule
        };
        assert_eq!(rule(&two, 80.0, true), ConfidenceRule::Decisive);
        assert_eq!(rule(&two, 0.0, false), ConfidenceRule::Excused);
        assert_eq!(rule(&two, 12.0, false), ConfidenceRule::Narrower);
        assert_eq!(rule(&two[..1], 0.0, false), ConfidenceRule::OneFamily);
        assert_eq!(rule(&two[1..], 0.0, false), ConfidenceRule::NotEssential);
    }
}
