//! Response time anomaly: how long the application worked for each of its requests, in
//! milliseconds. A response 504 says that a proxy gave up waiting: where the log does not tell
//! times, that is the usual 60 s. Needs one of both, and ten requests.
//!
//! Normal: the 95th percentile of unsuspected actors; 1,500 ms before anything is learned, after
//! which people begin to leave (Nielsen, 1993, puts the limit of undisturbed thought at one
//! second). Avoided by asking for what is cheap.

use shared::{DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::ResponseTime,
    unit: "ms",
    default: 1_500.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: true,
    family: Family::Response,
};

/// How long a proxy waits.
const TIMEOUT_MS: f64 = 60_000.0;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let timeouts = features.tally.codes.get(504);
    let (microseconds, timed) = features.response_time;
    let (milliseconds, requests) = match timed {
        0 => (timeouts as f64 * TIMEOUT_MS, features.requests()),
        _ => (microseconds as f64 / 1_000.0, timed),
    };
    let is_known = timed > 0 || timeouts > 0;
    (is_known && requests >= 10).then(|| Measure::of(milliseconds / requests as f64))
}
