//! Streams of changes: who may have one open, and what all streams of a tenant share. Not what is
//! on them: that is [`stream`], and what a change says the changes feed's.
//!
//! A stream costs no question to the database while nothing happens. What is written wakes the one
//! [`feed`] of its tenant in this process, which reads it once for all streams.

mod feed;
mod stream;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use shared::{ErrorCode, LoginId, TenantId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::feed::Recent;
use super::error::ApiError;
use crate::auth::SecretHash;
use crate::store::TenantStore;

#[cfg(test)]
pub(super) use stream::BEAT;
pub(super) use stream::{EventStream, Opened};

/// Streams open at one time: each holds one of the server's connections.
const MAX_STREAMS: usize = 256;

/// Streams of one login or one token. A browser has six connections to a server; a page that is
/// looked at needs some of them for everything else.
const MAX_OF_ONE: usize = 4;

/// When to ask again for a stream where there are too many.
const RETRY_AFTER_SECONDS: i64 = 30;

/// How often what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// A sign of life is sent while nothing happens, so that nothing on the way gives up, and
    /// whoever follows is asked for their credential again.
    pub(super) heartbeat: Duration,
    /// At most so old is the last look at the credential when something is told.
    pub(super) trust: Duration,
    /// A stream ends after this; whoever follows begins another, and is wholly known again.
    pub(super) longest: Duration,
    /// The feed looks although nobody told it: the database may be written by others.
    pub(super) look: Duration,
    /// What happens within this is told at once.
    pub(super) breath: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            trust: Duration::from_secs(5),
            longest: Duration::from_secs(30 * 60),
            look: Duration::from_secs(10),
            breath: Duration::from_millis(100),
        }
    }
}

/// Who has a stream open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// The person at the machine: in tests only.
    Machine,
    /// Somebody who has signed in.
    Login(LoginId),
    /// A program.
    Token(SecretHash),
}

/// The streams of a process; cheap to clone.
#[derive(Clone)]
pub(super) struct Streams {
    open: Arc<Mutex<Open>>,
    pace: Pace,
    /// Ends all of them.
    stop: CancellationToken,
}

#[derive(Default)]
struct Open {
    total: usize,
    of: FxHashMap<Holder, usize>,
    feeds: FxHashMap<TenantId, watch::Sender<Option<Arc<Recent>>>>,
}

/// A place for one stream; free again when it is dropped.
pub(super) struct Place {
    open: Arc<Mutex<Open>>,
    holder: Holder,
}

impl Streams {
    /// Streams that end when `stop` is cancelled.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            open: Arc::default(),
            pace: Pace::default(),
            stop,
        }
    }

    /// Streams that end as soon as they have told how things are.
    pub(super) fn ended() -> Self {
        let stop = CancellationToken::new();
        stop.cancel();
        Self::new(stop)
    }

    /// The same at another pace.
    #[cfg(test)]
    pub(super) fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How many are open.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        lock(&self.open).total
    }

    /// How many tenants are followed.
    #[cfg(test)]
    pub(super) fn feeds(&self) -> usize {
        lock(&self.open).feeds.len()
    }

    /// A place for a stream of `holder`'s.
    fn enter(&self, holder: Holder) -> Result<Place, ApiError> {
        let mut open = lock(&self.open);
        if open.total >= MAX_STREAMS {
            let cause = "there are too many streams of changes";
            return Err(ApiError::unavailable(cause).retry_after(RETRY_AFTER_SECONDS));
        }
        let own = open.of.entry(holder).or_default();
        if *own >= MAX_OF_ONE {
            let detail = format!(
                "{MAX_OF_ONE} streams are open with this login or token: close one, or ask for \
                 /changes now and then instead"
            );
            let error = ApiError::new(ErrorCode::RateLimited, detail);
            return Err(error.retry_after(RETRY_AFTER_SECONDS));
        }
        *own += 1;
        open.total += 1;
        drop(open);
        Ok(Place {
            open: Arc::clone(&self.open),
            holder,
        })
    }

    /// What all streams of a tenant are told; begins to look if nobody does yet.
    fn follow(&self, store: &TenantStore) -> watch::Receiver<Option<Arc<Recent>>> {
        let mut open = lock(&self.open);
        if let Some(feed) = open.feeds.get(&store.id()) {
            return feed.subscribe();
        }
        let (tell, told) = watch::channel(None);
        open.feeds.insert(store.id(), tell.clone());
        drop(open);
        let (streams, store) = (self.clone(), store.clone());
        tokio::spawn(async move {
            let stop = streams.stop.clone();
            let reading = feed::read(&store, &tell, streams.pace, || streams.leave(&store));
            let _stopped = stop.run_until_cancelled(reading).await;
        });
        told
    }

    /// Forgets the feed of a tenant unless somebody follows it. Whether it is forgotten.
    fn leave(&self, store: &TenantStore) -> bool {
        let mut open = lock(&self.open);
        let is_followed = |tell: &watch::Sender<_>| tell.receiver_count() > 0;
        if open.feeds.get(&store.id()).is_some_and(is_followed) {
            return false;
        }
        open.feeds.remove(&store.id());
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.total -= 1;
        if let Some(own) = open.of.get_mut(&self.holder) {
            *own -= 1;
            if *own == 0 {
                open.of.remove(&self.holder);
            }
        }
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
