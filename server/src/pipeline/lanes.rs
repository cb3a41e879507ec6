//! One writer of an application at a time. An import has the data directory to itself; inside
//! a server, whoever writes requests or verdicts of an application enters its lane first. Not a
//! lock on the database: readers never wait, and neither do other applications.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use shared::ApplicationId;
use tokio::sync::OwnedMutexGuard;

/// The lanes of a process, one for each application that was ever written into; cheap to
/// clone, all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Lanes {
    /// Held only to find a lane, never while somebody is in one.
    lanes: Arc<Mutex<FxHashMap<ApplicationId, Arc<tokio::sync::Mutex<()>>>>>,
}

/// The right to write into one application, until dropped.
#[derive(Debug)]
#[must_use = "the lane is left when this is dropped"]
pub struct Lane {
    _guard: OwnedMutexGuard<()>,
}

impl Lanes {
    /// Waits until nobody else writes into `application`. Who waits longest comes first.
    ///
    /// Whoever held something of the application's state from before (a judge, a position)
    /// compares its judgement with
    /// [`TenantStore::find_application_state`](crate::store::TenantStore::find_application_state):
    /// if another one is shown now, what was held is out of date and must be restored.
    pub async fn enter(&self, application: ApplicationId) -> Lane {
        let lane = {
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lanes.entry(application).or_default())
        };
        Lane {
            _guard: lane.lock_owned().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_lane_has_one_writer_and_others_do_not_wait_for_it() {
        let lanes = Lanes::default();
        let first = lanes.enter(ApplicationId(1)).await;
        let clone = lanes.clone();
        let mut second = Box::pin(clone.enter(ApplicationId(1)));
        assert!((&mut second).now_or_never().is_none());
        assert!(lanes.enter(ApplicationId(2)).now_or_never().is_some());
        drop(first);
        let second = second.now_or_never().unwrap();
        drop(second);
        assert!(lanes.enter(ApplicationId(1)).now_or_never().is_some());
    }
}
