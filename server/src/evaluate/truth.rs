//! What is true: a table of who is what, and which of the logs' requests are whose.

use std::net::IpAddr;
use std::sync::Arc;

use engine::attribute::{find_value, hash_session_key};
use engine::{Address, Batch, Request};
use rustc_hash::FxHashMap;

use super::{By, Options};
use crate::ingest::normalize::{SecretKey, hash_token};

/// The largest table that is read, in bytes.
pub const MAX_BYTES: u64 = 1 << 30;

/// Why a table says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TruthError {
    /// No header.
    #[error(
        "line 1: the first line must name the columns, among them `actor` and `class`, separated by tabs"
    )]
    NoHeader,
    /// A row without its columns.
    #[error("line {line}: no {column}; a row has the columns of the first line, separated by tabs")]
    Missing {
        /// From 1.
        line: usize,
        /// Its name.
        column: &'static str,
    },
    /// An actor that is no address.
    #[error(
        "line {line}: `{text}` is no address; where the truth names sessions or requests say so with --by"
    )]
    NoAddress {
        /// From 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// An actor of two classes.
    #[error("line {line}: `{text}` was {before} further up")]
    TwoClasses {
        /// From 1.
        line: usize,
        /// The actor.
        text: String,
        /// Its class there.
        before: String,
    },
    /// No rows.
    #[error("no row: nobody is labelled")]
    Empty,
}

/// One labelled actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The actor, as the table writes it.
    pub actor: String,
    /// Its class, by its place in [`Truth::classes`].
    pub class: usize,
    /// The bot that it belongs to, by number; `None` where the table does not say.
    pub bot: Option<usize>,
}

/// Who is what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// The classes, in order of appearance.
    pub classes: Vec<String>,
    /// The actors, in order of appearance.
    pub labels: Vec<Label>,
    by_actor: FxHashMap<String, usize>,
    bots: FxHashMap<String, usize>,
}

impl Truth {
    /// Reads a table with a header, its columns separated by tabs.
    ///
    /// # Errors
    /// The first row that says nothing, and why.
    pub fn read(text: &str, by: By) -> Result<Self, TruthError> {
        let mut lines = text.lines().enumerate();
        let (_, header) = lines.next().ok_or(TruthError::NoHeader)?;
        let columns: Vec<&str> = header.trim_start_matches('\u{feff}').split('\t').collect();
        let place = |name| columns.iter().position(|column| column.trim() == name);
        let (Some(actor_at), Some(class_at)) = (place("actor"), place("class")) else {
            return Err(TruthError::NoHeader);
        };
        let bot_at = place("actor_id");
        let mut truth = Self::default();
        for (index, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
            let line = index + 1;
            let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
            let cell = |at: usize| cells.get(at).copied().filter(|cell| !cell.is_empty());
            let missing = |column| TruthError::Missing { line, column };
            let actor = cell(actor_at).ok_or_else(|| missing("actor"))?;
            let class = cell(class_at).ok_or_else(|| missing("class"))?;
            if by == By::Actor && actor.parse::<IpAddr>().is_err() {
                let text = actor.chars().take(60).collect();
                return Err(TruthError::NoAddress { line, text });
            }
            truth.add(line, actor, class, bot_at.and_then(cell))?;
        }
        if truth.labels.is_empty() {
            return Err(TruthError::Empty);
        }
        Ok(truth)
    }

    fn add(
        &mut self,
        line: usize,
        actor: &str,
        class: &str,
        bot: Option<&str>,
    ) -> Result<(), TruthError> {
        let class = place_of(&mut self.classes, class);
        if let Some(known) = self.by_actor.get(actor) {
            let before = self.labels[*known].class;
            if before == class {
                return Ok(());
            }
            return Err(TruthError::TwoClasses {
                line,
                text: actor.chars().take(60).collect(),
                before: self.classes[before].clone(),
            });
        }
        let next = self.bots.len();
        let bot = bot.map(|name| *self.bots.entry(name.to_owned()).or_insert(next));
        self.by_actor.insert(actor.to_owned(), self.labels.len());
        self.labels.push(Label {
            actor: actor.to_owned(),
            class,
            bot,
        });
        Ok(())
    }

    /// How many actors are labelled.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether nobody is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The labelled actor of every request, by segment and row; empty if there is none at all.
    pub(super) fn find(
        &self,
        batches: &[Arc<Batch>],
        options: &Options,
        key: SecretKey,
    ) -> Vec<Vec<Option<u32>>> {
        let whose = Whose::new(self, options, key);
        let found: Vec<Vec<Option<u32>>> = batches
            .iter()
            .map(|batch| {
                let requests = batch.requests.iter();
                requests.map(|request| whose.find(batch, request)).collect()
            })
            .collect();
        if found.iter().flatten().any(Option::is_some) {
            found
        } else {
            Vec::new()
        }
    }
}

/// The place of a text in a short list; added at its end if it is new.
fn place_of(texts: &mut Vec<String>, text: &str) -> usize {
    if let Some(place) = texts.iter().position(|known| known == text) {
        return place;
    }
    texts.push(text.to_owned());
    texts.len() - 1
}

/// Finds the actor of a request.
enum Whose<'a> {
    Address(FxHashMap<Address, u32>),
    Session(FxHashMap<u64, u32>),
    Request(FxHashMap<String, u32>, &'a Options),
}

impl<'a> Whose<'a> {
    fn new(truth: &Truth, options: &'a Options, key: SecretKey) -> Self {
        let actors = (0u32..).zip(&truth.labels);
        let actors = actors.map(|(number, label)| (number, label.actor.as_str()));
        match options.by {
            By::Actor => Self::Address(
                actors
                    .filter_map(|(number, actor)| {
                        let address: IpAddr = actor.parse().ok()?;
                        Some((Address::from(address), number))
                    })
                    .collect(),
            ),
            // What looks like a token was replaced by its hash before it became a key.
            By::Session => Self::Session(
                actors
                    .flat_map(|(number, actor)| {
                        let hashed = hash_token(actor.as_bytes(), &key);
                        [actor, &hashed].map(|value| (hash_session_key(value), number))
                    })
                    .collect(),
            ),
            By::Request => Self::Request(
                actors
                    .flat_map(|(number, actor)| {
                        let hashed = hash_token(actor.as_bytes(), &key);
                        [actor.to_owned(), hashed].map(|value| (value, number))
                    })
                    .collect(),
                options,
            ),
        }
    }

    fn find(&self, batch: &Batch, request: &Request) -> Option<u32> {
        match self {
            Self::Address(actors) => actors.get(&request.address).copied(),
            Self::Session(actors) => actors.get(&request.session_key).copied(),
            Self::Request(actors, options) => {
                let value = find_value(batch, request, &options.request_id)?;
                actors.get(&value).copied()
            }
        }
    }
}
