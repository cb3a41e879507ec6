//! The detector rows of an attack: the engine's results with their texts, and where their
//! numbers come from. Pure.

use engine::{AttackRecord, DetectorRecord, ModelRecord, VERSION};
use shared::{
    BotType, Contribution, DetectorResult, Direction, ExplainedDetector, ModelVote, TypeWeight,
};

use crate::text::count;

/// A detector's result.
pub(crate) fn result(record: &DetectorRecord) -> DetectorResult {
    DetectorResult {
        detector: record.detector,
        worked: record.worked,
        value: record.value,
        class: record.class.clone(),
        normal: record.normal,
        direction: record.direction,
        unit: engine::spec(record.detector).unit.to_owned(),
        deviation: record.deviation,
        vote: record.vote,
        weight: record.weight,
        normal_source: normal_source(record),
        hits: record.hits,
        model: record.model.as_ref().map(model),
    }
}

/// The version of the anomaly model that voted, and why.
pub(super) fn model(record: &ModelRecord) -> ModelVote {
    let contributions = record.contributions.iter();
    ModelVote {
        number: record.number,
        trained_at: record.trained_at,
        contributions: contributions
            .map(|(name, share)| Contribution {
                name: name.clone(),
                share: *share,
            })
            .collect(),
    }
}

/// Where the normal comes from. A class has none that could be learned.
fn normal_source(record: &DetectorRecord) -> String {
    match (record.direction, record.learned_percent) {
        (Direction::Category, _) => "listed".to_owned(),
        (_, 0) => "default".to_owned(),
        (_, 100..) => format!("learned from {}", count(record.learned_actors, "actor")),
        (_, percent) => format!("blended {percent}%"),
    }
}

/// The detectors of a verdict.
pub(super) fn explain(attack: &AttackRecord) -> Vec<ExplainedDetector> {
    // What is fixed of an engine is known of this one only.
    let is_ours = attack.engine_version == VERSION;
    let explained = attack.detectors.iter().map(|record| {
        let spec = engine::spec(record.detector);
        let is_class = record.direction == Direction::Category;
        let weights = BotType::ALL.iter().map(|bot_type| TypeWeight {
            bot_type: *bot_type,
            weight: engine::weight(*bot_type, record.detector),
        });
        ExplainedDetector {
            result: result(record),
            family: family(record),
            default_normal: (is_ours && !is_class).then_some(spec.default),
            learned_percent: record.learned_percent,
            learned_actors: record.learned_actors,
            weights: weights.filter(|it| is_ours && it.weight > 0.0).collect(),
            decisive_for: record.decisive,
        }
    });
    explained.collect()
}

/// A family's name is a word.
fn family(record: &DetectorRecord) -> String {
    let family = engine::spec(record.detector).family;
    format!("{family:?}").to_lowercase()
}
