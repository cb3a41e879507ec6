//! Suspicious behaviour score: the mean surprise of an actor's requests under the model of how
//! people move through this application, in bits per request, drawn towards the usual by
//! n / (n + 10). Needs five requests and a model of 50 sessions.
//!
//! Normal: the 95th percentile of unsuspected actors; 9 bits before anything is learned, one in
//! 500. Bits are logarithms already, so five bits above normal are a whole vote. Avoided by
//! moving as people do.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::SuspiciousBehavior,
    unit: "bits/request",
    default: 9.0,
    direction: Direction::Above,
    resolution: 0.1,
    learned: true,
    family: Family::Intent,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    (features.surprise_requests >= 5)
        .then(|| Measure::of(features.core.surprise_score(evidence.usual_surprise)))
}
