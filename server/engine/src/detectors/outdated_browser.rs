//! Outdated browser: how old the claimed browser was when it sent its last request, in years
//! from the day its engine was released. Works for browsers whose versions are known; crawlers
//! and apps that dress as one are left out, since theirs say nothing. Never alone enough: it is
//! of one family with what else a user agent says.
//!
//! Normal: the 95th percentile of unsuspected actors; 4 years before anything is learned.
//! Browsers of today renew themselves, so what lags behind that far is a device without updates,
//! or a user agent that somebody copied into a program years ago. The age is that at the
//! request's own time: an old log is not judged by today. Avoided by copying a newer one.

use shared::{DetectorKind, Direction, UserAgentClass};

use super::{Evidence, Family, Measure, Spec};

pub(super) const SPEC: Spec = Spec {
    kind: DetectorKind::OutdatedBrowser,
    unit: "years",
    default: 4.0,
    direction: Direction::Above,
    // Releases are known to the month or so.
    resolution: 0.1,
    learned: true,
    family: Family::Identity,
};

const DAYS_A_YEAR: f64 = 365.25;
const DAY_MS: f64 = 86_400_000.0;

pub(super) fn measure(evidence: &Evidence<'_>) -> Option<Measure> {
    let user_agent = evidence.user_agent;
    if user_agent.class != UserAgentClass::Browser || evidence.features.requests() == 0 {
        return None;
    }
    let released = f64::from(user_agent.released?);
    let asked = evidence.features.core.until.0 as f64 / DAY_MS;
    Some(Measure::of(((asked - released) / DAYS_A_YEAR).max(0.0)))
}

#[cfg(test)]
mod tests {
    use shared::Timestamp;

    use super::*;
    use crate::directory::KnownUserAgent;
    use crate::features::Features;

    /// The value for a browser that was released so many days after 1970, at a request so many
    /// days after it.
    fn age(class: UserAgentClass, released: Option<u32>, asked: i64) -> Option<f64> {
        let mut features = Features::default();
        features.core.requests = 1;
        features.core.until = Timestamp(asked * Timestamp::DAY);
        let evidence = Evidence::of(
            &features,
            KnownUserAgent {
                class,
                released,
                ..KnownUserAgent::default()
            },
        );
        measure(&evidence).map(|measure| measure.value)
    }

    #[test]
    fn a_browser_is_as_old_as_it_was_when_it_asked() {
        let browser = |asked| age(UserAgentClass::Browser, Some(16_801), asked);
        assert_eq!(browser(16_801), Some(0.0));
        assert!((browser(16_801 + 1_461).unwrap() - 4.0).abs() < 1e-9);
        // A beta, or a clock that is wrong.
        assert_eq!(browser(16_000), Some(0.0));
    }

    #[test]
    fn what_only_dresses_as_a_browser_has_no_age() {
        assert_eq!(age(UserAgentClass::Crawler, Some(1), 16_801), None);
        assert_eq!(age(UserAgentClass::Browser, None, 16_801), None);
    }
}
