//! Writes what is handed in: gathers, commits, waits as long as that costs, tries again what
//! failed. Not what a commit consists of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::Batch;
use shared::{ApplicationId, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::growing::{Growing, OPEN_ROWS};
use super::{Append, LiveError};
use crate::pipeline::judge::{Judge, Told};
use crate::pipeline::rejudge::{aside, judge_again};
use crate::pipeline::{Lanes, Meter};
use crate::store::{Admission, ApplicationState, StoreError, TenantStore};
use crate::telemetry::{Share, metrics};

/// How long judging all again took, times this, is the least time until it is done again.
const AGAIN_FACTOR: u32 = 20;

/// Rows that one commit takes, more or less: those of whole batches.
const COMMIT_ROWS: usize = 262_144;

/// The shortest time between two commits, unless there is more than one can take.
const PAUSE: Duration = Duration::from_millis(500);

/// What a commit costs whatever is in it, times this, is the least time until the next.
const PAUSE_FACTOR: u32 = 5;

/// The longest time between two commits.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How long nothing has to come until time passes by itself.
const IDLE: Duration = Duration::from_secs(20);

/// How long to wait after a failure, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

pub(super) struct Writer {
    tenant: TenantStore,
    id: ApplicationId,
    application: String,
    lanes: Lanes,
    clock: fn() -> Timestamp,
    /// `None` until it is read from the store, and after a failure.
    state: Option<Growing>,
    /// How long to wait for more after a commit.
    pause: Duration,
    /// When all may be judged again.
    next_again: Instant,
    /// Set before it ends because the application was removed.
    removed: Arc<AtomicBool>,
    /// How many actors it holds.
    actors: Share,
}

impl Writer {
    pub(super) fn new(
        tenant: TenantStore,
        application: &ApplicationState,
        lanes: Lanes,
        clock: fn() -> Timestamp,
        removed: Arc<AtomicBool>,
    ) -> Self {
        Self {
            tenant,
            id: application.id,
            application: application.name.clone(),
            lanes,
            clock,
            state: None,
            pause: PAUSE,
            next_again: Instant::now(),
            removed,
            actors: Share::of(&metrics().engine.actors, 0),
        }
    }

    /// Until `stop`, or until nobody hands in anything any more.
    pub(super) async fn run(
        mut self,
        mut receiver: mpsc::UnboundedReceiver<Append>,
        stop: CancellationToken,
    ) {
        let mut waiting: Vec<Append> = Vec::new();
        let mut next_commit = Instant::now();
        let mut retry = RETRY.0;
        loop {
            if waiting.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => {}
                    first = tokio::time::timeout(IDLE, receiver.recv()) => match first {
                        Ok(None) => return,
                        Ok(Some(first)) => waiting.push(first),
                        Err(_idle) => {}
                    }
                }
            }
            // What comes until the next commit is due goes with it.
            let mut gathered = rows(&waiting);
            while !waiting.is_empty() && gathered < COMMIT_ROWS {
                tokio::select! {
                    () = stop.cancelled() => break,
                    more = tokio::time::timeout_at(next_commit.into(), receiver.recv()) => match more {
                        Ok(Some(more)) => {
                            gathered += more.batch.requests.len();
                            waiting.push(more);
                        }
                        _ => break,
                    }
                }
            }
            let is_last = stop.is_cancelled();
            if is_last {
                close(&mut receiver, &mut waiting).await;
            }
            let result = self.write(&mut waiting).await;
            next_commit = Instant::now() + self.pause;
            match result {
                Ok(()) => retry = RETRY.0,
                Err(LiveError::Removed) => {
                    self.removed.store(true, Ordering::Release);
                    close(&mut receiver, &mut waiting).await;
                    settle(&mut waiting, &Err(LiveError::Removed), |_| true);
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, application = self.application, "a commit failed");
                    self.state = None;
                    settle(&mut waiting, &Err(error), |append| append.logged.is_none());
                    next_commit = Instant::now() + retry;
                    retry = (retry * 2).min(RETRY.1);
                    if !is_last {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            () = tokio::time::sleep_until(next_commit.into()) => {}
                        }
                    }
                }
            }
            if is_last {
                // Whatever is logged is found there again.
                settle(&mut waiting, &Err(LiveError::Closed), |_| true);
                return;
            }
        }
    }

    /// Judges and commits what waits, or lets time pass if nothing does.
    async fn write(&mut self, waiting: &mut Vec<Append>) -> Result<(), LiveError> {
        let _lane = self.lanes.enter(self.id).await;
        let found = self.find().await?.ok_or(LiveError::Removed)?;
        let now = (self.clock)();
        let mut state = match self.state.take() {
            Some(state) if state.is_of(&found) && !self.is_due_again(&state, now) => state,
            _ => {
                let (started, was_late) = (Instant::now(), found.late > 0);
                let state = self.restore(found).await?;
                if was_late {
                    self.next_again = Instant::now() + started.elapsed() * AGAIN_FACTOR;
                }
                state
            }
        };
        if let Some(place) = waiting.iter().find_map(|append| append.logged) {
            let committed = self.committed(&mut state, place.log).await?;
            // A commit whose end was not seen, or a log that is read again.
            settle(waiting, &Ok(()), |append| {
                append
                    .logged
                    .is_some_and(|place| place.position <= committed)
            });
        }
        let told = Told::find(&self.tenant, state.known.id, now).await;
        let told = told.map_err(store_error)?;
        if waiting.is_empty() && state.is_idle(&told, now) {
            self.state = Some(state);
            return Ok(());
        }
        let batches = waiting.iter().map(|append| Arc::clone(&append.batch));
        let batches: Vec<Arc<Batch>> = batches.collect();
        let admission = admission(waiting, now);
        let (mut state, mut commit, cost) = aside(move || {
            let mut commit = state.take_in(&batches, &told, now);
            let started = Instant::now();
            // Without it an attack that goes on would lose its sessions and heatmaps until the
            // next commit.
            commit.preview = Some(state.judge.preview(now));
            (state, commit, started.elapsed())
        })
        .await;
        if let Some(admission) = &admission {
            state.committed = Some((admission.log, admission.position));
        }
        commit.admission = admission;
        let late = commit.effects.late;
        let rows = rows(waiting);
        let started = Instant::now();
        self.tenant.commit(commit).await.map_err(store_error)?;
        let engine = &metrics().engine;
        engine.steps.observe(started.elapsed().as_secs_f64());
        engine.judged.inc_by(rows as u64);
        engine.late.inc_by(late);
        self.actors.set(state.judge.actors() as i64);
        if late > 0 {
            tracing::warn!(
                late,
                application = self.application,
                "requests came too late; all is judged again once no more do"
            );
        }
        self.state = Some(state);
        settle(waiting, &Ok(()), |_| true);
        // Under load a commit takes long because much is in it, which is no reason to wait.
        let share = if rows < OPEN_ROWS {
            1
        } else {
            rows / OPEN_ROWS
        };
        let cost = cost + started.elapsed() / u32::try_from(share).unwrap_or(u32::MAX);
        self.pause = (cost * PAUSE_FACTOR).clamp(PAUSE, LONGEST_PAUSE);
        Ok(())
    }

    /// Whether all is to be judged again for what came too late: once nothing does any more.
    fn is_due_again(&self, state: &Growing, now: Timestamp) -> bool {
        state.known.late > 0 && state.lateness.is_over(now) && Instant::now() >= self.next_again
    }

    /// Up to which position the log is committed.
    async fn committed(&self, state: &mut Growing, log: u64) -> Result<u64, LiveError> {
        if let Some((known, position)) = state.committed
            && known == log
        {
            return Ok(position);
        }
        let found = self.tenant.find_commitment(state.known.id, log).await;
        let position = found.map_err(store_error)?.position;
        state.committed = Some((log, position));
        Ok(position)
    }

    async fn find(&self) -> Result<Option<ApplicationState>, LiveError> {
        let found = self.tenant.find_application_state(&self.application).await;
        found.map_err(store_error)
    }

    /// The state as the last commit left it, whoever made that.
    async fn restore(&self, mut found: ApplicationState) -> Result<Growing, LiveError> {
        let restored = if found.late == 0 {
            let restored = Judge::restore(&self.tenant, &found).await;
            restored.map_err(store_error)?
        } else {
            None
        };
        let judge = match restored {
            Some(judge) => judge,
            None => {
                let (now, meter) = ((self.clock)(), Meter::default());
                judge_again(&self.tenant, &self.application, now, &meter, &|| false)
                    .await
                    .map_err(store_error)?;
                found = self.find().await?.ok_or(LiveError::Removed)?;
                let judge = Judge::restore(&self.tenant, &found).await;
                let judge = judge.map_err(store_error)?;
                judge.unwrap_or_else(|| Judge::new(&found.name))
            }
        };
        Ok(Growing::new(found, judge, (self.clock)()))
    }
}

/// Takes what is handed in already, also by whoever is about to; nothing more is taken.
async fn close(receiver: &mut mpsc::UnboundedReceiver<Append>, waiting: &mut Vec<Append>) {
    receiver.close();
    while let Some(more) = receiver.recv().await {
        waiting.push(more);
    }
}

fn rows(waiting: &[Append]) -> usize {
    let rows = waiting.iter().map(|append| append.batch.requests.len());
    rows.sum()
}

/// Tells those of `waiting` that `which` names what became of them, and lets them go.
fn settle(
    waiting: &mut Vec<Append>,
    result: &Result<(), LiveError>,
    which: impl Fn(&Append) -> bool,
) {
    for append in waiting.extract_if(.., |append| which(append)) {
        (append.done)(result.clone());
    }
}

/// How far the log is in a commit of `waiting`.
fn admission(waiting: &[Append], at: Timestamp) -> Option<Admission> {
    let places = || waiting.iter().filter_map(|append| append.logged);
    let last = places().next_back()?;
    Some(Admission {
        log: last.log,
        position: last.position,
        at,
        batches: places().filter_map(|place| place.batch).collect(),
    })
}

fn store_error(error: StoreError) -> LiveError {
    LiveError::Store(Arc::new(error))
}
