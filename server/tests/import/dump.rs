//! What a store holds, as text to compare.

use std::fmt::Write;

use shared::search::{List, parse};

use server::auth::Caller;
use server::store::{
    AttackRow, AttackSort, Cursor, PageRequest, Search, SessionRow, Store, TenantStore,
};

use crate::binary::Directory;

/// Everything: applications, attacks with their hits, sessions, requests, sources.
pub(crate) fn dump(directory: &Directory) -> String {
    read(directory, async |tenant| {
        let mut text = String::new();
        for attack in list_attacks(&tenant).await {
            writeln!(
                text,
                "{:?} {:?} {:?}",
                attack.record, attack.endpoints, attack.user_agents
            )
            .unwrap();
            let page = PageRequest {
                cursor: None,
                limit: 100_000,
            };
            let hits = tenant
                .list_hits(attack.record.id, page)
                .await
                .unwrap()
                .unwrap();
            for hit in hits.items {
                let id = hit.request.id();
                writeln!(text, "  {id} {:?} {:?}", hit.session, hit.detectors).unwrap();
            }
        }
        for session in list_sessions(&tenant).await {
            let id = session.id;
            writeln!(
                text,
                "{id} {} {:?}",
                describe_session(&session),
                session.segments
            )
            .unwrap();
        }
        for application in tenant.list_applications().await.unwrap() {
            writeln!(text, "{application:?}").unwrap();
            let judgement = tenant
                .find_judgement(application.id)
                .await
                .unwrap()
                .unwrap();
            for segment in tenant.list_segments(judgement, None, 1_000).await.unwrap() {
                writeln!(text, "{} {:?}", segment.number, segment.batch.requests).unwrap();
            }
            for source in tenant.list_sources(application.id).await.unwrap() {
                // Where a commit ended depends on where a process was killed.
                let is_beginning = source.bytes == 0;
                if is_beginning {
                    writeln!(text, "{source:?}").unwrap();
                }
            }
        }
        text
    })
}

/// The identifiers of all attacks.
pub(crate) fn list_attack_ids(directory: &Directory) -> Vec<String> {
    read(directory, async |tenant| {
        let attacks = list_attacks(&tenant).await;
        let ids = attacks.iter().map(|attack| attack.record.id.to_string());
        ids.collect()
    })
}

/// The verdicts and the sessions, without the numbers that requests got when they were stored.
pub(crate) fn dump_verdicts(directory: &Directory) -> String {
    read(directory, async |tenant| {
        let mut lines: Vec<String> = list_attacks(&tenant)
            .await
            .iter()
            .map(describe_attack)
            .collect();
        let sessions = list_sessions(&tenant).await;
        lines.extend(sessions.iter().map(describe_session));
        lines.sort();
        lines.join("\n")
    })
}

fn describe_attack(attack: &AttackRow) -> String {
    let record = &attack.record;
    format!(
        "attack {:?} {:?} {} to {} closed {} · {} hits of {} crossed {:?} · {:?} {:?} {:?} {:?} {:?} {:?}",
        record.types,
        record.scope,
        record.started_at,
        record.ended_at,
        record.closed,
        record.hits,
        record.requests,
        record.crossed.map(|(_, at)| at),
        record.addresses,
        record.codes,
        attack.endpoints,
        record.detectors,
        record.timeline,
        record.outcome,
    )
}

fn describe_session(session: &SessionRow) -> String {
    format!(
        "session {:?} {} to {} · {} requests {} hits {} errors {} bytes · {} {:?} {:?}",
        session.client,
        session.started_at,
        session.ended_at,
        session.requests,
        session.hits,
        session.errors,
        session.bytes,
        session.address,
        session.user_agent,
        session.top_endpoints,
    )
}

fn read<T>(directory: &Directory, ask: impl AsyncFnOnce(TenantStore) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&directory.data()).await.unwrap();
        let found = ask(store.tenant(&Caller::local())).await;
        store.close().await.unwrap();
        found
    })
}

/// All of them, excepted or not.
async fn list_attacks(tenant: &TenantStore) -> Vec<AttackRow> {
    let mut attacks = list_some_attacks(tenant, false).await;
    attacks.extend(list_some_attacks(tenant, true).await);
    attacks
}

async fn list_some_attacks(tenant: &TenantStore, excepted: bool) -> Vec<AttackRow> {
    let mut attacks = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = PageRequest { cursor, limit: 200 };
        let text = if excepted { "excepted" } else { "" };
        let filter = Search {
            query: parse(List::Attacks, text).unwrap(),
            ..Search::default()
        };
        let page = tenant
            .list_attacks(&filter, AttackSort::Date, true, page)
            .await
            .unwrap();
        attacks.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next.parse().unwrap()),
            None => return attacks,
        }
    }
}

async fn list_sessions(tenant: &TenantStore) -> Vec<SessionRow> {
    let mut sessions = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = PageRequest {
            cursor,
            limit: 1_000,
        };
        let page = tenant
            .list_sessions(&Search::default(), page)
            .await
            .unwrap();
        sessions.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next.parse().unwrap()),
            None => return sessions,
        }
    }
}
