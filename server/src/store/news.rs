//! That something was written, told within the process: whoever follows a tenant's changes looks
//! at once instead of asking again and again. Not what was written: that is in the changes feed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::watch;

/// Who listens, by tenant.
#[derive(Debug, Default)]
pub(in crate::store) struct News {
    listened: Mutex<FxHashMap<i64, watch::Sender<u64>>>,
}

impl News {
    /// Changes whenever something of the tenant may have been written.
    pub(in crate::store) fn listen(&self, tenant: i64) -> watch::Receiver<u64> {
        let mut listened = self.lock();
        listened.retain(|_, sender| sender.receiver_count() > 0);
        let sender = listened.entry(tenant);
        sender.or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// Tells whoever listens. Cheap where nobody does.
    pub(in crate::store) fn tell(&self, tenant: i64) {
        if let Some(sender) = self.lock().get(&tenant) {
            sender.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<i64, watch::Sender<u64>>> {
        self.listened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_listens_to_the_tenant_is_told() {
        let news = News::default();
        let (mut own, mut others) = (news.listen(1), news.listen(2));
        news.tell(1);
        news.tell(3);
        assert!(own.has_changed().unwrap());
        assert!(!others.has_changed().unwrap());
        own.mark_unchanged();
        others.mark_unchanged();
        drop(own);
        let again = news.listen(1);
        assert!(!again.has_changed().unwrap());
        assert_eq!(news.lock().len(), 2);
    }
}
