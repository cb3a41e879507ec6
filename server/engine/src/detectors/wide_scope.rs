//! Wide scope: how many different endpoints an actor touched. Needs ten requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 40 before anything is learned: people use
//! a small part of an application. Avoided by spreading the work over several actors.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::WideScope,
    unit: "endpoints",
    default: 40.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: true,
    family: Family::Coverage,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    (features.requests() >= 10).then(|| Measure::of(features.core.endpoints.distinct() as f64))
}
