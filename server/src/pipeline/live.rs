//! The writer of an application whose requests come as they happen. What it says it has taken
//! is durable; every second or so everything new is judged and committed together with what
//! would follow if nothing more came, so that an attack shows within seconds of its beginning.
//!
//! Requests go into a segment that grows with every commit and is closed when it is large
//! enough; its rows never move, so that what names one stays right.

use std::sync::Arc;
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
use crate::store::{ApplicationState, Commit, EncodedSegment, StoreError, TenantStore};

/// How much older than the newest request one may be and still be judged in its place.
const LATENESS_MS: i64 = Timestamp::MINUTE;

/// Rows at which a growing segment is closed. Larger ones take less room; every commit writes
/// the whole segment again.
const OPEN_ROWS: usize = 1_024;

/// Closed segments after which the engine's state is kept: what a restart judges again at most.
const SNAPSHOT_SEGMENTS: u64 = 16;

/// Rows that one commit takes at most.
const COMMIT_ROWS: usize = 4_096;

/// Batches that may wait for the writer.
const WAITING: usize = 4;

/// The shortest time between two commits, unless there is more than one can take.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a commit took, times this, is the least time until the next.
const PAUSE_FACTOR: u32 = 10;

/// The longest time between two commits.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How long nothing has to come until time passes by itself.
const IDLE: Duration = Duration::from_secs(20);

/// Why requests were not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LiveError {
    /// Somebody removed the application, or the writer was told to stop.
    #[error("the application takes no requests any more")]
    Closed,
    /// The store failed; the requests may be sent again.
    #[error("the requests could not be stored: {0}")]
    Store(Arc<StoreError>),
}

/// Where requests of one application are handed in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    sender: mpsc::Sender<Append>,
}

struct Append {
    batch: Batch,
    /// Told when the batch is durable.
    done: oneshot::Sender<Result<(), LiveError>>,
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
        let (sender, receiver) = mpsc::channel(WAITING);
        let writer = Writer {
            tenant,
            application: application.to_owned(),
            lanes,
            clock,
            state: None,
            pause: PAUSE,
        };
        let running = tokio::spawn(writer.run(receiver, stop));
        (Self { sender }, running)
    }

    /// Hands in requests; returns when they are durable. Waits while the writer is behind.
    ///
    /// # Errors
    /// If they were not stored. None of them is then.
    pub async fn append(&self, batch: Batch) -> Result<(), LiveError> {
        let (done, stored) = oneshot::channel();
        let append = Append { batch, done };
        self.sender
            .send(append)
            .await
            .map_err(|_| LiveError::Closed)?;
        stored.await.map_err(|_| LiveError::Closed)?
    }
}

struct Writer {
    tenant: TenantStore,
    application: String,
    lanes: Lanes,
    clock: fn() -> Timestamp,
    /// `None` until it is read from the store, and after a failure.
    state: Option<State>,
    /// How long to wait for more after a commit.
    pause: Duration,
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
    judged_until: Timestamp,
}

impl Writer {
    async fn run(mut self, mut receiver: mpsc::Receiver<Append>, stop: CancellationToken) {
        let mut next_commit = Instant::now();
        loop {
            let first = tokio::select! {
                () = stop.cancelled() => return,
                first = tokio::time::timeout(IDLE, receiver.recv()) => first,
            };
            let (mut batch, mut waiting) = (Batch::default(), Vec::new());
            match first {
                Ok(None) => return,
                Ok(Some(append)) => {
                    batch = append.batch;
                    waiting.push(append.done);
                    // What comes until the next commit is due goes with it.
                    while batch.requests.len() < COMMIT_ROWS {
                        let more = tokio::time::timeout_at(next_commit.into(), receiver.recv());
                        let Ok(Some(more)) = more.await else {
                            break;
                        };
                        batch.append(&more.batch);
                        waiting.push(more.done);
                    }
                }
                Err(_idle) => {}
            }
            let result = self.write(batch).await;
            next_commit = Instant::now() + self.pause;
            let is_over = matches!(result, Err(LiveError::Closed));
            for done in waiting {
                // Whoever waited may have gone.
                let _gone = done.send(result.clone());
            }
            if is_over {
                return;
            }
            if let Err(error) = result {
                tracing::error!(%error, application = self.application, "a commit failed");
                self.state = None;
            }
        }
    }

    /// Judges and commits `batch`, or lets time pass if there is nothing in it.
    async fn write(&mut self, batch: Batch) -> Result<(), LiveError> {
        let found = self.find().await?.ok_or(LiveError::Closed)?;
        let _lane = self.lanes.enter(found.id).await;
        // As it is now that nobody else writes.
        let found = self.find().await?.ok_or(LiveError::Closed)?;
        let mut state = match self.state.take() {
            Some(state) if state.is_of(&found) => state,
            _ => self.restore(found).await?,
        };
        let now = (self.clock)();
        let told = Told::find(&self.tenant, state.known.id, now).await;
        let told = told.map_err(store_error)?;
        if batch.requests.is_empty()
            && state.judge.knows(&told)
            && now.plus(-LATENESS_MS) < state.judged_until.plus(LATENESS_MS)
        {
            self.state = Some(state);
            return Ok(());
        }
        let started = Instant::now();
        let (state, commit) = aside(move || {
            let mut commit = state.take_in(batch, &told, now);
            // Without it an attack that goes on would lose its sessions and heatmaps until the
            // next commit.
            commit.preview = Some(state.judge.preview(now));
            (state, commit)
        })
        .await;
        let late = commit.effects.late;
        self.tenant.commit(commit).await.map_err(store_error)?;
        if late > 0 {
            // The next restart judges all again.
            tracing::warn!(
                late,
                application = self.application,
                "requests came too late"
            );
        }
        self.state = Some(state);
        self.pause = (started.elapsed() * PAUSE_FACTOR).clamp(PAUSE, LONGEST_PAUSE);
        Ok(())
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
                found = self.find().await?.ok_or(LiveError::Closed)?;
                let judge = Judge::restore(&self.tenant, &found).await;
                let judge = judge.map_err(store_error)?;
                judge.unwrap_or_else(|| Judge::new(&found.name))
            }
        };
        Ok(State {
            judge,
            open: new_batch(),
            number: found.next_segment,
            since_snapshot: 0,
            judged_until: found.judged_until.unwrap_or(Timestamp(i64::MIN / 2)),
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

    /// Judges `batch` and puts together what is committed.
    fn take_in(&mut self, mut batch: Batch, told: &Told, now: Timestamp) -> Commit {
        let newest = batch.requests.iter().map(|request| request.at).max();
        let logged = self.tell_of(told);
        let before = self.open.requests.len();
        let position = self.known.position.unwrap_or(self.number);
        let mut commit = Commit::new(self.known.judgement, position);
        commit.segments.extend(logged);
        if !batch.requests.is_empty() {
            if before == 0 && batch.requests.len() >= OPEN_ROWS {
                // Closed at once, so in the order that takes the least room.
                batch.requests = sort_by_client(&batch.requests);
            }
            self.open.append(&batch);
            let first_row = u32::try_from(before).expect("a segment has a few thousand rows");
            let open = Arc::new(std::mem::replace(&mut self.open, new_batch()));
            let judged = self.judged(&open);
            self.judge.take_in(self.number, first_row, judged);
            commit.position = self.number;
            commit
                .segments
                .push(EncodedSegment::grown(self.number, &open, before));
            self.known.position = Some(self.number);
            self.open = Arc::unwrap_or_clone(open);
        }
        // Requests say how late it is; when none come, the clock does.
        let latest = newest.unwrap_or(now.0);
        let judged_until = Timestamp(latest - LATENESS_MS).max(self.judged_until);
        self.judge.advance(judged_until.0);
        self.judged_until = judged_until;
        commit.judged_until = Some(judged_until);
        commit.effects = self.judge.take_effects();
        self.known.late += commit.effects.late;
        if self.open.requests.len() >= OPEN_ROWS {
            self.close(&mut commit);
        }
        commit
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
            self.open = new_batch();
            self.known.position = Some(last.number);
            self.number = last.number + 1;
        }
        logged
    }

    /// Ends the segment that grew; the next request begins another.
    fn close(&mut self, commit: &mut Commit) {
        self.open = new_batch();
        self.since_snapshot += 1;
        if self.since_snapshot >= SNAPSHOT_SEGMENTS {
            commit.snapshot = Some(self.judge.snapshot(self.number));
            self.since_snapshot = 0;
        }
        self.number += 1;
    }
}

fn new_batch() -> Batch {
    Batch {
        resolution_ms: 1,
        ..Batch::default()
    }
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
        let mut batch = new_batch();
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
        let many = requests(COMMIT_ROWS as u32, 200_000, 1, |number| 100 + number, "/a/");
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
