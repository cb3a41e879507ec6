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
        self.next += usize::from(back == 0);
        self.distinct.get(index).copied().ok_or(Malformed)
    }

    /// Reads the next values, one into each of `places`. Many of one column in a row take much
    /// less time than one of each column in turn.
    pub(super) fn read_into<'p>(
        &mut self,
        places: impl ExactSizeIterator<Item = &'p mut T>,
    ) -> Result<(), Malformed>
    where
        T: 'p,
    {
        // Mostly it is the latest value again and again.
        let next = self.column.0.split_at_checked(places.len());
        if let Some((next, after)) = next
            && next.iter().all(|back| *back == 1)
        {
            let latest = self.next.checked_sub(1).and_then(|it| self.distinct.get(it));
            let latest = *latest.ok_or(Malformed)?;
            places.for_each(|place| *place = latest);
            self.column.0 = after;
            return Ok(());
        }
        for place in places {
            *place = self.read()?;
        }
        Ok(())
    }
}

/// Numbers keys in the order of their first appearance, so that what is known of one is found
/// at its place.
#[derive(Debug)]
pub(super) struct Numbered<K> {
    numbers: FxHashMap<K, u32>,
}

impl<K: Eq + Hash> Numbered<K> {
    /// With room for so many keys.
    pub(super) fn new(keys: usize) -> Self {
        Self {
            numbers: FxHashMap::with_capacity_and_hasher(keys, FxBuildHasher),
        }
    }

    pub(super) fn number(&mut self, key: K) -> usize {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(key).or_insert(next) as usize
    }
}

/// Sizes: 0 for what the same key had last time, 1 for none, else the size plus 3; 2 announces
/// one so large that this would not fit. Keys are numbers of [`Numbered`].
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// By key; `None` for one that came no time yet.
    last: Vec<Option<Option<u64>>>,
}

impl Expected {
    pub(super) fn put(&mut self, out: &mut Vec<u8>, key: usize, value: Option<u64>) {
        let last = self.last(key);
        if *last == Some(value) {
            put_varint(out, 0);
            return;
        }
        *last = Some(value);
        match value.map(|value| (value, value.checked_add(3))) {
            None => put_varint(out, 1),
            Some((_, Some(shifted))) => put_varint(out, shifted),
            Some((value, None)) => {
                put_varint(out, 2);
                put_varint(out, value);
            }
        }
    }

    pub(super) fn read(
        &mut self,
        column: &mut Reader<'_>,
        key: usize,
    ) -> Result<Option<u64>, Malformed> {
        let last = self.last(key);
        let value = match column.varint()? {
            0 => return last.ok_or(Malformed),
            1 => None,
            2 => Some(column.varint()?),
            size => Some(size - 3),
        };
        *last = Some(value);
        Ok(value)
    }

    /// What `key` had last time. A new key has the next number.
    fn last(&mut self, key: usize) -> &mut Option<Option<u64>> {
        if key == self.last.len() {
            self.last.push(None);
        }
        &mut self.last[key]
    }
}
