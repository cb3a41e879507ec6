//! What was asked for lately and took work to read: decoded segments, indexes of sessions. So
//! paging through a session decodes each segment only once. Bounded by memory, not by number.

use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// Values that are kept by what they weigh.
pub(crate) trait Weigh {
    /// Roughly the bytes of memory it takes.
    fn weight(&self) -> usize;
}

#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    /// Held for the time of a look-up, never while a value is made.
    state: Mutex<State<K, V>>,
    capacity: usize,
}

#[derive(Debug)]
struct State<K, V> {
    values: FxHashMap<K, (Arc<V>, u64)>,
    /// Counts look-ups; the smallest number on a value is the longest ago.
    clock: u64,
    weight: usize,
}

impl<K: Eq + Hash + Clone, V: Weigh> Cache<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                values: FxHashMap::default(),
                clock: 0,
                weight: 0,
            }),
            capacity,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<Arc<V>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let (value, used) = state.values.get_mut(key)?;
        *used = now;
        Some(value.clone())
    }

    pub(crate) fn put(&self, key: K, value: Arc<V>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        state.weight += value.weight();
        if let Some((replaced, _)) = state.values.insert(key, (value, now)) {
            state.weight -= replaced.weight();
        }
        // A few hundred values at most, and only on a miss: looking at all of them is cheap.
        while state.weight > self.capacity && state.values.len() > 1 {
            let oldest = state
                .values
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(key, _)| key.clone());
            let Some((dropped, _)) = oldest.and_then(|key| state.values.remove(&key)) else {
                return;
            };
            state.weight -= dropped.weight();
        }
    }

    /// Forgets the values whose key is `stale`.
    pub(crate) fn forget(&self, stale: impl Fn(&K) -> bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { values, weight, .. } = &mut *state;
        values.retain(|key, (value, _)| {
            let is_stale = stale(key);
            if is_stale {
                *weight -= value.weight();
            }
            !is_stale
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kilobyte(u64);

    impl Weigh for Kilobyte {
        fn weight(&self) -> usize {
            1_000
        }
    }

    #[test]
    fn the_value_used_longest_ago_makes_room() {
        let cache = Cache::new(2_000);
        cache.put((1, 1), Arc::new(Kilobyte(1)));
        cache.put((1, 2), Arc::new(Kilobyte(2)));
        assert!(cache.get(&(1, 1)).is_some());
        cache.put((1, 3), Arc::new(Kilobyte(3)));
        assert!(cache.get(&(1, 2)).is_none());
        assert_eq!(cache.get(&(1, 1)).unwrap().0, 1);
        cache.forget(|(owner, _)| *owner == 1);
        assert!(cache.get(&(1, 3)).is_none());
        assert_eq!(cache.state.lock().unwrap().weight, 0);
    }

    #[test]
    fn a_value_larger_than_all_room_is_kept_alone() {
        let cache = Cache::new(10);
        cache.put(1, Arc::new(Kilobyte(1)));
        cache.put(2, Arc::new(Kilobyte(2)));
        assert!(cache.get(&1).is_none() && cache.get(&2).is_some());
    }
}
