//! Values that many rows share, each kept once and named by a small number; and sets of such
//! numbers. Not rows.

use std::hash::Hash;

use rustc_hash::FxHashMap;
use shared::search::{Matcher, fold_case};

/// Values by number, in the order in which they came.
#[derive(Debug)]
pub(super) struct Table<T> {
    values: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// The number of a value, which is added if it is new.
    pub(super) fn number(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    pub(super) fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The numbers of the values that `take` takes.
    pub(super) fn select(&self, take: impl Fn(&T) -> bool) -> Set {
        self.values.iter().map(take).collect()
    }

    /// About how many bytes it takes, if a value has `each` outside of itself.
    pub(super) fn weight(&self, each: impl Fn(&T) -> usize) -> usize {
        let outside: usize = self.values.iter().map(each).sum();
        // In the list and in the map, which is at most half empty.
        self.values.capacity() * size_of::<T>()
            + self.numbers.capacity() * (size_of::<T>() + size_of::<u32>() + 1)
            + 2 * outside
    }
}

/// Texts by number. The empty one is 0.
#[derive(Debug)]
pub(super) struct Texts {
    table: Table<Box<str>>,
    /// What searches compare, where it differs from the text.
    folded: Vec<Option<Box<str>>>,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self {
            table: Table::default(),
            folded: Vec::new(),
        };
        texts.number("");
        texts
    }
}

impl Texts {
    pub(super) fn number(&mut self, text: &str) -> u32 {
        let number = self.table.number(text.into());
        if number as usize == self.folded.len() {
            let folded = fold_case(text);
            self.folded
                .push((folded != text).then(|| folded.into_boxed_str()));
        }
        number
    }

    pub(super) fn get(&self, number: u32) -> &str {
        self.table.get(number)
    }

    /// The text as searches compare it.
    pub(super) fn folded(&self, number: u32) -> &str {
        match &self.folded[number as usize] {
            Some(folded) => folded,
            None => self.get(number),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.folded.len()
    }

    /// The numbers of the texts that `matcher` takes.
    pub(super) fn select(&self, matcher: &Matcher) -> Set {
        (0..self.len() as u32)
            .map(|number| matcher.matches(self.folded(number)))
            .collect()
    }

    pub(super) fn weight(&self) -> usize {
        let folded = self.folded.iter().flatten().map(|text| text.len());
        self.table.weight(|text| text.len())
            + folded.sum::<usize>()
            + self.folded.capacity() * size_of::<Option<Box<str>>>()
    }
}

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Set {
    words: Vec<u64>,
}

impl Set {
    pub(super) fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (number % 64);
    }

    pub(super) fn has(&self, number: u32) -> bool {
        let word = self.words.get(number as usize / 64).copied().unwrap_or(0);
        word & 1 << (number % 64) != 0
    }
}

/// One answer for each number from 0.
impl FromIterator<bool> for Set {
    fn from_iter<I: IntoIterator<Item = bool>>(answers: I) -> Self {
        let mut set = Self::default();
        for (number, holds) in (0..).zip(answers) {
            if holds {
                set.insert(number);
            }
        }
        set
    }
}
