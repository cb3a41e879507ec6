//! Room for requests that wait to be committed, in bytes: each has some of what its application
//! may have, and of what all may. Whoever waits longest comes first. Where half is taken bytes are
//! given no faster than they are given back, so that everybody waits a little instead of somebody
//! for a whole commit. Not how long somebody may wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as SyncMutex};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep_until};

use super::Inlet;
use super::inlet::lock;

/// How long bytes that are given back are counted at least.
const WINDOW: Duration = Duration::from_millis(200);

/// Who comes later than it may is let through earlier next time, by so much at most: a timer says
/// milliseconds, of which small batches take many.
const CREDIT: Duration = Duration::from_millis(10);

/// The longest that somebody waits for the pace alone.
const LONGEST: Duration = Duration::from_millis(250);

/// Bytes that may be taken, and those that are.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    used: AtomicUsize,
    released: Notify,
    /// Whose turn it is to wait for bytes.
    turn: Mutex<()>,
    pace: SyncMutex<Pace>,
}

/// How fast bytes are given back, and given.
#[derive(Debug)]
struct Pace {
    /// Since when they are counted, and how many were given back since.
    since: Instant,
    released: usize,
    /// Bytes a second that were given back lately; 0 if that is not known.
    rate: f64,
    /// When the next are given.
    due: Instant,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            used: AtomicUsize::new(0),
            released: Notify::new(),
            turn: Mutex::new(()),
            pace: SyncMutex::new(Pace::new(Instant::now())),
        })
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// How many are taken; more than the limit if what had room turned out to be larger.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: usize) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    fn take_off(&self, bytes: usize) -> usize {
        let used = self.used.fetch_sub(bytes, Ordering::Relaxed);
        self.released.notify_waiters();
        used
    }

    fn release(&self, bytes: usize) {
        let used = self.take_off(bytes);
        let is_wanted = used >= self.limit / 4;
        lock(&self.pace).release(bytes, is_wanted, Instant::now());
    }

    /// When `bytes` more are given: the more are taken the later, so that about three quarters are.
    fn due(&self, bytes: usize) -> Option<Instant> {
        let free = 1.0 - self.used() as f64 / self.limit.max(1) as f64;
        (free < 0.5).then(|| lock(&self.pace).give(bytes, (4.0 * free).max(0.25), Instant::now()))
    }
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            released: 0,
            rate: 0.0,
            due: now,
        }
    }

    /// Counts bytes that were given back, in a time in which more were wanted.
    fn release(&mut self, bytes: usize, is_wanted: bool, now: Instant) {
        if !is_wanted {
            (self.since, self.released) = (now, 0);
            return;
        }
        self.released += bytes;
        let took = now - self.since;
        if took >= WINDOW {
            let rate = self.released as f64 / took.as_secs_f64();
            self.rate = if self.rate == 0.0 {
                rate
            } else {
                (self.rate + rate) / 2.0
            };
            (self.since, self.released) = (now, 0);
        }
    }

    /// When `bytes` are given, at so many times the rate at which bytes are given back.
    fn give(&mut self, bytes: usize, times: f64, now: Instant) -> Instant {
        let takes = match self.rate {
            0.0 => Duration::ZERO,
            rate => Duration::from_secs_f64(bytes as f64 / (rate * times)).min(LONGEST),
        };
        let earliest = now.checked_sub(CREDIT).unwrap_or(now);
        self.due = self.due.clamp(earliest, now + LONGEST) + takes;
        self.due
    }
}

/// Bytes of one budget, until dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// So many bytes, once they are left.
    pub(super) async fn wait_for(budget: &Arc<Budget>, bytes: usize) -> Self {
        let _turn = budget.turn.lock().await;
        if let Some(due) = budget.due(bytes).filter(|due| *due > Instant::now()) {
            sleep_until(due).await;
        }
        loop {
            let released = budget.released.notified();
            if budget.used() + bytes <= budget.limit {
                return Self::of(budget, bytes);
            }
            released.await;
        }
    }

    /// So many bytes, whether they are left or not.
    fn of(budget: &Arc<Budget>, bytes: usize) -> Self {
        budget.add(bytes);
        Self {
            budget: Arc::clone(budget),
            bytes,
        }
    }

    fn resize(&mut self, bytes: usize) {
        self.budget.add(bytes);
        self.budget.take_off(self.bytes);
        self.bytes = bytes;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

/// Room for requests of an application, until dropped.
#[derive(Debug)]
pub struct Room {
    inlet: Arc<Inlet>,
    own: Share,
    all: Share,
}

impl Room {
    pub(super) fn new(inlet: &Arc<Inlet>, own: Share, all: Share) -> Self {
        Self {
            inlet: Arc::clone(inlet),
            own,
            all,
        }
    }

    /// Room for what is there already.
    pub(super) fn of(inlet: &Arc<Inlet>, all: &Arc<Budget>, bytes: usize) -> Self {
        let own = Share::of(inlet.budget(), bytes);
        Self::new(inlet, own, Share::of(all, bytes))
    }

    /// Whose it is.
    pub(super) fn inlet(&self) -> &Arc<Inlet> {
        &self.inlet
    }

    /// Makes it what it turned out that is needed. More is had at once, for it is there already:
    /// whoever comes next waits for it.
    pub fn resize(&mut self, bytes: usize) {
        self.own.resize(bytes);
        self.all.resize(bytes);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_grew_beyond_the_limit_is_waited_for_by_whoever_comes_next() {
        let budget = Budget::new(10);
        let mut first = Share::wait_for(&budget, 4).await;
        first.resize(13);
        assert_eq!(budget.used(), 13);
        let mut next = Box::pin(Share::wait_for(&budget, 2));
        assert!((&mut next).now_or_never().is_none());
        first.resize(9);
        assert!((&mut next).now_or_never().is_none());
        first.resize(8);
        let next = (&mut next).now_or_never().unwrap();
        assert_eq!(budget.used(), 10);
        drop((first, next));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn bytes_are_given_as_fast_as_they_are_given_back_and_small_ones_together() {
        let now = Instant::now();
        let at = |ms: u64| now + Duration::from_millis(ms);
        let mut pace = Pace::new(now);
        // As long as nothing is known nobody waits.
        assert!(pace.give(1_000_000, 1.0, now) <= now);
        // A commit every 100 ms gives 10,000 back: 100 a millisecond.
        for commit in 1..=6 {
            pace.release(10_000, true, at(100 * commit));
        }
        let due: Vec<Instant> = (0..3).map(|_| pace.give(1_000, 1.0, at(600))).collect();
        // What was due earlier and not asked for is a credit of 10 ms.
        assert_eq!(due, [at(600), at(610), at(620)]);
        assert_eq!(pace.give(1_000, 2.0, at(600)), at(625));
        // When nobody waited for room it is not known how much could have been given back.
        pace.release(10, false, at(2_000));
        pace.release(10_000, true, at(2_100));
        pace.release(10_000, true, at(2_200));
        assert_eq!(pace.give(1_000, 1.0, at(2_200)), at(2_200));
    }

    #[tokio::test]
    async fn who_wants_much_is_not_passed_by_those_who_want_little() {
        let budget = Budget::new(10);
        let first = Share::wait_for(&budget, 4).await;
        let mut much = Box::pin(Share::wait_for(&budget, 8));
        assert!((&mut much).now_or_never().is_none());
        let mut little = Box::pin(Share::wait_for(&budget, 1));
        assert!((&mut little).now_or_never().is_none());
        drop(first);
        let _much = (&mut much).now_or_never().unwrap();
        assert!(little.now_or_never().is_some());
    }
}
