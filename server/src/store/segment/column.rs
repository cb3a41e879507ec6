//! How single columns are written: values of few kinds as steps back in the order of their
//! first appearance, sizes as "what this key had last time".

use std::hash::Hash;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::store::bytes::{Malformed, Reader, put_varint};

/// Writes values of few kinds: 0 for a value never seen before, else how many distinct values
/// back it first appeared (1 is the latest). Keeps the distinct values in order.
#[derive(Debug)]
pub(super) struct Recall<T> {
    seen: FxHashMap<T, u32>,
    pub(super) distinct: Vec<T>,
}

impl<T: Copy + Eq + Hash> Recall<T> {
    pub(super) fn new() -> Self {
        Self {
            seen: FxHashMap::default(),
            distinct: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, out: &mut Vec<u8>, value: T) {
        let next = self.distinct.len() as u32;
        let first = *self.seen.entry(value).or_insert(next);
        if first == next {
            self.distinct.push(value);
            put_varint(out, 0);
        } else {
            put_varint(out, u64::from(next - first));
        }
    }
}

/// Reads what [`Recall`] wrote, given the distinct values.
#[derive(Debug)]
pub(super) struct Recalled<'a, T> {
    column: Reader<'a>,
    distinct: &'a [T],
    next: usize,
}

impl<'a, T: Copy> Recalled<'a, T> {
    pub(super) fn new(column: Reader<'a>, distinct: &'a [T]) -> Self {
        Self {
            column,
            distinct,
            next: 0,
        }
    }

    pub(super) fn read(&mut self) -> Result<T, Malformed> {
        let back = usize::try_from(self.column.varint()?).map_err(|_| Malformed)?;
        let index = self.next.checked_sub(back).ok_or(Malformed)?;
        if back == 0 {
            self.next += 1;
        }
        self.distinct.get(index).copied().ok_or(Malformed)
    }
}

/// Sizes: 0 for what the same key had last time, 1 for none, else the size plus 3; 2 announces
/// one so large that this would not fit.
#[derive(Debug)]
pub(super) struct Expected<K> {
    last: FxHashMap<K, Option<u64>>,
}

impl<K: Copy + Eq + Hash> Expected<K> {
    /// For so many rows at most.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            last: FxHashMap::with_capacity_and_hasher(rows, FxBuildHasher),
        }
    }

    pub(super) fn put(&mut self, out: &mut Vec<u8>, key: K, value: Option<u64>) {
        if self.last.insert(key, value) == Some(value) {
            put_varint(out, 0);
        } else {
            match value.map(|value| (value, value.checked_add(3))) {
                None => put_varint(out, 1),
                Some((_, Some(shifted))) => put_varint(out, shifted),
                Some((value, None)) => {
                    put_varint(out, 2);
                    put_varint(out, value);
                }
            }
        }
    }

    pub(super) fn read(
        &mut self,
        column: &mut Reader<'_>,
        key: K,
    ) -> Result<Option<u64>, Malformed> {
        let value = match column.varint()? {
            0 => return self.last.get(&key).copied().ok_or(Malformed),
            1 => None,
            2 => Some(column.varint()?),
            size => Some(size - 3),
        };
        self.last.insert(key, value);
        Ok(value)
    }
}
