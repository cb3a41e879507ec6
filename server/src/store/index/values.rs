//! The values that the found rows have under a key, and how many rows have each.

use std::fmt::Write;

use engine::Address;
use rustc_hash::FxHashMap;
use shared::search::{Key, fold_case};
use shared::{AttackStatus, BotType, DetectorKind, OutcomeKind, Verification};

use super::Index;
use super::attacks::IndexedAttack;
use super::list::Asked;
use super::plan::Plan;
use super::tables::Texts;

/// So many values of one application are looked at, those of most rows first.
const MOST: usize = 1_000;

/// Values with the rows that have them, collected over applications.
#[derive(Debug)]
pub(crate) struct ValueCounts {
    key: Key,
    /// What a word of the value begins with, as searches compare it.
    prefix: String,
    counts: FxHashMap<String, u64>,
}

impl ValueCounts {
    pub(crate) fn new(key: Key, prefix: &str) -> Self {
        Self {
            key,
            prefix: fold_case(prefix),
            counts: FxHashMap::default(),
        }
    }

    /// The values of most rows, equal ones by their texts.
    pub(crate) fn into_most(self) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self.counts.into_iter().collect();
        all.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
        all
    }

    fn add_found(&mut self, value: &str, rows: u64) {
        if rows > 0 {
            self.add(value, rows);
        }
    }

    /// Returns whether the value is one that is wanted.
    fn add(&mut self, value: &str, rows: u64) -> bool {
        let fits = !value.is_empty() && begins_a_word(&fold_case(value), &self.prefix);
        if fits {
            *self.counts.entry(value.to_owned()).or_default() += rows;
        }
        fits
    }
}

/// Whether a word of `text` begins with `prefix`, which may go on beyond that word.
fn begins_a_word(text: &str, prefix: &str) -> bool {
    if prefix.is_empty() {
        return true;
    }
    let mut places = text.match_indices(prefix);
    places.any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}

impl Index {
    /// Adds the values of the attacks that the query without the key's own terms takes.
    pub(crate) fn count_attack_values(&self, asked: &Asked<'_>, values: &mut ValueCounts) {
        let plan = self.plan_of_attacks(asked).without(values.key);
        if values.key == Key::Address {
            let mut addresses: Vec<Address> = Vec::new();
            self.each_attack(&plan, asked.period, |number| {
                addresses.extend(
                    self.attacks
                        .get(number)
                        .into_iter()
                        .flat_map(|it| &*it.addresses),
                );
            });
            addresses.sort_unstable();
            add_addresses(&addresses, |address| *address, values);
        } else if values.key == Key::Application {
            let mut rows = 0;
            self.each_attack(&plan, asked.period, |_| rows += 1);
            values.add_found(asked.application, rows);
        } else if let Some(set) = ClosedSet::of(values.key) {
            let mut rows = [0u64; 64];
            self.each_attack(&plan, asked.period, |number| {
                let attack = self.attacks.get(number);
                count_bits(attack.map_or(0, |attack| set.bits(attack)), &mut rows);
            });
            set.add(&rows, values);
        } else {
            let column = Column::new(self, values.key);
            let mut rows = vec![0u64; column.texts.len()];
            let mut found = Vec::new();
            self.each_attack(&plan, asked.period, |number| {
                if let Some(attack) = self.attacks.get(number) {
                    found.clear();
                    column.of_attack(attack, self, &mut found);
                    count_once(&mut found, &mut rows);
                }
            });
            column.add(&rows, values);
        }
    }

    /// Adds the values of the sessions that the query without the key's own terms takes.
    pub(crate) fn count_session_values(&self, asked: &Asked<'_>, values: &mut ValueCounts) {
        let plan = Plan::of_sessions(self, asked).without(values.key);
        let sessions = &self.sessions;
        if values.key == Key::Address {
            let mut addresses: Vec<u64> = Vec::new();
            self.each_session(&plan, asked.period, |row| {
                addresses.push(sessions.address_number(row));
            });
            addresses.sort_unstable();
            add_addresses(&addresses, |number| sessions.address_of(*number), values);
        } else if values.key == Key::Bot {
            let mut bots = 0;
            self.each_session(&plan, asked.period, |row| {
                bots += u64::from(sessions.is_bot(row));
            });
            values.add_found(Key::Bot.as_str(), bots);
        } else if values.key == Key::Application {
            let mut rows = 0;
            self.each_session(&plan, asked.period, |_| rows += 1);
            values.add_found(asked.application, rows);
        } else if let Some(set) = ClosedSet::of(values.key) {
            let mut rows = [0u64; 64];
            self.each_session(&plan, asked.period, |row| {
                let attacks = sessions.attacks(row).filter_map(|it| self.attacks.get(it));
                let bits = attacks.fold(0, |bits, attack| bits | set.bits(attack));
                count_bits(bits, &mut rows);
            });
            set.add(&rows, values);
        } else {
            let column = Column::new(self, values.key);
            let mut rows = vec![0u64; column.texts.len()];
            let mut found = Vec::new();
            self.each_session(&plan, asked.period, |row| {
                found.clear();
                column.of_session(self, row, &mut found);
                count_once(&mut found, &mut rows);
            });
            column.add(&rows, values);
        }
    }
}

/// Adds ascending addresses with their numbers.
fn add_addresses<T: PartialEq>(
    sorted: &[T],
    address: impl Fn(&T) -> Address,
    values: &mut ValueCounts,
) {
    let runs = sorted.chunk_by(|a, b| a == b);
    let mut counted: Vec<(u64, &T)> = runs.map(|run| (run.len() as u64, &run[0])).collect();
    counted.sort_by(|(a, _), (b, _)| b.cmp(a));
    let mut text = String::new();
    let mut added = 0;
    for (rows, found) in counted {
        text.clear();
        if write!(text, "{}", address(found)).is_ok() && values.add(&text, rows) {
            added += 1;
        }
        if added == MOST {
            return;
        }
    }
}

fn count_bits(mut bits: u64, rows: &mut [u64; 64]) {
    while bits != 0 {
        rows[bits.trailing_zeros() as usize] += 1;
        bits &= bits - 1;
    }
}

fn count_once(found: &mut Vec<u32>, rows: &mut [u64]) {
    if found.len() > 1 {
        found.sort_unstable();
        found.dedup();
    }
    for number in found {
        rows[*number as usize] += 1;
    }
}

/// A key whose values are a closed set that attacks have.
#[derive(Clone, Copy)]
enum ClosedSet {
    Types,
    Status,
    Detectors,
    Verified,
    Outcome,
}

impl ClosedSet {
    fn of(key: Key) -> Option<Self> {
        match key {
            Key::Type => Some(Self::Types),
            Key::Status => Some(Self::Status),
            Key::Detector => Some(Self::Detectors),
            Key::Verified => Some(Self::Verified),
            Key::Outcome => Some(Self::Outcome),
            _ => None,
        }
    }

    /// What an attack has, as a mask over the set's order.
    fn bits(self, attack: &IndexedAttack) -> u64 {
        match self {
            Self::Types => u64::from(attack.types),
            Self::Status => 1 << attack.status as u8,
            Self::Detectors => u64::from(attack.voted.0),
            Self::Verified => attack.verified.map_or(0, |verified| 1 << verified as u8),
            Self::Outcome => u64::from(attack.outcome),
        }
    }

    fn names(self) -> Vec<&'static str> {
        match self {
            Self::Types => BotType::ALL.iter().map(|it| it.as_str()).collect(),
            Self::Status => AttackStatus::ALL.iter().map(|it| it.as_str()).collect(),
            Self::Detectors => DetectorKind::ALL.iter().map(|it| it.as_str()).collect(),
            Self::Verified => Verification::ALL.iter().map(|it| it.as_str()).collect(),
            Self::Outcome => OutcomeKind::ALL.iter().map(|it| it.as_str()).collect(),
        }
    }

    fn add(self, rows: &[u64; 64], values: &mut ValueCounts) {
        for (name, rows) in self.names().iter().zip(rows) {
            values.add_found(name, *rows);
        }
    }
}

/// A key whose values are texts: for each number in the rows, the numbers of its texts.
struct Column<'a> {
    key: Key,
    texts: TextsOf<'a>,
    /// By the number that stands in the row.
    numbers: Vec<Vec<u32>>,
}

/// Texts that are there, or made for the occasion.
enum TextsOf<'a> {
    Known(&'a Texts),
    Made(Texts),
}

impl TextsOf<'_> {
    fn get(&self) -> &Texts {
        match self {
            Self::Known(texts) => texts,
            Self::Made(texts) => texts,
        }
    }

    fn len(&self) -> usize {
        self.get().len()
    }
}

impl<'a> Column<'a> {
    fn new(index: &'a Index, key: Key) -> Self {
        let names = &index.names;
        let mut made = Texts::default();
        let mut numbers = Vec::new();
        let texts = match key {
            Key::Domain => TextsOf::Known(&names.hosts),
            Key::Url => TextsOf::Known(&names.templates),
            Key::UserAgent => TextsOf::Known(&names.agents),
            Key::Method => {
                let traffic = (0..names.traffic.len() as u32).map(|it| names.traffic.get(it));
                numbers = traffic.map(|it| it.methods.to_vec()).collect();
                TextsOf::Known(&names.methods)
            }
            Key::User | Key::Role => {
                let people = (0..names.people.len() as u32).map(|it| names.people.get(it));
                let of_user = key == Key::User;
                numbers = people
                    .map(|it| vec![if of_user { it.user } else { it.role }])
                    .collect();
                TextsOf::Known(if of_user { &names.users } else { &names.roles })
            }
            Key::Country | Key::Source => {
                let places = (0..names.places.len() as u32).map(|it| names.places.get(it));
                let text = |place: &super::names::Place| {
                    let text = match key {
                        Key::Country => &place.country,
                        _ => &place.source,
                    };
                    text.clone()
                };
                numbers = places
                    .map(|place| vec![made.number(&text(place))])
                    .collect();
                TextsOf::Made(made)
            }
            Key::StatusCode => {
                for traffic in (0..names.traffic.len() as u32).map(|it| names.traffic.get(it)) {
                    let codes = traffic.codes.iter().filter(|code| **code > 0);
                    numbers.push(codes.map(|code| made.number(&code.to_string())).collect());
                }
                TextsOf::Made(made)
            }
            _ => TextsOf::Made(made),
        };
        Self {
            key,
            texts,
            numbers,
        }
    }

    fn of_attack(&self, attack: &IndexedAttack, index: &Index, found: &mut Vec<u32>) {
        match self.key {
            Key::Domain => found.extend(attack.endpoints.iter().map(|it| index.names.host_of(*it))),
            Key::Url => {
                found.extend(
                    attack
                        .endpoints
                        .iter()
                        .map(|it| index.names.template_of(*it)),
                );
            }
            Key::UserAgent => found.extend(&*attack.agents),
            Key::Country | Key::Source => {
                for place in &attack.places {
                    found.extend(&self.numbers[*place as usize]);
                }
            }
            Key::Method | Key::StatusCode => {
                found.extend(&self.numbers[attack.traffic as usize]);
            }
            _ => {}
        }
    }

    fn of_session(&self, index: &Index, row: u32, found: &mut Vec<u32>) {
        let sessions = &index.sessions;
        match self.key {
            Key::Domain => found.extend(sessions.endpoints(row).map(|it| index.names.host_of(it))),
            Key::Url => {
                found.extend(
                    sessions
                        .endpoints(row)
                        .map(|it| index.names.template_of(it)),
                );
            }
            Key::UserAgent => found.push(sessions.agent(row)),
            Key::Country | Key::Source => {
                found.extend(&self.numbers[sessions.network(row) as usize]);
            }
            Key::Method | Key::StatusCode => {
                found.extend(&self.numbers[sessions.traffic(row) as usize]);
            }
            Key::User | Key::Role => found.extend(&self.numbers[sessions.person(row) as usize]),
            _ => {}
        }
    }

    fn add(&self, rows: &[u64], values: &mut ValueCounts) {
        let mut counted: Vec<(u64, u32)> = rows
            .iter()
            .zip(0..)
            .filter(|(rows, _)| **rows > 0)
            .map(|(rows, number)| (*rows, number))
            .collect();
        counted.sort_by(|(a, _), (b, _)| b.cmp(a));
        let texts = self.texts.get();
        let mut added = 0;
        for (rows, number) in counted {
            let fits = begins_a_word(texts.folded(number), &values.prefix);
            if fits && values.add(texts.get(number), rows) {
                added += 1;
            }
            if added == MOST {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_begins_a_word() {
        let check = |text, prefix, expected| {
            assert_eq!(begins_a_word(text, prefix), expected, "{text} {prefix}");
        };
        check("mozilla/5.0 chrome/120", "chro", true);
        check("mozilla/5.0 chrome/120", "rome", false);
        check("shop.example", "sh", true);
        check("shop.example", "example", true);
        check("shop.example", "", true);
        check("/wp-login.php", "/wp", true);
        check("äb", "b", false);
    }
}
