//! Request interval: the spread of the gaps between bursts, 1 − scheduled requests: 0 is a
//! clock, 1 is random; or that of all gaps of more than a second, if it is smaller: who turns a
//! page every three seconds never stops for a burst to end. Needs eight of the former or twenty
//! of the latter.
//!
//! Normal: the 5th percentile of unsuspected actors; 0.3 before anything is learned: gaps of
//! people spread about as widely as they are long. Avoided by random pauses.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::RequestInterval,
    unit: "",
    default: 0.3,
    direction: Direction::Below,
    resolution: 0.01,
    learned: true,
    family: Family::Pace,
};

/// So many gaps of more than a second are needed.
const STEPS: u64 = 20;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let between_bursts = features
        .core
        .gaps
        .scheduled()
        .map(|scheduled| 1.0 - scheduled);
    let between_steps = features.steps.spread(STEPS);
    let spread = [between_bursts, between_steps].into_iter().flatten();
    spread.reduce(f64::min).map(Measure::of)
}
