//! Session rotation: how many clients of one source do so little each that they look like one
//! program that begins anew every few requests: another session key or user agent each time.
//! Works for an address whose clients are judged together.
//!
//! Normal: fewer than 6, not learned: a family or a small office behind one address. Large ones
//! are told apart by their browsers, which load the files of a page; see `Evidence::rotated`.
//! Avoided by long sessions.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::SessionRotation,
    unit: "sessions",
    default: 6.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: false,
    family: Family::Identity,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    evidence
        .rotated
        .map(|sessions| Measure::of(sessions as f64))
}
