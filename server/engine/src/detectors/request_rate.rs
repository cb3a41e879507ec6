//! Request rate: the most requests in any 60 s, static files left out; shown as *Peak rate*
//! beside the rate of bursts. Needs three requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 60 before anything is learned, one a
//! second for a whole minute, which a person reading pages does not reach and a busy single-page
//! application touches at most while it loads. Avoided by asking more slowly or from several
//! addresses.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::RequestRate,
    unit: "requests/min",
    default: 60.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: true,
    family: Family::Pace,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    (features.requests() >= 3).then(|| Measure::of(features.peak.peak as f64))
}
