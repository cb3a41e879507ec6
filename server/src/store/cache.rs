//! Decoded segments that were asked for lately, so that paging through a session or the hits of
//! an attack decodes each only once. Bounded by memory, not by number.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::segment::Segment;

/// An application's number and a segment's.
type Key = (i64, u64);

#[derive(Debug)]
pub(crate) struct SegmentCache {
    /// Held for the time of a look-up, never while decoding.
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    segments: FxHashMap<Key, (Arc<Segment>, u64)>,
    /// Counts look-ups; the smallest number on a segment is the longest ago.
    clock: u64,
    weight: usize,
}

impl SegmentCache {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            capacity,
        }
    }

    pub(crate) fn get(&self, key: Key) -> Option<Arc<Segment>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let (segment, used) = state.segments.get_mut(&key)?;
        *used = now;
        Some(segment.clone())
    }

    pub(crate) fn put(&self, key: Key, segment: Arc<Segment>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        state.weight += segment.weight();
        if let Some((replaced, _)) = state.segments.insert(key, (segment, now)) {
            state.weight -= replaced.weight();
        }
        // A few hundred segments at most, and only on a miss: looking at all of them is cheap.
        while state.weight > self.capacity && state.segments.len() > 1 {
            let oldest = state
                .segments
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(key, _)| *key);
            let Some((dropped, _)) = oldest.and_then(|key| state.segments.remove(&key)) else {
                return;
            };
            state.weight -= dropped.weight();
        }
    }

    /// Forgets the segments of an application, which were rewritten.
    pub(crate) fn forget(&self, application: i64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State {
            segments, weight, ..
        } = &mut *state;
        segments.retain(|(owner, _), (segment, _)| {
            if *owner == application {
                *weight -= segment.weight();
            }
            *owner != application
        });
    }
}

#[cfg(test)]
mod tests {
    use engine::Batch;

    use super::*;

    fn segment(number: u64) -> Arc<Segment> {
        let mut batch = Batch::default();
        batch.requests.resize(10, engine::Request::default());
        let bytes = super::super::EncodedSegment::new(number, &batch).bytes;
        Arc::new(Segment::decode(number, &bytes).unwrap())
    }

    #[test]
    fn the_segment_used_longest_ago_makes_room() {
        let cache = SegmentCache::new(segment(0).weight() * 2);
        cache.put((1, 1), segment(1));
        cache.put((1, 2), segment(2));
        assert!(cache.get((1, 1)).is_some());
        cache.put((1, 3), segment(3));
        assert!(cache.get((1, 2)).is_none());
        assert_eq!(cache.get((1, 1)).unwrap().number, 1);
        cache.forget(1);
        assert!(cache.get((1, 3)).is_none());
        assert_eq!(cache.state.lock().unwrap().weight, 0);
    }
}
