//! Searches of all kinds, and what a row is to them when it is looked at by itself.

use engine::Address;
use proptest::prelude::*;
use shared::search::{Condition, List, Pattern, Query, parse};
use shared::{AttackStatus, OutcomeKind, Verification};

use super::made_up::*;

pub(super) const TERMS: &[&str] = &[
    "scraping",
    "api_abuse",
    "blocked",
    "monitoring",
    "partially_blocked",
    "excepted",
    "ongoing",
    "ip:192.0.2.3",
    "ip:192.0.2.1-192.0.2.4",
    "ip:192.0.",
    "ip:2001:db8::/32",
    "ip:0.0.0.0/0",
    "statuscode:404",
    "statuscode:400-499",
    "statuscode:500+",
    "method:get",
    "method:*E*",
    "hits:>100",
    "hits:<=20",
    "confidence:>80",
    "domain:A.example",
    "domain:?.example",
    "domain:nowhere",
    "/login",
    "/users/17",
    "/users/*",
    "url:log",
    r"url:/a\*b",
    "app:'my shop'",
    "app:other",
    "ua:curl",
    "ua:CHROME",
    "ua:m*z",
    "detector:bad_user_agent",
    "detector:request_rate",
    "session:3",
    "attack:4",
    "campaign:*",
    "campaign:5",
    "verified:unverified",
    "verified:spoofed",
    "verified:verified",
    "outcome:signed_in",
    "outcome:sensitive_answered",
    "outcome:nothing",
    "country:DE",
    "source:tor",
];

pub(super) fn query(list: List) -> impl Strategy<Value = Query> {
    let terms = TERMS.iter().copied().chain(match list {
        List::Attacks => ["ip:3+", "ip:5+", "ip:1+", "scraping"],
        List::Sessions => ["bot", "user:anna", "user:*@example.com", "role:admin"],
    });
    let term = (
        prop::sample::select(terms.collect::<Vec<_>>()),
        any::<bool>(),
    )
        .prop_map(|(term, negated)| format!("{}{term}", if negated { "!" } else { "" }));
    prop::collection::vec(term, 0..4).prop_map(move |terms| parse(list, &terms.join(" ")).unwrap())
}

/// Whether a row for which `holds` tells is one that the query asks for.
pub(super) fn takes(query: &Query, holds: impl Fn(&Condition) -> bool) -> bool {
    query.terms.iter().all(|term| {
        let alike = query.terms_of(term.condition.key());
        let mut wanted = alike.filter(|term| !term.negated).peekable();
        let one = wanted.peek().is_none() || wanted.any(|term| holds(&term.condition));
        one && !(term.negated && holds(&term.condition))
    })
}

pub(super) fn fits(pattern: &Pattern, part: bool, text: &str) -> bool {
    pattern
        .to_matcher(part)
        .matches(&shared::search::fold_case(text))
}

/// What attacks and sessions have alike.
pub(super) fn holds_alike(
    condition: &Condition,
    endpoints: u8,
    methods: u8,
    codes: u8,
    agent: usize,
) -> Option<bool> {
    let on = |test: &dyn Fn(&str, &str) -> bool| {
        set(endpoints)
            .filter_map(|place| ENDPOINTS.get(place))
            .any(|(host, template)| test(host, template))
    };
    use shared::search::Key;
    Some(match condition {
        Condition::Text(Key::Application, pattern) => fits(pattern, false, APPLICATION),
        Condition::Text(Key::Domain, pattern) => on(&|host, _| fits(pattern, false, host)),
        Condition::Text(Key::Url, pattern) => on(&|_, template| {
            let folded = template == "/users/{number}"
                && pattern.as_literal().as_deref() == Some("/users/17");
            folded || fits(pattern, !pattern.begins_with('/'), template)
        }),
        Condition::Text(Key::UserAgent, pattern) => fits(pattern, true, AGENTS[agent]),
        Condition::Text(Key::Method, pattern) => set(methods)
            .filter_map(|place| METHODS.get(place))
            .any(|method| fits(pattern, false, method)),
        Condition::Text(Key::Country | Key::Source, _) => false,
        Condition::StatusCode(range) => set(codes)
            .filter_map(|place| CODES.get(place))
            .any(|code| range.contains(u64::from(*code))),
        _ => return None,
    })
}

pub(super) fn holds_attack(condition: &Condition, attack: &Attack, sessions: &[Session]) -> bool {
    let Attack {
        endpoints,
        methods,
        codes,
        agent,
        ..
    } = *attack;
    if let Some(holds) = holds_alike(condition, endpoints, methods, codes, agent) {
        return holds;
    }
    let outcome = |kind| match kind {
        OutcomeKind::SignedIn => attack.is(Attack::SIGNED_IN),
        OutcomeKind::SensitiveAnswered => attack.is(Attack::SENSITIVE),
        OutcomeKind::Nothing => attack.flags & (Attack::SIGNED_IN | Attack::SENSITIVE) == 0,
    };
    match condition {
        Condition::Type(kind) => attack.types >> *kind as u8 & 1 == 1,
        Condition::Status(status) => AttackStatus::of(attack.blocked, 100) == *status,
        Condition::Excepted => attack.is(Attack::EXCEPTED),
        Condition::Ongoing => !attack.is(Attack::CLOSED) && attack.end() >= ONGOING_SINCE.0,
        Condition::Address(term) => {
            let (first, last) = term.bounds();
            let within = |address: &Address| (Address(first)..=Address(last)).contains(address);
            attack.addresses().iter().any(within)
        }
        Condition::AddressCount(count) => attack.addresses().len() as u32 >= *count,
        Condition::Hits(range) => range.contains(attack.hits),
        Condition::Confidence(range) => range.contains(u64::from(attack.confidence)),
        Condition::Detector(kind) => attack.voted >> *kind as u8 & 1 == 1,
        Condition::Session(id) => sessions
            .iter()
            .any(|session| session.id == id.0 && session.attacks.contains(&attack.id)),
        Condition::Attack(id) => attack.id == id.0,
        Condition::Campaign(id) => {
            attack.is(Attack::CAMPAIGN) && id.is_none_or(|id| id.0 == attack.id)
        }
        Condition::Verified(verified) => {
            let is_published = |address: &Address| GOOGLE.contains(&(address.0 as u8));
            let expected = if attack.addresses().iter().all(is_published) {
                Verification::Verified
            } else {
                Verification::Spoofed
            };
            AGENTS[attack.agent].starts_with("Googlebot") && *verified == expected
        }
        Condition::Outcome(kind) => outcome(*kind),
        _ => false,
    }
}

pub(super) fn holds_session(condition: &Condition, session: &Session, attacks: &[Attack]) -> bool {
    use shared::search::Key;
    let Session {
        endpoints,
        methods,
        codes,
        agent,
        ..
    } = *session;
    // Three endpoints are kept of each session.
    let endpoints = set(endpoints)
        .take(3)
        .fold(0, |mask, place| mask | 1 << place);
    if let Some(holds) = holds_alike(condition, endpoints, methods, codes, agent) {
        return holds;
    }
    let mut of = attacks
        .iter()
        .filter(|attack| session.attacks.contains(&attack.id));
    match condition {
        Condition::Text(Key::User, pattern) => fits(pattern, false, USERS[session.user]),
        Condition::Text(..) => false,
        Condition::Address(term) => {
            let (first, last) = term.bounds();
            (Address(first)..=Address(last)).contains(&address(session.address))
        }
        Condition::Hits(range) => range.contains(u64::from(session.hits.min(session.requests))),
        Condition::Bot => of.next().is_some(),
        Condition::Session(id) => session.id == id.0,
        other => of.any(|attack| holds_attack(other, attack, &[])),
    }
}
