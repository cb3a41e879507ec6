//! Probes: requests that look like a scanner's.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::seldom::Absent;

/// How many there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probes {
    /// All of them.
    pub count: u64,
    /// Those that no legitimate client sends.
    pub decisive: u64,
}

impl Absent for Probes {
    const ABSENT: &'static Self = &Self {
        count: 0,
        decisive: 0,
    };
}

impl Probes {
    /// Whether a request counts.
    pub(super) fn counts(event: &Event) -> bool {
        event.has(Event::PROBE | Event::DECISIVE_PROBE)
    }

    /// Counts a request that does.
    pub(super) fn add(&mut self, event: &Event) {
        self.count += u64::from(event.has(Event::PROBE));
        self.decisive += u64::from(event.has(Event::DECISIVE_PROBE));
    }

    /// Adds what another client of the same actor did.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.decisive += other.decisive;
    }
}
