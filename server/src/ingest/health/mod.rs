//! How traffic arrives, counted in memory: whoever takes traffic tells [`IngestCounters`], and the
//! console shows it. Bounded whatever is sent; gone with the process. Nothing is decided by it,
//! and what is stored is counted elsewhere.
//!
//! Told once a body, not once a request, and under a lock that nobody holds for long.

mod application;
mod example;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use shared::{ApplicationId, IngestApplication, IngestBacklog, TenantId, Timestamp};

use self::application::Arriving;
pub use self::application::STEP_S;
use super::reject::Rejects;
use crate::telemetry::metrics;

/// Applications that are counted at one time; the one heard of longest ago makes room.
const MAX_APPLICATIONS: usize = 1_024;

/// An application of a tenant.
pub type IngestKey = (TenantId, ApplicationId);

/// One body that was taken, or rejected.
#[derive(Debug)]
pub struct Received<'a> {
    /// What the sender is known by: the token's name.
    pub sender: &'a str,
    /// The address that it sends from.
    pub address: Option<IpAddr>,
    /// What it sends, as it was recognised: `JSON lines`, `OpenTelemetry`.
    pub format: &'a str,
    /// Requests taken.
    pub accepted: u64,
    /// What was rejected.
    pub rejects: &'a Rejects,
    /// Bytes sent, as they came.
    pub bytes: u64,
    /// When it came, by the server's clock.
    pub at: Timestamp,
}

/// Counts what arrives in a process; cheap to clone.
#[derive(Debug, Clone)]
pub struct IngestCounters {
    since: Timestamp,
    counted: Arc<Mutex<FxHashMap<IngestKey, Arriving>>>,
}

impl IngestCounters {
    /// Of a process that starts now.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            counted: Arc::default(),
        }
    }

    /// Since when is counted.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Counts a body.
    pub fn record(&self, of: IngestKey, received: &Received<'_>) {
        let metrics = &metrics().ingest;
        metrics.bodies.inc();
        metrics.accepted.inc_by(received.accepted);
        metrics.bytes.inc_by(received.bytes);
        for (reason, count, _) in received.rejects.by_reason() {
            metrics.rejected(reason, count);
        }
        self.with(of, received.at, |arriving| arriving.record(received));
    }

    /// What was taken `lag_ms` ago shows since `at`.
    pub fn seen(&self, of: IngestKey, lag_ms: u64, at: Timestamp) {
        metrics().ingest.visible.observe(lag_ms as f64 / 1_000.0);
        self.with(of, at, |arriving| arriving.seen(lag_ms, at));
    }

    /// A sender was told to wait (429 or 503).
    pub fn slowed(&self, of: IngestKey, at: Timestamp) {
        metrics().ingest.slowed.inc();
        self.with(of, at, |arriving| arriving.slowed(at));
    }

    /// What is taken and not stored yet is this much now.
    pub fn waiting(&self, of: IngestKey, backlog: IngestBacklog) {
        // Nothing is known of whom nothing was counted of.
        if let Some(arriving) = self.lock().get_mut(&of) {
            arriving.waiting(backlog);
        }
    }

    /// What is taken and not stored yet, of all applications together.
    #[must_use]
    pub fn backlog(&self) -> IngestBacklog {
        let counted = self.lock();
        let all = || counted.values().map(Arriving::backlog);
        IngestBacklog {
            bytes: all().map(|backlog| backlog.bytes).sum(),
            oldest_at: all().filter_map(|backlog| backlog.oldest_at).min(),
        }
    }

    /// Forgets an application that was removed.
    pub fn forget(&self, of: IngestKey) {
        self.lock().remove(&of);
    }

    /// What is known of the applications of a tenant, the one heard of last first. `name` tells
    /// what they are called; those that it does not know are left out.
    #[must_use]
    pub fn show(
        &self,
        tenant: TenantId,
        now: Timestamp,
        name: impl Fn(ApplicationId) -> Option<String>,
    ) -> Vec<IngestApplication> {
        let counted = self.lock();
        let own = counted.iter().filter(|((of, _), _)| *of == tenant);
        let mut shown: Vec<_> = own
            .filter_map(|((_, id), arriving)| Some(arriving.show(*id, name(*id)?, now)))
            .collect();
        shown.sort_by_key(|one| (std::cmp::Reverse(one.last_at), one.application_id));
        shown
    }

    fn with(&self, of: IngestKey, at: Timestamp, change: impl FnOnce(&mut Arriving)) {
        let mut counted = self.lock();
        if counted.len() >= MAX_APPLICATIONS && !counted.contains_key(&of) {
            let oldest = counted.iter().min_by_key(|(_, known)| known.last_at());
            let oldest = oldest.map(|(key, _)| *key);
            counted.remove(&oldest.unwrap_or(of));
        }
        change(counted.entry(of).or_insert_with(|| Arriving::new(at)));
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<IngestKey, Arriving>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
