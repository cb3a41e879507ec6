//! Which requests of a session. Values are looked up in the index's tables once, so that a
//! request is decided by a few look-ups by number.

use engine::Address;
use shared::{AttackId, BotType, UnusualReason};

use super::unusual::bit;
use super::{Facts, RequestIndex};
use crate::store::query::RequestAttackRow;

/// Values of one kind: only these, or all but those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<T> {
    /// One of these, unless there are none.
    pub only: Vec<T>,
    /// None of these.
    pub not: Vec<T>,
}

impl<T> Default for Choice<T> {
    fn default() -> Self {
        Self {
            only: Vec::new(),
            not: Vec::new(),
        }
    }
}

impl<T> Choice<T> {
    /// Whether a request with these values is chosen; it may have several of some kinds.
    fn takes(&self, has: impl Fn(&T) -> bool) -> bool {
        (self.only.is_empty() || self.only.iter().any(&has)) && !self.not.iter().any(&has)
    }

    /// The values that are named, whichever way.
    pub fn named(&self) -> impl Iterator<Item = &T> {
        self.only.iter().chain(&self.not)
    }
}

/// Which requests of a session; all of it must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Only hits of an attack.
    pub hits_only: bool,
    /// Only hits of this attack.
    pub attack: Option<AttackId>,
    /// Types of the attacks it is a hit of.
    pub attack_types: Choice<BotType>,
    /// Sources.
    pub addresses: Choice<Address>,
    /// Methods.
    pub methods: Choice<String>,
    /// Response statuses; 0 is none.
    pub statuses: Choice<u16>,
    /// URL templates.
    pub templates: Choice<String>,
    /// Signed-in users; empty is none.
    pub users: Choice<String>,
    /// Reasons why it is unusual.
    pub unusual: Choice<UnusualReason>,
}

/// A kind of value that requests are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    AttackType,
    Address,
    Method,
    Status,
    Template,
    User,
    Unusual,
}

/// A filter whose values are numbers of one index.
pub(super) struct Compiled<'a> {
    filter: &'a RequestFilter,
    /// By combination of attacks: whether requests of it are looked at at all.
    is_wanted: Vec<bool>,
    attacks: Vec<bool>,
    addresses: Vec<bool>,
    methods: Vec<bool>,
    endpoints: Vec<bool>,
    users: Vec<bool>,
}

impl RequestFilter {
    pub(super) fn compile(&self, index: &RequestIndex) -> Compiled<'_> {
        let is_wanted = |set: &Vec<RequestAttackRow>| {
            let mut hits = hits_of(set).peekable();
            let is_hit = hits.peek().is_some();
            (!self.hits_only || is_hit)
                && self
                    .attack
                    .is_none_or(|id| hits.any(|attack| attack.id == id))
        };
        let of_type = |set: &Vec<RequestAttackRow>| {
            self.attack_types
                .takes(|bot_type| hits_of(set).any(|attack| attack.bot_type == *bot_type))
        };
        let from = |address: &Address| self.addresses.takes(|other| other == address);
        Compiled {
            filter: self,
            is_wanted: index.attacks.iter().map(is_wanted).collect(),
            attacks: index.attacks.iter().map(of_type).collect(),
            addresses: index.addresses.iter().map(from).collect(),
            methods: takes_text(&self.methods, index.methods.iter()),
            endpoints: takes_text(
                &self.templates,
                index.endpoints.iter().map(|endpoint| &endpoint.template),
            ),
            users: takes_text(&self.users, index.users.iter()),
        }
    }
}

fn takes_text<'a>(choice: &Choice<String>, texts: impl Iterator<Item = &'a String>) -> Vec<bool> {
    texts
        .map(|text| choice.takes(|other| other == text))
        .collect()
}

/// The attacks that a request with this combination is a hit of.
pub(super) fn hits_of(set: &[RequestAttackRow]) -> impl Iterator<Item = &RequestAttackRow> {
    set.iter().filter(|attack| !attack.detectors.is_empty())
}

impl Compiled<'_> {
    /// Whether the filter keeps a request.
    pub(super) fn keeps(&self, facts: &Facts) -> bool {
        self.is_wanted(facts) && self.refused(facts).next().is_none()
    }

    /// Whether a request is looked at at all, whatever its values.
    pub(super) fn is_wanted(&self, facts: &Facts) -> bool {
        self.is_wanted[facts.attacks as usize]
    }

    /// The kinds of values that speak against a request.
    pub(super) fn refused(&self, facts: &Facts) -> impl Iterator<Item = Dimension> {
        let unusual = |reason: &UnusualReason| facts.unusual & bit(*reason) != 0;
        [
            (Dimension::AttackType, self.attacks[facts.attacks as usize]),
            (Dimension::Address, self.addresses[facts.address as usize]),
            (Dimension::Method, self.methods[facts.method as usize]),
            (
                Dimension::Status,
                self.filter.statuses.takes(|status| *status == facts.status),
            ),
            (Dimension::Template, self.endpoints[facts.endpoint as usize]),
            (Dimension::User, self.users[facts.user as usize]),
            (Dimension::Unusual, self.filter.unusual.takes(unusual)),
        ]
        .into_iter()
        .filter(|(_, takes)| !takes)
        .map(|(dimension, _)| dimension)
    }
}

#[cfg(test)]
mod tests {
    use engine::UsualEndpoints;

    use super::super::tests::index_of;
    use super::*;

    fn kept(filter: &RequestFilter) -> Vec<u32> {
        let requests = [
            ("GET", "/a", 200),
            ("POST", "/a", 302),
            ("GET", "/b", 404),
            ("PUT", "/b", 404),
        ];
        index_of(&requests, UsualEndpoints::default()).kept(filter)
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn values_of_one_kind_widen_and_different_kinds_narrow() {
        assert_eq!(kept(&RequestFilter::default()), [0, 1, 2, 3]);
        let mut filter = RequestFilter::default();
        filter.methods.only = texts(&["GET", "POST"]);
        assert_eq!(kept(&filter), [0, 1, 2]);
        filter.statuses.only = vec![200, 404];
        assert_eq!(kept(&filter), [0, 2]);
        filter.templates.not = texts(&["/a"]);
        assert_eq!(kept(&filter), [2]);
    }

    #[test]
    fn what_is_excluded_stays_out_even_if_it_is_also_named() {
        let mut filter = RequestFilter::default();
        filter.methods.only = texts(&["GET", "POST"]);
        filter.methods.not = texts(&["GET"]);
        assert_eq!(kept(&filter), [1]);
        filter.methods.not = texts(&["PATCH"]);
        filter.methods.only = texts(&["DELETE"]);
        assert!(kept(&filter).is_empty());
    }

    #[test]
    fn a_request_of_no_attack_is_no_hit() {
        let hits_only = RequestFilter {
            hits_only: true,
            ..RequestFilter::default()
        };
        assert!(kept(&hits_only).is_empty());
        let of_attack = RequestFilter {
            attack: Some(AttackId(7)),
            ..RequestFilter::default()
        };
        assert!(kept(&of_attack).is_empty());
        let mut not_of_type = RequestFilter::default();
        not_of_type.attack_types.not = vec![BotType::Scraping];
        assert_eq!(kept(&not_of_type).len(), 4);
    }
}
