//! What changed lately in one tenant, read once for all streams of this process that follow it.

use std::sync::Arc;

use shared::Changes;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Pace;
use crate::http::routes::changes::gather;
use crate::store::{Change, StoreError, TenantStore};

/// Changes that are kept for streams which are behind.
const KEPT: usize = 1_000;

/// What changed lately.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recent {
    /// The number of the last change.
    pub(super) seq: u64,
    /// The last changes, oldest first and without a gap; none where that is not known.
    changes: Vec<Change>,
}

impl Recent {
    /// What changed after number `after`; `None` if not all of it is kept.
    pub(super) fn since(&self, after: u64) -> Option<Changes> {
        let first = self.changes.first()?.seq;
        if after.saturating_add(1) < first || after > self.seq {
            return None;
        }
        let later = self.changes.iter().filter(|change| change.seq > after);
        Some(gather(self.seq, later.copied()))
    }

    /// The same with what came after it.
    fn with(&self, listed: Vec<Change>) -> Option<Self> {
        let last = listed.last()?.seq;
        let mut changes = Vec::with_capacity(KEPT.min(self.changes.len() + listed.len()));
        if listed[0].seq == self.seq + 1 {
            changes.extend_from_slice(&self.changes);
        }
        changes.extend(listed);
        changes.drain(..changes.len().saturating_sub(KEPT));
        Some(Self { seq: last, changes })
    }
}

/// Reads what changes and tells it, until nobody follows and `leave` agrees.
pub(super) async fn read(
    store: &TenantStore,
    tell: &watch::Sender<Option<Arc<Recent>>>,
    pace: Pace,
    leave: impl Fn() -> bool,
) {
    let mut news = store.listen();
    loop {
        let known = tell.borrow().clone();
        match look(store, known.as_deref()).await {
            Ok(Some(recent)) => {
                tell.send_replace(Some(Arc::new(recent)));
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "changes could not be read"),
        }
        // What happens meanwhile is told together.
        sleep(pace.breath).await;
        tokio::select! {
            () = tell.closed() => {
                if leave() {
                    return;
                }
            }
            _ = news.changed() => {}
            () = sleep(pace.look) => {}
        }
    }
}

/// How things are now; `None` if as before.
async fn look(store: &TenantStore, known: Option<&Recent>) -> Result<Option<Recent>, StoreError> {
    let seq = store.find_newest_change().await?;
    let beginning = Recent {
        seq,
        changes: Vec::new(),
    };
    let Some(known) = known else {
        return Ok(Some(beginning));
    };
    if seq == known.seq {
        return Ok(None);
    }
    let listed = store.list_changes(known.seq, KEPT as u32).await?;
    // More than is kept, or another numbering: whoever is behind is told that they missed some.
    let is_all = listed.last().is_some_and(|last| last.seq >= seq);
    let next = known.with(listed).filter(|_| is_all);
    Ok(Some(next.unwrap_or(beginning)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ChangeKind;

    fn change(seq: u64) -> Change {
        Change {
            seq,
            kind: ChangeKind::Attack,
            reference: 100 + seq,
        }
    }

    fn changes(seqs: std::ops::RangeInclusive<u64>) -> Vec<Change> {
        seqs.map(change).collect()
    }

    #[test]
    fn what_is_kept_is_told_and_nothing_else_is_made_up() {
        let recent = Recent {
            seq: 9,
            changes: changes(7..=9),
        };
        let attacks = |after| recent.since(after).map(|told| told.attacks.len());
        assert_eq!(attacks(6), Some(3));
        assert_eq!(attacks(8), Some(1));
        assert_eq!(attacks(9), Some(0));
        assert_eq!(attacks(5), None);
        assert_eq!(attacks(10), None);
        assert_eq!(attacks(u64::MAX), None);
        let empty = Recent {
            seq: 9,
            changes: Vec::new(),
        };
        assert_eq!(empty.since(9), None);
    }

    #[test]
    fn what_comes_is_added_and_the_oldest_goes() {
        let recent = Recent {
            seq: 1_000,
            changes: changes(1..=1_000),
        };
        let next = recent.with(changes(1_001..=1_002)).unwrap();
        assert_eq!((next.seq, next.changes[0].seq), (1_002, 3));
        assert_eq!(next.changes.len(), KEPT);
        // With a gap before it, what was kept is of no use.
        let next = recent.with(changes(1_005..=1_006)).unwrap();
        assert_eq!(next.changes, changes(1_005..=1_006));
        assert_eq!(recent.with(Vec::new()), None);
    }
}
