//! Anomaly model: how few cuts of an isolation forest separate an actor from a sample of this
//! application's unsuspected ones, over all that is measured at once: 0 to 1. Sees what no
//! single quantity shows, such as pages without their pictures at a person's pace. Needs ten
//! requests and a model of 64 actors; asked only where the other detectors are enough for a type,
//! because alone it never is.
//!
//! Normal: the score that 97 of 100 of the actors in the sample keep below, as far as the lower
//! half of them bears it out; before a model is trained nothing is judged. A score is a power of
//! the number of cuts: 0.12 above normal is a whole vote. Avoided by doing
//! everything as people do, or by training the model: bots that nothing else suspects and that
//! are half of all actors make their own kind normal.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::AnomalyModel,
    unit: "",
    default: 0.55,
    direction: Direction::Above,
    resolution: 0.01,
    learned: false,
    family: Family::Likeness,
};

/// So far above normal is a whole vote.
const WHOLE: f64 = 0.12;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let model = evidence.anomaly?;
    let score = model.score(evidence.features)?;
    let above = (score - model.normal().value) / WHOLE;
    Some(Measure {
        value: score,
        vote: Some(if above < 0.0 {
            0.0
        } else {
            0.5 + 0.5 * above.min(1.0)
        }),
        decisive: None,
    })
}
