//! Requests that programs make of programs by arrangement, and that were answered as such. Not
//! what that excuses: see [`crate::welcome`].

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::seldom::Absent;

/// How many requests were of which kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Services {
    /// Asked whether the service lives.
    pub health_checks: u64,
    /// Asked for a feed, and got it or that nothing is new.
    pub feeds: u64,
    /// Delivered something to a webhook, which took it.
    pub webhooks: u64,
}

impl Absent for Services {
    const ABSENT: &'static Self = &Self {
        health_checks: 0,
        feeds: 0,
        webhooks: 0,
    };
}

impl Services {
    /// Whether a request may count.
    pub(super) fn may_count(event: &Event) -> bool {
        event.has(Event::HEALTH | Event::FEED | Event::WEBHOOK)
    }

    /// Counts one request.
    pub(crate) fn add(&mut self, event: &Event) {
        let reads = !event.has(Event::UNSAFE);
        let answered = (200..400).contains(&event.status);
        self.health_checks += u64::from(reads && event.has(Event::HEALTH));
        self.feeds += u64::from(reads && answered && event.has(Event::FEED));
        let taken = !reads && (200..300).contains(&event.status);
        self.webhooks += u64::from(taken && event.has(Event::WEBHOOK));
    }

    /// Adds those of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.health_checks += other.health_checks;
        self.feeds += other.feeds;
        self.webhooks += other.webhooks;
    }
}
