//! Credential stuffing: how many different identities one actor tried to sign in as and failed.
//! Works where the log names the user of a failed attempt, from two identities on.
//!
//! Normal: fewer than 4, not learned: a household signs in as two or three people; an
//! application that is stuffed all day must not come to think of it as normal. Avoided by few
//! identities from each of many sources, which `low_frequency_stuffing` looks for.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::CredentialStuffing,
    unit: "identities",
    default: 4.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: false,
    family: Family::Intent,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let identities = evidence.features.sign_ins.identities.distinct();
    (identities >= 2).then(|| Measure::of(identities as f64))
}
