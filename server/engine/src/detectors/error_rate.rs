//! Error rate: the share of 4xx and 5xx among the responses. Needs eight requests to three
//! endpoints: one broken link that a page repeats is the page's fault.
//!
//! Normal: the 95th percentile of unsuspected actors; 0.4 before anything is learned. Avoided by
//! asking only for what exists.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::ErrorRate,
    unit: "",
    default: 0.4,
    direction: Direction::Above,
    resolution: 0.01,
    learned: true,
    family: Family::Response,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let core = &evidence.features.core;
    (core.requests >= 8 && core.endpoints.distinct() >= 3)
        .then(|| Measure::of(core.errors as f64 / core.requests as f64))
}
