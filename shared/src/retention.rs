//! How long a tenant keeps what, and what came of the last time that this was kept to.

use serde::{Deserialize, Serialize};

use crate::{JobState, Timestamp};

/// How long things are kept, in whole days of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Sessions, and requests that no attack needs; 1 to 7.
    pub session_days: u16,
    /// Of attacks what they did in detail: detectors, heatmaps, hits; 1 to 31, and no longer than
    /// attacks themselves.
    pub detail_days: u16,
    /// Attacks; 1 to 183.
    pub attack_days: u16,
    /// What the IP lists were; 1 to 90.
    pub list_days: u16,
    /// The audit log; 1 to 183.
    pub audit_days: u16,
    /// Whether history that was imported goes likewise. It is kept whole otherwise.
    pub includes_imported: bool,
}

impl Retention {
    /// The longest that each is kept, and for how long it is unless a tenant says otherwise.
    pub const LONGEST: Self = Self {
        session_days: 7,
        detail_days: 31,
        attack_days: 183,
        list_days: 90,
        audit_days: 183,
        includes_imported: false,
    };

    /// Each time by its name, beside the longest.
    #[must_use]
    pub const fn limits(&self) -> [(&'static str, u16, u16); 5] {
        let longest = Self::LONGEST;
        [
            ("session_days", self.session_days, longest.session_days),
            ("detail_days", self.detail_days, longest.detail_days),
            ("attack_days", self.attack_days, longest.attack_days),
            ("list_days", self.list_days, longest.list_days),
            ("audit_days", self.audit_days, longest.audit_days),
        ]
    }

    /// What is wrong with it: the field, and why.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        for (name, days, longest) in self.limits() {
            if !(1..=longest).contains(&days) {
                return Some((name, format!("expected 1 to {longest} days")));
            }
        }
        let outlives = self.detail_days > self.attack_days;
        outlives.then(|| {
            let why = "the detail of an attack cannot be kept longer than the attack";
            ("detail_days", why.to_owned())
        })
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self::LONGEST
    }
}

/// How long things are kept, and what came of it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionState {
    /// How long each is kept.
    pub retention: Retention,
    /// The longest that can be set.
    pub longest: Retention,
    /// When what is older is removed next.
    pub next_at: Timestamp,
    /// The last time that was done since the server started, or that it is being done now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<RetentionRun>,
}

/// One time that what is older than wanted is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionRun {
    /// How it stands.
    pub state: JobState,
    /// From 0 to 100.
    pub percent: u8,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What is gone.
    pub removed: Removed,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How much was removed because its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Removed {
    /// Sessions.
    pub sessions: u64,
    /// Blocks of some thousand requests that were emptied but for those of attacks, or removed.
    pub segments: u64,
    /// Attacks of which the detail is gone.
    pub details: u64,
    /// Attacks.
    pub attacks: u64,
}

impl std::ops::AddAssign for Removed {
    fn add_assign(&mut self, more: Self) {
        self.sessions += more.sessions;
        self.segments += more.segments;
        self.details += more.details;
        self.attacks += more.attacks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_days_up_to_the_longest_are_taken() {
        let longest = Retention::default();
        assert_eq!(longest.fault(), None);
        let check = |retention: Retention, field: &str| {
            assert_eq!(retention.fault().map(|(field, _)| field), Some(field));
        };
        let session_days = 0;
        check(
            Retention {
                session_days,
                ..longest
            },
            "session_days",
        );
        let audit_days = 184;
        check(
            Retention {
                audit_days,
                ..longest
            },
            "audit_days",
        );
        let attack_days = 30;
        check(
            Retention {
                attack_days,
                ..longest
            },
            "detail_days",
        );
        let detail_days = 30;
        let shorter = Retention {
            attack_days,
            detail_days,
            ..longest
        };
        assert_eq!(shorter.fault(), None);
    }
}
