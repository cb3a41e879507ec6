//! A query made ready for one judgement: every text compared with every name once, so that a
//! row is tested by its numbers alone.

use std::ops::RangeInclusive;

use engine::{Address, DetectorMask};
use shared::search::{Condition, Key, NumberRange};
use shared::{AttackStatus, SessionId, Timestamp, Verification};

use super::Index;
use super::attacks::IndexedAttack;
use super::list::Asked;
use super::tables::Set;

/// A query for one judgement.
pub(super) struct Plan {
    /// All must hold.
    groups: Vec<Group>,
}

/// The terms of one key.
struct Group {
    key: Key,
    /// One must hold, if there are any.
    wanted: Vec<Test>,
    /// None may hold.
    unwanted: Vec<Test>,
}

/// What a row is asked.
enum Test {
    /// Known without looking at the row.
    Always(bool),
    // Of attacks only.
    Types(u8),
    Status(AttackStatus),
    Excepted,
    /// Not closed, and not silent since then.
    OngoingSince(i64),
    Campaign,
    Voted(DetectorMask),
    Verified(Verification),
    Outcome(u8),
    AddressCount(u32),
    Confidence(RangeInclusive<u64>),
    // Of both.
    Hits(RangeInclusive<u64>),
    Addresses(RangeInclusive<Address>),
    Places(Set),
    Traffic(Set),
    Endpoints(Set),
    Agents(Set),
    /// Rows by number.
    Rows(Set),
    // Of sessions only.
    People(Set),
    Bot,
    /// Attacks by number.
    OfAttacks(Set),
}

/// Which rows a plan is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Attacks,
    Sessions,
}

impl Plan {
    /// For attacks. Those of excepted actors are left out unless they are asked for.
    pub(super) fn of_attacks(index: &Index, asked: &Asked<'_>) -> Self {
        let mut plan = Self::new(index, asked, For::Attacks);
        if asked.query.terms_of(Key::Excepted).next().is_none() {
            plan.groups.push(Group {
                key: Key::Excepted,
                wanted: Vec::new(),
                unwanted: vec![Test::Excepted],
            });
        }
        plan
    }

    pub(super) fn of_sessions(index: &Index, asked: &Asked<'_>) -> Self {
        Self::new(index, asked, For::Sessions)
    }

    fn new(index: &Index, asked: &Asked<'_>, rows: For) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for term in &asked.query.terms {
            let key = term.condition.key();
            if groups.last().is_none_or(|group| group.key != key) {
                groups.push(Group {
                    key,
                    wanted: Vec::new(),
                    unwanted: Vec::new(),
                });
            }
            let group = groups.last_mut().expect("just pushed");
            let test = test(index, &term.condition, asked, rows);
            if term.negated {
                group.unwanted.push(test);
            } else {
                group.wanted.push(test);
            }
        }
        Self { groups }
    }

    /// This plan without the terms of `key`.
    pub(super) fn without(mut self, key: Key) -> Self {
        self.groups.retain(|group| group.key != key);
        self
    }

    /// Whether no row can be taken.
    pub(super) fn is_hopeless(&self) -> bool {
        let never = |test: &Test| matches!(test, Test::Always(false));
        let always = |test: &Test| matches!(test, Test::Always(true));
        self.groups.iter().any(|group| {
            !group.wanted.is_empty() && group.wanted.iter().all(never)
                || group.unwanted.iter().any(always)
        })
    }

    pub(super) fn takes_attack(&self, row: u32, attack: &IndexedAttack) -> bool {
        self.groups
            .iter()
            .all(|group| group.takes(|test| test.takes_attack(row, attack)))
    }

    pub(super) fn takes_session(&self, index: &Index, row: u32) -> bool {
        self.groups
            .iter()
            .all(|group| group.takes(|test| test.takes_session(index, row)))
    }
}

impl Group {
    fn takes(&self, holds: impl Fn(&Test) -> bool) -> bool {
        (self.wanted.is_empty() || self.wanted.iter().any(&holds))
            && !self.unwanted.iter().any(&holds)
    }
}

fn test(index: &Index, condition: &Condition, asked: &Asked<'_>, rows: For) -> Test {
    let names = &index.names;
    match condition {
        Condition::Text(key, pattern) => {
            let part = *key == Key::UserAgent
                || *key == Key::Url && !pattern.begins_with('/') && pattern.as_literal().is_some();
            let matcher = pattern.to_matcher(part);
            let takes = |text: &str| matcher.matches(&shared::search::fold_case(text));
            match key {
                Key::Application => Test::Always(takes(asked.application)),
                Key::Domain => Test::Endpoints(names.endpoints_on(&matcher)),
                Key::Url => Test::Endpoints(names.endpoints_at(&matcher)),
                Key::UserAgent => Test::Agents(names.agents.select(&matcher)),
                Key::Country => Test::Places(names.places.select(|place| takes(&place.country))),
                Key::Source => Test::Places(names.places.select(|place| takes(&place.source))),
                Key::Method => {
                    let methods = names.methods.select(&matcher);
                    Test::Traffic(names.traffic.select(|traffic| {
                        traffic.methods.iter().any(|method| methods.has(*method))
                    }))
                }
                Key::User => {
                    let users = names.users.select(&matcher);
                    Test::People(names.people.select(|person| users.has(person.user)))
                }
                _ => {
                    let roles = names.roles.select(&matcher);
                    Test::People(names.people.select(|person| roles.has(person.role)))
                }
            }
        }
        Condition::StatusCode(range) => Test::Traffic(names.traffic.select(|traffic| {
            traffic
                .codes
                .iter()
                .any(|code| range.contains(u64::from(*code)))
        })),
        Condition::Hits(range) => Test::Hits(bounds(*range)),
        Condition::Address(term) => {
            let (first, last) = term.bounds();
            Test::Addresses(Address(first)..=Address(last))
        }
        Condition::Bot => Test::Bot,
        Condition::Session(id) => named_session(index, *id, rows),
        Condition::Request(id) => {
            let mut set = Set::default();
            match rows {
                For::Attacks => {
                    let found = asked.requests.attacks_of(*id);
                    let numbers = found.filter_map(|attack| index.attacks.find(attack));
                    numbers.for_each(|number| set.insert(number));
                }
                For::Sessions => {
                    let found = asked.requests.sessions_of(*id);
                    let numbers = found.filter_map(|session| index.sessions.find(session));
                    numbers.for_each(|number| set.insert(number));
                }
            }
            Test::Rows(set)
        }
        _ => {
            let test = of_attack(index, condition, asked.ongoing_since);
            match rows {
                For::Attacks => test,
                For::Sessions => {
                    let mut attacks = Set::default();
                    for (number, attack) in index.attacks.iter() {
                        if test.takes_attack(number, attack) {
                            attacks.insert(number);
                        }
                    }
                    Test::OfAttacks(attacks)
                }
            }
        }
    }
}

/// What only attacks have; of a session it is asked of its attacks.
fn of_attack(index: &Index, condition: &Condition, ongoing_since: Timestamp) -> Test {
    match condition {
        Condition::Type(bot_type) => Test::Types(1 << *bot_type as u8),
        Condition::Status(status) => Test::Status(*status),
        Condition::Excepted => Test::Excepted,
        Condition::Ongoing => Test::OngoingSince(ongoing_since.0),
        Condition::Campaign(None) => Test::Campaign,
        Condition::Detector(detector) => Test::Voted(DetectorMask::default().with(*detector)),
        Condition::Verified(verified) => Test::Verified(*verified),
        Condition::Outcome(outcome) => Test::Outcome(1 << *outcome as u8),
        Condition::AddressCount(count) => Test::AddressCount(*count),
        Condition::Confidence(range) => Test::Confidence(bounds(*range)),
        Condition::Attack(id) | Condition::Campaign(Some(id)) => {
            let mut rows = Set::default();
            let campaign = matches!(condition, Condition::Campaign(_));
            if let Some(number) = index.attacks.find(*id) {
                let is_campaign = index.attacks.get(number).is_some_and(|it| it.campaign);
                if is_campaign || !campaign {
                    rows.insert(number);
                }
            }
            Test::Rows(rows)
        }
        _ => Test::Always(false),
    }
}

fn named_session(index: &Index, id: SessionId, rows: For) -> Test {
    let mut set = Set::default();
    let row = index.sessions.find(id);
    match rows {
        For::Sessions => row.into_iter().for_each(|row| set.insert(row)),
        For::Attacks => {
            for attack in row.into_iter().flat_map(|row| index.sessions.attacks(row)) {
                set.insert(attack);
            }
        }
    }
    Test::Rows(set)
}

fn bounds(range: NumberRange) -> RangeInclusive<u64> {
    let (first, last) = range.bounds();
    first..=last
}

impl Test {
    fn takes_attack(&self, row: u32, attack: &IndexedAttack) -> bool {
        match self {
            Self::Always(holds) => *holds,
            Self::Types(mask) => attack.types & mask != 0,
            Self::Status(status) => attack.status == *status,
            Self::Excepted => attack.excepted,
            Self::OngoingSince(since) => !attack.closed && attack.ended_at >= *since,
            Self::Campaign => attack.campaign,
            Self::Voted(mask) => !attack.voted.and(*mask).is_empty(),
            Self::Verified(verified) => attack.verified == Some(*verified),
            Self::Outcome(mask) => attack.outcome & mask != 0,
            Self::AddressCount(count) => attack.address_count >= *count,
            Self::Confidence(range) => range.contains(&u64::from(attack.confidence)),
            Self::Hits(range) => range.contains(&attack.hits),
            Self::Addresses(range) => {
                let first = attack.addresses.partition_point(|it| it < range.start());
                let found = attack.addresses.get(first);
                found.is_some_and(|address| address <= range.end())
            }
            Self::Places(set) => attack.places.iter().any(|place| set.has(*place)),
            Self::Traffic(set) => set.has(attack.traffic),
            Self::Endpoints(set) => attack.endpoints.iter().any(|it| set.has(*it)),
            Self::Agents(set) => attack.agents.iter().any(|agent| set.has(*agent)),
            Self::Rows(set) => set.has(row),
            Self::People(_) | Self::Bot | Self::OfAttacks(_) => false,
        }
    }

    fn takes_session(&self, index: &Index, row: u32) -> bool {
        let sessions = &index.sessions;
        match self {
            Self::Always(holds) => *holds,
            Self::Hits(range) => range.contains(&u64::from(sessions.hits(row))),
            Self::Addresses(range) => range.contains(&sessions.address(row)),
            Self::Places(set) => set.has(sessions.network(row)),
            Self::Traffic(set) => set.has(sessions.traffic(row)),
            Self::Endpoints(set) => sessions.endpoints(row).any(|endpoint| set.has(endpoint)),
            Self::Agents(set) => set.has(sessions.agent(row)),
            Self::People(set) => set.has(sessions.person(row)),
            Self::Bot => sessions.is_bot(row),
            Self::Rows(set) => set.has(row),
            Self::OfAttacks(set) => sessions.attacks(row).any(|attack| set.has(attack)),
            Self::Types(_)
            | Self::Status(_)
            | Self::Excepted
            | Self::OngoingSince(_)
            | Self::Campaign
            | Self::Voted(_)
            | Self::Verified(_)
            | Self::Outcome(_)
            | Self::AddressCount(_)
            | Self::Confidence(_) => false,
        }
    }
}
