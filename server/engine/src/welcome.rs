//! Who is welcome to be a program: verified crawlers, automation that names itself, and what
//! shows by its behaviour alone that it polls a health endpoint, reads a feed or delivers a
//! webhook. And what that excuses: pace and coverage, never guessing or probing. A name alone
//! earns little, since anybody can say it; see [`crate::origins`] for who can prove it.

use shared::{BotType, Purpose, UserAgentClass, Verification};

use crate::detectors::Evidence;
use crate::features::Features;

/// The most requests in a minute that a name which nobody verified excuses.
const CLAIMED_PEAK: u64 = 600;
/// The most requests in a minute of what is known by its behaviour alone.
const POLITE_PEAK: u64 = 120;
/// It does this and nearly nothing else.
const NEARLY_ALL: f64 = 0.9;
/// Fewer requests show no behaviour.
const MIN_REQUESTS: u64 = 3;

/// How welcome an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Welcome {
    /// Not more than anybody.
    Nothing,
    /// Says or shows that it is useful automation: may be regular and repetitive.
    Pace,
    /// Proved it: may also ask for everything.
    Coverage,
}

impl Welcome {
    /// How welcome the actor is.
    pub(crate) fn of(evidence: &Evidence<'_>) -> Self {
        let user_agent = evidence.user_agent;
        let names_itself = user_agent.named
            || matches!(
                user_agent.class,
                UserAgentClass::Automation | UserAgentClass::Crawler
            );
        match user_agent.verification {
            Verification::Spoofed => Self::Nothing,
            Verification::Verified => Self::Coverage,
            Verification::Unverified => {
                let features = evidence.features;
                // A crawler that is welcome asks first what it may ask for.
                let is_polite =
                    names_itself && !user_agent.is_rude() && features.peak.peak <= CLAIMED_PEAK;
                if is_polite || by_behavior(features).is_some() {
                    Self::Pace
                } else {
                    Self::Nothing
                }
            }
        }
    }

    /// Whether nobody so welcome is a bot of this type for what it does, unless a finding is
    /// decisive.
    pub(crate) fn excuses(self, bot_type: BotType) -> bool {
        match bot_type {
            BotType::ApiAbuse | BotType::ResourceConsumption => self != Self::Nothing,
            BotType::Scraping => self == Self::Coverage,
            BotType::AccountTakeover | BotType::SecurityCrawlers => false,
        }
    }
}

/// What an actor does all the time that people never do, if that is useful and harmless.
pub(crate) fn by_behavior(features: &Features) -> Option<Purpose> {
    let requests = features.requests();
    let is_harmless = features.probes.count == 0
        && features.sign_ins.attempts == 0
        && features.peak.peak <= POLITE_PEAK
        && requests >= MIN_REQUESTS;
    let is_nearly_all = |count: u64| count as f64 >= NEARLY_ALL * requests as f64;
    let services = &features.services;
    [
        (Purpose::HealthCheck, services.health_checks),
        (Purpose::FeedReader, services.feeds),
        (Purpose::Webhook, services.webhooks),
    ]
    .into_iter()
    .find(|(_, count)| is_harmless && is_nearly_all(*count))
    .map(|(purpose, _)| purpose)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::KnownUserAgent;

    fn features(change: impl FnOnce(&mut Features)) -> Features {
        let mut features = Features::default();
        features.core.requests = 100;
        change(&mut features);
        features
    }

    fn welcome(features: &Features, class: UserAgentClass, verification: Verification) -> Welcome {
        let user_agent = KnownUserAgent {
            class,
            verification,
            asked_robots: true,
            ..KnownUserAgent::default()
        };
        Welcome::of(&Evidence::of(features, user_agent))
    }

    #[test]
    fn a_name_excuses_pace_and_proof_also_coverage() {
        let nothing = features(|_| {});
        let of = |class, verification| welcome(&nothing, class, verification);
        use UserAgentClass::{Automation, Browser, Crawler};
        assert_eq!(of(Crawler, Verification::Unverified), Welcome::Pace);
        assert_eq!(of(Automation, Verification::Unverified), Welcome::Pace);
        assert_eq!(of(Crawler, Verification::Verified), Welcome::Coverage);
        assert_eq!(of(Crawler, Verification::Spoofed), Welcome::Nothing);
        assert_eq!(of(Browser, Verification::Unverified), Welcome::Nothing);
        for welcome in [Welcome::Pace, Welcome::Coverage] {
            assert!(!welcome.excuses(BotType::AccountTakeover));
            assert!(!welcome.excuses(BotType::SecurityCrawlers));
            assert!(welcome.excuses(BotType::ApiAbuse));
            assert_eq!(
                welcome.excuses(BotType::Scraping),
                welcome == Welcome::Coverage
            );
        }
    }

    #[test]
    fn a_flood_is_not_excused_by_a_name_that_anybody_may_say() {
        let flood = features(|it| {
            for at in 0..CLAIMED_PEAK + 1 {
                it.peak.add(at as i64);
            }
        });
        let of = |verification| welcome(&flood, UserAgentClass::Crawler, verification);
        assert_eq!(of(Verification::Unverified), Welcome::Nothing);
        assert_eq!(of(Verification::Verified), Welcome::Coverage);
    }

    #[test]
    fn who_only_polls_reads_feeds_or_delivers_is_known_by_that() {
        let check = |change: fn(&mut Features), expected| {
            assert_eq!(by_behavior(&features(change)), expected);
        };
        check(
            |it| it.services.get_mut().health_checks = 90,
            Some(Purpose::HealthCheck),
        );
        check(|it| it.services.get_mut().health_checks = 89, None);
        check(
            |it| it.services.get_mut().feeds = 100,
            Some(Purpose::FeedReader),
        );
        check(
            |it| it.services.get_mut().webhooks = 100,
            Some(Purpose::Webhook),
        );
        check(|_| {}, None);
        let probing = |it: &mut Features| {
            it.services.get_mut().feeds = 100;
            it.probes.get_mut().count = 1;
        };
        check(probing, None);
    }
}
