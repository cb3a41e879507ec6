//! Writing sessions: a row of a few dozen bytes each, or a third of that in a block.

use engine::{
    Address, Batch, ClientKey, Effects, Request, SessionRecord, Texts, UserAgentKey,
    UserAgentRecord,
};
use rustc_hash::FxHashMap;
use shared::Timestamp;

use super::{Target, distinct, last_of};
use crate::store::StoreError;
use crate::store::database::{Connection, insert, month_of};
use crate::store::pack::SessionPack;
use crate::store::session_block::StoredSession;
use crate::store::sql::numbers::Numbers;
use crate::store::sql::session_blocks;
use crate::store::sql::stored;

/// Writes sessions as rows. Returns those that are to be stored in blocks instead; the rows that
/// they may have been are gone.
pub(super) async fn write_sessions(
    connection: &mut Connection,
    target: Target,
    effects: &Effects,
    numbers: &mut Numbers,
) -> Result<Vec<StoredSession>, StoreError> {
    let Target {
        tenant, judgement, ..
    } = target;
    let is_final = target.provisional == 0;
    let records = last_of(&effects.sessions, |session| session.id);
    let (mut records, others): (Vec<_>, Vec<_>) = records.partition(|it| it.is_over && is_final);
    let over_count = records.len();
    records.extend(others);
    let mut over = stored_sessions(connection, target, records, numbers).await?;
    let open = over.split_off(over_count).into_iter();
    let mut rows: Vec<(StoredSession, bool)> = open.map(|session| (session, false)).collect();
    if over.len() >= session_blocks::AT_ONCE {
        // They may have been rows while they went on.
        session_blocks::remove_rows(connection, tenant, judgement, &over).await?;
    } else {
        rows.extend(over.drain(..).map(|session| (session, true)));
    }
    write_rows(connection, target, rows).await?;
    if is_final {
        session_blocks::pack_rows(connection, tenant, judgement).await?;
    }
    Ok(over)
}

async fn write_rows(
    connection: &mut Connection,
    target: Target,
    mut rows: Vec<(StoredSession, bool)>,
) -> Result<(), StoreError> {
    // In the order of the table, which keeps its pages full.
    rows.sort_unstable_by_key(|(session, _)| (session.ended_at, session.id));
    const COLUMNS: &str = "judgement, ended_at, id, tenant_id, provisional, is_over, duration_ms,
         address, endpoint_1, endpoint_2, endpoint_3, summary";
    let by_month = connection.parts_by_month();
    let month = if by_month { ", month" } else { "" };
    insert(
        connection,
        &format!("INSERT INTO session ({COLUMNS}{month})"),
        &format!(
            "ON CONFLICT (judgement, id{month}) DO UPDATE SET ended_at = excluded.ended_at,
         is_over = excluded.is_over, duration_ms = excluded.duration_ms,
         address = excluded.address, endpoint_1 = excluded.endpoint_1,
         endpoint_2 = excluded.endpoint_2, endpoint_3 = excluded.endpoint_3,
         summary = excluded.summary"
        ),
        &rows,
        |values, (session, is_over)| {
            let endpoint = |place: usize| session.endpoints.get(place).copied();
            values
                .push_bind(target.judgement)
                .push_bind(session.ended_at)
                .push_bind(stored(session.id.0))
                .push_bind(target.tenant)
                .push_bind(target.provisional)
                .push_bind(i64::from(*is_over))
                .push_bind(session.duration_ms)
                .push_bind(stored_address(session.address))
                .push_bind(endpoint(0))
                .push_bind(endpoint(1))
                .push_bind(endpoint(2))
                .push_bind(session.pack.encode());
            if by_month {
                values.push_bind(month_of(Timestamp(session.ended_at)));
            }
        },
    )
    .await
}

/// Sessions as they are stored, in their order; their texts are stored already.
pub(in crate::store::sql) async fn stored_sessions(
    connection: &mut Connection,
    target: Target,
    sessions: Vec<&SessionRecord>,
    numbers: &mut Numbers,
) -> Result<Vec<StoredSession>, StoreError> {
    let Target {
        tenant, judgement, ..
    } = target;
    let keys = distinct(sessions.iter().map(|session| session.user_agent.0));
    numbers
        .read_user_agents(connection, tenant, judgement, keys)
        .await?;
    let tops = sessions.iter().flat_map(|session| &session.top_endpoints);
    let keys = distinct(tops.map(|(key, _)| key.0));
    numbers
        .read_endpoints(connection, tenant, judgement, keys)
        .await?;
    let Numbers {
        endpoints,
        user_agents,
    } = numbers;
    let stored = sessions.into_iter().map(|session| StoredSession {
        id: session.id,
        ended_at: session.ended_at.0,
        duration_ms: session.ended_at.since(session.started_at),
        address: session.address,
        endpoints: {
            let numbers = session.top_endpoints.iter();
            let numbers = numbers.filter_map(|(key, _)| endpoints.get(key).copied());
            numbers.take(3).collect()
        },
        provisional: target.provisional == 1,
        pack: pack_session(session, user_agents),
    });
    Ok(stored.collect())
}

fn pack_session(
    session: &SessionRecord,
    user_agents: &FxHashMap<UserAgentKey, i64>,
) -> SessionPack {
    let user_agent = user_agents.get(&session.user_agent);
    let user_agent = user_agent.and_then(|number| u32::try_from(*number).ok());
    // Otherwise `client_of` makes it of what is stored.
    let is_named = session.keyed || user_agent.is_none();
    SessionPack {
        keyed: session.keyed,
        client: is_named.then_some(session.client),
        requests: session.requests,
        errors: session.errors,
        codes: session.codes.clone(),
        methods: session.methods,
        bytes: session.bytes,
        address_count: session.address_count,
        endpoint_count: session.endpoint_count,
        user_agent: user_agent.unwrap_or(0),
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
