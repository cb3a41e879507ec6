//! Sign-ins: credentials that were submitted, and how often they were likely accepted.

use serde::{Deserialize, Serialize};

use super::{Persistence, Variants};
use crate::event::Event;
use crate::seldom::Absent;

/// What was submitted, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SignIns {
    /// Requests that submitted credentials.
    pub attempts: u64,
    /// Attempts that likely succeeded.
    pub successes: u64,
    /// Those of them that were only led elsewhere.
    redirected: u64,
    /// Different users that attempts were made as, where the log names them.
    pub identities: Variants,
    /// Failed attempts that the same address made before, faded; see [`crate::memory`].
    pub remembered: u64,
    /// Failed attempts by when they were made.
    pub persistence: Persistence,
}

impl Absent for SignIns {
    const ABSENT: &'static Self = &Self {
        attempts: 0,
        successes: 0,
        redirected: 0,
        identities: Variants::NONE,
        remembered: 0,
        persistence: Persistence::NONE,
    };
}

impl SignIns {
    /// Whether a request counts.
    pub(super) fn counts(event: &Event) -> bool {
        event.has(Event::ATTEMPT) || (event.user != 0 && event.status == 401)
    }

    /// Counts a request that does.
    pub(super) fn add(&mut self, event: &Event) {
        let succeeded = event.has(Event::SUCCESS);
        self.attempts += u64::from(event.has(Event::ATTEMPT));
        self.successes += u64::from(succeeded);
        self.redirected += u64::from(succeeded && (300..400).contains(&event.status));
        if event.user != 0 {
            self.identities.add(event.user);
        }
        if event.has(Event::ATTEMPT) && !succeeded {
            self.persistence.add(event.at);
        }
    }

    /// Adds what another client of the same actor did.
    pub(super) fn merge(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.successes += other.successes;
        self.redirected += other.redirected;
        self.identities.merge(&other.identities);
        self.remembered = self.remembered.max(other.remembered);
        self.persistence.merge(&other.persistence);
    }

    /// Attempts that failed. Some applications redirect failed attempts too: nobody signs in again
    /// and again.
    #[must_use]
    pub(crate) fn failed(&self) -> u64 {
        let believed = self.redirected.min(self.attempts / 4 + 1);
        let succeeded = self.successes - self.redirected + believed;
        self.attempts.saturating_sub(succeeded)
    }
}
