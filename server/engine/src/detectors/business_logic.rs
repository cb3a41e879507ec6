//! Business logic score: one point for each request to a sensitive endpoint and for each change
//! at a business-critical one, a quarter for reading a critical one. Needs one such request.
//!
//! Normal: the 95th percentile of unsuspected actors; 15 points before anything is learned, a
//! shopper who changes the cart a dozen times and pays. Avoided by few, well-chosen requests.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::BusinessLogic,
    unit: "points",
    default: 15.0,
    direction: Direction::Above,
    resolution: 0.25,
    learned: true,
    family: Family::Intent,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let weight = evidence.features.business_weight;
    (weight > 0).then(|| Measure::of(weight as f64 / 100.0))
}
