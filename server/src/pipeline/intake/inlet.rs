//! Where requests of one application come in: what their fields mean there, how much of them
//! waits, which batches are known. What all applications share is the intake's.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::Batch;
use shared::{ApplicationId, IngestBacklog, KeySource, TenantId, Timestamp};

use super::recognised::{Recognised, Repeat};
use super::room::Budget;
use super::{Handed, IntakeError};
use crate::ingest::admit::{AdmissionLog, BatchId, Receipt};
use crate::ingest::decode::FieldMap;
use crate::ingest::health::{IngestCounters, IngestKey};
use crate::ingest::normalize::{Protection, SecretKey};
use crate::pipeline::live::{Done, Live, LiveError, Place, Shown};
use crate::pipeline::run::keep_sources;
use crate::store::{ApplicationState, Commitment, TenantStore};

/// How long what the store says of fields is used before it is asked again.
const FRESH: Duration = Duration::from_secs(2);

/// How many bodies are looked at for further sources at first, and how often later.
const FIRST_LOOKS: u32 = 20;
const NEXT_LOOK: Duration = Duration::from_secs(60);

/// Where requests of one application come in.
pub struct Inlet {
    tenant: TenantStore,
    tenant_id: TenantId,
    id: ApplicationId,
    name: String,
    live: Live,
    shared: Shared,
    /// Bytes that may wait to be committed, of those that all may have.
    budget: Arc<Budget>,
    /// When what waits arrived, the oldest first.
    arrived: Mutex<VecDeque<Timestamp>>,
    recognised: Arc<Mutex<Recognised>>,
    names: tokio::sync::Mutex<Option<(Instant, Names)>>,
    /// How many bodies were looked at for further sources, and when the last one was.
    looked: Mutex<(u32, Instant)>,
}

/// What an inlet has in common with the others.
pub(super) struct Shared {
    pub(super) log: Arc<AdmissionLog<Handed>>,
    /// The tenant's key.
    pub(super) secret: SecretKey,
    pub(super) clock: fn() -> Timestamp,
    pub(super) counters: IngestCounters,
}

/// What the fields of an application's requests are called, and which values become hashes.
#[derive(Debug, Clone)]
pub struct Names {
    /// Which field is which, and what else is kept.
    pub fields: Arc<FieldMap>,
    /// What becomes hashes.
    pub protection: Protection,
    /// Of which sources the values are kept.
    kept: Arc<[KeySource]>,
}

impl fmt::Debug for Inlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlet")
            .field("id", &self.id)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl Inlet {
    pub(super) fn new(
        (tenant_id, tenant): (TenantId, TenantStore),
        state: &ApplicationState,
        committed: &Commitment,
        live: Live,
        budget: Arc<Budget>,
        shared: Shared,
    ) -> Self {
        Self {
            tenant,
            tenant_id,
            id: state.id,
            name: state.name.clone(),
            live,
            shared,
            budget,
            arrived: Mutex::default(),
            recognised: Arc::new(Mutex::new(Recognised::of(&committed.batches))),
            names: tokio::sync::Mutex::new(None),
            looked: Mutex::new((0, Instant::now())),
        }
    }

    /// The application.
    #[must_use]
    pub fn id(&self) -> ApplicationId {
        self.id
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The application, and whose it is.
    #[must_use]
    pub fn key(&self) -> IngestKey {
        (self.tenant_id, self.id)
    }

    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Whether a body is to be looked at for what may name sessions, users and roles: the first
    /// few, and now and then another.
    #[must_use]
    pub fn is_to_look(&self) -> bool {
        let mut looked = lock(&self.looked);
        let is_to_look = looked.0 < FIRST_LOOKS || looked.1.elapsed() >= NEXT_LOOK;
        if is_to_look {
            *looked = (looked.0.saturating_add(1), Instant::now());
        }
        is_to_look
    }

    /// What its fields are called now, once `kept` are kept too as far as there is room.
    ///
    /// # Errors
    /// If the application was removed, or the store fails.
    pub async fn names(&self, kept: &[KeySource]) -> Result<Names, IntakeError> {
        let mut known = self.names.lock().await;
        if let Some((since, names)) = &*known
            && since.elapsed() < FRESH
            && kept.iter().all(|source| names.kept.contains(source))
        {
            return Ok(names.clone());
        }
        let state = self.tenant.find_application_state(&self.name).await?;
        let state = state.ok_or(IntakeError::NoApplication)?;
        let privacy = self.tenant.find_privacy().await?;
        // It was looked at when it was set; a version that knows fewer fields does without it.
        let fields: FieldMap = state.field_map.parse().unwrap_or_default();
        let (fields, kept) = keep_sources(&self.tenant, &state, kept, &fields).await?;
        let names = Names {
            fields: Arc::new(fields),
            protection: Protection::new(self.shared.secret, &privacy),
            kept: kept.into(),
        };
        *known = Some((Instant::now(), names.clone()));
        Ok(names)
    }

    /// Whether a batch that its sender calls `name` was sent before, and what was said of it. One
    /// that is just being admitted is waited for.
    pub async fn recognise(&self, name: BatchId) -> Repeat {
        Recognised::turn(&self.recognised, name).await
    }

    /// A batch of that name is in the log: it is not taken again.
    pub(super) fn know(&self, name: BatchId, receipt: Receipt) {
        lock(&self.recognised).insert(name, receipt);
    }

    pub(super) fn push(&self, batch: Batch, place: Place, done: Done, shown: Shown) {
        self.live.push(batch, Some(place), done, shown);
    }

    /// Requests that arrived then are handed to the writer.
    pub(super) fn begin(&self, arrived: Timestamp) {
        let mut waiting = lock(&self.arrived);
        waiting.push_back(arrived);
        self.tell_backlog(&waiting);
    }

    /// What became of the record at `position`.
    pub(super) fn end(&self, position: u64, result: &Result<(), LiveError>) {
        // Otherwise it stays in the log, and is read again when the server starts.
        if matches!(result, Ok(()) | Err(LiveError::Removed)) {
            self.shared.log.settle(position);
        }
        let mut waiting = lock(&self.arrived);
        waiting.pop_front();
        self.tell_backlog(&waiting);
    }

    /// What follows from requests that arrived then shows.
    pub(super) fn show(&self, arrived: Timestamp) {
        let now = (self.shared.clock)();
        let lag_ms = u64::try_from(now.since(arrived)).unwrap_or(0);
        self.shared.counters.seen(self.key(), lag_ms, now);
    }

    /// Tells what is admitted and not committed; called with the lock on it, so that nothing older
    /// is told after.
    fn tell_backlog(&self, waiting: &VecDeque<Timestamp>) {
        let backlog = IngestBacklog {
            bytes: self.budget.used() as u64,
            oldest_at: waiting.front().copied(),
        };
        self.shared.counters.waiting(self.key(), backlog);
    }

    /// Where it is handed on.
    pub(super) fn live(&self) -> &Live {
        &self.live
    }
}

/// Whoever locked it only read or replaced what is in it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
