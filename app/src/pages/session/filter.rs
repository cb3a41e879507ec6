//! Which requests of a session are shown: in the address, so that it can be shared.

use leptos::prelude::*;

use crate::api::RequestFilter;
use crate::state::address::{Address, use_address, use_parameter};

/// A facet that requests can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    /// The type of the attacks they are hits of.
    AttackType,
    /// The source.
    Ip,
    /// The method.
    Method,
    /// The response status.
    Status,
    /// The URL template.
    Template,
}

impl Facet {
    /// All of them, in the order they are shown.
    pub(super) const ALL: [Self; 5] = [
        Self::AttackType,
        Self::Status,
        Self::Method,
        Self::Template,
        Self::Ip,
    ];

    /// The parameter's name in the address.
    pub(super) const fn parameter(self) -> &'static str {
        match self {
            Self::AttackType => "attack_type",
            Self::Ip => "ip",
            Self::Method => "method",
            Self::Status => "status",
            Self::Template => "template",
        }
    }

    /// What people read.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::AttackType => "Attack types",
            Self::Ip => "Sources",
            Self::Method => "Methods",
            Self::Status => "Responses",
            Self::Template => "Endpoints",
        }
    }
}

/// The filter in the address.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    /// The attack that the reader came from.
    pub(super) from_attack: Memo<Option<String>>,
    show: Memo<Option<String>>,
    facets: [Memo<Option<String>>; 5],
    address: Address,
}

/// The filter of the current page.
pub(super) fn use_request_filter() -> Filter {
    Filter {
        from_attack: use_parameter("attack"),
        show: use_parameter("show"),
        facets: Facet::ALL.map(|facet| use_parameter(facet.parameter())),
        address: use_address(),
    }
}

impl Filter {
    /// Whether only flagged requests are shown: from the start when coming from an attack.
    pub(super) fn malicious_only(self) -> bool {
        match self.show.get().as_deref() {
            Some("all") => false,
            Some("malicious") => true,
            _ => self.from_attack.with(Option::is_some),
        }
    }

    /// The attack whose flagged requests are shown.
    pub(super) fn attack(self) -> Option<String> {
        self.from_attack.get().filter(|_| self.malicious_only())
    }

    /// What `facet` is narrowed to.
    pub(super) fn value(self, facet: Facet) -> Option<String> {
        let index = Facet::ALL.iter().position(|other| *other == facet)?;
        self.facets[index].get()
    }

    /// What the server is asked for.
    pub(super) fn to_request_filter(self) -> RequestFilter {
        let attack = self.attack();
        RequestFilter {
            malicious: attack.is_none() && self.malicious_only(),
            attack,
            method: self.value(Facet::Method),
            status: self.value(Facet::Status),
            ip: self.value(Facet::Ip),
            template: self.value(Facet::Template),
            attack_type: self.value(Facet::AttackType),
        }
    }

    /// The address that narrows `facet` to `value`, or frees it if it is narrowed to that.
    pub(super) fn toggled(self, facet: Facet, value: &str) -> String {
        let narrowed = self.value(facet).is_some_and(|current| current == value);
        let next = (!narrowed).then(|| value.to_owned());
        self.address.with(&[(facet.parameter(), next)])
    }

    /// The address that shows all requests, or only the flagged ones.
    pub(super) fn showing(self, malicious_only: bool) -> String {
        let default = self.from_attack.with(Option::is_some);
        let show = if malicious_only == default {
            None
        } else if malicious_only {
            Some("malicious".to_owned())
        } else {
            Some("all".to_owned())
        };
        self.address.with(&[("show", show)])
    }

    /// The address with no facet narrowed.
    pub(super) fn freed(self) -> String {
        self.address
            .with(&Facet::ALL.map(|facet| (facet.parameter(), None)))
    }

    /// Whether any facet is narrowed.
    pub(super) fn is_narrowed(self) -> bool {
        self.facets.iter().any(|facet| facet.with(Option::is_some))
    }
}
