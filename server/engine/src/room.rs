//! Room in lists of which there is one for each of very many actors: a quarter more than is there,
//! as twice as much would mostly stay empty.

use smallvec::{Array, SmallVec};

/// The least room made at once.
const LEAST: usize = 2;

/// Makes room for one more.
pub(crate) fn make_room<A: Array>(list: &mut SmallVec<A>) {
    if list.len() == list.capacity() {
        list.reserve_exact(LEAST.max(list.len() / 4));
    }
}

/// Makes room for so many more bytes.
pub(crate) fn make_room_for(bytes: &mut Vec<u8>, more: usize) {
    if bytes.capacity() - bytes.len() < more {
        bytes.reserve_exact(more + bytes.len() / 4);
    }
}
