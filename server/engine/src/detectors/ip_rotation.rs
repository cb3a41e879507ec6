//! IP rotation: from how many addresses one actor came: a client with a session key, or a
//! cluster of clients alike. Needs a session key or a cluster, and three requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 4 before anything is learned: a phone
//! goes from the home's network to the train's to the office's. Avoided by not being alike from
//! one address to the next.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::IpRotation,
    unit: "addresses",
    default: 4.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: true,
    family: Family::Identity,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let is_enough = evidence.features.requests() >= 3;
    (is_enough && evidence.can_rotate).then(|| Measure::of(evidence.sources as f64))
}
