//! Batches that senders gave a name, so that one that is sent again is recognised: those of the
//! last hours, as far as there is room, and those that are just being admitted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;
use tokio::sync::watch;

use super::inlet::lock;
use crate::ingest::admit::{BatchId, Receipt};
use crate::store::AdmittedBatch;

/// How many batches of an application are known, at most.
const MAX: usize = 65_536;

/// The batches that are known.
#[derive(Debug, Default)]
pub(super) struct Recognised {
    states: FxHashMap<BatchId, State>,
    /// Those that are admitted, the oldest first.
    order: VecDeque<BatchId>,
}

#[derive(Debug)]
enum State {
    /// Being admitted; the channel closes when that has ended.
    Pending(watch::Receiver<()>),
    Admitted(Receipt),
}

/// Whether a batch was sent before.
#[derive(Debug)]
pub enum Repeat {
    /// It was, and this was said.
    Known(Receipt),
    /// It was not: it is whoever asked who admits it.
    New(BatchTurn),
}

/// The right to admit a batch. If it is dropped before that is admitted, whoever sends the batch
/// again gets it.
#[derive(Debug)]
pub struct BatchTurn {
    name: BatchId,
    recognised: Arc<Mutex<Recognised>>,
    _ended: watch::Sender<()>,
}

impl Recognised {
    /// Those that are stored.
    pub(super) fn of(batches: &[AdmittedBatch]) -> Self {
        let mut known = Self::default();
        for batch in batches {
            let receipt = Receipt {
                accepted: batch.accepted,
                rejected: batch.rejected,
            };
            known.insert(BatchId(batch.id), receipt);
        }
        known
    }

    pub(super) async fn turn(this: &Arc<Mutex<Self>>, name: BatchId) -> Repeat {
        loop {
            let mut waited = {
                let mut known = lock(this);
                match known.states.get(&name) {
                    Some(State::Admitted(receipt)) => return Repeat::Known(*receipt),
                    Some(State::Pending(ended)) => ended.clone(),
                    None => {
                        let (sender, ended) = watch::channel(());
                        known.states.insert(name, State::Pending(ended));
                        return Repeat::New(BatchTurn {
                            name,
                            recognised: Arc::clone(this),
                            _ended: sender,
                        });
                    }
                }
            };
            // An error says that whoever admitted it has ended.
            while waited.changed().await.is_ok() {}
        }
    }

    /// Knows an admitted batch from now on.
    pub(super) fn insert(&mut self, name: BatchId, receipt: Receipt) {
        if let Some(State::Admitted(_)) = self.states.insert(name, State::Admitted(receipt)) {
            return;
        }
        self.order.push_back(name);
        if self.order.len() > MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.states.remove(&oldest);
        }
    }
}

impl BatchTurn {
    /// What its sender calls the batch.
    pub(super) fn name(&self) -> BatchId {
        self.name
    }
}

impl Drop for BatchTurn {
    fn drop(&mut self) {
        let mut known = lock(&self.recognised);
        if matches!(known.states.get(&self.name), Some(State::Pending(_))) {
            known.states.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const NAME: BatchId = BatchId([7; 16]);

    fn receipt(accepted: u32) -> Receipt {
        Receipt {
            accepted,
            rejected: 0,
        }
    }

    #[tokio::test]
    async fn what_was_admitted_is_known_and_what_failed_may_be_sent_again() {
        let known = Arc::new(Mutex::new(Recognised::default()));
        let Repeat::New(turn) = Recognised::turn(&known, NAME).await else {
            panic!("nobody sent it");
        };
        let mut second = Box::pin(Recognised::turn(&known, NAME));
        assert!(
            (&mut second).now_or_never().is_none(),
            "waits for the first"
        );
        drop(turn);
        let Repeat::New(turn) = second.await else {
            panic!("the first failed");
        };
        lock(&known).insert(turn.name(), receipt(3));
        drop(turn);
        let third = Recognised::turn(&known, NAME).await;
        assert!(matches!(third, Repeat::Known(known) if known == receipt(3)));
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten() {
        let known = Arc::new(Mutex::new(Recognised::default()));
        for number in 0..=MAX as u128 {
            lock(&known).insert(BatchId((number + 1).to_le_bytes()), receipt(1));
        }
        let oldest = Recognised::turn(&known, BatchId(1u128.to_le_bytes())).await;
        assert!(matches!(oldest, Repeat::New(_)));
        let next = Recognised::turn(&known, BatchId(2u128.to_le_bytes())).await;
        assert!(matches!(next, Repeat::Known(_)));
    }
}
