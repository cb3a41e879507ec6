//! Judging an application again in memory, up to what a stored verdict saw, to see whether the
//! same verdict comes out. Writes nothing; takes as long as judging all of it again does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::{AttackRecord, Effects, Request};
use rustc_hash::FxHashSet;
use shared::{ApplicationId, AttackId, Timestamp};
use tokio::sync::Notify;

use super::judge::Judge;
use crate::aside::aside;
use crate::store::{LogEntry, Logged, StoreError, StoredVerdict, TenantStore};

/// How many applications are judged again for this at a time: each takes a core.
const AT_A_TIME: usize = 2;

/// What judging again came to.
#[derive(Debug)]
pub enum Reproduced {
    /// The verdict, if there is one on the same attack.
    Done(Option<Box<AttackRecord>>),
    /// Requests that the verdict may rest on are not stored any more.
    Expired,
    /// Given up half way.
    Stopped,
}

/// Judges what is stored of an application again, up to where `verdict` was stored, and says what
/// came of its attack, with how many requests were judged. Gives up when `is_stopped` says so.
///
/// # Errors
/// If the store fails.
pub async fn reproduce(
    tenant: &TenantStore,
    verdict: &StoredVerdict,
    now: Timestamp,
    is_stopped: &(dyn Fn() -> bool + Send + Sync),
) -> Result<(Reproduced, u64), StoreError> {
    let mut replay = Replay {
        judge: Judge::new(&verdict.state.name),
        id: verdict.row.record.id,
        record: None,
        requests: 0,
    };
    if (0..)
        .zip(&verdict.log)
        .any(|(number, entry)| entry.number != number)
    {
        return Ok((Reproduced::Expired, 0));
    }
    let steps = in_order(verdict, replay.judge.judged_until());
    for (index, (entry, is_by_time)) in steps.iter().enumerate() {
        if is_stopped() {
            return Ok((Reproduced::Stopped, replay.requests));
        }
        let after = entry.number.checked_sub(1);
        let logged = tenant
            .list_log(verdict.row.judgement, after, 1)
            .await?
            .pop();
        let Some(logged) = logged.and_then(|logged| whole(logged, *entry)) else {
            return Ok((Reproduced::Expired, replay.requests));
        };
        let next = steps.get(index + 1);
        let next = next.filter(|(_, next)| *next && *is_by_time);
        let next = next.map(|(next, _)| Timestamp(next.min_at));
        replay = aside(move || {
            replay.take(logged, next);
            replay
        })
        .await;
    }
    let judged_until = verdict.state.judged_until;
    replay = aside(move || {
        replay.finish(judged_until, now);
        replay
    })
    .await;
    let Replay {
        record, requests, ..
    } = replay;
    Ok((Reproduced::Done(record), requests))
}

/// The log in the order in which it was judged, each entry with whether that is by its time.
/// What was told before anything was judged says so by `begin`.
fn in_order(verdict: &StoredVerdict, begin: i64) -> Vec<(LogEntry, bool)> {
    let (before, since): (Vec<LogEntry>, Vec<LogEntry>) = verdict
        .log
        .iter()
        .partition(|entry| entry.number < verdict.begun_at);
    // As `judge_again` does: what was told before does not count, and neither do empty segments.
    let mut before: Vec<LogEntry> = before
        .into_iter()
        .filter(|entry| entry.is_requests && entry.rows > 0)
        .collect();
    before.sort_by_key(|entry| (entry.min_at, entry.number));
    let is_first = |entry: &LogEntry| !entry.is_requests && entry.min_at == begin;
    let (first, since): (Vec<LogEntry>, Vec<LogEntry>) = since.into_iter().partition(is_first);
    let as_told = |entry| (entry, false);
    let first = first.into_iter().map(as_told);
    let before = before.into_iter().map(|entry| (entry, true));
    first
        .chain(before)
        .chain(since.into_iter().map(as_told))
        .collect()
}

/// `logged` as it was when the entry was noted; `None` if it is another one, or retention has
/// emptied rows of it.
fn whole(mut logged: Logged, entry: LogEntry) -> Option<Logged> {
    match &mut logged {
        Logged::Requests(segment) => {
            let requests = &mut segment.batch.requests;
            let is_there = segment.number == entry.number && requests.len() >= entry.rows as usize;
            requests.truncate(entry.rows as usize);
            (is_there && !requests.iter().any(Request::is_emptied)).then_some(logged)
        }
        Logged::Told { number, .. } => (*number == entry.number).then_some(logged),
    }
}

/// What is known while everything is judged again.
struct Replay {
    judge: Judge,
    id: AttackId,
    /// What was said last of the attack.
    record: Option<Box<AttackRecord>>,
    requests: u64,
}

impl Replay {
    /// Judges what comes next; `next` is when the segment after it begins, if they come by time.
    fn take(&mut self, logged: Logged, next: Option<Timestamp>) {
        match logged {
            Logged::Requests(segment) => {
                self.requests += segment.batch.requests.len() as u64;
                let batch = Arc::new(segment.batch);
                self.judge.apply_in_order(segment.number, batch, next);
            }
            told @ Logged::Told { .. } => {
                self.judge.follow(told);
            }
        }
        let effects = self.judge.take_effects();
        self.note(effects);
    }

    fn finish(&mut self, judged_until: Option<Timestamp>, now: Timestamp) {
        if let Some(at) = judged_until {
            self.judge.advance(at.0);
            let effects = self.judge.take_effects();
            self.note(effects);
        }
        let preview = self.judge.preview(now);
        self.note(preview);
    }

    fn note(&mut self, effects: Effects) {
        let told = effects.attacks.into_iter().rev();
        let found = told.into_iter().find(|attack| attack.id == self.id);
        self.record = found.map(Box::new).or(self.record.take());
    }
}

/// Who is judged again right now; cheap to clone, all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Reproductions(Arc<Turns>);

#[derive(Debug, Default)]
struct Turns {
    taken: Mutex<FxHashSet<ApplicationId>>,
    given_back: Notify,
}

/// The right to judge one application again for a look, until dropped.
#[derive(Debug)]
#[must_use = "it is given back when this is dropped"]
pub struct Turn {
    turns: Arc<Turns>,
    application: ApplicationId,
}

impl Reproductions {
    /// The turn of `application`, once it has no other and few others have theirs.
    pub async fn turn(&self, application: ApplicationId) -> Turn {
        loop {
            // Before the look: a turn given back in between is not missed.
            let given_back = self.0.given_back.notified();
            if self.0.take(application) {
                return Turn {
                    turns: Arc::clone(&self.0),
                    application,
                };
            }
            given_back.await;
        }
    }
}

impl Turns {
    fn take(&self, application: ApplicationId) -> bool {
        let mut taken = self.taken();
        taken.len() < AT_A_TIME && taken.insert(application)
    }

    fn taken(&self) -> MutexGuard<'_, FxHashSet<ApplicationId>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.taken().remove(&self.application);
        self.turns.given_back.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn an_application_has_one_turn_at_a_time_and_few_have_one() {
        let turns = Reproductions::default();
        let first = turns.turn(ApplicationId(1)).await;
        let mut again = pin!(turns.turn(ApplicationId(1)));
        assert!(again.as_mut().now_or_never().is_none());
        let second = turns.turn(ApplicationId(2)).await;
        let mut third = pin!(turns.turn(ApplicationId(3)));
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        let _first = again.await;
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        let _third = third.await;
    }
}
