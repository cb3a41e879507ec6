//! Request interval: the spread of the gaps between bursts, 1 − scheduled requests: 0 is a
//! clock, 1 is random. Needs eight gaps.
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

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let scheduled = evidence.features.core.gaps.scheduled()?;
    Some(Measure::of(1.0 - scheduled))
}
