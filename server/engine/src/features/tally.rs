//! Plain counts for an attack's page: methods, statuses, addresses, user agents, bytes.
//! Bounded: what does not fit is counted but not told apart.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::effects::UserAgentKey;
use crate::event::{Event, MethodId};
use crate::request::Address;

/// A small table of counts; keeps the first `most` keys it meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "K: Serialize + DeserializeOwned")]
pub(crate) struct Counts<K> {
    /// Most actors have one of each, and there are many actors.
    entries: SmallVec<[(K, u32); 1]>,
}

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self {
            entries: SmallVec::new(),
        }
    }
}

impl<K: Copy + Ord> Counts<K> {
    fn add(&mut self, key: K, count: u32, most: usize) {
        if let Some(entry) = self.entries.iter_mut().find(|(known, _)| *known == key) {
            entry.1 = entry.1.saturating_add(count);
        } else if self.entries.len() < most {
            self.entries.push((key, count));
        }
    }

    fn merge(&mut self, other: &Self, most: usize) {
        for (key, count) in &other.entries {
            self.add(*key, *count, most);
        }
    }

    /// The count of one key.
    #[must_use]
    pub(crate) fn get(&self, key: K) -> u64 {
        let entry = self.entries.iter().find(|(known, _)| *known == key);
        entry.map_or(0, |(_, count)| u64::from(*count))
    }

    /// How many keys are told apart.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The most frequent, at most `most`.
    #[must_use]
    pub(crate) fn top(&self, most: usize) -> Vec<(K, u64)> {
        let mut ranked = self.entries.to_vec();
        ranked.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
        ranked.truncate(most);
        ranked
            .into_iter()
            .map(|(key, count)| (key, u64::from(count)))
            .collect()
    }
}

const METHODS: usize = 12;
const CODES: usize = 16;
const ADDRESSES: usize = 64;
const USER_AGENTS: usize = 24;

/// Counts over all requests, static files included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Methods.
    pub methods: Counts<MethodId>,
    /// Response statuses.
    pub codes: Counts<u16>,
    /// Sources; at most 64 are told apart.
    pub addresses: Counts<Address>,
    /// User agents; at most 24 are told apart.
    pub user_agents: Counts<UserAgentKey>,
    /// Response bytes.
    pub response_bytes: u64,
    /// Requests that the log says were blocked.
    pub blocked: u64,
}

impl Tally {
    /// Counts one request.
    pub(crate) fn add(&mut self, event: &Event) {
        self.methods.add(event.method, 1, METHODS);
        self.codes.add(event.status, 1, CODES);
        self.addresses.add(event.address, 1, ADDRESSES);
        self.user_agents.add(event.user_agent, 1, USER_AGENTS);
        self.response_bytes = self.response_bytes.saturating_add(event.response_bytes);
        self.blocked += u64::from(event.has(Event::BLOCKED));
    }

    /// Adds another tally.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.methods.merge(&other.methods, METHODS);
        self.codes.merge(&other.codes, CODES);
        self.addresses.merge(&other.addresses, ADDRESSES);
        self.user_agents.merge(&other.user_agents, USER_AGENTS);
        self.response_bytes = self.response_bytes.saturating_add(other.response_bytes);
        self.blocked += other.blocked;
    }
}
