//! Follows paths and sends what comes, one batch after the other, until told to stop. One batch
//! is in memory at a time; while it cannot be sent nothing more is read, and files that are
//! rotated meanwhile are kept open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::destination::{Answer, Delivery, Destination, Received};
use super::file::Chunk;
use super::follow::{FollowError, Follower};
use super::search::is_rotated;
use super::state::{StateError, StateFile};

/// How many reasons for rejected lines are told.
const MAX_TOLD: usize = 100;

/// How long things wait.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    /// For more, where there is nothing.
    pub poll: Duration,
    /// Before a batch is sent again, at first and at most.
    pub retry: (Duration, Duration),
    /// Before a batch that was refused is sent again.
    pub refused: Duration,
    /// How long where we stopped may stay unwritten.
    pub save: Duration,
    /// For what is being sent, when told to stop.
    pub stop: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(100),
            retry: (Duration::from_millis(500), Duration::from_secs(30)),
            refused: Duration::from_secs(30),
            save: Duration::from_secs(1),
            stop: Duration::from_secs(10),
        }
    }
}

/// Why following ends.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// A path cannot be followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// Where we are cannot be written down.
    #[error(transparent)]
    State(#[from] StateError),
    /// What is sent is refused from the first batch on.
    #[error("{0}")]
    Refused(String),
    /// One path is what rotation makes of another.
    #[error(
        "{0} is what rotation makes of {1}, which is followed through rotation: name {1} alone, \
         and import what is older with botscope import"
    )]
    Rotated(String, String),
}

/// Paths that are followed, and where what comes goes.
#[derive(Debug)]
pub struct Tail<D> {
    pub(super) followers: Vec<Follower>,
    state: StateFile,
    pub(super) destination: D,
    pub(super) pauses: Pauses,
    /// Since when something is not written down.
    unsaved: Option<Instant>,
    /// Whether a batch, or an attempt of one, was ever answered as wished.
    was_taken: bool,
    /// Reasons for which lines were rejected, each told once.
    told: BTreeSet<String>,
    /// What could not be read, told once until it can.
    unreadable: BTreeSet<PathBuf>,
    /// Requests that were taken, and lines that were not.
    totals: (u64, u64),
}

/// What to do after an answer.
enum Next {
    Done,
    Halve,
    Again(Duration),
}

impl<D: Destination> Tail<D> {
    /// Opens `paths`, which are absolute, to go on where `state` says. What is found is written down:
    /// from then on it is found again, whatever it is called by then.
    ///
    /// # Errors
    /// If one of them cannot be followed, or where we are cannot be written down.
    pub fn open(
        paths: &[PathBuf],
        state: StateFile,
        destination: D,
        is_from_end: bool,
        pauses: Pauses,
    ) -> Result<Self, TailError> {
        check_names(paths)?;
        let now = Instant::now();
        let mut followers: Vec<Follower> = Vec::new();
        for path in paths {
            if followers.iter().all(|follower| follower.path() != path) {
                let known = state.positions(path);
                followers.push(Follower::open(path, known, is_from_end, now)?);
            }
        }
        let mut tail = Self {
            followers,
            state,
            destination,
            pauses,
            unsaved: None,
            was_taken: false,
            told: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            totals: (0, 0),
        };
        tail.save()?;
        Ok(tail)
    }

    /// Bytes that are there and not sent yet.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.followers.iter().map(Follower::waiting).sum()
    }

    /// Requests that were taken, and lines that were not.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.totals
    }

    /// Sends what comes until `stop` is cancelled. What is being sent then is waited for.
    ///
    /// # Errors
    /// If the first batch is refused, or where we are cannot be written down.
    pub async fn run(&mut self, stop: &CancellationToken) -> Result<(), TailError> {
        while !stop.is_cancelled() {
            if self.send_round(stop).await? {
                continue;
            }
            let is_due = |since: Instant| since.elapsed() >= self.pauses.save;
            if self.unsaved.is_some_and(is_due) {
                self.save()?;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.pauses.poll) => {}
            }
        }
        self.save()
    }

    /// Sends at most one batch of each path. Says whether there was any.
    ///
    /// # Errors
    /// As [`Tail::run`].
    pub async fn send_round(&mut self, stop: &CancellationToken) -> Result<bool, TailError> {
        let mut was_any = false;
        for number in 0..self.followers.len() {
            if stop.is_cancelled() {
                break;
            }
            let now = Instant::now();
            let follower = &mut self.followers[number];
            let found = follower.look(now).and_then(|()| follower.next(now));
            match found {
                Ok(None) => {
                    let path = self.followers[number].path();
                    self.unreadable.remove(path);
                }
                Ok(Some(chunk)) => {
                    was_any = true;
                    self.deliver(number, chunk, stop).await?;
                }
                Err(error) => {
                    let path = self.followers[number].path().to_owned();
                    if self.unreadable.insert(path) {
                        tracing::warn!("{error}; it is tried again");
                    }
                }
            }
        }
        Ok(was_any)
    }

    /// Sends `chunk` until it is taken, in parts if it must be, or until `stop`.
    async fn deliver(
        &mut self,
        number: usize,
        mut chunk: Chunk,
        stop: &CancellationToken,
    ) -> Result<(), TailError> {
        let mut pause = self.pauses.retry.0;
        let mut is_new = chunk.name.is_none();
        loop {
            if is_new {
                let name = self.name(&chunk);
                self.followers[number].begin_sending(&mut chunk, name);
                // Before anybody can have it: after a crash it is sent again as it was.
                self.save()?;
                is_new = false;
            }
            let Some(answer) = self.send(number, &chunk, stop).await else {
                return Ok(());
            };
            match self.judge(answer, &mut pause)? {
                Next::Done => break,
                Next::Again(pause) => self.wait(pause, stop).await,
                Next::Halve => match chunk.halve() {
                    Some(half) => (chunk, is_new) = (half, true),
                    None => {
                        let path = self.followers[number].path().display();
                        tracing::warn!(file = %path, "a line is left out: it is too large, or cannot be read there");
                        self.totals.1 += 1;
                        break;
                    }
                },
            }
            if stop.is_cancelled() {
                return Ok(());
            }
        }
        self.followers[number].finish_sending(&chunk);
        self.unsaved.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Sends `chunk` once; `None` if that is given up because of `stop`.
    async fn send(
        &mut self,
        number: usize,
        chunk: &Chunk,
        stop: &CancellationToken,
    ) -> Option<Answer> {
        let patience = self.pauses.stop;
        let delivery = Delivery {
            path: self.followers[number].path(),
            name: chunk.name.as_deref().unwrap_or_default(),
            head: &chunk.head,
            lines: &chunk.bytes,
        };
        let mut sent = std::pin::pin!(self.destination.send(delivery));
        tokio::select! {
            answer = &mut sent => return Some(answer),
            () = stop.cancelled() => {}
        }
        tokio::time::timeout(patience, sent).await.ok()
    }

    fn judge(&mut self, answer: Answer, pause: &mut Duration) -> Result<Next, TailError> {
        match answer {
            Answer::Taken(received) => {
                self.was_taken = true;
                self.count(received);
                Ok(Next::Done)
            }
            Answer::TooLarge => {
                self.was_taken = true;
                Ok(Next::Halve)
            }
            Answer::Later(asked, why) => {
                let wait = asked.unwrap_or(*pause);
                tracing::warn!("{why}; sent again in {:.1} s", wait.as_secs_f64());
                *pause = (*pause * 2).min(self.pauses.retry.1);
                Ok(Next::Again(wait))
            }
            Answer::Refused(why) if !self.was_taken => Err(TailError::Refused(why)),
            Answer::Refused(why) => {
                let wait = self.pauses.refused;
                tracing::error!("{why}; sent again in {} s", wait.as_secs());
                Ok(Next::Again(wait))
            }
        }
    }

    /// Waits, and sees to it meanwhile that what is rotated is not lost.
    async fn wait(&mut self, pause: Duration, stop: &CancellationToken) {
        let until = Instant::now() + pause;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(left.min(Duration::from_secs(1))) => {}
            }
            for follower in &mut self.followers {
                // What is wrong is told when it is its turn.
                let _looked = follower.look(Instant::now());
            }
        }
    }

    fn count(&mut self, received: Received) {
        self.totals.0 += received.accepted;
        self.totals.1 += received.rejected;
        for rejected in received.errors {
            if self.told.len() < MAX_TOLD && self.told.insert(rejected.reason.clone()) {
                let (reason, example) = (rejected.reason, rejected.example);
                tracing::warn!("lines that are no requests, {reason}, such as: {example}");
            }
        }
    }

    /// What a batch is called: nothing else is called so.
    pub(super) fn name(&self, chunk: &Chunk) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.state.id().as_bytes());
        let (device, inode, generation) = chunk.file;
        for number in [device, inode, generation.into(), chunk.start, chunk.end] {
            hasher.update(number.to_le_bytes());
        }
        hasher.update(&chunk.bytes);
        HEXLOWER.encode(&hasher.finalize()[..16])
    }

    fn save(&mut self) -> Result<(), TailError> {
        for follower in &self.followers {
            self.state.set(follower.path(), follower.positions());
        }
        self.state.save()?;
        self.unsaved = None;
        Ok(())
    }
}

/// Fails if one path would be read twice: under its own name, and as what another was.
fn check_names(paths: &[PathBuf]) -> Result<(), TailError> {
    for path in paths {
        let is_made_of = |other: &&PathBuf| {
            path.parent() == other.parent() && is_rotated(Path::new(path), Path::new(other))
        };
        if let Some(other) = paths.iter().find(is_made_of) {
            let show = |path: &Path| path.display().to_string();
            return Err(TailError::Rotated(show(path), show(other)));
        }
    }
    Ok(())
}
