//! Writing sessions: a row of a few dozen bytes each.

use engine::{
    Address, Batch, ClientKey, Effects, EndpointKey, Request, SessionRecord, Texts, UserAgentKey,
    UserAgentRecord,
};
use rustc_hash::FxHashMap;

use super::{Target, distinct, last_of};
use crate::store::StoreError;
use crate::store::database::{Connection, insert, month_of};
use crate::store::pack::SessionPack;
use crate::store::sql::stored;
use crate::store::sql::texts::{self, UserAgents};

pub(super) async fn write_sessions(
    connection: &mut Connection,
    target: Target,
    effects: &Effects,
) -> Result<(), StoreError> {
    let mut sessions: Vec<&SessionRecord> =
        last_of(&effects.sessions, |session| session.id).collect();
    if sessions.is_empty() {
        return Ok(());
    }
    // In the order of the table, which keeps its pages full.
    sessions.sort_unstable_by_key(|session| (session.ended_at, session.id));
    let Target {
        tenant, judgement, ..
    } = target;
    let keys = distinct(sessions.iter().map(|session| session.user_agent.0));
    let user_agents = texts::user_agents_by_key(connection, tenant, judgement, &keys).await?;
    let tops = sessions.iter().flat_map(|session| &session.top_endpoints);
    let keys = distinct(tops.map(|(key, _)| key.0));
    let endpoints = texts::endpoint_numbers(connection, tenant, judgement, &keys).await?;
    const COLUMNS: &str = "judgement, ended_at, id, tenant_id, provisional, duration_ms, address,
         endpoint_1, endpoint_2, endpoint_3, summary";
    let by_month = connection.parts_by_month();
    let month = if by_month { ", month" } else { "" };
    insert(
        connection,
        &format!("INSERT INTO session ({COLUMNS}{month})"),
        &format!(
            "ON CONFLICT (judgement, id{month}) DO UPDATE SET ended_at = excluded.ended_at,
         duration_ms = excluded.duration_ms, address = excluded.address,
         endpoint_1 = excluded.endpoint_1, endpoint_2 = excluded.endpoint_2,
         endpoint_3 = excluded.endpoint_3, summary = excluded.summary"
        ),
        &sessions,
        |values, session| {
            let [first, second, third] = top_numbers(session, &endpoints);
            values
                .push_bind(judgement)
                .push_bind(session.ended_at.0)
                .push_bind(stored(session.id.0))
                .push_bind(tenant)
                .push_bind(target.provisional)
                .push_bind(session.ended_at.since(session.started_at))
                .push_bind(stored_address(session.address))
                .push_bind(first)
                .push_bind(second)
                .push_bind(third)
                .push_bind(pack_session(session, &user_agents).encode());
            if by_month {
                values.push_bind(month_of(session.ended_at));
            }
        },
    )
    .await
}

fn top_numbers(
    session: &SessionRecord,
    endpoints: &FxHashMap<EndpointKey, i64>,
) -> [Option<i64>; 3] {
    let mut numbers = session
        .top_endpoints
        .iter()
        .filter_map(|(key, _)| endpoints.get(key).copied());
    std::array::from_fn(|_| numbers.next())
}

fn pack_session(session: &SessionRecord, user_agents: &UserAgents<UserAgentKey>) -> SessionPack {
    let known = user_agents.get(&session.user_agent);
    let derived = known.map(|(_, agent)| client_of(session.address, agent));
    SessionPack {
        keyed: session.keyed,
        client: (derived != Some(session.client)).then_some(session.client),
        requests: session.requests,
        errors: session.errors,
        codes: session.codes.clone(),
        methods: session.methods,
        bytes: session.bytes,
        address_count: session.address_count,
        endpoint_count: session.endpoint_count,
        user_agent: known.map_or(0, |(number, _)| u32::try_from(*number).unwrap_or(0)),
        user: session.user.clone(),
        role: session.role.clone(),
        segments: session.segments.clone(),
    }
}

/// The client that `address` and `user_agent` make when no session key does.
pub(in crate::store::sql) fn client_of(
    address: Address,
    user_agent: &UserAgentRecord,
) -> ClientKey {
    let mut texts = Texts::default();
    let request = Request {
        address,
        user_agent: texts.intern(&user_agent.text),
        ..Request::default()
    };
    let batch = Batch {
        texts,
        ..Batch::default()
    };
    engine::attribute::client_key(&batch, &request)
}

/// An address as 4 bytes (IPv4) or 16; each sorts as the addresses do.
pub(in crate::store::sql) fn stored_address(address: Address) -> Vec<u8> {
    if address.0 >> 32 == 0xffff {
        (address.0 as u32).to_be_bytes().to_vec()
    } else {
        address.0.to_be_bytes().to_vec()
    }
}
