//! The writer of an application whose requests come as they happen. What is new is judged and
//! committed every quarter of a second or so, together with what would follow if nothing more
//! came, so that an attack shows soon after its beginning.
//!
//! Requests go into a segment that grows with every commit and is closed when it is large
//! enough; its rows never move, so that what names one stays right. What came through the log
//! of what was admitted is committed with its position there, and kept until it is: a store
//! that fails delays it, and nothing else.

mod growing;
mod lateness;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Batch;
use shared::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::Lanes;
use crate::store::{AdmittedBatch, ApplicationState, StoreError, TenantStore};
use writer::Writer;

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

/// Called when what follows from requests shows, not before they are committed.
pub(super) type Shown = Box<dyn FnOnce() + Send + Sync>;

struct Append {
    batch: Arc<Batch>,
    logged: Option<Place>,
    done: Done,
    shown: Shown,
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
    /// Starts the writer of `application`. It ends when `stop` is cancelled, when every [`Live`] is
    /// dropped, or when the application is removed.
    pub fn start(
        tenant: TenantStore,
        application: &ApplicationState,
        lanes: Lanes,
        clock: fn() -> Timestamp,
        stop: CancellationToken,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let removed = Arc::<AtomicBool>::default();
        let writer = Writer::new(tenant, application, lanes, clock, Arc::clone(&removed));
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
        self.push(batch, None, done, Box::new(|| {}));
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
    pub(super) fn push(&self, batch: Batch, logged: Option<Place>, done: Done, shown: Shown) {
        let batch = Arc::new(batch);
        let append = Append {
            batch,
            logged,
            done,
            shown,
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
