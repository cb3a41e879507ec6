//! How single columns are written: values of few kinds as steps back in the order of their
//! first appearance, sizes as "what this key had last time".

use std::hash::Hash;

use engine::TextId;
use rustc_hash::FxHashMap;

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

    /// Passes over the next values, so many.
    pub(super) fn pass(&mut self, values: usize) -> Result<(), Malformed> {
        // Mostly each is one byte.
        let next = self.column.0.split_at_checked(values);
        if let Some((next, after)) = next
            && next.iter().fold(0, |all, byte| all | byte) < 0x80
        {
            self.next += next.iter().filter(|byte| **byte == 0).count();
            self.column.0 = after;
            return Ok(());
        }
        for _ in 0..values {
            self.next += usize::from(self.column.varint()? == 0);
        }
        Ok(())
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
            let latest = self
                .next
                .checked_sub(1)
                .and_then(|it| self.distinct.get(it));
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

/// What the sizes of a request mostly depend on: path, query and status.
pub(super) type Target = (TextId, TextId, u16);

/// The sizes that each target had last time.
#[derive(Debug)]
pub(super) struct Targets {
    /// The place in `known` of the first target with a text, from 1: with a query, or with a path
    /// without one. Most texts have no other, and this takes much less time than to hash.
    first: Vec<u32>,
    /// The places of all others.
    others: FxHashMap<Target, u32>,
    known: Vec<(Target, Sizes)>,
}

/// What was last written or read; `None` before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    pub(super) response: Option<Option<u64>>,
    pub(super) request: Option<Option<u64>>,
}

impl Targets {
    /// For targets of a batch with so many texts.
    pub(super) fn new(texts: usize) -> Self {
        Self {
            first: vec![0; texts],
            others: FxHashMap::default(),
            known: Vec::with_capacity(texts),
        }
    }

    pub(super) fn sizes(&mut self, target: Target) -> &mut Sizes {
        let (path, query, _) = target;
        let text = if query == TextId::EMPTY { path } else { query };
        let next = self.known.len() as u32;
        let first = &mut self.first[text.0 as usize];
        let place = if *first == 0 {
            *first = next + 1;
            next
        } else if self.known[*first as usize - 1].0 == target {
            *first - 1
        } else {
            *self.others.entry(target).or_insert(next)
        };
        if place == next {
            self.known.push((target, Sizes::default()));
        }
        &mut self.known[place as usize].1
    }
}

/// Writes a size: 0 for what it was last time, 1 for none, else the size plus 3; 2 announces one
/// so large that this would not fit.
pub(super) fn put_size(out: &mut Vec<u8>, last: &mut Option<Option<u64>>, value: Option<u64>) {
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

/// Reads what [`put_size`] wrote.
pub(super) fn read_size(
    column: &mut Reader<'_>,
    last: &mut Option<Option<u64>>,
) -> Result<Option<u64>, Malformed> {
    let value = match column.varint()? {
        0 => return last.ok_or(Malformed),
        1 => None,
        2 => Some(column.varint()?),
        size => Some(size - 3),
    };
    *last = Some(value);
    Ok(value)
}
