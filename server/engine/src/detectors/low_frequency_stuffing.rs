//! Low-frequency credential stuffing: from how many sources come isolated attempts to sign in
//! and nothing else, all alike: to the same endpoint, without loading the page around it, and
//! nearly all in vain. Works for a cluster of such clients only.
//!
//! Normal: fewer than 5 sources, not learned: a few people whose password manager calls the API
//! by itself are alike too. Avoided by browsing like a visitor before each attempt, which costs
//! the attacker a real browser for every few passwords.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::LowFrequencyStuffing,
    unit: "sources",
    default: 5.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: false,
    family: Family::Identity,
};

/// Authentication makes up at least this share of what they do together.
const SHARE: f64 = 0.8;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let is_isolated = features.sign_ins.attempts > 0 && features.authentication_share() >= SHARE;
    (evidence.is_cluster && is_isolated).then(|| Measure::of(evidence.sources as f64))
}
