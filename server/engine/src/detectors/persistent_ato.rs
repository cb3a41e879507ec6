//! Persistent ATO: in how many stretches of five minutes there was an attempt to sign in that
//! failed, times the share of authentication among all requests. Who mistypes does so within
//! one or two of them. Needs two attempts.
//!
//! Normal: fewer than 4 stretches, not learned: an attacker who is patient enough must not
//! teach patience. Avoided by attempts from another source each time.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::PersistentAto,
    unit: "stretches",
    default: 4.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: false,
    family: Family::Pace,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let stretches = f64::from(features.sign_ins.persistence.stretches());
    (features.sign_ins.attempts >= 2)
        .then(|| Measure::of(stretches * features.authentication_share()))
}
