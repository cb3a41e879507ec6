//! The detector rows of an attack: the engine's results with their texts. Pure.

use engine::DetectorRecord;
use shared::{DetectorResult, Direction};

use crate::text::count;

/// A row.
pub(super) fn result(record: &DetectorRecord) -> DetectorResult {
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
