//! Spoofed crawler: whether who names itself as a known crawler or service comes from where that
//! one's maker says it does. A class, not a number: verified or spoofed. Works only for names
//! that can be checked, which means that the maker publishes all its networks or that the
//! address's name was looked up both ways; until then the claim is unverified and says nothing.
//!
//! Decisive for what else it does: guessing, probing, or else scraping, since whoever borrows a
//! crawler's name wants what crawlers are shown. Nothing is learned: a list is right or out of
//! date, and one from another time refutes nobody (see [`crate::origins`]). Avoided by
//! not claiming a name that can be checked.

use shared::{BotType, DetectorKind, Direction, Verification};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::SpoofedCrawler,
    unit: "",
    default: 1.0,
    direction: Direction::Category,
    resolution: 1.0,
    learned: false,
    family: Family::Identity,
};

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let is_spoofed = match evidence.user_agent.verification {
        Verification::Unverified => return None,
        Verification::Verified => false,
        Verification::Spoofed => true,
    };
    Some(Measure {
        value: 0.0,
        vote: Some(if is_spoofed { 1.0 } else { 0.0 }),
        decisive: is_spoofed.then(|| what_it_does(evidence)),
    })
}

fn what_it_does(evidence: &Evidence<'_>) -> BotType {
    let features = evidence.features;
    if features.probes.count > 0 {
        BotType::SecurityCrawlers
    } else if features.sign_ins.attempts > 0 && features.authentication_share() >= 0.5 {
        BotType::AccountTakeover
    } else {
        BotType::Scraping
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::KnownUserAgent;
    use crate::features::Features;

    #[test]
    fn a_spoofed_name_is_decisive_for_what_else_is_done() {
        let decisive = |verification, change: fn(&mut Features)| {
            let mut features = Features::default();
            features.core.requests = 4;
            change(&mut features);
            let evidence = Evidence::of(
                &features,
                KnownUserAgent {
                    verification,
                    ..KnownUserAgent::default()
                },
            );
            measure(&evidence).map(|measure| measure.decisive)
        };
        let spoofed = |change| decisive(Verification::Spoofed, change);
        assert_eq!(spoofed(|_| {}), Some(Some(BotType::Scraping)));
        assert_eq!(
            spoofed(|it| it.probes.get_mut().count = 1),
            Some(Some(BotType::SecurityCrawlers))
        );
        let guesses = spoofed(|it| {
            it.sign_ins.get_mut().attempts = 2;
            it.authentication_requests = 3;
        });
        assert_eq!(guesses, Some(Some(BotType::AccountTakeover)));
        assert_eq!(decisive(Verification::Verified, |_| {}), Some(None));
        assert_eq!(decisive(Verification::Unverified, |_| {}), None);
    }
}
