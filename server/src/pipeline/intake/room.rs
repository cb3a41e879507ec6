//! Room for requests that wait to be committed, in bytes: each has some of what its application
//! may have, and of what all may. Whoever waits longest comes first. Not how long somebody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, Notify};

use super::Inlet;

/// Bytes that may be taken, and those that are.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    used: AtomicUsize,
    released: Notify,
    /// Whose turn it is to wait for bytes.
    turn: Mutex<()>,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            used: AtomicUsize::new(0),
            released: Notify::new(),
            turn: Mutex::new(()),
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

    fn release(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        self.released.notify_waiters();
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
        self.budget.release(self.bytes);
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
