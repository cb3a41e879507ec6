//! Erasing somebody's traces, in the background and to the end: what the store knows of it is enough
//! for the next start to go on. Their requests are emptied where they lie, every application that
//! had any is judged again without them, what lists and audit log say of them goes, and the file
//! is written again. The proof is the same search before and after.

use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rustc_hash::FxHashSet;
use shared::{Erasure, JobState, TenantId, Timestamp, Traces};
use tokio_util::sync::CancellationToken;

use super::{Again, Jobs, Lanes, Meter, judge_again};
use crate::store::{AnyApplication, OpenErasure, StoreError, TenantStore, TraceSubject};

/// How often everything is looked through: counted, erased and judged again, counted.
const ROUNDS: u64 = 4;

/// How long to wait for a database that is away, each time.
const UNREACHABLE_PAUSE: Duration = Duration::from_secs(5);

const FAILED: &str = "the store failed, and the server's log says how; ask for the same again, or \
     restart the server: it goes on where it was";
const FAULT: &str = "a fault of Botscope, and the server's log says where; ask for the same again, \
     or restart the server: it goes on where it was";

/// An erasure that waits for its turn or is at work.
#[derive(Debug)]
pub(super) struct Erasing {
    pub(super) tenant: TenantId,
    /// Cancelled when the server stops, or the tenant goes.
    pub(super) stop: CancellationToken,
    is_at_work: AtomicBool,
    /// Segments to look at or to judge, in all rounds, and how many were.
    total: AtomicU64,
    done: AtomicU64,
    meter: Meter,
}

impl Erasing {
    fn percent(&self) -> u8 {
        let done = self.done.load(Ordering::Relaxed) + self.meter.again.1.load(Ordering::Relaxed);
        super::percent(done, self.total.load(Ordering::Relaxed))
    }

    /// Of what is looked through `ROUNDS` times.
    fn begin_round(&self, round: u64, segments: u64) {
        self.total.store(ROUNDS * segments, Ordering::Relaxed);
        self.done.store(round * segments, Ordering::Relaxed);
    }

    fn add(&self, segments: u64) {
        self.done.fetch_add(segments, Ordering::Relaxed);
    }
}

impl Jobs {
    /// Begins to erase, or goes on with what failed of the same person. Returns at once.
    ///
    /// # Errors
    /// If it cannot be noted, or too many have not ended.
    pub async fn erase(
        &self,
        tenant: &TenantStore,
        subject: TraceSubject,
        clock: fn() -> Timestamp,
    ) -> Result<Erasure, StoreError> {
        let erasure = tenant.begin_erasure(&subject, clock()).await?;
        let open = OpenErasure {
            id: erasure.id,
            whose: Some(subject),
            is_counted: erasure.before.is_some(),
        };
        self.go_on(tenant, open, clock);
        Ok(self.with_progress(erasure))
    }

    /// Goes on with what the end of the last process cut off, or what failed in it.
    ///
    /// # Errors
    /// If the store does not say what that is.
    pub async fn resume_erasures(
        &self,
        tenant: &TenantStore,
        clock: fn() -> Timestamp,
    ) -> Result<(), StoreError> {
        for open in tenant.list_open_erasures().await? {
            self.go_on(tenant, open, clock);
        }
        Ok(())
    }

    /// An erasure as it stands.
    #[must_use]
    pub fn with_progress(&self, mut erasure: Erasure) -> Erasure {
        if erasure.state != JobState::Done
            && let Some(erasing) = self.erasing().get(&erasure.id)
        {
            erasure.state = match erasing.is_at_work.load(Ordering::Relaxed) {
                true => JobState::Running,
                false => JobState::Waiting,
            };
            erasure.percent = erasing.percent();
            erasure.reason = None;
        }
        erasure
    }

    fn go_on(&self, tenant: &TenantStore, open: OpenErasure, clock: fn() -> Timestamp) {
        let id = open.id;
        let erasing = Arc::new(Erasing {
            tenant: tenant.id(),
            stop: self.stop_token(),
            is_at_work: AtomicBool::new(false),
            total: AtomicU64::new(0),
            done: AtomicU64::new(0),
            meter: Meter::default(),
        });
        match self.erasing().entry(id) {
            Entry::Occupied(_) => return,
            Entry::Vacant(free) => free.insert(Arc::clone(&erasing)),
        };
        let (jobs, store) = (self.clone(), tenant.clone());
        let work = self.spawn(tenant.id(), async move {
            let work = Work {
                tenant: &store,
                lanes: jobs.lanes(),
                erasing: &erasing,
                clock,
            };
            let _turn = tokio::select! {
                // One after the other: each looks through everything.
                turn = jobs.turn() => turn,
                () = erasing.stop.cancelled() => return Err(Cut::Stopped),
            };
            loop {
                match work.run(&open).await {
                    // What was done is not done again, or finds nothing.
                    Err(Cut::Failed(StoreError::Unreachable(error))) => {
                        tracing::warn!(%error, erasure = %id, "waiting for the database");
                    }
                    end => return end,
                }
                tokio::select! {
                    () = tokio::time::sleep(UNREACHABLE_PAUSE) => {}
                    () = erasing.stop.cancelled() => return Err(Cut::Stopped),
                }
            }
        });
        let (jobs, store) = (self.clone(), tenant.clone());
        self.spawn(tenant.id(), async move {
            let reason = match work.await {
                // What was stopped goes on with the next start.
                Ok(Ok(()) | Err(Cut::Stopped)) => None,
                Ok(Err(Cut::Failed(error))) => {
                    tracing::error!(%error, erasure = %id, "traces could not be erased");
                    Some(FAILED)
                }
                Err(panic) => {
                    tracing::error!(%panic, erasure = %id, "erasing traces panicked");
                    Some(FAULT)
                }
            };
            // Before it says that it failed: whoever asks again then begins anew.
            jobs.erasing().remove(&id);
            if let Some(reason) = reason
                && let Err(error) = store.fail_erasure(id, reason).await
            {
                tracing::error!(%error, erasure = %id, "that it failed could not be noted");
            }
        });
    }
}

/// Why an erasure does not go on.
enum Cut {
    /// The server stops, or the tenant goes.
    Stopped,
    Failed(StoreError),
}

impl From<StoreError> for Cut {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// What erasing works with.
struct Work<'a> {
    tenant: &'a TenantStore,
    lanes: &'a Lanes,
    erasing: &'a Erasing,
    clock: fn() -> Timestamp,
}

impl Work<'_> {
    /// What was done before it was cut off is done again, and finds nothing.
    async fn run(&self, open: &OpenErasure) -> Result<(), Cut> {
        self.erasing.is_at_work.store(true, Ordering::Relaxed);
        if let Some(subject) = &open.whose {
            self.erase(open, subject).await?;
        }
        let is_shredded = self.tenant.shred().await?;
        let now = (self.clock)();
        Ok(self.tenant.end_erasure(open.id, is_shredded, now).await?)
    }

    async fn erase(&self, open: &OpenErasure, subject: &TraceSubject) -> Result<(), Cut> {
        let segments = self.tenant.count_segments().await?;
        self.erasing.begin_round(0, segments);
        if !open.is_counted {
            let before = self.count(subject).await?;
            self.tenant.note_before(open.id, &before).await?;
        }
        self.erasing.begin_round(1, segments);
        // Before anything is judged again, so that nothing of it hears of them.
        self.tenant.erase_mentions(subject).await?;
        self.erase_everywhere(subject).await?;
        self.erasing.begin_round(3, segments);
        let after = self.count(subject).await?;
        Ok(self.tenant.note_after(open.id, &after).await?)
    }

    async fn count(&self, subject: &TraceSubject) -> Result<Traces, Cut> {
        let (mut total, mut after) = (Traces::default(), None);
        loop {
            self.ensure_wanted()?;
            let (part, next) = self.tenant.find_traces(subject, after).await?;
            total += part.total;
            if next.is_none() {
                return Ok(total);
            }
            self.erasing.add(TenantStore::FOUND_IN);
            after = next;
        }
    }

    /// Erases in every application, also in those that are hidden, made or brought back meanwhile.
    async fn erase_everywhere(&self, subject: &TraceSubject) -> Result<(), Cut> {
        let mut done = FxHashSet::default();
        loop {
            let mut left = self.tenant.list_any_applications().await?;
            left.retain(|application| !done.contains(&application.number));
            if left.is_empty() {
                return Ok(());
            }
            for application in left {
                if self.erase_in(&application, subject).await? {
                    done.insert(application.number);
                }
            }
        }
    }

    /// Returns false if the application was hidden or brought back since it was listed.
    async fn erase_in(
        &self,
        application: &AnyApplication,
        subject: &TraceSubject,
    ) -> Result<bool, Cut> {
        let AnyApplication {
            number, id, name, ..
        } = application;
        if application.is_hidden {
            // It is being deleted; nobody brings it back from here on.
            while self.tenant.remove_hidden(*id, None).await? {
                self.ensure_wanted()?;
            }
            return Ok(false);
        }
        let _lane = tokio::select! {
            lane = self.lanes.enter(*id) => lane,
            () = self.erasing.stop.cancelled() => return Err(Cut::Stopped),
        };
        let state = self.tenant.find_application_state(name).await?;
        let Some(state) = state.filter(|state| state.judgement.application == *number) else {
            return Ok(false);
        };
        // An interrupted commit may have left the state of actors none of whose requests is stored.
        let unfinished = self.tenant.remove_unfinished_snapshots(state.judgement);
        unfinished.await?;
        let (mut after, mut is_due) = (None, state.is_due_again());
        loop {
            self.ensure_wanted()?;
            let part = self.tenant.erase_requests(state.judgement, subject, after);
            let part = part.await?;
            is_due |= part.rewritten > 0;
            self.erasing.add(part.segments);
            after = part.last;
            if after.is_none() {
                break;
            }
        }
        if is_due || self.tenant.has_traces(state.judgement, subject).await? {
            let (now, meter) = ((self.clock)(), &self.erasing.meter);
            let is_stopped = || self.erasing.stop.is_cancelled();
            let again = judge_again(self.tenant, name, now, meter, &is_stopped).await?;
            if again == Again::Stopped {
                return Err(Cut::Stopped);
            }
            meter.again.1.store(0, Ordering::Relaxed);
        }
        self.erasing.add(state.next_segment);
        Ok(true)
    }

    fn ensure_wanted(&self) -> Result<(), Cut> {
        match self.erasing.stop.is_cancelled() {
            true => Err(Cut::Stopped),
            false => Ok(()),
        }
    }
}
