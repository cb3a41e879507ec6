//! The writer of an application whose requests come as they happen. What is new is judged and
//! committed every half second or so, together with what would follow if nothing more came, so
//! that an attack shows soon after its beginning.
//!
//! Requests go into a segment that grows with every commit and is closed when it is large
//! enough; its rows never move, so that what names one stays right. What came through the log
//! of what was admitted is committed with its position there, and kept until it is: a store
//! that fails delays it, and nothing else.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::Batch;
use engine::attribute::{are_keys_resolved, resolve_keys};
use shared::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::encode::sort_by_client;
use super::judge::{Judge, Told};
use super::rejudge::{aside, judge_again};
use super::{Lanes, Meter};
use crate::store::{
    Admission, AdmittedBatch, ApplicationState, Commit, EncodedSegment, StoreError, TenantStore,
};
use crate::telemetry::{Share, metrics};

/// How much older than the newest request one may be and still be judged in its place, at first.
const LATENESS_MS: i64 = Timestamp::MINUTE;

/// The same once some came later: logs that are delivered in parts, or two servers of which one is
/// behind.
const MAX_LATENESS_MS: i64 = 30 * Timestamp::MINUTE;

/// After how long without late requests less is waited again.
const RELAX_MS: i64 = Timestamp::HOUR;

/// How long nothing has to come too late until all is judged again for what did.
const AGAIN_AFTER_MS: i64 = 5 * Timestamp::MINUTE;

/// How long that took, times this, is the least time until the next.
const AGAIN_FACTOR: u32 = 20;

/// Rows that are held back for what may be older, at most: what is held back is judged with every
/// preview.
const HELD_ROWS: usize = 65_536;

/// Rows at which a growing segment is closed. Larger ones take less room; every commit writes
/// the whole segment again.
const OPEN_ROWS: usize = 1_024;

/// Rows of a segment, at most.
const SEGMENT_ROWS: usize = 4_096;

/// Closed segments after which the engine's state is kept, if that is not too soon.
const SNAPSHOT_SEGMENTS: u64 = 16;

/// How long keeping the state took, times this, is the least time until it is kept again: what a
/// restart judges once more.
const SNAPSHOT_FACTOR: u32 = 50;

/// Rows that one commit takes, more or less: those of whole batches.
const COMMIT_ROWS: usize = 65_536;

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

/// Why requests were not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LiveError {
    /// The writer was told to stop.
    #[error("the server is stopping")]
    Closed,
    /// Somebody removed the application.
    #[error("the application takes no requests any more")]
    Removed,
    /// The store failed; the requests may be sent again.
    #[error("the requests could not be stored: {0}")]
    Store(Arc<StoreError>),
}

/// Where requests of one application are handed in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    sender: mpsc::UnboundedSender<Append>,
    /// Whether the writer ended because the application was removed; set before it closes, so
    /// that whoever sees that it is closed sees why.
    removed: Arc<AtomicBool>,
}

/// Called when requests are committed, or never will be.
pub(super) type Done = Box<dyn FnOnce(Result<(), LiveError>) + Send + Sync>;

struct Append {
    batch: Arc<Batch>,
    logged: Option<Place>,
    done: Done,
}

/// Where requests stand in the log of what was admitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) log: u64,
    pub(super) position: u64,
    /// What their sender calls them.
    pub(super) batch: Option<AdmittedBatch>,
}

impl Live {
    /// Starts the writer of the application called `application`. It ends when `stop` is
    /// cancelled, when every [`Live`] is dropped, or when the application is removed.
    pub fn start(
        tenant: TenantStore,
        application: &str,
        lanes: Lanes,
        clock: fn() -> Timestamp,
        stop: CancellationToken,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let removed = Arc::<AtomicBool>::default();
        let writer = Writer {
            removed: Arc::clone(&removed),
            tenant,
            application: application.to_owned(),
            lanes,
            clock,
            state: None,
            pause: PAUSE,
            next_again: Instant::now(),
            actors: Share::of(&metrics().engine.actors, 0),
        };
        let running = tokio::spawn(writer.run(receiver, stop));
        (Self { sender, removed }, running)
    }

    /// Hands in requests; returns when they are committed.
    ///
    /// # Errors
    /// If they were not stored. None of them is then.
    pub async fn append(&self, batch: Batch) -> Result<(), LiveError> {
        let (done, stored) = oneshot::channel();
        let done = Box::new(|result| {
            // Whoever waited may have gone.
            let _gone = done.send(result);
        });
        self.push(batch, None, done);
        stored.await.map_err(|_| LiveError::Closed)?
    }

    /// Whether its writer has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether it has because the application was removed. Another may follow it then: nothing of
    /// what it was handed is waited for. Where it ended otherwise nobody may write after it, for
    /// what it did not commit would be passed over.
    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Acquire)
    }

    /// Hands in requests that are durable already, if they are `logged`: the writer tries until
    /// they are committed. Who hands in bounds how many wait.
    pub(super) fn push(&self, batch: Batch, logged: Option<Place>, done: Done) {
        let batch = Arc::new(batch);
        let append = Append {
            batch,
            logged,
            done,
        };
        if let Err(mpsc::error::SendError(append)) = self.sender.send(append) {
            let error = match self.is_removed() {
                true => LiveError::Removed,
                false => LiveError::Closed,
            };
            (append.done)(Err(error));
        }
    }
}

struct Writer {
    removed: Arc<AtomicBool>,
    tenant: TenantStore,
    application: String,
    lanes: Lanes,
    clock: fn() -> Timestamp,
    /// `None` until it is read from the store, and after a failure.
    state: Option<State>,
    /// How long to wait for more after a commit.
    pause: Duration,
    /// When all may be judged again.
    next_again: Instant,
    /// How many actors it holds.
    actors: Share,
}

/// What is known of the application; true only as long as nobody else writes into it.
struct State {
    known: ApplicationState,
    judge: Judge,
    /// The segment that grows.
    open: Batch,
    number: u64,
    /// How many segments were closed since the engine's state was kept.
    since_snapshot: u64,
    /// When it may be kept again.
    next_snapshot: Instant,
    judged_until: Timestamp,
    /// How much older than the newest request one may be.
    lateness_ms: i64,
    /// When requests came too late last, or were last not.
    late_at: Timestamp,
    /// The newest moment of each commit whose rows are not all judged, and how many it had.
    held: VecDeque<(i64, usize)>,
    /// How far which log is committed.
    committed: Option<(u64, u64)>,
}

impl Writer {
    async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<Append>, stop: CancellationToken) {
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
        let found = self.find().await?.ok_or(LiveError::Removed)?;
        let _lane = self.lanes.enter(found.id).await;
        // As it is now that nobody else writes.
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
        if waiting.is_empty()
            && state.judge.knows(&told)
            && now.plus(-state.lateness_ms) < state.judged_until.plus(LATENESS_MS)
        {
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
    fn is_due_again(&self, state: &State, now: Timestamp) -> bool {
        state.known.late > 0
            && now.since(state.late_at) >= AGAIN_AFTER_MS
            && Instant::now() >= self.next_again
    }

    /// Up to which position the log is committed.
    async fn committed(&self, state: &mut State, log: u64) -> Result<u64, LiveError> {
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
    async fn restore(&self, mut found: ApplicationState) -> Result<State, LiveError> {
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
        Ok(State {
            judge,
            open: new_batch(1),
            number: found.next_segment,
            since_snapshot: 0,
            next_snapshot: Instant::now(),
            judged_until: found.judged_until.unwrap_or(Timestamp(i64::MIN / 2)),
            lateness_ms: LATENESS_MS,
            late_at: (self.clock)(),
            held: VecDeque::new(),
            committed: None,
            known: found,
        })
    }
}

impl State {
    /// Whether it says of the application what the store says.
    fn is_of(&self, found: &ApplicationState) -> bool {
        self.known.judgement == found.judgement
            && self.known.position == found.position
            && self.known.late == found.late
    }

    /// Judges `batches` and puts together what is committed.
    fn take_in(&mut self, batches: &[Arc<Batch>], told: &Told, now: Timestamp) -> Commit {
        let logged = self.tell_of(told);
        let position = self.known.position.unwrap_or(self.number);
        let mut commit = Commit::new(self.known.judgement, position);
        commit.segments.extend(logged);
        // How many rows of the open segment are stored.
        let mut before = self.open.requests.len();
        for batch in batches {
            if batch.resolution_ms != self.open.resolution_ms {
                self.end_rows(&mut before, &mut commit);
                self.close(&mut commit);
                before = 0;
                self.open.resolution_ms = batch.resolution_ms;
            }
            let mut rows = 0..0;
            while rows.end < batch.requests.len() {
                let room = SEGMENT_ROWS.saturating_sub(self.open.requests.len());
                rows = rows.end..(rows.end + room).min(batch.requests.len());
                self.open.append_rows(batch, rows.clone());
                if self.open.requests.len() >= SEGMENT_ROWS {
                    self.end_rows(&mut before, &mut commit);
                    self.close(&mut commit);
                    before = 0;
                }
            }
        }
        self.end_rows(&mut before, &mut commit);
        let judged_until = self.watermark(batches, now).max(self.judged_until);
        self.judge.advance(judged_until.0);
        self.judged_until = judged_until;
        self.judge.tell_sessions();
        commit.judged_until = Some(judged_until);
        commit.effects = self.judge.take_effects();
        self.learn_lateness(commit.effects.late, batches, now);
        self.known.late += commit.effects.late;
        if self.open.requests.len() >= OPEN_ROWS {
            self.close(&mut commit);
        }
        commit
    }

    /// Before which moment nothing more is waited for.
    fn watermark(&mut self, batches: &[Arc<Batch>], now: Timestamp) -> Timestamp {
        let times = batches.iter().flat_map(|batch| &batch.requests);
        let newest = times.map(|request| request.at).max();
        // Requests say how late it is, but for those from a clock that is ahead; when none come,
        // the clock here does.
        let newest = newest.map_or(now.0, |newest| newest.min(now.0));
        self.held.push_back((
            newest,
            batches.iter().map(|batch| batch.requests.len()).sum(),
        ));
        let mut watermark = newest - self.lateness_ms;
        // Where very much comes, less time is waited for more.
        let mut held: usize = self.held.iter().map(|(_, rows)| rows).sum();
        while let Some(&(at, rows)) = self.held.front()
            && (at < watermark || held > HELD_ROWS && self.held.len() > 1)
        {
            watermark = watermark.max(at);
            held -= rows;
            self.held.pop_front();
        }
        Timestamp(watermark)
    }

    /// Waits longer from now on if `late` requests came too late, but not for ever.
    fn learn_lateness(&mut self, late: u64, batches: &[Arc<Batch>], now: Timestamp) {
        let times = batches.iter().flat_map(|batch| &batch.requests);
        let oldest = times.map(|request| request.at).min();
        if let Some(oldest) = oldest.filter(|_| late > 0) {
            let missed = now.0 - oldest;
            self.lateness_ms = (missed + missed / 4).clamp(self.lateness_ms, MAX_LATENESS_MS);
            self.late_at = now;
        } else if now.since(self.late_at) > RELAX_MS {
            self.lateness_ms = (self.lateness_ms / 2).max(LATENESS_MS);
            self.late_at = now;
        }
    }

    /// Judges and encodes the rows of the open segment that are new since `before`.
    fn end_rows(&mut self, before: &mut usize, commit: &mut Commit) {
        let rows = self.open.requests.len();
        if rows == *before {
            return;
        }
        if *before == 0 && rows >= OPEN_ROWS {
            // Closed at once, so in the order that takes the least room.
            self.open.requests = sort_by_client(&self.open.requests);
        }
        let first_row = u32::try_from(*before).expect("a segment has a few thousand rows");
        let resolution_ms = self.open.resolution_ms;
        let open = Arc::new(std::mem::replace(&mut self.open, new_batch(resolution_ms)));
        let judged = self.judged(&open);
        self.judge.take_in(self.number, first_row, judged);
        let segment = EncodedSegment::grown(self.number, &open, *before);
        commit.position = self.number;
        commit.segments.push(segment);
        self.known.position = Some(self.number);
        self.open = Arc::unwrap_or_clone(open);
        *before = rows;
    }

    /// The batch as the judge takes it, its keys as the shown judgement has them.
    fn judged(&self, open: &Arc<Batch>) -> Arc<Batch> {
        let settings = &self.known.judged_by;
        if are_keys_resolved(settings, open) {
            return Arc::clone(open);
        }
        let mut judged = Batch::clone(open);
        resolve_keys(settings, &mut judged);
        Arc::new(judged)
    }

    /// What it is told comes between two segments: the one that grew ends.
    fn tell_of(&mut self, told: &Told) -> Vec<EncodedSegment> {
        let number = self.number + u64::from(!self.open.requests.is_empty());
        let logged = self.judge.tell_of(number, told);
        if let Some(last) = logged.last() {
            self.open = new_batch(self.open.resolution_ms);
            self.known.position = Some(last.number);
            self.number = last.number + 1;
        }
        logged
    }

    /// Ends the segment that grew, if there is one; the next request begins another.
    fn close(&mut self, commit: &mut Commit) {
        if self.open.requests.is_empty() {
            return;
        }
        self.open = new_batch(self.open.resolution_ms);
        self.since_snapshot += 1;
        let started = Instant::now();
        if self.since_snapshot >= SNAPSHOT_SEGMENTS && started >= self.next_snapshot {
            commit.snapshot = Some(self.judge.snapshot(self.number));
            self.since_snapshot = 0;
            self.next_snapshot = Instant::now() + started.elapsed() * SNAPSHOT_FACTOR;
        }
        self.number += 1;
    }
}

fn new_batch(resolution_ms: u32) -> Batch {
    Batch {
        resolution_ms,
        ..Batch::default()
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

#[cfg(test)]
mod tests {
    use engine::{Address, Request};

    use super::*;
    use crate::auth::Caller;
    use crate::store::{Period, Store, TraceSubject};

    const START: Timestamp = Timestamp(1_772_600_000_000);

    /// Requests so many milliseconds apart, each from the address and of the path with its number.
    fn requests(count: u32, from: i64, apart: i64, address: fn(u32) -> u32, path: &str) -> Batch {
        let mut batch = new_batch(1);
        for number in 0..count {
            let request = Request {
                at: START.0 + from + i64::from(number) * apart,
                address: Address(0xffff << 32 | u128::from(address(number))),
                method: batch.texts.intern("GET"),
                path: batch.texts.intern(&format!("{path}{number}")),
                user_agent: batch.texts.intern("curl/8.5"),
                status: 404,
                ..Request::default()
            };
            batch.requests.push(request);
        }
        batch
    }

    #[tokio::test]
    async fn an_attack_that_goes_on_keeps_its_heatmaps_however_much_a_commit_takes() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let tenant = store.tenant(&Caller::local());
        let state = tenant.find_or_create_application("shop").await.unwrap();
        let clock = || START.plus(Timestamp::HOUR);
        let stop = CancellationToken::new();
        let (live, running) = Live::start(
            tenant.clone(),
            "shop",
            Lanes::default(),
            clock,
            stop.clone(),
        );
        let missing = async || {
            let period = Period {
                from: START,
                until: START.plus(Timestamp::DAY),
            };
            let attacks = tenant.list_attack_slices(state.id, None, period).await;
            let attacks = attacks.unwrap();
            let without = attacks.iter().filter(|attack| attack.slices.is_empty());
            (attacks.len(), without.count())
        };

        let scanner = requests(400, 0, 500, |_| 7, "/.git/config?");
        live.append(scanner).await.unwrap();
        assert_eq!(missing().await, (1, 0));
        let many = requests(
            SEGMENT_ROWS as u32,
            200_000,
            1,
            |number| 100 + number,
            "/a/",
        );
        live.append(many).await.unwrap();
        assert_eq!(missing().await, (1, 0));

        stop.cancel();
        running.await.unwrap();
    }

    #[tokio::test]
    async fn whom_an_erasure_that_failed_took_out_does_not_come_back_with_the_next_commit() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let tenant = store.tenant(&Caller::local());
        let state = tenant.find_or_create_application("shop").await.unwrap();
        let clock = || START.plus(Timestamp::MINUTE);
        let stop = CancellationToken::new();
        let lanes = Lanes::default();
        let (live, running) =
            Live::start(tenant.clone(), "shop", lanes.clone(), clock, stop.clone());
        live.append(requests(20, 0, 500, |_| 7, "/a/"))
            .await
            .unwrap();
        // As far as an erasure comes before the store fails.
        let lane = lanes.enter(state.id).await;
        let subject = TraceSubject::Address("0.0.0.7".parse::<std::net::IpAddr>().unwrap());
        let part = tenant.erase_requests(state.judgement, &subject, None).await;
        assert_eq!(part.unwrap().rewritten, 1);
        drop(lane);

        live.append(requests(20, 20_000, 500, |_| 8, "/b/"))
            .await
            .unwrap();
        let (found, _) = tenant.find_traces(&subject, None).await.unwrap();
        assert_eq!(found.total, shared::Traces::default());
        let others = TraceSubject::Address("0.0.0.8".parse::<std::net::IpAddr>().unwrap());
        let (found, _) = tenant.find_traces(&others, None).await.unwrap();
        assert_eq!(found.total.requests, 20);
        stop.cancel();
        running.await.unwrap();
    }
}
