//! An attack as it is told: everything that its page shows and that is in no other record.

use shared::{DetectorKind, Direction, Outcome, Reaction, Timestamp, TypeConfidence, Verification};

use super::Attack;
use crate::detectors;
use crate::directory::Directory;
use crate::effects::{AttackRecord, DetectorMask, DetectorRecord, ModelRecord};
use crate::judge;
use crate::reckoning::reckon;

impl Attack {
    /// Why the anomaly model voted.
    fn model(&self) -> Option<ModelRecord> {
        let vote = self.verdict.anomaly.as_ref()?;
        let contributions = vote.contributions.iter();
        Some(ModelRecord {
            number: vote.number,
            trained_at: Timestamp(vote.trained_at),
            contributions: contributions
                .map(|(feature, share)| (feature.label().to_owned(), *share))
                .collect(),
        })
    }

    pub(super) fn record(&self, directory: &Directory) -> AttackRecord {
        let features = &self.features;
        let tally = &features.tally;
        let voted = self.verdict.voted();
        let bar = f64::from(self.bar);
        let types: Vec<TypeConfidence> = self
            .verdict
            .types
            .iter()
            .enumerate()
            .filter(|(rank, judgement)| *rank == 0 || judgement.confidence >= bar)
            .map(|(_, judgement)| TypeConfidence {
                bot_type: judgement.bot_type,
                confidence: (judgement.confidence + 0.5) as u8,
                decisive: judgement.decisive,
            })
            .collect();
        let mut detectors: Vec<DetectorRecord> = DetectorKind::ALL
            .iter()
            .zip(&self.verdict.findings)
            .map(|(kind, finding)| {
                let category = detectors::spec(*kind).direction == Direction::Category;
                DetectorRecord {
                    detector: *kind,
                    worked: finding.worked,
                    value: finding.value,
                    class: category.then(|| self.class_text(*kind, finding.vote)),
                    normal: finding.normal.value,
                    direction: detectors::spec(*kind).direction,
                    deviation: finding.deviation,
                    vote: finding.vote,
                    weight: judge::weight(types[0].bot_type, *kind),
                    decisive: finding.decisive,
                    learned_percent: finding.normal.learned_percent,
                    learned_actors: finding.normal.actors,
                    hits: self.fed.hits(DetectorMask::default().with(*kind)),
                    model: (*kind == DetectorKind::AnomalyModel)
                        .then(|| self.model())
                        .flatten(),
                }
            })
            .collect();
        detectors.sort_by(|a, b| {
            (b.vote > 0.0, b.worked)
                .cmp(&(a.vote > 0.0, a.worked))
                .then(b.deviation.total_cmp(&a.deviation))
        });
        let told = self.verdict.types.iter().take(types.len());
        AttackRecord {
            id: self.id,
            evidence: self.verdict.requests,
            reckonings: told
                .map(|judgement| reckon(&self.verdict, judgement))
                .collect(),
            types,
            scope: self.actor.scope(),
            started_at: Timestamp(self.started_at),
            ended_at: Timestamp(self.ended_at),
            closed: self.closed,
            requests: features.all_requests,
            hits: self.fed.hits(voted),
            blocked: tally.blocked,
            bar: self.bar,
            crossed: self.crossed,
            reaction: Reaction::RegisterAttack,
            addresses: tally.addresses.top(10),
            address_count: self.addresses.len() as u32,
            user_agents: tally.user_agents.top(10),
            methods: tally
                .methods
                .top(12)
                .into_iter()
                .map(|(method, count)| (method.name().to_owned(), count))
                .collect(),
            codes: tally.codes.top(16),
            endpoints: features
                .core
                .endpoints
                .top(5)
                .into_iter()
                .map(|(key, count)| (directory.resolve(key), u64::from(count)))
                .collect(),
            detectors,
            session_count: self.session_count,
            timeline: self.timeline.to_shared(),
            outcome: Outcome {
                sign_in_attempts: features.sign_ins.attempts,
                sign_ins_succeeded: features.sign_ins.successes,
                sensitive_answered: features.sensitive_answered,
                bytes_taken: tally.response_bytes,
            },
            identities: u32::try_from(features.sign_ins.identities.distinct()).unwrap_or(u32::MAX),
            reopened: self.reopened,
            suspicion: self.verdict.suspicion(),
            engine_version: crate::VERSION.to_owned(),
        }
    }

    fn class_text(&self, kind: DetectorKind, vote: f64) -> String {
        if kind == DetectorKind::SpoofedCrawler {
            let verification = if vote > 0.0 {
                Verification::Spoofed
            } else {
                Verification::Verified
            };
            return format!("{}: {}", verification.label(), self.product);
        }
        let named = self.named_class();
        match self.verdict.contradiction {
            Some(contradiction) => format!("{named}, but {contradiction}"),
            None => named,
        }
    }

    fn named_class(&self) -> String {
        if self.product.is_empty() || self.product.eq_ignore_ascii_case(self.class.label()) {
            self.class.label().to_owned()
        } else {
            format!("{}: {}", self.class.label(), self.product)
        }
    }
}
