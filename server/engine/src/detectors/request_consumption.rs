//! Excessive request consumption: megabytes that an actor sent. A response 413 says that a
//! request was too large: where the log does not tell its size, that is one megabyte at least
//! (the usual limit). Needs one of both, and five requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 5 MB before anything is learned, a few
//! photographs. Avoided by many small requests, which the rate shows.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::RequestConsumption,
    unit: "MB",
    default: 5.0,
    direction: Direction::Above,
    resolution: 0.01,
    learned: true,
    family: Family::Response,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let refused = features.tally.codes.get(413);
    let megabytes = features.request_bytes as f64 / 1e6;
    let is_known = features.request_bytes > 0 || refused > 0;
    (is_known && features.requests() >= 5).then(|| Measure::of(megabytes.max(refused as f64)))
}
