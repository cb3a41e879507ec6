//! A search as data: what the parser read, its canonical text, and the edits that the
//! console's filters make.

use std::fmt;

use super::condition::{Condition, Term};
use super::key::Key;
use super::moment::Moment;
use super::period::Period;
use crate::{BotType, Timestamp};

/// What a search asks for. Its text ([`fmt::Display`]) reads back as the same query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// When; [`Period::DEFAULT`] if not named.
    pub period: Option<Period>,
    /// Everything else, in the order of the keys, each once. Of the terms of one key that are
    /// not negated one must hold, if there are any; of those that are negated none.
    pub terms: Vec<Term>,
}

impl Query {
    /// The types that are asked for, in the vocabulary's order.
    #[must_use]
    pub fn types(&self) -> Vec<BotType> {
        let types = self.terms.iter().filter_map(|term| match term.condition {
            Condition::Type(bot_type) if !term.negated => Some(bot_type),
            _ => None,
        });
        types.collect()
    }

    /// The terms of a key.
    pub fn terms_of(&self, key: Key) -> impl Iterator<Item = &Term> {
        self.terms
            .iter()
            .filter(move |term| term.condition.key() == key)
    }

    /// The values of a key that are asked for; negated ones are not.
    #[must_use]
    pub fn values(&self, key: Key) -> Vec<String> {
        self.terms_of(key)
            .filter(|term| !term.negated)
            .map(|term| term.condition.value())
            .collect()
    }

    /// Whether exactly this value of a key is asked for.
    #[must_use]
    pub fn has(&self, key: Key, value: &str) -> bool {
        Condition::of(key, value).is_some_and(|condition| self.holds(false, &condition))
    }

    /// Whether exactly this value of a key is excluded.
    #[must_use]
    pub fn excludes(&self, key: Key, value: &str) -> bool {
        Condition::of(key, value).is_some_and(|condition| self.holds(true, &condition))
    }

    /// This query with exactly these types.
    #[must_use]
    pub fn with_types(&self, types: &[BotType]) -> Self {
        let mut query = self.without(Key::Type);
        for bot_type in types {
            query.insert(false, Condition::Type(*bot_type));
        }
        query
    }

    /// This query with this period, or without one.
    #[must_use]
    pub fn with_period(&self, period: Option<Period>) -> Self {
        let mut query = self.clone();
        query.period = period;
        query
    }

    /// This query asking for the value too, or not any more if it did. A key without such a
    /// value changes nothing.
    #[must_use]
    pub fn toggled(&self, key: Key, value: &str) -> Self {
        self.switched(false, key, value)
    }

    /// This query excluding the value, or not any more if it did. A key without such a value
    /// changes nothing.
    #[must_use]
    pub fn excluding(&self, key: Key, value: &str) -> Self {
        self.switched(true, key, value)
    }

    /// This query asking for no other value of the key.
    #[must_use]
    pub fn only(&self, key: Key, value: &str) -> Self {
        match Condition::of(key, value) {
            Some(condition) => self.without(key).with_condition(condition),
            None => self.clone(),
        }
    }

    /// This query without the terms of a key.
    #[must_use]
    pub fn without(&self, key: Key) -> Self {
        let mut query = self.clone();
        query.terms.retain(|term| term.condition.key() != key);
        query
    }

    /// This query asking for this too.
    #[must_use]
    pub fn with_condition(&self, condition: Condition) -> Self {
        let mut query = self.clone();
        query.insert(false, condition);
        query
    }

    /// The two ends of its period, named or not; see [`Period::resolve`]. What is named by its
    /// identifier is meant whenever it was.
    #[must_use]
    pub fn resolve_period(
        &self,
        now: Timestamp,
        zone_offset_minutes: i32,
    ) -> (Timestamp, Timestamp) {
        let named = |term: &Term| {
            let any = term.condition == Condition::Campaign(None);
            !term.negated && !any && term.condition.key().is_identifier()
        };
        match self.period {
            Some(period) => period.resolve(now, zone_offset_minutes),
            None if self.terms.iter().any(named) => {
                (Timestamp(0), Moment::exact(Timestamp(i64::MAX)).end(0))
            }
            None => Period::DEFAULT.resolve(now, zone_offset_minutes),
        }
    }

    /// Adds a term in its place, unless it is there.
    pub(super) fn insert(&mut self, negated: bool, condition: Condition) {
        if self.holds(negated, &condition) {
            return;
        }
        if let Condition::AddressCount(count) = condition {
            // The smaller of two counts includes the larger.
            let other = self
                .terms
                .iter_mut()
                .find(|term| term.negated == negated && term.condition.key() == Key::AddressCount);
            if let Some(Term {
                condition: Condition::AddressCount(other),
                ..
            }) = other
            {
                *other = count.min(*other);
                return;
            }
        }
        let place = |term: &Term| {
            let within = match term.condition {
                Condition::Type(bot_type) => bot_type as u8,
                Condition::Status(status) => status as u8,
                _ => 0,
            };
            (term.condition.key(), term.negated, within)
        };
        let term = Term { negated, condition };
        let at = self
            .terms
            .partition_point(|other| place(other) <= place(&term));
        self.terms.insert(at, term);
    }

    fn holds(&self, negated: bool, condition: &Condition) -> bool {
        self.terms
            .iter()
            .any(|term| term.negated == negated && term.condition == *condition)
    }

    fn switched(&self, negated: bool, key: Key, value: &str) -> Self {
        let mut query = self.clone();
        let Some(condition) = Condition::of(key, value) else {
            return query;
        };
        let there = self.holds(negated, &condition);
        // Asking for what is excluded would find nothing.
        query.terms.retain(|term| term.condition != condition);
        if !there {
            query.insert(negated, condition);
        }
        query
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        let words = self
            .terms
            .partition_point(|term| term.condition.key().is_word());
        parts.extend(self.terms[..words].iter().map(ToString::to_string));
        parts.extend(self.period.iter().map(ToString::to_string));
        parts.extend(self.terms[words..].iter().map(ToString::to_string));
        f.write_str(&parts.join(" "))
    }
}
