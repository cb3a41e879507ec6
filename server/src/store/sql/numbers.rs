//! By which numbers rows refer to endpoints and user agents. What a commit read or gave is kept for
//! the next one, which mostly asks for the same; whoever only reads has no part in it.

use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::{EndpointKey, UserAgentKey};
use rustc_hash::FxHashMap;

use super::StoreError;
use super::commit::CommitMark;
use super::texts::{endpoint_numbers, user_agent_numbers};
use crate::store::database::Connection;

/// So many are kept of all judgements together: some megabytes.
const MOST: usize = 131_072;

/// Numbers of a judgement's endpoints and user agents, at least of those that were read: folded
/// endpoints have that of what they were folded into.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) endpoints: FxHashMap<EndpointKey, i64>,
    pub(super) user_agents: FxHashMap<UserAgentKey, i64>,
}

impl Numbers {
    /// Reads those of endpoints, as far as they are not known.
    pub(super) async fn read_endpoints(
        &mut self,
        connection: &mut Connection,
        tenant: i64,
        judgement: i64,
        keys: Vec<i64>,
    ) -> Result<(), StoreError> {
        let keys = unknown(keys, &self.endpoints, EndpointKey);
        let read = endpoint_numbers(connection, tenant, judgement, &keys).await?;
        self.endpoints.extend(read);
        Ok(())
    }

    /// Reads those of user agents, likewise.
    pub(super) async fn read_user_agents(
        &mut self,
        connection: &mut Connection,
        tenant: i64,
        judgement: i64,
        keys: Vec<i64>,
    ) -> Result<(), StoreError> {
        let keys = unknown(keys, &self.user_agents, UserAgentKey);
        let read = user_agent_numbers(connection, tenant, judgement, &keys).await?;
        self.user_agents.extend(read);
        Ok(())
    }

    fn len(&self) -> usize {
        self.endpoints.len() + self.user_agents.len()
    }
}

/// Those of the keys, as they are stored, whose numbers are not known.
fn unknown<K: Eq + Hash>(
    mut keys: Vec<i64>,
    known: &FxHashMap<K, i64>,
    key: impl Fn(u64) -> K,
) -> Vec<i64> {
    keys.retain(|stored| !known.contains_key(&key(*stored as u64)));
    keys
}

/// The numbers of the judgements that were written lately, each with the commit after which they
/// were true.
#[derive(Debug, Default)]
pub(super) struct KnownNumbers(Mutex<FxHashMap<i64, (CommitMark, Numbers)>>);

impl KnownNumbers {
    /// Takes those of a judgement whose last commit is `last`. None if that was somebody else's.
    pub(super) fn take(&self, judgement: i64, last: CommitMark) -> Numbers {
        let known = self.lock().remove(&judgement);
        known
            .filter(|(mark, _)| *mark == last)
            .map_or_else(Numbers::default, |(_, numbers)| numbers)
    }

    /// Keeps those of a judgement, once `last` is durable.
    pub(super) fn keep(&self, judgement: i64, last: CommitMark, numbers: Numbers) {
        if numbers.len() > MOST {
            return;
        }
        let mut known = self.lock();
        let others: usize = known.values().map(|(_, numbers)| numbers.len()).sum();
        if others + numbers.len() > MOST {
            known.clear();
        }
        known.insert(judgement, (last, numbers));
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<i64, (CommitMark, Numbers)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(count: u64) -> Numbers {
        Numbers {
            endpoints: (0..count).map(|key| (EndpointKey(key), 1)).collect(),
            ..Numbers::default()
        }
    }

    #[test]
    fn they_are_known_until_somebody_else_writes() {
        let (known, ours) = (KnownNumbers::default(), CommitMark::random().unwrap());
        known.keep(1, ours, some(3));
        assert_eq!(known.take(1, ours).len(), 3);
        assert_eq!(known.take(1, ours).len(), 0);
        known.keep(1, ours, some(3));
        let theirs = CommitMark::random().unwrap();
        assert_eq!(known.take(1, theirs).len(), 0);
        assert_eq!(known.take(1, ours).len(), 0);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let (known, mark) = (KnownNumbers::default(), CommitMark::random().unwrap());
        known.keep(1, mark, some(100_000));
        known.keep(2, mark, some(100_000));
        assert_eq!(known.take(1, mark).len(), 0);
        assert_eq!(known.take(2, mark).len(), 100_000);
        known.keep(1, mark, some(10));
        known.keep(3, mark, some(MOST as u64 + 1));
        assert_eq!(known.take(3, mark).len(), 0);
        assert_eq!(known.take(1, mark).len(), 10);
    }
}
