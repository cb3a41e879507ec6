//! Writing attacks and what hangs on them: sessions, addresses, requests, slices.

use std::collections::BTreeMap;
use std::net::IpAddr;

use engine::{Address, AttackRecord, AttackRequests, AttackSessionRecord, Effects};
use rustc_hash::FxHashMap;
use shared::{ApplicationId, AttackId, BotType, NetworkSet};

use super::{Target, distinct, last_of, stored_address};
use crate::store::StoreError;
use crate::store::database::{Connection, insert, query_as};
use crate::store::pack::{crawler_rows, encode_attack_rows, encode_plain, encode_record};
use crate::store::sql::bulk::{push_of, select_in};
use crate::store::sql::lists::{exceptions, mark_several};
use crate::store::sql::{stored, stored_count};

/// Writes attacks, then what names them. What names an attack that is nowhere is left out.
pub(super) async fn write_attacks(
    connection: &mut Connection,
    target: Target,
    effects: &Effects,
    revision: i64,
) -> Result<(), StoreError> {
    let application = application_of(connection, target).await?;
    let excepted = exceptions(connection, target.tenant, application).await?;
    write_records(connection, target, &effects.attacks, &excepted).await?;
    let numbers = attack_numbers(connection, target, effects).await?;
    write_attack_sessions(connection, target, &numbers, &effects.attack_sessions).await?;
    write_attack_addresses(connection, target, &numbers, &effects.attack_addresses).await?;
    let requests = &effects.attack_requests;
    write_attack_requests(connection, target, &numbers, revision, requests).await?;
    write_slices(connection, target, &numbers, effects).await?;
    if excepted.is_empty() {
        return Ok(());
    }
    // Their records do not name all their addresses.
    let large = effects
        .attacks
        .iter()
        .filter(|attack| !names_all_addresses(attack));
    let large: Vec<i64> = large
        .filter_map(|attack| numbers.get(&attack.id).copied())
        .collect();
    mark_several(
        connection,
        target.tenant,
        target.judgement,
        &large,
        &excepted,
    )
    .await
}

async fn application_of(
    connection: &mut Connection,
    target: Target,
) -> Result<ApplicationId, StoreError> {
    let (id,): (i64,) = query_as(
        "SELECT a.id FROM application a JOIN judgement j ON j.application = a.number
         WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND j.number = $2",
    )
    .bind(target.tenant)
    .bind(target.judgement)
    .fetch_one(connection)
    .await?;
    Ok(ApplicationId(id as u64))
}

fn names_all_addresses(attack: &AttackRecord) -> bool {
    attack.address_count as usize <= attack.addresses.len()
}

/// Whether every address of the attack is excepted, as far as its record names them.
fn is_excepted(attack: &AttackRecord, excepted: &NetworkSet) -> bool {
    let mut addresses = attack
        .addresses
        .iter()
        .map(|(address, _)| IpAddr::from(*address));
    !attack.addresses.is_empty()
        && names_all_addresses(attack)
        && addresses.all(|address| excepted.contains(address))
}

async fn write_records(
    connection: &mut Connection,
    target: Target,
    attacks: &[AttackRecord],
    excepted: &NetworkSet,
) -> Result<(), StoreError> {
    let attacks: Vec<_> = last_of(attacks, |attack| attack.id)
        .filter(|attack| !attack.types.is_empty())
        .collect();
    insert(
        connection,
        "INSERT INTO attack (tenant_id, judgement, id, provisional, types, primary_type,
         started_at, ended_at, closed, hits, confidence, address_count, excepted, record)",
        "ON CONFLICT (judgement, id) DO UPDATE SET types = excluded.types,
         primary_type = excluded.primary_type, started_at = excluded.started_at,
         ended_at = excluded.ended_at, closed = excluded.closed, hits = excluded.hits,
         confidence = excluded.confidence, address_count = excluded.address_count,
         excepted = excluded.excepted, record = excluded.record",
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
                .push_bind(i64::from(is_excepted(attack, excepted)))
                .push_bind(encode_record(*attack));
        },
    )
    .await
}

/// A set of attack types as the database keeps it.
fn type_mask(types: impl IntoIterator<Item = BotType>) -> i64 {
    types
        .into_iter()
        .fold(0, |mask, bot_type| mask | 1 << bot_type as u32)
}

/// The numbers of all attacks that the effects name, new or not.
async fn attack_numbers(
    connection: &mut Connection,
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
            statement.push("SELECT id, number FROM attack");
            push_of(statement, target.tenant, target.judgement);
            statement.push(" AND id");
        },
        &ids,
        |row| Ok((AttackId(row.try_get::<i64>(0)? as u64), row.try_get(1)?)),
    )
    .await
}

async fn write_attack_sessions(
    connection: &mut Connection,
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
    connection: &mut Connection,
    target: Target,
    numbers: &FxHashMap<AttackId, i64>,
    addresses: &[(AttackId, Address)],
) -> Result<(), StoreError> {
    let rows: Vec<_> = last_of(addresses, |pair| *pair)
        .filter_map(|(attack, address)| Some((*numbers.get(attack)?, *address)))
        .collect();
    insert(
        connection,
        "INSERT INTO attack_address (judgement, attack, address, tenant_id, provisional)",
        "ON CONFLICT (judgement, attack, address) DO NOTHING",
        &rows,
        |values, (attack, address)| {
            values
                .push_bind(target.judgement)
                .push_bind(*attack)
                .push_bind(stored_address(*address))
                .push_bind(target.tenant)
                .push_bind(target.provisional);
        },
    )
    .await
}

async fn write_attack_requests(
    connection: &mut Connection,
    target: Target,
    numbers: &FxHashMap<AttackId, i64>,
    revision: i64,
    groups: &[AttackRequests],
) -> Result<(), StoreError> {
    let mut merged = BTreeMap::<(i64, u64), Vec<_>>::new();
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
    connection: &mut Connection,
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
    write_crawlers(connection, target, effects).await
}

/// Writes what crawlers did.
async fn write_crawlers(
    connection: &mut Connection,
    target: Target,
    effects: &Effects,
) -> Result<(), StoreError> {
    let slices = &effects.crawler_slices;
    let mut slices: Vec<_> = last_of(slices, |(name, slice)| (name.as_str(), slice.from)).collect();
    slices.sort_unstable_by(|(name, slice), (other_name, other)| {
        (slice.from, name).cmp(&(other.from, other_name))
    });
    insert(
        connection,
        "INSERT INTO crawler_slice (judgement, from_at, name, tenant_id, provisional,
         until_at, slice)",
        "ON CONFLICT (judgement, from_at, name)
         DO UPDATE SET until_at = excluded.until_at, slice = excluded.slice",
        &crawler_rows(&slices),
        |values, row| {
            values
                .push_bind(target.judgement)
                .push_bind(row.from.0)
                .push_bind(row.name)
                .push_bind(target.tenant)
                .push_bind(target.provisional)
                .push_bind(row.until.0)
                .push_bind(row.bytes.as_slice());
        },
    )
    .await
}
