//! A long list comes in chunks: which are wanted, which are there, which may go. Pure.

use std::ops::Range;
use std::sync::Arc;

/// Items a chunk.
pub(crate) const CHUNK: usize = 100;

/// How many chunks are kept; beyond it those furthest from the view go.
const KEPT: usize = 40;

/// The chunks that are there.
#[derive(Debug)]
pub(crate) struct Chunks<T>(Vec<(usize, Vec<Arc<T>>)>);

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Chunks<T> {
    /// Item `index`, if its chunk is there.
    pub(crate) fn item(&self, index: usize) -> Option<Arc<T>> {
        let (_, items) = self.0.iter().find(|(number, _)| *number == index / CHUNK)?;
        items.get(index % CHUNK).cloned()
    }

    /// Whether chunk `number` is there.
    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.iter().any(|(other, _)| *other == number)
    }

    /// Takes a chunk in; the one furthest from `view` goes if there are too many.
    pub(crate) fn put(&mut self, number: usize, items: Vec<T>, view: &Range<usize>) {
        self.0.retain(|(other, _)| *other != number);
        let items = items.into_iter().map(Arc::new).collect();
        self.0.push((number, items));
        if self.0.len() > KEPT {
            let middle = (view.start + view.end) / 2 / CHUNK;
            let furthest = (0..self.0.len()).max_by_key(|place| self.0[*place].0.abs_diff(middle));
            if let Some(place) = furthest {
                self.0.swap_remove(place);
            }
        }
    }
}

/// The chunks to show `view` of `total` items, the most urgent first: those in view, then the
/// next one in the direction of reading, then the one behind.
pub(crate) fn wanted(view: &Range<usize>, total: usize, is_upwards: bool) -> Vec<usize> {
    if view.is_empty() || view.start >= total {
        return Vec::new();
    }
    let last = (total - 1) / CHUNK;
    let (first, end) = (view.start / CHUNK, ((view.end - 1) / CHUNK).min(last));
    let mut wanted: Vec<usize> = (first..=end).collect();
    let below = (end < last).then_some(end + 1);
    let above = first.checked_sub(1);
    let next = if is_upwards {
        [above, below]
    } else {
        [below, above]
    };
    wanted.extend(next.into_iter().flatten());
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_view_is_wanted_first_then_what_comes_next() {
        assert_eq!(wanted(&(250..320), 1_000, false), [2, 3, 4, 1]);
        assert_eq!(wanted(&(250..320), 1_000, true), [2, 3, 1, 4]);
        assert_eq!(wanted(&(0..40), 1_000, true), [0, 1]);
        assert_eq!(wanted(&(960..1_000), 1_000, false), [9, 8]);
        assert_eq!(wanted(&(0..40), 40, false), [0]);
        assert!(wanted(&(0..0), 0, false).is_empty());
        assert!(wanted(&(500..540), 40, false).is_empty());
    }

    #[test]
    fn an_item_is_found_in_its_chunk() {
        let mut chunks = Chunks::default();
        chunks.put(3, (300..400).collect(), &(300..340));
        assert_eq!(chunks.item(342).as_deref(), Some(&342));
        assert!(chunks.item(242).is_none() && chunks.has(3) && !chunks.has(2));
        chunks.put(9, vec![900, 901], &(900..902));
        assert!(chunks.item(902).is_none());
    }

    #[test]
    fn the_chunk_furthest_from_the_view_makes_room() {
        let mut chunks = Chunks::default();
        for number in 0..=KEPT {
            let view = number * CHUNK..number * CHUNK + 40;
            chunks.put(number, vec![number], &view);
        }
        assert!(!chunks.has(0) && chunks.has(1) && chunks.has(KEPT));
    }
}
