//! The attacks of a judgement as searches see them.

use engine::{Address, AttackRecord, DetectorMask};
use rustc_hash::FxHashMap;
use shared::{AttackId, AttackStatus, OutcomeKind, Scope, Verification};

use super::names::{Names, Place};
use crate::address::AddressBook;

/// An attack as the store has it.
#[derive(Debug, Clone)]
pub(crate) struct NewAttack {
    pub(crate) record: AttackRecord,
    /// All of its addresses.
    pub(crate) addresses: Vec<Address>,
    /// The numbers in the store of its endpoints and user agents.
    pub(crate) endpoints: Vec<i64>,
    pub(crate) agents: Vec<i64>,
    /// The name of the crawler that the user agent with the most requests says it is; empty for
    /// a crawler that is not known by name.
    pub(crate) crawler: Option<&'static str>,
    pub(crate) excepted: bool,
    pub(crate) provisional: bool,
}

/// An attack of the index.
#[derive(Debug)]
pub(super) struct IndexedAttack {
    pub(super) id: AttackId,
    pub(super) started_at: i64,
    pub(super) ended_at: i64,
    pub(super) hits: u64,
    pub(super) address_count: u32,
    pub(super) voted: DetectorMask,
    /// A number of [`Names::traffic`].
    pub(super) traffic: u32,
    /// A mask over the order of the attack types.
    pub(super) types: u8,
    pub(super) confidence: u8,
    /// A mask over the order of the outcomes.
    pub(super) outcome: u8,
    pub(super) status: AttackStatus,
    pub(super) verified: Option<Verification>,
    pub(super) campaign: bool,
    pub(super) closed: bool,
    pub(super) excepted: bool,
    pub(super) provisional: bool,
    /// Ascending.
    pub(super) addresses: Box<[Address]>,
    /// Numbers of [`Names::places`], each once.
    pub(super) places: Box<[u32]>,
    pub(super) endpoints: Box<[u32]>,
    pub(super) agents: Box<[u32]>,
}

/// Rows by number; a number that fell free is used again.
#[derive(Debug, Default)]
pub(super) struct Attacks {
    rows: Vec<Option<IndexedAttack>>,
    free: Vec<u32>,
    numbers: FxHashMap<AttackId, u32>,
}

impl Attacks {
    /// Adds an attack, or replaces what was known of it.
    pub(super) fn put(&mut self, names: &mut Names, book: &AddressBook, attack: NewAttack) {
        let row = indexed(names, book, attack);
        let number = match self.numbers.get(&row.id) {
            Some(number) => *number,
            None => self.free.pop().unwrap_or(self.rows.len() as u32),
        };
        self.numbers.insert(row.id, number);
        if number as usize == self.rows.len() {
            self.rows.push(None);
        }
        self.rows[number as usize] = Some(row);
    }

    /// Removes those that a preview added.
    pub(super) fn remove_provisional(&mut self) {
        for (number, row) in (0..).zip(&mut self.rows) {
            if let Some(attack) = row
                && attack.provisional
            {
                self.numbers.remove(&attack.id);
                self.free.push(number);
                *row = None;
            }
        }
    }

    pub(super) fn find(&self, id: AttackId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&IndexedAttack> {
        self.rows.get(number as usize)?.as_ref()
    }

    /// Marks exactly these as excepted.
    pub(super) fn mark(&mut self, excepted: &[AttackId]) {
        for attack in self.rows.iter_mut().flatten() {
            attack.excepted = false;
        }
        for id in excepted {
            let number = self.find(*id).map(|number| number as usize);
            if let Some(Some(attack)) = number.and_then(|number| self.rows.get_mut(number)) {
                attack.excepted = true;
            }
        }
    }

    /// Every attack with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &IndexedAttack)> {
        (0..)
            .zip(&self.rows)
            .filter_map(|(number, row)| Some((number, row.as_ref()?)))
    }

    pub(super) fn weight(&self) -> usize {
        let outside = self.rows.iter().flatten().map(|attack| {
            size_of_val::<[Address]>(&attack.addresses)
                + size_of_val::<[u32]>(&attack.places)
                + size_of_val::<[u32]>(&attack.endpoints)
                + size_of_val::<[u32]>(&attack.agents)
        });
        outside.sum::<usize>()
            + self.rows.capacity() * size_of::<Option<IndexedAttack>>()
            + self.numbers.capacity() * (size_of::<(AttackId, u32)>() + 1)
    }
}

fn indexed(names: &mut Names, book: &AddressBook, attack: NewAttack) -> IndexedAttack {
    let record = &attack.record;
    let mut addresses = attack.addresses;
    addresses.sort_unstable();
    addresses.dedup();
    let places = addresses
        .iter()
        .map(|address| names.places.number(Place::of(book, *address)));
    let places = each_once(places.collect());
    let codes = record.codes.iter().map(|(code, _)| *code);
    let methods = record.methods.iter().map(|(method, _)| method.as_str());
    let traffic = names.traffic(codes, methods);
    let endpoints = attack.endpoints.iter();
    let agents = attack.agents.iter().map(|number| names.agent(*number));
    IndexedAttack {
        id: record.id,
        started_at: record.started_at.0,
        ended_at: record.ended_at.0,
        hits: record.hits,
        address_count: record.address_count,
        voted: record.voted(),
        traffic,
        types: record
            .types
            .iter()
            .fold(0, |mask, found| mask | 1 << found.bot_type as u8),
        confidence: record.types.first().map_or(0, |found| found.confidence),
        outcome: outcome_mask(&record.outcome),
        status: AttackStatus::of(record.blocked, record.requests),
        verified: attack
            .crawler
            .map(|name| book.verify(name, &addresses, record.ended_at)),
        campaign: record.scope == Scope::Cluster,
        closed: record.closed,
        excepted: attack.excepted,
        provisional: attack.provisional,
        places: places.into(),
        endpoints: each_once(
            endpoints
                .filter_map(|number| names.endpoint(*number))
                .collect(),
        )
        .into(),
        agents: each_once(agents.collect()).into(),
        addresses: addresses.into(),
    }
}

/// What a bot got, as a mask over the order of the outcomes.
fn outcome_mask(outcome: &shared::Outcome) -> u8 {
    let mut mask = 0;
    if outcome.sign_ins_succeeded > 0 {
        mask |= 1 << OutcomeKind::SignedIn as u8;
    }
    if outcome.sensitive_answered > 0 {
        mask |= 1 << OutcomeKind::SensitiveAnswered as u8;
    }
    if mask == 0 {
        mask = 1 << OutcomeKind::Nothing as u8;
    }
    mask
}

fn each_once(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
