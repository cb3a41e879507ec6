//! What goes on in the background of a server. Here is judging again, an application at a time:
//! what is asked for, how far it is, what came of it. Kept in memory; what a restart interrupts is
//! known by the store, where what is set is not what the shown judgement was made by. Erasing is
//! `erase`.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use shared::{ApplicationId, ErasureId, Job, JobId, JobState, RetentionRun, TenantId, Timestamp};
use tokio::sync::MutexGuard as Turn;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::erase::Erasing;
use super::{Again, Lanes, Meter, judge_again};
use crate::store::{ApplicationState, StoreError, TenantStore};
use crate::telemetry::metrics;

/// How many jobs are remembered.
const REMEMBERED: usize = 50;

/// The jobs of a server; cheap to clone, all clones are one.
#[derive(Debug, Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    lanes: Lanes,
    /// Cancelled when the server stops.
    stop: CancellationToken,
    running: TaskTracker,
    /// What of it is of each tenant. Held only to find it.
    of_tenants: Mutex<FxHashMap<TenantId, TaskTracker>>,
    /// The newest last. Held only to look or to note.
    entries: Mutex<VecDeque<Entry>>,
    /// The erasures that wait or are at work. Held only to look or to note.
    erasing: Mutex<FxHashMap<ErasureId, Arc<Erasing>>>,
    /// What came of keeping to each tenant's retention. Held only to look or to note.
    retention: Mutex<FxHashMap<TenantId, RetentionRun>>,
    /// Whoever erases has it.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Entry {
    tenant: TenantId,
    job: Job,
    meter: Arc<Meter>,
    /// Cancelled when a newer job of the application takes its place, or the application goes.
    superseded: CancellationToken,
}

impl Entry {
    /// The job as it stands.
    fn job(&self) -> Job {
        let mut job = self.job.clone();
        let (total, done) = &self.meter.again;
        job.percent = match job.state {
            JobState::Done => 100,
            _ => super::percent(done.load(Ordering::Relaxed), total.load(Ordering::Relaxed)),
        };
        job
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self::new(Lanes::default(), CancellationToken::new())
    }
}

impl Jobs {
    /// No jobs yet. They write in `lanes`, and end when `stop` is cancelled.
    #[must_use]
    pub fn new(lanes: Lanes, stop: CancellationToken) -> Self {
        Self {
            shared: Arc::new(Shared {
                lanes,
                stop,
                running: TaskTracker::new(),
                of_tenants: Mutex::default(),
                entries: Mutex::default(),
                erasing: Mutex::default(),
                retention: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Starts judging an application again; a job of the same application that is not done
    /// gives way. `clock` says what the time is.
    pub fn judge_again(
        &self,
        tenant: TenantStore,
        application: &ApplicationState,
        clock: fn() -> Timestamp,
    ) -> Job {
        let now = clock();
        let meter = Arc::new(Meter::default());
        let superseded = CancellationToken::new();
        let job = {
            let mut entries = self.entries();
            for entry in entries.iter().filter(|entry| is_of(entry, application.id)) {
                entry.superseded.cancel();
            }
            let after = entries.back().map_or(0, |entry| entry.job.id.0 + 1);
            let job = Job {
                // Not used again after a restart.
                id: JobId(after.max(now.0.unsigned_abs())),
                application_id: application.id,
                application: application.name.clone(),
                state: JobState::Waiting,
                percent: 0,
                created_at: now,
                ended_at: None,
                reason: None,
            };
            entries.push_back(Entry {
                tenant: tenant.id(),
                job: job.clone(),
                meter: Arc::clone(&meter),
                superseded: superseded.clone(),
            });
            if entries.len() > REMEMBERED {
                entries.pop_front();
            }
            job
        };
        let (jobs, name, id) = (self.clone(), application.name.clone(), application.id);
        let owner = tenant.id();
        let number = job.id;
        let work = async move {
            let _lane = jobs.shared.lanes.enter(id).await;
            jobs.note(number, |job| job.state = JobState::Running);
            // Undone meanwhile, most likely.
            let state = tenant.find_application_state(&name).await?;
            if !state.is_some_and(|state| state.is_due_again()) {
                return Ok(Again::Done);
            }
            let stop = &jobs.shared.stop;
            let is_stopped = || superseded.is_cancelled() || stop.is_cancelled();
            judge_again(&tenant, &name, clock(), &meter, &is_stopped).await
        };
        let work = self.spawn(owner, work);
        let active = metrics().jobs.begin();
        let jobs = self.clone();
        self.spawn(owner, async move {
            // A panic is the job's end, not the server's.
            let result = work.await;
            jobs.finish(number, result.map_err(|panic| panic.to_string()), clock());
            drop(active);
        });
        job
    }

    /// Has the jobs of an application end soon, so that whoever removes it need not wait for
    /// all of it to be judged.
    pub fn give_up(&self, tenant: &TenantStore, application: ApplicationId) {
        let entries = self.entries();
        let own = entries.iter().filter(|entry| entry.tenant == tenant.id());
        for entry in own.filter(|entry| is_of(entry, application)) {
            entry.superseded.cancel();
        }
    }

    /// Has all that goes on of a tenant end soon; returns when nothing does any more.
    pub async fn end_all(&self, tenant: TenantId) {
        for entry in self.entries().iter().filter(|it| it.tenant == tenant) {
            entry.superseded.cancel();
        }
        for erasing in self.erasing().values().filter(|it| it.tenant == tenant) {
            erasing.stop.cancel();
        }
        let running = self.of_tenant(tenant);
        running.close();
        running.wait().await;
    }

    /// Starts what an interruption left undone.
    pub async fn resume(
        &self,
        tenant: &TenantStore,
        clock: fn() -> Timestamp,
    ) -> Result<(), StoreError> {
        for application in tenant.list_applications_to_judge_again().await? {
            self.judge_again(tenant.clone(), &application, clock);
        }
        Ok(())
    }

    /// The tenant's jobs, the newest first.
    #[must_use]
    pub fn list(&self, tenant: &TenantStore) -> Vec<Job> {
        let entries = self.entries();
        let own = entries.iter().rev();
        own.filter(|entry| entry.tenant == tenant.id())
            .map(Entry::job)
            .collect()
    }

    /// One of the tenant's jobs.
    #[must_use]
    pub fn find(&self, tenant: &TenantStore, id: JobId) -> Option<Job> {
        self.list(tenant).into_iter().find(|job| job.id == id)
    }

    /// The newest job of an application of the tenant.
    #[must_use]
    pub fn find_newest(&self, tenant: &TenantStore, application: ApplicationId) -> Option<Job> {
        let mut jobs = self.list(tenant).into_iter();
        jobs.find(|job| job.application_id == application)
    }

    /// Returns when all that was started has ended.
    pub async fn wait(&self) {
        self.shared.running.close();
        self.shared.running.wait().await;
    }

    /// Starts what is of `tenant`; whoever ends all of it waits for this.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        tenant: TenantId,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let work = self.of_tenant(tenant).track_future(work);
        self.shared.running.spawn(work)
    }

    /// Starts what is of no tenant and ends by itself when the server stops.
    pub(super) fn spawn_forever(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.shared.running.spawn(work);
    }

    fn of_tenant(&self, tenant: TenantId) -> TaskTracker {
        let all = self.shared.of_tenants.lock();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        all.entry(tenant).or_default().clone()
    }

    pub(super) fn lanes(&self) -> &Lanes {
        &self.shared.lanes
    }

    /// Cancelled when the server stops.
    pub(super) fn stop_token(&self) -> CancellationToken {
        self.shared.stop.child_token()
    }

    /// Waits until nobody else erases.
    pub(super) async fn turn(&self) -> Turn<'_, ()> {
        self.shared.turn.lock().await
    }

    pub(super) fn erasing(&self) -> MutexGuard<'_, FxHashMap<ErasureId, Arc<Erasing>>> {
        let erasing = self.shared.erasing.lock();
        erasing.unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn retention(&self) -> MutexGuard<'_, FxHashMap<TenantId, RetentionRun>> {
        let retention = self.shared.retention.lock();
        retention.unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, id: JobId, result: Result<Result<Again, StoreError>, String>, now: Timestamp) {
        let (state, reason) = match result {
            Ok(Ok(Again::Done)) => (JobState::Done, None),
            Ok(Ok(Again::Stopped)) if self.shared.stop.is_cancelled() => (
                JobState::Failed,
                Some("the server stopped; it goes on with the next start".to_owned()),
            ),
            Ok(Ok(Again::Stopped)) => (JobState::Superseded, None),
            Ok(Err(error)) => {
                tracing::error!(%error, "an application could not be judged again");
                let reason = "the store failed; the server's log says how".to_owned();
                (JobState::Failed, Some(reason))
            }
            Err(panic) => {
                tracing::error!(panic, "judging an application again panicked");
                let reason = "a fault of Botscope; the server's log says where".to_owned();
                (JobState::Failed, Some(reason))
            }
        };
        metrics().jobs.ended(state.as_str());
        self.note(id, |job| {
            job.state = state;
            job.reason = reason;
            job.ended_at = Some(now);
        });
    }

    fn note(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        let mut entries = self.entries();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.job.id == id) {
            change(&mut entry.job);
        }
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        let entries = self.shared.entries.lock();
        entries.unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of(entry: &Entry, application: ApplicationId) -> bool {
    entry.job.application_id == application && entry.job.state.is_active()
}
