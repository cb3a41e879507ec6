//! The indexes of a process: which are loaded, how far each goes, and which makes room. Not how
//! one is filled.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::Index;

/// The loaded indexes by judgement.
#[derive(Debug)]
pub(crate) struct Indexes {
    /// Held for the time of a look-up, never while searching or loading.
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    loaded: FxHashMap<i64, Loaded>,
    /// Counts look-ups; the smallest number on an index is the longest ago.
    clock: u64,
}

#[derive(Debug)]
struct Loaded {
    index: Arc<RwLock<Index>>,
    /// The judgement's revision that it shows.
    revision: i64,
    used: u64,
    weight: usize,
}

impl Indexes {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            capacity,
        }
    }

    /// The index of a judgement, if it is loaded and shows this revision or a later one.
    pub(crate) fn get(&self, judgement: i64, revision: i64) -> Option<Arc<RwLock<Index>>> {
        let mut state = self.lock();
        state.clock += 1;
        let now = state.clock;
        let loaded = state.loaded.get_mut(&judgement)?;
        if loaded.revision < revision {
            return None;
        }
        loaded.used = now;
        Some(loaded.index.clone())
    }

    /// Whether anybody searched this judgement lately.
    pub(crate) fn is_loaded(&self, judgement: i64) -> bool {
        self.lock().loaded.contains_key(&judgement)
    }

    /// Keeps an index that was loaded.
    pub(crate) fn put(&self, judgement: i64, revision: i64, index: Index) -> Arc<RwLock<Index>> {
        let weight = index.weight();
        let index = Arc::new(RwLock::new(index));
        let mut state = self.lock();
        state.clock += 1;
        let loaded = Loaded {
            index: index.clone(),
            revision,
            used: state.clock,
            weight,
        };
        state.loaded.insert(judgement, loaded);
        self.make_room(&mut state);
        index
    }

    /// Notes that an index was brought to `revision`.
    pub(crate) fn advance(&self, judgement: i64, revision: i64, weight: usize) {
        let mut state = self.lock();
        if let Some(loaded) = state.loaded.get_mut(&judgement) {
            loaded.revision = revision;
            loaded.weight = weight;
        }
        self.make_room(&mut state);
    }

    /// The index of a judgement if it shows exactly this revision; otherwise it is forgotten.
    pub(crate) fn get_to_change(
        &self,
        judgement: i64,
        revision: i64,
    ) -> Option<Arc<RwLock<Index>>> {
        let mut state = self.lock();
        let loaded = state.loaded.get(&judgement)?;
        if loaded.revision == revision {
            return Some(loaded.index.clone());
        }
        state.loaded.remove(&judgement);
        None
    }

    pub(crate) fn forget(&self, judgement: i64) {
        self.lock().loaded.remove(&judgement);
    }

    /// Forgets all of them.
    pub(crate) fn forget_all(&self) {
        self.lock().loaded.clear();
    }

    /// Forgets what was used longest ago, but never the last one.
    fn make_room(&self, state: &mut State) {
        let weight = |state: &State| state.loaded.values().map(|it| it.weight).sum::<usize>();
        while weight(state) > self.capacity && state.loaded.len() > 1 {
            let oldest = state.loaded.iter().min_by_key(|(_, loaded)| loaded.used);
            let Some(oldest) = oldest.map(|(judgement, _)| *judgement) else {
                return;
            };
            state.loaded.remove(&oldest);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_used_longest_ago_makes_room() {
        let one = Index::default().weight();
        let indexes = Indexes::new(2 * one);
        for judgement in 1..=2 {
            indexes.put(judgement, 5, Index::default());
        }
        assert!(indexes.get(1, 5).is_some());
        indexes.put(3, 5, Index::default());
        assert!(indexes.is_loaded(1) && !indexes.is_loaded(2) && indexes.is_loaded(3));
        let small = Indexes::new(0);
        small.put(1, 1, Index::default());
        assert!(small.is_loaded(1));
    }

    #[test]
    fn an_index_of_another_revision_is_not_given() {
        let indexes = Indexes::new(0);
        indexes.put(1, 5, Index::default());
        assert!(indexes.get(1, 6).is_none());
        indexes.advance(1, 6, 0);
        assert!(indexes.get(1, 6).is_some() && indexes.get(1, 5).is_some());
        indexes.forget(1);
        assert!(indexes.get(1, 6).is_none());
    }
}
