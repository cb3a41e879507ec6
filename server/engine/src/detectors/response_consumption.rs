//! Excessive response consumption: megabytes that an actor was sent, static files included,
//! since it became active. Needs a log that tells it, and five requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 20 MB before anything is learned, some
//! twenty pages with all their pictures. Avoided by spreading the load over several actors.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::ResponseConsumption,
    unit: "MB",
    default: 20.0,
    direction: Direction::Above,
    resolution: 0.01,
    learned: true,
    family: Family::Response,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let bytes = features.tally.response_bytes;
    let is_enough = bytes > 0 && features.requests() >= 5;
    is_enough.then(|| Measure::of(bytes as f64 / 1e6))
}
