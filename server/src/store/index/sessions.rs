//! The sessions of a judgement as searches see them: a column each, since there are a million
//! and a search reads few of the columns.

use engine::{Address, SessionCodes};
use shared::SessionId;
use smallvec::SmallVec;

use super::names::{Names, Place};
use super::tables::Table;
use crate::address::AddressBook;
use crate::store::session_block::StoredSession;

/// A session as the store has it.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) id: SessionId,
    pub(crate) ended_at: i64,
    pub(crate) duration_ms: i64,
    pub(crate) address: Address,
    /// The numbers in the store of its top endpoints and of its user agent.
    pub(crate) endpoints: SmallVec<[i64; 3]>,
    pub(crate) agent: i64,
    pub(crate) user: String,
    pub(crate) role: String,
    pub(crate) requests: u32,
    pub(crate) codes: SessionCodes,
    pub(crate) methods: engine::MethodSet,
    pub(crate) provisional: bool,
}

impl From<StoredSession> for NewSession {
    fn from(session: StoredSession) -> Self {
        let StoredSession { pack, .. } = session;
        Self {
            id: session.id,
            ended_at: session.ended_at,
            duration_ms: session.duration_ms,
            address: session.address,
            endpoints: session.endpoints,
            agent: i64::from(pack.user_agent),
            user: pack.user,
            role: pack.role,
            requests: pack.requests,
            codes: pack.codes,
            methods: pack.methods,
            provisional: session.provisional,
        }
    }
}

/// No endpoint.
const NONE: u32 = u32::MAX;
/// Says that a session is of several attacks, whose list the rest of the number names.
const SEVERAL: u32 = 1 << 31;
const FIRST_V4: u128 = 0xffff << 32;

/// Rows by number; a number that fell free is used again.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    ids: Vec<u64>,
    ended_at: Vec<i64>,
    duration_ms: Vec<u32>,
    /// IPv4, or a number of `long_addresses`.
    addresses: Vec<u32>,
    long: Vec<bool>,
    endpoints: Vec<[u32; 3]>,
    agents: Vec<u32>,
    people: Vec<u32>,
    traffic: Vec<u32>,
    places: Vec<u32>,
    requests: Vec<u32>,
    hits: Vec<u32>,
    /// 0 if it is of no attack, an attack's number + 1, or [`SEVERAL`].
    attacks: Vec<u32>,
    provisional: Vec<bool>,

    long_addresses: Table<u128>,
    several: Table<Box<[u32]>>,
    free: Vec<u32>,
    /// All rows, those that ended first first; equal ones by identifier.
    order: Vec<u32>,
    /// All rows, by identifier.
    by_id: Vec<u32>,
    longest_ms: i64,
}

impl Sessions {
    /// Adds sessions, each once, or replaces what was known of them.
    pub(super) fn put(&mut self, names: &mut Names, book: &AddressBook, sessions: Vec<NewSession>) {
        let known: Vec<u32> = sessions
            .iter()
            .filter_map(|session| self.find(session.id))
            .collect();
        self.remove_rows(&known);
        let mut added = Vec::with_capacity(sessions.len());
        for session in sessions {
            added.push(self.add(names, book, &session));
        }
        self.longest_ms = self.longest_ms.max(
            added
                .iter()
                .map(|row| i64::from(self.duration_ms[*row as usize]))
                .max()
                .unwrap_or(0),
        );
        self.merge_order(added);
    }

    fn add(&mut self, names: &mut Names, book: &AddressBook, session: &NewSession) -> u32 {
        let row = match self.free.pop() {
            Some(row) => row,
            None => self.grow(),
        };
        let at = row as usize;
        self.ids[at] = session.id.0;
        self.ended_at[at] = session.ended_at;
        self.duration_ms[at] = u32::try_from(session.duration_ms).unwrap_or(u32::MAX);
        let address = session.address.0;
        self.long[at] = address >> 32 != 0xffff;
        self.addresses[at] = if self.long[at] {
            self.long_addresses.number(address)
        } else {
            address as u32
        };
        let mut endpoints = session
            .endpoints
            .iter()
            .filter_map(|number| names.endpoint(*number));
        self.endpoints[at] = std::array::from_fn(|_| endpoints.next().unwrap_or(NONE));
        self.agents[at] = names.agent(session.agent);
        self.people[at] = names.person(&session.user, &session.role);
        let codes = session.codes.iter().copied();
        self.traffic[at] = names.traffic(codes, session.methods.names());
        self.places[at] = names.places.number(Place::of(book, session.address));
        self.requests[at] = session.requests;
        self.hits[at] = 0;
        self.attacks[at] = 0;
        self.provisional[at] = session.provisional;
        row
    }

    fn grow(&mut self) -> u32 {
        self.ids.push(0);
        self.ended_at.push(0);
        self.duration_ms.push(0);
        self.addresses.push(0);
        self.long.push(false);
        self.endpoints.push([NONE; 3]);
        self.agents.push(0);
        self.people.push(0);
        self.traffic.push(0);
        self.places.push(0);
        self.requests.push(0);
        self.hits.push(0);
        self.attacks.push(0);
        self.provisional.push(false);
        self.ids.len() as u32 - 1
    }

    /// Says which attacks a session is of, by their numbers, and its hits in them together.
    pub(super) fn set_attacks(&mut self, id: SessionId, attacks: &[u32], hits: u32) {
        let Some(row) = self.find(id) else {
            return;
        };
        let at = row as usize;
        self.hits[at] = hits.min(self.requests[at]);
        self.attacks[at] = match attacks {
            [] => 0,
            [attack] => attack + 1,
            several => SEVERAL | self.several.number(several.into()),
        };
    }

    pub(super) fn remove_provisional(&mut self) {
        self.remove_where(|sessions, at| sessions.provisional[at]);
    }

    pub(super) fn remove_between(&mut self, from: i64, until: i64) {
        self.remove_where(|sessions, at| (from..until).contains(&sessions.ended_at[at]));
    }

    fn remove_where(&mut self, remove: impl Fn(&Self, usize) -> bool) {
        let gone: Vec<u32> = self
            .order
            .iter()
            .copied()
            .filter(|row| remove(self, *row as usize))
            .collect();
        self.remove_rows(&gone);
    }

    fn remove_rows(&mut self, gone: &[u32]) {
        if gone.is_empty() {
            return;
        }
        let mut set = super::tables::Set::default();
        for row in gone {
            set.insert(*row);
        }
        self.order.retain(|row| !set.has(*row));
        self.by_id.retain(|row| !set.has(*row));
        self.free.extend(gone);
    }

    /// Puts new rows where they belong.
    fn merge_order(&mut self, mut added: Vec<u32>) {
        if added.is_empty() {
            return;
        }
        let order = std::mem::take(&mut self.order);
        let by_id = std::mem::take(&mut self.by_id);
        added.sort_unstable_by_key(|row| self.place(*row));
        self.order = merge(order, &added, |row| self.place(row));
        added.sort_unstable_by_key(|row| self.ids[*row as usize]);
        self.by_id = merge(by_id, &added, |row| self.ids[row as usize]);
    }

    /// What the list is sorted by; identifiers as the database compares them.
    pub(super) fn place(&self, row: u32) -> (i64, i64) {
        let at = row as usize;
        (self.ended_at[at], self.ids[at] as i64)
    }

    pub(super) fn find(&self, id: SessionId) -> Option<u32> {
        let at = self
            .by_id
            .binary_search_by_key(&id.0, |row| self.ids[*row as usize]);
        at.ok().map(|at| self.by_id[at])
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Rows that may have a request from `from` to `until`, those that ended last first;
    /// [`Sessions::is_within`] tells.
    pub(super) fn between(&self, from: i64, until: i64) -> &[u32] {
        let ended = |row: &u32| self.ended_at[*row as usize];
        let first = self.order.partition_point(|row| ended(row) < from);
        let latest = until.saturating_add(self.longest_ms);
        let last = self.order.partition_point(|row| ended(row) <= latest);
        &self.order[first..last.max(first)]
    }

    /// Whether it began by `until`.
    pub(super) fn began_by(&self, row: u32, until: i64) -> bool {
        let at = row as usize;
        self.ended_at[at] - i64::from(self.duration_ms[at]) <= until
    }

    pub(super) fn id(&self, row: u32) -> SessionId {
        SessionId(self.ids[row as usize])
    }

    pub(super) fn address(&self, row: u32) -> Address {
        self.address_of(self.address_number(row))
    }

    /// A number that only equal addresses have.
    pub(super) fn address_number(&self, row: u32) -> u64 {
        let at = row as usize;
        u64::from(self.long[at]) << 32 | u64::from(self.addresses[at])
    }

    /// The way back from [`Sessions::address_number`].
    pub(super) fn address_of(&self, number: u64) -> Address {
        let short = number as u32;
        if number >> 32 == 1 {
            Address(*self.long_addresses.get(short))
        } else {
            Address(FIRST_V4 | u128::from(short))
        }
    }

    pub(super) fn endpoints(&self, row: u32) -> impl Iterator<Item = u32> {
        self.endpoints[row as usize]
            .into_iter()
            .filter(|number| *number != NONE)
    }

    pub(super) fn agent(&self, row: u32) -> u32 {
        self.agents[row as usize]
    }

    pub(super) fn person(&self, row: u32) -> u32 {
        self.people[row as usize]
    }

    pub(super) fn traffic(&self, row: u32) -> u32 {
        self.traffic[row as usize]
    }

    pub(super) fn network(&self, row: u32) -> u32 {
        self.places[row as usize]
    }

    pub(super) fn requests(&self, row: u32) -> u32 {
        self.requests[row as usize]
    }

    pub(super) fn hits(&self, row: u32) -> u32 {
        self.hits[row as usize]
    }

    pub(super) fn is_bot(&self, row: u32) -> bool {
        self.attacks[row as usize] != 0
    }

    /// The attacks it is of, by number.
    pub(super) fn attacks(&self, row: u32) -> impl Iterator<Item = u32> {
        let number = self.attacks[row as usize];
        let several: &[u32] = if number & SEVERAL == 0 {
            &[]
        } else {
            self.several.get(number & !SEVERAL)
        };
        let one = (number != 0 && number & SEVERAL == 0).then(|| number - 1);
        one.into_iter().chain(several.iter().copied())
    }

    /// Sessions of any of these attacks.
    pub(super) fn of_any(&self, attacks: &super::tables::Set) -> Vec<SessionId> {
        let rows = self.order.iter().filter(|row| self.is_bot(**row));
        rows.filter(|row| self.attacks(**row).any(|attack| attacks.has(attack)))
            .map(|row| self.id(*row))
            .collect()
    }

    pub(super) fn weight(&self) -> usize {
        // Of one row in all columns.
        let row = 8 + 8 + 4 + 4 + 1 + 12 + 4 * 7 + 1;
        self.ids.capacity() * row
            + (self.order.capacity() + self.by_id.capacity() + self.free.capacity()) * 4
            + self.long_addresses.weight(|_| 0)
            + self.several.weight(|attacks| 4 * attacks.len())
    }
}

/// Two ascending lists as one.
fn merge<K: Ord>(mut list: Vec<u32>, added: &[u32], key: impl Fn(u32) -> K) -> Vec<u32> {
    // Nearly always what is new comes last.
    let (Some(last), Some(first)) = (list.last(), added.first()) else {
        list.extend(added);
        return list;
    };
    if key(*last) <= key(*first) {
        list.extend(added);
        return list;
    }
    let mut merged = Vec::with_capacity(list.len() + added.len());
    let mut rest = list.into_iter().peekable();
    for new in added {
        while let Some(row) = rest.next_if(|row| key(*row) <= key(*new)) {
            merged.push(row);
        }
        merged.push(*new);
    }
    merged.extend(rest);
    merged
}
