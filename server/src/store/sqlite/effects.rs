//! Writing the engine's effects: absolute rows by identifier, texts before what names them.

use std::hash::Hash;

use engine::{
    Address, AttackRecord, AttackRequests, AttackSessionRecord, Batch, ClientKey, Effects,
    EndpointKey, Request, SessionRecord, Texts, UserAgentRecord,
};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{AttackId, BotType};
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::bulk::{insert, select_in};
use super::texts::{self, UserAgents};
use super::{StoreError, stored, stored_count};
use crate::store::Commit;
use crate::store::pack::{SessionPack, encode_attack_rows, encode_plain, encode_record};

/// Tables of which a preview's rows go with the next commit; those that name attacks first.
const PROVISIONAL: [&str; 7] = [
    "attack_session",
    "attack_address",
    "attack_request",
    "attack_slice",
    "crawler_slice",
    "attack",
    "session",
];

/// Where rows go, and whether they are a preview's.
#[derive(Clone, Copy)]
struct Target {
    tenant: i64,
    judgement: i64,
    provisional: i64,
}

/// Removes what the last preview added.
pub(super) async fn remove_provisional(
    connection: &mut SqliteConnection,
    tenant: i64,
    judgement: i64,
) -> Result<(), StoreError> {
    for table in PROVISIONAL {
        let statement = format!(
            "DELETE FROM {table} WHERE judgement = $1 AND provisional = 1 AND tenant_id = $2"
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(judgement)
            .bind(tenant)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Writes everything that the engine said, as part of revision `revision` of the judgement.
pub(super) async fn write_effects(
    connection: &mut SqliteConnection,
    tenant: i64,
    commit: &Commit,
    revision: i64,
) -> Result<(), StoreError> {
    let effects = &commit.effects;
    let target = Target {
        tenant,
        judgement: commit.judgement.number,
        provisional: i64::from(commit.provisional),
    };
    let endpoints: Vec<_> = last_of(&effects.endpoints, |endpoint| endpoint.key)
        .cloned()
        .collect();
    let user_agents: Vec<_> = last_of(&effects.user_agents, |agent| agent.key)
        .cloned()
        .collect();
    texts::write_endpoints(connection, tenant, target.judgement, &endpoints).await?;
    texts::write_user_agents(connection, tenant, target.judgement, &user_agents).await?;
    write_sessions(connection, target, effects).await?;
    write_attacks(connection, target, &effects.attacks).await?;
    let numbers = attack_numbers(connection, target, effects).await?;
    write_attack_sessions(connection, target, &numbers, &effects.attack_sessions).await?;
    write_attack_addresses(connection, target, &numbers, &effects.attack_addresses).await?;
    write_attack_requests(
        connection,
        target,
        &numbers,
        revision,
        &effects.attack_requests,
    )
    .await?;
    write_slices(connection, target, &numbers, effects).await?;
    if let Some(learning) = &effects.learning {
        sqlx::query(
            "UPDATE judgement
             SET learning_actors = $1, learning_hours = $2, learning_percent = $3
             WHERE tenant_id = $4 AND number = $5",
        )
        .bind(stored_count(learning.actors))
        .bind(i64::from(learning.hours))
        .bind(i64::from(learning.percent))
        .bind(tenant)
        .bind(target.judgement)
        .execute(&mut *connection)
        .await?;
    }
    if let Some(normals) = &effects.normals {
        sqlx::query("UPDATE judgement SET normals = $1 WHERE tenant_id = $2 AND number = $3")
            .bind(encode_plain(normals))
            .bind(tenant)
            .bind(target.judgement)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Of records with the same key the last, in the order of these last ones. A statement must
/// not touch a row twice.
fn last_of<T, K: Eq + Hash>(records: &[T], key: impl Fn(&T) -> K) -> impl Iterator<Item = &T> {
    let mut seen = FxHashSet::default();
    let mut kept: Vec<&T> = records
        .iter()
        .rev()
        .filter(|record| seen.insert(key(record)))
        .collect();
    kept.reverse();
    kept.into_iter()
}

async fn write_sessions(
    connection: &mut SqliteConnection,
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
    insert(
        connection,
        "INSERT INTO session (judgement, ended_at, id, tenant_id, provisional, duration_ms,
         address, endpoint_1, endpoint_2, endpoint_3, summary)",
        "ON CONFLICT (judgement, id) DO UPDATE SET ended_at = excluded.ended_at,
         duration_ms = excluded.duration_ms, address = excluded.address,
         endpoint_1 = excluded.endpoint_1, endpoint_2 = excluded.endpoint_2,
         endpoint_3 = excluded.endpoint_3, summary = excluded.summary",
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

fn pack_session(
    session: &SessionRecord,
    user_agents: &UserAgents<engine::UserAgentKey>,
) -> SessionPack {
    let known = user_agents.get(&session.user_agent);
    let derived = known.map(|(_, agent)| client_of(session.address, agent));
    SessionPack {
        keyed: session.keyed,
        client: (derived != Some(session.client)).then_some(session.client),
        requests: session.requests,
        errors: session.errors,
        bytes: session.bytes,
        address_count: session.address_count,
        endpoint_count: session.endpoint_count,
        user_agent: known.map_or(0, |(number, _)| u32::try_from(*number).unwrap_or(0)),
        user: session.user.clone(),
        segments: session.segments.clone(),
    }
}

/// The client that `address` and `user_agent` make when no session key does.
pub(super) fn client_of(address: Address, user_agent: &UserAgentRecord) -> ClientKey {
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
pub(super) fn stored_address(address: Address) -> Vec<u8> {
    if address.0 >> 32 == 0xffff {
        (address.0 as u32).to_be_bytes().to_vec()
    } else {
        address.0.to_be_bytes().to_vec()
    }
}

async fn write_attacks(
    connection: &mut SqliteConnection,
    target: Target,
    attacks: &[AttackRecord],
) -> Result<(), StoreError> {
    let attacks: Vec<_> = last_of(attacks, |attack| attack.id)
        .filter(|attack| !attack.types.is_empty())
        .collect();
    insert(
        connection,
        "INSERT INTO attack (tenant_id, judgement, id, provisional, types, primary_type,
         started_at, ended_at, closed, hits, confidence, address_count, record)",
        "ON CONFLICT (judgement, id) DO UPDATE SET types = excluded.types,
         primary_type = excluded.primary_type, started_at = excluded.started_at,
         ended_at = excluded.ended_at, closed = excluded.closed, hits = excluded.hits,
         confidence = excluded.confidence, address_count = excluded.address_count,
         record = excluded.record",
        &attacks,
        |values, attack| {
            let primary = attack.primary();
            values
                .push_bind(target.tenant)
                .push_bind(target.judgement)
                .push_bind(stored(attack.id.0))
                .push_bind(target.provisional)
                .push_bind(type_mask(attack.types.iter().map(|found| found.bot_type)))
                .push_bind(primary.bot_type as i64)
                .push_bind(attack.started_at.0)
                .push_bind(attack.ended_at.0)
                .push_bind(i64::from(attack.closed))
                .push_bind(stored_count(attack.hits))
                .push_bind(i64::from(primary.confidence))
                .push_bind(i64::from(attack.address_count))
                .push_bind(encode_record(*attack));
        },
    )
    .await
}

/// A set of attack types as the database keeps it.
pub(super) fn type_mask(types: impl IntoIterator<Item = BotType>) -> i64 {
    types
        .into_iter()
        .fold(0, |mask, bot_type| mask | 1 << bot_type as u32)
}

/// The numbers of all attacks that the effects name, new or not.
async fn attack_numbers(
    connection: &mut SqliteConnection,
    target: Target,
    effects: &Effects,
) -> Result<FxHashMap<AttackId, i64>, StoreError> {
    let sessions = effects.attack_sessions.iter().map(|record| record.attack.0);
    let addresses = effects.attack_addresses.iter().map(|(attack, _)| attack.0);
    let requests = effects.attack_requests.iter().map(|rows| rows.attack.0);
    let slices = effects.attack_slices.iter().map(|(attack, _)| attack.0);
    let ids = distinct(sessions.chain(addresses).chain(requests).chain(slices));
    select_in(
        connection,
        |statement| {
            statement
                .push("SELECT id, number FROM attack WHERE tenant_id = ")
                .push_bind(target.tenant)
                .push(" AND judgement = ")
                .push_bind(target.judgement)
                .push(" AND id");
        },
        &ids,
        |row| Ok((AttackId(row.try_get::<i64, _>(0)? as u64), row.try_get(1)?)),
    )
    .await
}

/// Each identifier once, ascending, as the database keeps it.
fn distinct(ids: impl Iterator<Item = u64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.map(stored).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn write_attack_sessions(
    connection: &mut SqliteConnection,
    target: Target,
    numbers: &FxHashMap<AttackId, i64>,
    records: &[AttackSessionRecord],
) -> Result<(), StoreError> {
    let mut rows: Vec<_> = last_of(records, |record| (record.attack, record.session))
        .filter_map(|record| Some((*numbers.get(&record.attack)?, record)))
        .collect();
    rows.sort_unstable_by_key(|(_, record)| stored(record.session.0));
    insert(
        connection,
        "INSERT INTO attack_session (judgement, session, attack, tenant_id, provisional,
         ended_at, duration_ms, requests, hits)",
        "ON CONFLICT (judgement, session, attack) DO UPDATE SET ended_at = excluded.ended_at,
         duration_ms = excluded.duration_ms, requests = excluded.requests, hits = excluded.hits",
        &rows,
        |values, (attack, record)| {
            values
                .push_bind(target.judgement)
                .push_bind(stored(record.session.0))
                .push_bind(*attack)
                .push_bind(target.tenant)
                .push_bind(target.provisional)
                .push_bind(record.ended_at.0)
                .push_bind(record.ended_at.since(record.started_at))
                .push_bind(i64::from(record.requests))
                .push_bind(i64::from(record.hits));
        },
    )
    .await
}

async fn write_attack_addresses(
    connection: &mut SqliteConnection,
    target: Target,
    numbers: &FxHashMap<AttackId, i64>,
    addresses: &[(AttackId, Address)],
) -> Result<(), StoreError> {
    let rows: Vec<_> = last_of(addresses, |pair| *pair)
        .filter_map(|(attack, address)| Some((*numbers.get(attack)?, *address)))
        .collect();
    insert(
        connection,
        "INSERT INTO attack_address (judgement, address, attack, tenant_id, provisional)",
        "ON CONFLICT (judgement, address, attack) DO NOTHING",
        &rows,
        |values, (attack, address)| {
            values
                .push_bind(target.judgement)
                .push_bind(stored_address(*address))
                .push_bind(*attack)
                .push_bind(target.tenant)
                .push_bind(target.provisional);
        },
    )
    .await
}

async fn write_attack_requests(
    connection: &mut SqliteConnection,
    target: Target,
    numbers: &FxHashMap<AttackId, i64>,
    revision: i64,
    groups: &[AttackRequests],
) -> Result<(), StoreError> {
    let mut merged = std::collections::BTreeMap::<(i64, u64), Vec<_>>::new();
    for group in groups {
        if let Some(attack) = numbers.get(&group.attack) {
            let rows = merged.entry((*attack, group.segment)).or_default();
            rows.extend_from_slice(&group.rows);
        }
    }
    let mut rows: Vec<_> = merged.into_iter().collect();
    for (_, rows) in &mut rows {
        rows.sort_unstable_by_key(|(row, _)| *row);
    }
    insert(
        connection,
        "INSERT INTO attack_request (judgement, attack, segment, revision, tenant_id,
         provisional, rows)",
        "",
        &rows,
        |values, ((attack, segment), rows)| {
            values
                .push_bind(target.judgement)
                .push_bind(*attack)
                .push_bind(stored(*segment))
                .push_bind(revision)
                .push_bind(target.tenant)
                .push_bind(target.provisional)
                .push_bind(encode_attack_rows(rows));
        },
    )
    .await
}

async fn write_slices(
    connection: &mut SqliteConnection,
    target: Target,
    numbers: &FxHashMap<AttackId, i64>,
    effects: &Effects,
) -> Result<(), StoreError> {
    let rows: Vec<_> = last_of(&effects.attack_slices, |(attack, slice)| {
        (*attack, slice.from)
    })
    .filter_map(|(attack, slice)| Some((*numbers.get(attack)?, slice)))
    .collect();
    insert(
        connection,
        "INSERT INTO attack_slice (judgement, attack, from_at, tenant_id, provisional,
         until_at, slice)",
        "ON CONFLICT (judgement, attack, from_at)
         DO UPDATE SET until_at = excluded.until_at, slice = excluded.slice",
        &rows,
        |values, (attack, slice)| {
            values
                .push_bind(target.judgement)
                .push_bind(*attack)
                .push_bind(slice.from.0)
                .push_bind(target.tenant)
                .push_bind(target.provisional)
                .push_bind(slice.until.0)
                .push_bind(encode_plain(slice));
        },
    )
    .await?;
    let rows: Vec<_> = last_of(&effects.crawler_slices, |(name, slice)| {
        (name.clone(), slice.from)
    })
    .collect();
    insert(
        connection,
        "INSERT INTO crawler_slice (judgement, from_at, name, tenant_id, provisional,
         until_at, slice)",
        "ON CONFLICT (judgement, from_at, name)
         DO UPDATE SET until_at = excluded.until_at, slice = excluded.slice",
        &rows,
        |values, (name, slice)| {
            values
                .push_bind(target.judgement)
                .push_bind(slice.from.0)
                .push_bind(name.as_str())
                .push_bind(target.tenant)
                .push_bind(target.provisional)
                .push_bind(slice.until.0)
                .push_bind(encode_plain(slice));
        },
    )
    .await
}
