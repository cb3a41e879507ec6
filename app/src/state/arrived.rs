//! What came to a list while the reader was somewhere in it. Rows do not move under the reader:
//! what is new waits, counted, until it is asked for. At the top of the list it shows by itself.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Page;

use super::effect::effect;
use super::live::is_at_top;
use super::remote::{Coming, Pages, coming, follow};
use super::turn::Turn;
use crate::api::Answer;

/// What of a list waits, whatever it is of.
#[derive(Clone, Copy)]
pub struct Arrived {
    /// How many rows are new; 0 while none are.
    pub count: RwSignal<usize>,
    /// Whether there are more than one page tells.
    pub is_more: RwSignal<bool>,
    show: StoredValue<Box<dyn Fn() + Send + Sync>>,
}

impl Arrived {
    /// Shows the list as it is now.
    pub fn show(self) {
        self.show.with_value(|show| show());
    }
}

/// Asks for a list again whenever `revision` changes: in its place while the reader is at its top
/// and at no row, else beside it. `fetch` asks for its first page, and `name` tells rows apart,
/// however they change.
pub fn follow_or_tell<T, F>(
    pages: Pages<T>,
    revision: RwSignal<u64>,
    name: fn(&T) -> String,
    fetch: impl Fn() -> F + 'static,
) -> Arrived
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Answer<Page<T>>> + 'static,
{
    // The first page as it would be now.
    let ahead = RwSignal::new(None::<Page<T>>);
    let first = pages.first;
    let arrived = Arrived {
        count: RwSignal::new(0),
        is_more: RwSignal::new(false),
        show: StoredValue::new(Box::new(move || {
            if let Some(page) = ahead.try_update(Option::take).flatten() {
                first.value.set(Some(page));
            }
        })),
    };
    let look = move || -> Coming {
        coming(fetch(), move |page: Page<T>| {
            let shown = first.value.read_untracked();
            let known = shown.iter().flat_map(|page| &page.items);
            let further = pages.further.read_untracked();
            let known: Vec<String> = known.chain(&*further).map(name).collect();
            let now: Vec<String> = page.items.iter().map(name).collect();
            let count = count_new(&known, &now);
            arrived
                .is_more
                .set(count == now.len() && page.next_cursor.is_some());
            arrived.count.set(count);
            ahead.set(Some(page));
        })
    };
    // Another list is shown: what waited belongs to the one before.
    let generation = StoredValue::new(0_u64);
    effect(move || {
        first.value.track();
        ahead.set(None);
        generation.update_value(|generation| *generation += 1);
        arrived.count.set(0);
    });
    let following = Rc::new(Following {
        generation,
        loading: first.loading,
        is_read: Box::new(move || pages.is_read()),
        again: Box::new(move || first.retry_quietly()),
        look: Box::new(look),
        turn: StoredValue::default(),
    });
    follow(revision, Box::new(move || tell(&following)));
    arrived
}

/// All that does not depend on what the list is of.
struct Following {
    /// Which list is shown.
    generation: StoredValue<u64>,
    loading: RwSignal<bool>,
    is_read: Box<dyn Fn() -> bool>,
    again: Box<dyn Fn()>,
    look: Box<dyn Fn() -> Coming>,
    turn: StoredValue<Turn>,
}

/// Something changed.
fn tell(following: &Rc<Following>) {
    let Following {
        generation,
        loading,
        turn,
        ..
    } = **following;
    if loading.get_untracked() || (!(following.is_read)() && is_at_top()) {
        return (following.again)();
    }
    if turn.try_update_value(Turn::take) != Some(true) {
        return;
    }
    let (coming, current) = ((following.look)(), generation.get_value());
    let following = Rc::clone(following);
    spawn_local(async move {
        let answer = coming.await;
        // The page may be gone, or show another list, meanwhile.
        let is_same = generation.try_get_value() == Some(current);
        if is_same
            && !loading.get_untracked()
            && let Ok(take) = answer
        {
            take();
        }
        if turn.try_update_value(Turn::end) == Some(true) {
            tell(&following);
        }
    });
}

/// How many of the rows that a list would have now are new: nobody saw them yet, and they stand
/// before one that was there. Rows that only moved up from below are not.
fn count_new(known: &[String], now: &[String]) -> usize {
    let is_known = |row: &String| known.contains(row);
    let until = now.iter().rposition(is_known).unwrap_or(now.len());
    now[..until].iter().filter(|row| !is_known(row)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(known: &str, now: &str) -> usize {
        let rows = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        count_new(&rows(known), &rows(now))
    }

    #[test]
    fn new_are_rows_that_stand_before_known_ones() {
        assert_eq!(count("c b a", "c b a"), 0);
        assert_eq!(count("c b a", "e d c b a"), 2);
        // One that went on is not new, wherever it is now.
        assert_eq!(count("c b a", "a d c b"), 1);
        // What moved up because others left is not.
        assert_eq!(count("c b a", "c b 0 -1"), 0);
        assert_eq!(count("c b a", "z y x"), 3);
    }
}
