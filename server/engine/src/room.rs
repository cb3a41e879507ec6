//! Room in lists of which there is one for each of very many actors.

use smallvec::{Array, SmallVec};

/// The least room made at once.
const LEAST: usize = 2;

/// Makes room for one more and, where there is none, a quarter of what is there: twice as much
/// would mostly stay empty.
pub(crate) fn make_room<A: Array>(list: &mut SmallVec<A>) {
    if list.len() == list.capacity() {
        list.reserve_exact(LEAST.max(list.len() / 4));
    }
}
