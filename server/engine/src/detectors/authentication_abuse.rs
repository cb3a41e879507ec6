//! Authentication abuse: attempts to sign in that did not succeed, times the share of
//! authentication among all requests: people sign in to do something else. Attempts that the
//! same address made in the last 30 days count too, fading. Needs two attempts. Eight failed
//! attempts and nearly nothing else are decisive.
//!
//! Credentials in a header are not seen to be submitted. But a tool that is answered 401
//! whatever it asks tries them: each counts, and five within a minute are decisive.
//!
//! Normal: the 95th percentile of unsuspected actors; 4 before anything is learned, a person who
//! mistypes a password three times and goes on. Avoided by few attempts from each of many actors.

use shared::{BotType, DetectorKind, Direction, UserAgentClass};

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

/// So many answers 401 within a minute, and no other, are decisive.
const DECISIVE_REFUSALS: u64 = 5;
/// So many failed attempts are decisive when authentication is nearly all there is.
const DECISIVE_ATTEMPTS: u64 = 8;
/// What "nearly all" means.
const DECISIVE_SHARE: f64 = 0.8;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let features = evidence.features;
    if let Some(refused) = refused(evidence) {
        let decisive = refused >= DECISIVE_REFUSALS && features.peak.peak >= DECISIVE_REFUSALS;
        return Some(Measure {
            value: refused as f64,
            vote: None,
            decisive: decisive.then_some(BotType::AccountTakeover),
        });
    }
    let sign_ins = &features.sign_ins;
    if sign_ins.attempts == 0 || sign_ins.attempts + sign_ins.remembered < 2 {
        return None;
    }
    let failed = sign_ins.failed() + sign_ins.remembered;
    let share = features.authentication_share();
    let decisive = failed >= DECISIVE_ATTEMPTS && share >= DECISIVE_SHARE;
    Some(Measure {
        value: failed as f64 * share,
        vote: None,
        decisive: decisive.then_some(BotType::AccountTakeover),
    })
}

/// How often a tool was refused, if it was never let in and sent credentials in no other way.
fn refused(evidence: &Evidence<'_>) -> Option<u64> {
    let features = evidence.features;
    let is_person = matches!(
        evidence.user_agent.class,
        UserAgentClass::Browser | UserAgentClass::NativeApp | UserAgentClass::Automation
    );
    let refused = features.tally.codes.get(401);
    let always = refused >= 2 && refused == features.all_requests;
    (!is_person && always && features.sign_ins.attempts == 0).then_some(refused)
}
