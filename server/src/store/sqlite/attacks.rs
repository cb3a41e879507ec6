//! Reading attacks: the list, its totals, one attack and the sessions it spans.

use std::collections::BTreeSet;

use engine::{Address, AttackRecord};
use shared::{AttackId, AttackSession, BotType, Page, SessionId, Timestamp};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::applications::{Shown, shown};
use super::bulk::push_in;
use super::effects::{stored_address, type_mask};
use super::texts::{endpoints_by_key, user_agents_by_key};
use super::{StoreError, TenantStore, corrupt, count, small, stored};
use crate::store::pack::decode_record;
use crate::store::{
    AddressRange, AttackFilter, AttackRow, AttackSessions, AttackSort, AttackTotals, Cursor,
    PageRequest,
};

/// How many sessions an attack shows.
const SESSIONS_SHOWN: i64 = 50;

/// An attack as other reads need it.
pub(super) struct FoundAttack {
    pub(super) number: i64,
    pub(super) shown: Shown,
    pub(super) record: AttackRecord,
    excepted: bool,
}

impl TenantStore {
    /// Attacks that `filter` takes, in the order of `sort`; equal ones by identifier.
    pub async fn list_attacks(
        &self,
        filter: &AttackFilter,
        sort: AttackSort,
        descending: bool,
        page: PageRequest,
    ) -> Result<Page<AttackRow>, StoreError> {
        let mut view = self.read().await?;
        let shown = shown(&mut view, self.tenant, &filter.applications).await?;
        let column = match sort {
            AttackSort::Date => "ended_at",
            AttackSort::Hits => "hits",
            AttackSort::Confidence => "confidence",
        };
        let (after, order) = if descending {
            ("<", "DESC")
        } else {
            (">", "ASC")
        };
        let mut statement = QueryBuilder::<Sqlite>::new("SELECT number, judgement, id, ");
        statement
            .push(column)
            .push(", record, excepted FROM attack a");
        push_filter(&mut statement, self.tenant, &shown, filter);
        push_types(&mut statement, &filter.types);
        if let Some(cursor) = page.cursor {
            statement.push(format_args!(" AND ({column}, id) {after} ("));
            statement.push_bind(cursor.value).push(", ");
            statement.push_bind(stored(cursor.id)).push(")");
        }
        statement.push(format_args!(
            " ORDER BY {column} {order}, id {order} LIMIT "
        ));
        statement.push_bind(i64::from(page.limit) + 1);
        let mut rows = statement.build().fetch_all(&mut *view).await?;

        let mut next_cursor = None;
        if rows.len() > page.limit as usize {
            rows.truncate(page.limit as usize);
            if let Some(last) = rows.last() {
                let cursor = Cursor {
                    value: last.try_get(3)?,
                    id: last.try_get::<i64, _>(2)? as u64,
                };
                next_cursor = Some(cursor.to_string());
            }
        }
        let mut attacks = Vec::with_capacity(rows.len());
        for row in rows {
            let judgement: i64 = row.try_get(1)?;
            let Some(shown) = shown
                .iter()
                .find(|shown| shown.judgement.number == judgement)
            else {
                continue;
            };
            attacks.push(FoundAttack {
                number: row.try_get(0)?,
                shown: shown.clone(),
                record: read_record(row.try_get(2)?, &row.try_get::<Vec<u8>, _>(4)?)?,
                excepted: row.try_get::<i64, _>(5)? != 0,
            });
        }
        Ok(Page {
            items: with_texts(&mut view, self.tenant, attacks).await?,
            next_cursor,
        })
    }

    /// How many attacks `filter` takes.
    pub async fn count_attacks(&self, filter: &AttackFilter) -> Result<AttackTotals, StoreError> {
        let mut view = self.read().await?;
        let shown = shown(&mut view, self.tenant, &filter.applications).await?;
        let mut statement =
            QueryBuilder::<Sqlite>::new("SELECT types, closed, COUNT(*), SUM(hits) FROM attack a");
        push_filter(&mut statement, self.tenant, &shown, filter);
        statement.push(" GROUP BY types, closed");
        let rows: Vec<(i64, i64, i64, i64)> =
            statement.build_query_as().fetch_all(&mut *view).await?;
        let wanted = type_mask(filter.types.iter().copied());
        let mut totals = AttackTotals::default();
        for (types, closed, attacks, hits) in &rows {
            if wanted == 0 || types & wanted != 0 {
                totals.attacks += count(*attacks);
                totals.hits += count(*hits);
                totals.ongoing += if *closed == 0 { count(*attacks) } else { 0 };
            }
        }
        for bot_type in BotType::ALL {
            let with_type = rows
                .iter()
                .filter(|row| row.0 & type_mask([*bot_type]) != 0);
            totals
                .by_type
                .push((*bot_type, with_type.map(|row| count(row.2)).sum()));
        }
        Ok(totals)
    }

    /// One attack.
    pub async fn find_attack(&self, id: AttackId) -> Result<Option<AttackRow>, StoreError> {
        let mut view = self.read().await?;
        let Some(found) = self.find_attack_record(&mut view, id).await? else {
            return Ok(None);
        };
        Ok(with_texts(&mut view, self.tenant, vec![found]).await?.pop())
    }

    /// The stored sessions of an attack; none if there is no such attack.
    pub async fn find_attack_sessions(&self, id: AttackId) -> Result<AttackSessions, StoreError> {
        let mut view = self.read().await?;
        let (stored_sessions,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM attack a
             JOIN attack_session x ON x.attack = a.number
             JOIN session s ON s.judgement = x.judgement AND s.id = x.session
             WHERE a.tenant_id = $1 AND x.tenant_id = $1 AND s.tenant_id = $1 AND a.id = $2
               AND a.judgement IN (SELECT judgement FROM application WHERE tenant_id = $1)",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .fetch_one(&mut *view)
        .await?;
        let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT x.session, x.ended_at, x.duration_ms, x.requests, x.hits FROM attack a
             JOIN attack_session x ON x.attack = a.number
             JOIN session s ON s.judgement = x.judgement AND s.id = x.session
             WHERE a.tenant_id = $1 AND x.tenant_id = $1 AND s.tenant_id = $1 AND a.id = $2
               AND a.judgement IN (SELECT judgement FROM application WHERE tenant_id = $1)
             ORDER BY x.ended_at DESC, x.session LIMIT $3",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .bind(SESSIONS_SHOWN)
        .fetch_all(&mut *view)
        .await?;
        let newest =
            rows.into_iter().map(
                |(session, ended_at, duration, requests, hits)| AttackSession {
                    id: SessionId(session as u64),
                    started_at: Timestamp(ended_at).plus(-duration),
                    ended_at: Timestamp(ended_at),
                    requests: count(requests),
                    hits: count(hits),
                },
            );
        Ok(AttackSessions {
            newest: newest.collect(),
            stored: small(stored_sessions),
        })
    }

    /// One attack without its texts.
    pub(super) async fn find_attack_record(
        &self,
        connection: &mut SqliteConnection,
        id: AttackId,
    ) -> Result<Option<FoundAttack>, StoreError> {
        let shown = shown(connection, self.tenant, &[]).await?;
        let rows: Vec<(i64, i64, Vec<u8>, i64)> = sqlx::query_as(
            "SELECT number, judgement, record, excepted FROM attack
             WHERE tenant_id = $1 AND id = $2
             AND judgement IN (SELECT judgement FROM application WHERE tenant_id = $1)",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .fetch_all(connection)
        .await?;
        for (number, judgement, record, excepted) in rows {
            if let Some(shown) = shown
                .iter()
                .find(|shown| shown.judgement.number == judgement)
            {
                return Ok(Some(FoundAttack {
                    number,
                    shown: shown.clone(),
                    record: read_record(id.0 as i64, &record)?,
                    excepted: excepted != 0,
                }));
            }
        }
        Ok(None)
    }
}

/// Reads a stored attack; one without a type would have no place in any list.
pub(super) fn read_record(id: i64, bytes: &[u8]) -> Result<AttackRecord, StoreError> {
    let error = || corrupt("attack", "record", AttackId(id as u64));
    let record: AttackRecord = decode_record(bytes).map_err(error())?;
    if record.types.is_empty() {
        return Err(error()(crate::store::bytes::Malformed));
    }
    Ok(record)
}

/// Appends everything of `filter` but the types.
fn push_filter(
    statement: &mut QueryBuilder<Sqlite>,
    tenant: i64,
    shown: &[Shown],
    filter: &AttackFilter,
) {
    let judgements: Vec<i64> = shown.iter().map(|shown| shown.judgement.number).collect();
    statement.push(" WHERE a.tenant_id = ").push_bind(tenant);
    statement
        .push(" AND a.ended_at >= ")
        .push_bind(filter.period.from.0);
    statement
        .push(" AND a.started_at <= ")
        .push_bind(filter.period.until.0);
    statement
        .push(" AND a.excepted = ")
        .push_bind(i64::from(filter.excepted));
    statement.push(" AND a.judgement");
    push_in(statement, &judgements);
    if filter.min_addresses > 0 {
        statement
            .push(" AND a.address_count >= ")
            .push_bind(i64::from(filter.min_addresses));
    }
    if !filter.addresses.is_empty() {
        statement.push(" AND a.number IN (SELECT x.attack FROM attack_address x");
        statement.push(" WHERE x.tenant_id = ").push_bind(tenant);
        statement.push(" AND x.judgement");
        push_in(statement, &judgements);
        push_addresses(statement, "x.address", &filter.addresses);
        statement.push(")");
    }
}

fn push_types(statement: &mut QueryBuilder<Sqlite>, types: &[BotType]) {
    if !types.is_empty() {
        statement
            .push(" AND (a.types & ")
            .push_bind(type_mask(types.iter().copied()));
        statement.push(") <> 0");
    }
}

/// Appends that `column` lies in one of `ranges`.
pub(super) fn push_addresses(
    statement: &mut QueryBuilder<Sqlite>,
    column: &str,
    ranges: &[AddressRange],
) {
    statement.push(" AND (");
    for (index, range) in ranges.iter().flat_map(split).enumerate() {
        if index > 0 {
            statement.push(" OR ");
        }
        let (from, until) = (stored_address(range.from), stored_address(range.until));
        statement.push(format_args!(
            "(LENGTH({column}) = {} AND {column} BETWEEN ",
            from.len()
        ));
        statement
            .push_bind(from)
            .push(" AND ")
            .push_bind(until)
            .push(")");
    }
    // A range that is empty takes nothing.
    statement.push(if ranges.iter().any(|range| range.from <= range.until) {
        ")"
    } else {
        "1 = 0)"
    });
}

/// A range as ranges of addresses of one length: IPv4 addresses lie in the middle of the others.
fn split(range: &AddressRange) -> Vec<AddressRange> {
    const FIRST_V4: u128 = 0xffff << 32;
    const LAST_V4: u128 = FIRST_V4 | 0xffff_ffff;
    [
        (0, FIRST_V4 - 1),
        (FIRST_V4, LAST_V4),
        (LAST_V4 + 1, u128::MAX),
    ]
    .into_iter()
    .map(|(first, last)| AddressRange {
        from: Address(range.from.0.max(first)),
        until: Address(range.until.0.min(last)),
    })
    .filter(|part| part.from <= part.until)
    .collect()
}

/// Adds the texts that the attacks name; what was never described is left out.
async fn with_texts(
    connection: &mut SqliteConnection,
    tenant: i64,
    attacks: Vec<FoundAttack>,
) -> Result<Vec<AttackRow>, StoreError> {
    let judgements: BTreeSet<i64> = attacks
        .iter()
        .map(|attack| attack.shown.judgement.number)
        .collect();
    let mut rows: Vec<AttackRow> = attacks
        .into_iter()
        .map(|attack| AttackRow {
            application_id: attack.shown.id,
            application: attack.shown.name,
            judgement: attack.shown.judgement,
            record: attack.record,
            excepted: attack.excepted,
            endpoints: Vec::new(),
            user_agents: Vec::new(),
        })
        .collect();
    for judgement in judgements {
        let of_judgement = || rows.iter().filter(|row| row.judgement.number == judgement);
        let keys: BTreeSet<i64> = of_judgement()
            .flat_map(|row| &row.record.endpoints)
            .map(|(key, _)| stored(key.0))
            .collect();
        let keys: Vec<i64> = keys.into_iter().collect();
        let endpoints = endpoints_by_key(connection, tenant, judgement, &keys).await?;
        let keys: BTreeSet<i64> = of_judgement()
            .flat_map(|row| &row.record.user_agents)
            .map(|(key, _)| stored(key.0))
            .collect();
        let keys: Vec<i64> = keys.into_iter().collect();
        let user_agents = user_agents_by_key(connection, tenant, judgement, &keys).await?;
        for row in rows
            .iter_mut()
            .filter(|row| row.judgement.number == judgement)
        {
            let counted = row.record.endpoints.iter();
            row.endpoints = counted
                .filter_map(|(key, requests)| Some((endpoints.get(key)?.clone(), *requests)))
                .collect();
            let counted = row.record.user_agents.iter();
            row.user_agents = counted
                .filter_map(|(key, requests)| Some((user_agents.get(key)?.1.clone(), *requests)))
                .collect();
        }
    }
    Ok(rows)
}
