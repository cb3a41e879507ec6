//! Authentication abuse: attempts to sign in that did not succeed, times the share of
//! authentication among all requests: people sign in to do something else. Attempts that the
//! same address made in the last 30 days count too, fading. Needs two attempts. Eight failed
//! attempts and nearly nothing else are decisive.
//!
//! Normal: the 95th percentile of unsuspected actors; 4 before anything is learned, a person who
//! mistypes a password three times and goes on. Avoided by few attempts from each of many actors.

use shared::{BotType, DetectorKind, Direction};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::AuthenticationAbuse,
    unit: "attempts",
    default: 4.0,
    direction: Direction::Above,
    resolution: 1.0,
    learned: true,
    family: Family::Intent,
};

/// So many failed attempts are decisive when authentication is nearly all there is.
const DECISIVE_ATTEMPTS: u64 = 8;
/// What "nearly all" means.
const DECISIVE_SHARE: f64 = 0.8;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    let remembered = features.remembered_attempts;
    if features.attempts == 0 || features.attempts + remembered < 2 {
        return None;
    }
    // Some applications redirect failed attempts too: nobody signs in again and again.
    let believable = features.successes.min(features.attempts / 4 + 1);
    let failed = features.attempts - believable + remembered;
    let share = features.authentication_share();
    let decisive = failed >= DECISIVE_ATTEMPTS && share >= DECISIVE_SHARE;
    Some(Measure {
        value: failed as f64 * share,
        vote: None,
        decisive: decisive.then_some(BotType::AccountTakeover),
    })
}
