//! The attacks and sessions of one judgement in memory, so that a search answers at once
//! whatever it asks. Pure data: it is filled from the store and kept in step with it elsewhere,
//! and gives identifiers, whose rows the store then reads.

mod attacks;
mod kept;
mod list;
mod names;
mod plan;
mod sessions;
mod tables;
mod values;

#[cfg(test)]
mod tests;

use shared::{AttackId, RequestId, SessionId};

pub(crate) use attacks::NewAttack;
pub(crate) use kept::Indexes;
pub(crate) use list::{Asked, Part, Ranked, attack_of, session_of};
pub(crate) use names::NewEndpoint;
pub(crate) use sessions::NewSession;
pub(crate) use values::ValueCounts;

use crate::address::AddressBook;
use attacks::Attacks;
use names::Names;
use sessions::Sessions;

/// The attacks and sessions of one judgement.
#[derive(Debug, Default)]
pub(crate) struct Index {
    names: Names,
    attacks: Attacks,
    sessions: Sessions,
    /// Sessions that a preview made part of an attack, which the next commit takes back.
    provisional_links: Vec<SessionId>,
    marks: i64,
}

/// The attacks of a session by identifier, and its hits in them together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Link {
    pub(crate) attacks: Vec<AttackId>,
    pub(crate) hits: u32,
}

/// Where requests that a search names are.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestPlaces {
    found: Vec<(RequestId, Vec<AttackId>, Vec<SessionId>)>,
}

impl RequestPlaces {
    pub(crate) fn add(&mut self, id: RequestId, of: Vec<AttackId>, within: Vec<SessionId>) {
        self.found.push((id, of, within));
    }

    fn attacks_of(&self, id: RequestId) -> impl Iterator<Item = AttackId> {
        let found = self.found.iter().filter(move |(other, ..)| *other == id);
        found.flat_map(|(_, attacks, _)| attacks.iter().copied())
    }

    fn sessions_of(&self, id: RequestId) -> impl Iterator<Item = SessionId> {
        let found = self.found.iter().filter(move |(other, ..)| *other == id);
        found.flat_map(|(.., sessions)| sessions.iter().copied())
    }
}

impl Index {
    /// Adds endpoints or says anew what they are; before what refers to them.
    pub(crate) fn put_endpoints(&mut self, endpoints: &[NewEndpoint]) {
        self.names.put_endpoints(endpoints);
    }

    /// Adds user agents by their numbers in the store; before what refers to them.
    pub(crate) fn put_agents(&mut self, agents: &[(i64, String)]) {
        self.names.put_agents(agents);
    }

    /// The highest numbers in the store of the endpoints and of the user agents that are known.
    pub(crate) fn newest_names(&self) -> (i64, i64) {
        self.names.newest()
    }

    /// Adds attacks, or replaces what was known of them.
    pub(crate) fn put_attacks(&mut self, book: &AddressBook, attacks: Vec<NewAttack>) {
        for attack in attacks {
            self.attacks.put(&mut self.names, book, attack);
        }
    }

    /// Adds sessions, or replaces what was known of them, their attacks included.
    pub(crate) fn put_sessions(&mut self, book: &AddressBook, sessions: Vec<NewSession>) {
        self.sessions.put(&mut self.names, book, sessions);
    }

    /// Says which attacks sessions are of; what is not known here is left out.
    pub(crate) fn set_links<'a>(&mut self, links: impl Iterator<Item = (SessionId, &'a Link)>) {
        let mut numbers = Vec::new();
        for (session, link) in links {
            numbers.clear();
            numbers.extend(link.attacks.iter().filter_map(|id| self.attacks.find(*id)));
            numbers.sort_unstable();
            numbers.dedup();
            self.sessions.set_attacks(session, &numbers, link.hits);
        }
    }

    /// Notes sessions whose links are a preview's.
    pub(crate) fn note_provisional_links(&mut self, sessions: Vec<SessionId>) {
        self.provisional_links = sessions;
    }

    /// The sessions whose attacks are others when what a preview added is gone.
    pub(crate) fn provisional_links(&self) -> Vec<SessionId> {
        let mut touched = self.provisional_links.clone();
        let mut gone = tables::Set::default();
        for (number, attack) in self.attacks.iter() {
            if attack.provisional {
                gone.insert(number);
            }
        }
        touched.extend(self.sessions.of_any(&gone));
        touched
    }

    /// Removes what a preview added. The links of [`Index::provisional_links`] must be set
    /// next.
    pub(crate) fn remove_provisional(&mut self) {
        self.provisional_links.clear();
        self.sessions.remove_provisional();
        self.attacks.remove_provisional();
    }

    /// Removes sessions that ended from `from` on and before `until`.
    pub(crate) fn remove_sessions_between(&mut self, from: i64, until: i64) {
        self.sessions.remove_between(from, until);
    }

    /// Marks exactly these attacks as excepted: so it is since the marks changed `marks` times.
    pub(crate) fn mark_excepted(&mut self, excepted: &[AttackId], marks: i64) {
        self.attacks.mark(excepted);
        self.marks = marks;
    }

    /// Notes how often marks had changed when the attacks were read.
    pub(crate) fn note_marks(&mut self, marks: i64) {
        self.marks = marks;
    }

    /// How often marks had changed when they were read.
    pub(crate) fn marks(&self) -> i64 {
        self.marks
    }

    /// The attacks that were going on at `at`.
    pub(crate) fn attacks_at(&self, at: i64) -> Vec<AttackId> {
        let attacks = self.attacks.iter().map(|(_, attack)| attack);
        attacks
            .filter(|attack| attack.started_at <= at && attack.ended_at >= at)
            .map(|attack| attack.id)
            .collect()
    }

    /// The sessions that may have a request at `at`, each after when it ended, with its address.
    pub(crate) fn sessions_at(&self, at: i64) -> Vec<((i64, SessionId), engine::Address)> {
        let rows = self.sessions.between(at, at).iter();
        rows.filter(|row| self.sessions.began_by(**row, at))
            .map(|row| {
                let place = (self.sessions.place(*row).0, self.sessions.id(*row));
                (place, self.sessions.address(*row))
            })
            .collect()
    }

    /// How many sessions there are.
    pub(crate) fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        self.names.weight() + self.attacks.weight() + self.sessions.weight()
    }
}
