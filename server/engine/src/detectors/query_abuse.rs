//! Query abuse: how many targets (path and query) an actor asked for beyond one for each
//! endpoint: parameters varied, identifiers enumerated, pages copied one after the other; not
//! where all of them are answered the same. Needs ten requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 60 before anything is learned, a long
//! evening of reading. Avoided by spreading the targets over several actors.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::QueryAbuse,
    unit: "variants",
    default: 60.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: true,
    family: Family::Coverage,
};

/// So many queries may be answered alike in length by chance; where more are, the parameter only
/// keeps a cache from answering, and nothing is copied.
const ALIKE: u64 = 15;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let endpoints = features.core.endpoints.distinct();
    let variants = features.variants.distinct().saturating_sub(endpoints);
    let by_query = features.queried.min(variants);
    let answered = match features.tally.response_bytes {
        0 => by_query,
        _ => by_query.min(ALIKE * features.answers.distinct()),
    };
    let variants = variants - by_query + answered;
    (features.requests() >= 10).then(|| Measure::of(variants as f64))
}
