//! Request uniqueness: expected distinct endpoints in 50 requests, over 50. Needs ten requests.
//!
//! Normal: the 5th percentile of unsuspected actors; 0.15 before anything is learned, seven or
//! eight endpoints in fifty requests. Avoided by asking for other things in between.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::RequestUniqueness,
    unit: "",
    default: 0.15,
    direction: Direction::Below,
    resolution: 0.02,
    learned: true,
    family: Family::Coverage,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let uniqueness = evidence.features.core.endpoints.uniqueness()?;
    Some(Measure::of(uniqueness))
}
