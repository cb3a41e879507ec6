//! Which requests of a session are shown: in the address, so that it can be shared.

use leptos::prelude::*;

use crate::state::address::{Address, Query, use_address, use_query, write};

/// A facet that requests can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    /// The type of the attacks they are hits of.
    AttackType,
    /// Why they are unusual.
    Unusual,
    /// The response status.
    Status,
    /// The method.
    Method,
    /// The URL template.
    Template,
    /// The source.
    Ip,
    /// The signed-in user.
    User,
}

impl Facet {
    /// All of them, in the order they are shown.
    pub(super) const ALL: [Self; 7] = [
        Self::AttackType,
        Self::Unusual,
        Self::Status,
        Self::Method,
        Self::Template,
        Self::Ip,
        Self::User,
    ];

    /// The parameters' names in the address: only these, none of those.
    pub(super) const fn parameters(self) -> [&'static str; 2] {
        match self {
            Self::AttackType => ["attack_type", "not_attack_type"],
            Self::Unusual => ["unusual", "not_unusual"],
            Self::Status => ["status", "not_status"],
            Self::Method => ["method", "not_method"],
            Self::Template => ["template", "not_template"],
            Self::Ip => ["ip", "not_ip"],
            Self::User => ["user", "not_user"],
        }
    }

    /// What people read.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::AttackType => "Attack types",
            Self::Unusual => "Unusual",
            Self::Status => "Responses",
            Self::Method => "Methods",
            Self::Template => "Endpoints",
            Self::Ip => "Sources",
            Self::User => "Users",
        }
    }
}

/// A value of a facet that is asked for, or ruled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Of which facet.
    pub(super) facet: Facet,
    /// Whether requests with it are left out.
    pub(super) excluded: bool,
    /// The value.
    pub(super) value: String,
}

/// The filter in the address.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    /// The address' parameters.
    query: Memo<Query>,
    /// What the server is asked for, as an address has it.
    pub(super) question: Memo<String>,
    address: Address,
}

/// The filter of the current page.
pub(super) fn use_request_filter() -> Filter {
    let query = use_query();
    Filter {
        query,
        question: Memo::new(move |_| write(&question(&query.read()))),
        address: use_address(),
    }
}

impl Filter {
    /// A parameter of the address.
    pub(super) fn parameter(self, name: &str) -> Option<String> {
        value(&self.query.read(), name).map(str::to_owned)
    }

    /// The attack that the reader came from.
    pub(super) fn attack(self) -> Option<String> {
        self.parameter("attack")
    }

    /// What is chosen, in the order of the address.
    pub(super) fn chosen(self) -> Vec<Chosen> {
        chosen(&self.query.read())
    }

    /// Whether only flagged requests are shown: from the start when coming from an attack.
    pub(super) fn malicious_only(self) -> bool {
        malicious_only(&self.query.read())
    }

    /// Whether the days of the journey are joined.
    pub(super) fn is_joined(self) -> bool {
        self.parameter("join").is_some()
    }

    /// Whether `value` of a facet is asked for, or ruled out.
    pub(super) fn has(self, facet: Facet, excluded: bool, value: &str) -> bool {
        self.chosen()
            .iter()
            .any(|other| other.facet == facet && other.excluded == excluded && other.value == value)
    }

    /// The address with a value asked for or ruled out, or not any more if it was.
    pub(super) fn toggled(self, facet: Facet, excluded: bool, value: &str) -> String {
        let was = self.has(facet, excluded, value);
        let names = facet.parameters();
        self.edited(&mut |query| {
            query.retain(|(name, other)| !(names.contains(&name.as_str()) && other == value));
            if !was {
                query.push((names[usize::from(excluded)].to_owned(), value.to_owned()));
            }
        })
    }

    /// The address that shows all requests, or only the flagged ones.
    pub(super) fn showing(self, malicious_only: bool) -> String {
        let default = self.attack().is_some();
        self.edited(&mut |query| {
            query.retain(|(name, _)| name != "show");
            if malicious_only != default {
                let show = if malicious_only { "malicious" } else { "all" };
                query.push(("show".to_owned(), show.to_owned()));
            }
        })
    }

    /// The address with no facet narrowed.
    pub(super) fn freed(self) -> String {
        self.edited(&mut |query| query.retain(|(name, _)| facet_of(name).is_none()))
    }

    /// The address with the days joined, or not.
    pub(super) fn joined(self, join: bool) -> String {
        self.edited(&mut |query| {
            query.retain(|(name, _)| name != "join");
            if join {
                query.push(("join".to_owned(), "true".to_owned()));
            }
        })
    }

    /// The address that leads to one request.
    pub(super) fn request(self, id: &str) -> String {
        self.edited(&mut |query| query.push(("request".to_owned(), id.to_owned())))
    }

    /// Goes to one request.
    pub(super) fn go_to(self, id: &str) {
        self.address.set(&[("request", Some(id.to_owned()))]);
    }

    /// Another filter leads to no request in particular.
    fn edited(self, edit: &mut dyn FnMut(&mut Query)) -> String {
        self.address.edited(|query| {
            query.retain(|(name, _)| name != "request");
            edit(query);
        })
    }
}

fn value<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    let mut values = query
        .iter()
        .filter(|(key, value)| key == name && !value.is_empty());
    values.next_back().map(|(_, value)| value.as_str())
}

fn malicious_only(query: &Query) -> bool {
    match value(query, "show") {
        Some("all") => false,
        Some("malicious") => true,
        _ => value(query, "attack").is_some(),
    }
}

/// The facet that a parameter is of, and whether it rules out.
fn facet_of(name: &str) -> Option<(Facet, bool)> {
    Facet::ALL.into_iter().find_map(|facet| {
        let place = facet.parameters().iter().position(|other| *other == name)?;
        Some((facet, place == 1))
    })
}

fn chosen(query: &Query) -> Vec<Chosen> {
    query
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| {
            let (facet, excluded) = facet_of(name)?;
            Some(Chosen {
                facet,
                excluded,
                value: value.clone(),
            })
        })
        .collect()
}

/// What the server is asked for.
fn question(query: &Query) -> Query {
    let mut asked: Query = query
        .iter()
        .filter(|(name, value)| !value.is_empty() && (facet_of(name).is_some() || name == "join"))
        .cloned()
        .collect();
    if malicious_only(query) {
        asked.push(match value(query, "attack") {
            Some(attack) => ("attack".to_owned(), attack.to_owned()),
            None => ("malicious".to_owned(), "true".to_owned()),
        });
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn coming_from_an_attack_only_its_requests_are_asked_for() {
        let came = query(&[("attack", "a1"), ("status", "404"), ("request", "1-2")]);
        assert_eq!(
            question(&came),
            query(&[("status", "404"), ("attack", "a1")])
        );
        let all = query(&[("attack", "a1"), ("show", "all")]);
        assert_eq!(question(&all), query(&[]));
        let any = query(&[("show", "malicious"), ("join", "true")]);
        assert_eq!(
            question(&any),
            query(&[("join", "true"), ("malicious", "true")])
        );
    }

    #[test]
    fn what_is_chosen_is_told_with_what_is_ruled_out() {
        let chosen = chosen(&query(&[
            ("status", "404"),
            ("not_method", "GET"),
            ("ip", ""),
            ("zone", "1"),
        ]));
        assert_eq!(chosen.len(), 2);
        assert_eq!(
            (chosen[0].facet, chosen[0].excluded),
            (Facet::Status, false)
        );
        assert_eq!((chosen[1].facet, chosen[1].excluded), (Facet::Method, true));
    }
}
