//! Attacks as the API shows them, made of the store's rows. Pure.

use engine::{Address, AttackRecord, EndpointRecord};
use shared::{
    AttackDetail, AttackState, AttackStatus, AttackSummary, CodeCount, EndpointCount, Hit,
    Timestamp, UserAgentClass,
};

use super::sentence::sentence;
use crate::address::AddressBook;
use crate::explain;
use crate::http::routes::{country, located, named_count, sender, share, source};
use crate::store::{AttackRow, AttackSessions, HitRow};

/// An attack that was silent for this long is over, even if its application's log ends before
/// the engine could say so.
pub(in crate::http::routes) const LONGEST_SILENCE_MS: i64 = Timestamp::DAY;

/// Whether requests may still come.
pub(super) fn is_ongoing(attack: &AttackRecord, now: Timestamp) -> bool {
    !attack.closed && now.since(attack.ended_at) <= LONGEST_SILENCE_MS
}

/// A row of the list.
pub(super) fn summary(row: &AttackRow, now: Timestamp, book: &AddressBook) -> AttackSummary {
    let attack = &row.record;
    let top_endpoint = row.endpoints.first().map(|(endpoint, _)| endpoint);
    let user_agent = row.user_agents.first().map(|(user_agent, _)| user_agent);
    let (top_address, _) = attack.addresses.first().copied().unwrap_or_default();
    let codes = attack.codes.iter();
    let text = user_agent.map_or("", |known| &known.text);
    let addresses: Vec<Address> = attack
        .addresses
        .iter()
        .map(|(address, _)| *address)
        .collect();
    let (purpose, verification) = sender(text, &addresses, attack.ended_at, book);
    AttackSummary {
        id: attack.id,
        application_id: row.application_id,
        application: row.application.clone(),
        bot_type: attack.primary().bot_type,
        secondary_types: attack.types[1..].iter().map(|it| it.bot_type).collect(),
        started_at: attack.started_at,
        ended_at: attack.ended_at,
        state: if is_ongoing(attack, now) {
            AttackState::Ongoing
        } else {
            AttackState::Closed
        },
        excepted: row.excepted,
        requests: attack.requests,
        hits: attack.hits,
        scope: attack.scope,
        top_ip: top_address.to_string(),
        ip_count: attack.address_count,
        country: country(book, top_address),
        source: source(book, top_address),
        domain: top_endpoint.map_or(String::new(), |endpoint| endpoint.host.clone()),
        path: top_endpoint.map_or(String::new(), |endpoint| endpoint.template.clone()),
        status: AttackStatus::of(attack.blocked, attack.requests),
        response_codes: codes
            .map(|(code, count)| CodeCount {
                code: *code,
                count: *count,
            })
            .collect(),
        confidence: attack.primary().confidence,
        user_agent: text.to_owned(),
        user_agent_class: user_agent.map_or(UserAgentClass::Unknown, |known| known.class),
        purpose,
        verification,
    }
}

/// The whole.
pub(in crate::http::routes) fn detail(
    row: &AttackRow,
    sessions: AttackSessions,
    now: Timestamp,
    book: &AddressBook,
) -> AttackDetail {
    let attack = &row.record;
    let total = attack.requests;
    let endpoints = endpoints(&row.endpoints, total);
    let main_endpoint = endpoints
        .first()
        .filter(|endpoint| endpoint.share > 0.5)
        .map(|endpoint| format!("{} {}", endpoint.method, endpoint.template));
    AttackDetail {
        summary: summary(row, now, book),
        sentence: sentence(attack, main_endpoint.as_deref()),
        types: attack.types.clone(),
        bar: attack.bar,
        crossed_at: attack.crossed.map(|(_, at)| at),
        reaction: attack.reaction,
        detectors: attack.detectors.iter().map(explain::result).collect(),
        ips: attack
            .addresses
            .iter()
            .map(|(address, count)| located(named_count(address, *count, total), book))
            .collect(),
        user_agents: row
            .user_agents
            .iter()
            .map(|(user_agent, count)| named_count(&user_agent.text, *count, total))
            .collect(),
        methods: attack
            .methods
            .iter()
            .map(|(method, count)| named_count(method, *count, total))
            .collect(),
        responses: attack
            .codes
            .iter()
            .map(|(code, count)| named_count(code, *count, total))
            .collect(),
        endpoints,
        sessions: sessions.newest,
        session_count: attack.session_count,
        stored_sessions: sessions.stored,
        timeline: attack.timeline.clone(),
        outcome: attack.outcome.clone(),
        reopened: attack.reopened,
        engine_version: attack.engine_version.clone(),
    }
}

/// Endpoints with shares, most first. Those that were folded into one since count as one.
fn endpoints(counts: &[(EndpointRecord, u64)], total: u64) -> Vec<EndpointCount> {
    let mut merged: Vec<EndpointCount> = Vec::new();
    for (endpoint, count) in counts {
        let same = merged.iter_mut().find(|other| {
            (&other.method, &other.host, &other.template)
                == (&endpoint.method, &endpoint.host, &endpoint.template)
        });
        match same {
            Some(other) => other.count += count,
            None => merged.push(EndpointCount {
                method: endpoint.method.clone(),
                host: endpoint.host.clone(),
                template: endpoint.template.clone(),
                tags: endpoint.tags.clone(),
                count: *count,
                share: 0.0,
            }),
        }
    }
    for endpoint in &mut merged {
        endpoint.share = share(endpoint.count, total);
    }
    merged.sort_by_key(|endpoint| std::cmp::Reverse(endpoint.count));
    merged
}

/// One hit.
pub(super) fn hit(row: &HitRow, book: &AddressBook) -> Hit {
    let request = row.request.request();
    let text = |id| row.request.text(id).to_owned();
    let mut target = text(request.path);
    let query = row.request.text(request.query);
    if !query.is_empty() {
        target.push('?');
        target.push_str(query);
    }
    Hit {
        request_id: row.request.id(),
        at: row.request.at(),
        session_id: row.session,
        ip: request.address.to_string(),
        country: country(book, request.address),
        source: source(book, request.address),
        method: text(request.method),
        host: text(request.host),
        target,
        status: request.status,
        detectors: row.detectors.iter().collect(),
    }
}
