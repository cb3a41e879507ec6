//! Writes what is handed in: gathers, commits, waits as long as that costs, tries again what
//! failed. Under load what came meanwhile is judged while what was judged is committed. Not what a
//! commit consists of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::Batch;
use shared::{ApplicationId, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::growing::{Growing, Grown, OPEN_ROWS};
use super::{Append, LiveError, Shown};
use crate::aside::aside;
use crate::pipeline::judge::{Judge, Told};
use crate::pipeline::rejudge::judge_again;
use crate::pipeline::{Lanes, Meter};
use crate::store::{Admission, ApplicationState, Commit, StoreError, TenantStore};
use crate::telemetry::{Share, metrics};

/// How long judging all again took, times this, is the least time until it is done again.
const AGAIN_FACTOR: u32 = 20;

/// Rows that one commit takes, more or less: those of whole batches.
const COMMIT_ROWS: usize = 65_536;

/// From so many rows on that came while others were judged they are judged while those are
/// committed.
const AHEAD_ROWS: usize = 4_096;

/// Commits one after another, at most, before whoever else writes into the application has a turn.
const TURN_COMMITS: u32 = 16;

/// The shortest time between two commits, unless there is more than one can take.
const PAUSE: Duration = Duration::from_millis(250);

/// What a commit costs whatever is in it, times this, is the least time until the next.
const PAUSE_FACTOR: u32 = 5;

/// The longest time between two commits.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How long nothing has to come until time passes by itself, and where something does not show yet.
const IDLE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(1));

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
    /// What is committed and does not show yet: until up to its newest request all is judged.
    unshown: Vec<(Timestamp, Shown)>,
    /// How many actors it holds.
    actors: Share,
}

/// What was judged.
struct ToCommit {
    commit: Commit,
    grown: Vec<Grown>,
    /// Up to which moment what came shows with it.
    shown_until: Timestamp,
    /// How many actors there are.
    actors: i64,
    /// How long the preview took.
    cost: Duration,
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
            unshown: Vec::new(),
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
                let idle = if self.unshown.is_empty() {
                    IDLE.0
                } else {
                    IDLE.1
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    first = tokio::time::timeout(idle, receiver.recv()) => match first {
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
            let result = self.write(&mut waiting, &mut receiver).await;
            next_commit = Instant::now() + self.pause;
            match result {
                Ok(()) => retry = RETRY.0,
                Err(LiveError::Removed) => {
                    self.removed.store(true, Ordering::Release);
                    close(&mut receiver, &mut waiting).await;
                    self.settle(&mut waiting, &Err(LiveError::Removed), |_| true);
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, application = self.application, "a commit failed");
                    self.state = None;
                    self.settle(&mut waiting, &Err(error), |append| append.logged.is_none());
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
                self.settle(&mut waiting, &Err(LiveError::Closed), |_| true);
                return;
            }
        }
    }

    /// Judges and commits what waits, and what comes meanwhile if that is much; or lets time pass
    /// if nothing waits.
    async fn write(
        &mut self,
        waiting: &mut Vec<Append>,
        receiver: &mut mpsc::UnboundedReceiver<Append>,
    ) -> Result<(), LiveError> {
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
        self.skip_committed(&mut state, waiting).await?;
        let told = Told::find(&self.tenant, state.known.id, now).await;
        let told = told.map_err(store_error)?;
        if waiting.is_empty() && self.unshown.is_empty() && state.is_idle(&told, now) {
            self.state = Some(state);
            return Ok(());
        }
        let (mut state, judged) = judge(state, waiting, &told, now).await;
        let mut judged = Some(judged);
        let mut turn = 1;
        while let Some(to_commit) = judged.take() {
            let mut more = Vec::new();
            if turn < TURN_COMMITS {
                take_more(receiver, &mut more);
            }
            if let Err(error) = self.skip_committed(&mut state, &mut more).await {
                waiting.append(&mut more);
                return Err(error);
            }
            let committing = std::mem::replace(waiting, more);
            turn += 1;
            let now = (self.clock)();
            let ahead = async {
                if rows(waiting) < AHEAD_ROWS {
                    return (state, None);
                }
                let (state, judged) = judge(state, waiting, &told, now).await;
                (state, Some(judged))
            };
            let (committed, next) = tokio::join!(self.commit(committing, to_commit), ahead);
            (state, judged) = next;
            if let Err((error, mut committing)) = committed {
                committing.append(waiting);
                *waiting = committing;
                return Err(error);
            }
        }
        self.state = Some(state);
        Ok(())
    }

    /// Lets go of what is committed already: by a commit whose end was not seen, or by the server
    /// before this one where its log is read again.
    async fn skip_committed(
        &mut self,
        state: &mut Growing,
        waiting: &mut Vec<Append>,
    ) -> Result<(), LiveError> {
        let Some(place) = waiting.iter().find_map(|append| append.logged) else {
            return Ok(());
        };
        let committed = self.committed(state, place.log).await?;
        self.settle(waiting, &Ok(()), |append| {
            let place = append.logged;
            place.is_some_and(|place| place.position <= committed)
        });
        Ok(())
    }

    /// Commits what `committing` came to, and tells them. They are handed back if that fails.
    async fn commit(
        &mut self,
        mut committing: Vec<Append>,
        judged: ToCommit,
    ) -> Result<(), (LiveError, Vec<Append>)> {
        let ToCommit {
            mut commit,
            grown,
            shown_until,
            actors,
            cost,
        } = judged;
        let (late, rows) = (commit.effects.late, rows(&committing));
        let commit = aside(move || {
            commit.segments.extend(grown.iter().map(Grown::encode));
            commit
        })
        .await;
        let started = Instant::now();
        if let Err(error) = self.tenant.commit(commit).await {
            return Err((store_error(error), committing));
        }
        let engine = &metrics().engine;
        engine.steps.observe(started.elapsed().as_secs_f64());
        engine.judged.inc_by(rows as u64);
        engine.late.inc_by(late);
        self.actors.set(actors);
        if late > 0 {
            tracing::warn!(
                late,
                application = self.application,
                "requests came too late; all is judged again once no more do"
            );
        }
        self.settle(&mut committing, &Ok(()), |_| true);
        self.show(shown_until);
        // Under load a commit takes long because much is in it, which is no reason to wait.
        let share = u32::try_from((rows / OPEN_ROWS).max(1)).unwrap_or(u32::MAX);
        let cost = cost + started.elapsed() / share;
        self.pause = (cost * PAUSE_FACTOR).clamp(PAUSE, LONGEST_PAUSE);
        Ok(())
    }

    /// Tells those of `waiting` that `which` names what became of them, and lets them go.
    fn settle(
        &mut self,
        waiting: &mut Vec<Append>,
        result: &Result<(), LiveError>,
        which: impl Fn(&Append) -> bool,
    ) {
        for append in waiting.extract_if(.., |append| which(append)) {
            (append.done)(result.clone());
            if result.is_ok() {
                let times = append.batch.requests.iter().map(|request| request.at);
                let newest = Timestamp(times.max().unwrap_or(i64::MIN));
                self.unshown.push((newest, append.shown));
            }
        }
    }

    /// Everything before `until` shows.
    fn show(&mut self, until: Timestamp) {
        for (_, shown) in self.unshown.extract_if(.., |(newest, _)| *newest < until) {
            shown();
        }
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

/// Judges what waits.
async fn judge(
    mut state: Growing,
    waiting: &[Append],
    told: &Told,
    now: Timestamp,
) -> (Growing, ToCommit) {
    let batches = waiting.iter().map(|append| Arc::clone(&append.batch));
    let batches: Vec<Arc<Batch>> = batches.collect();
    let admission = admission(waiting, now);
    let told = told.clone();
    aside(move || {
        let (mut commit, grown) = state.take_in(&batches, &told, now);
        if let Some(admission) = &admission {
            state.committed = Some((admission.log, admission.position));
        }
        commit.admission = admission;
        let started = Instant::now();
        // Without it an attack that goes on would lose its sessions and heatmaps until the
        // next commit.
        let (preview, shown_until) = state.preview(now);
        commit.preview = Some(preview);
        let judged = ToCommit {
            commit,
            grown,
            shown_until,
            actors: state.judge.actors() as i64,
            cost: started.elapsed(),
        };
        (state, judged)
    })
    .await
}

/// Takes what is handed in already, as far as one commit takes it.
fn take_more(receiver: &mut mpsc::UnboundedReceiver<Append>, waiting: &mut Vec<Append>) {
    let mut taken = 0;
    while taken < COMMIT_ROWS
        && let Ok(more) = receiver.try_recv()
    {
        taken += more.batch.requests.len();
        waiting.push(more);
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
