//! Reading attacks: the list, its totals, one attack and the sessions it spans.

use std::collections::BTreeSet;

use engine::AttackRecord;
use shared::{AttackId, AttackSession, BotType, Page, SessionId, Timestamp};

use super::applications::{Shown, shown};
use super::index;
use super::search::cut_page;
use super::texts::{endpoints_by_key, user_agents_by_key};
use super::{StoreError, TenantStore, corrupt, count, stored};
use crate::store::database::{Connection, query_as};
use crate::store::index::{Asked, Index, Part, attack_of};
use crate::store::pack::decode_record;
use crate::store::{AttackRow, AttackSessions, AttackSort, AttackTotals, PageRequest, Search};

/// How many sessions an attack shows.
const SESSIONS_SHOWN: usize = 50;

/// Links to sessions that are read at most; of an attack with more they are counted.
const LINKS_READ: i64 = 1_000;

/// An attack as other reads need it.
pub(super) struct FoundAttack {
    pub(super) number: i64,
    pub(super) shown: Shown,
    pub(super) excepted: bool,
    pub(super) record: AttackRecord,
}

impl TenantStore {
    /// The attacks that a search finds, in the order of `sort`; equal ones by identifier.
    pub async fn list_attacks(
        &self,
        search: &Search,
        sort: AttackSort,
        descending: bool,
        page: PageRequest,
    ) -> Result<Page<AttackRow>, StoreError> {
        let shown = self.list_shown().await?;
        let part = Part {
            after: page.cursor,
            limit: page.limit as usize + 1,
            descending,
        };
        let ask = |index: &Index, asked: &Asked<'_>| index.list_attacks(asked, sort, part);
        let found = self.ask(&shown, search, ask).await?;
        let (rows, next_cursor) = cut_page(found, page, descending);
        let mut view = self.read().await?;
        let mut attacks = Vec::with_capacity(rows.len());
        for (row, place) in rows {
            // What a commit took away since is left out.
            let id = attack_of(row);
            attacks.extend(self.read_attack(&mut view, &shown[place], id).await?);
        }
        Ok(Page {
            items: with_texts(&mut view, self.tenant, attacks).await?,
            next_cursor,
        })
    }

    /// How many attacks a search finds; those that ended before `ongoing_since` are over.
    pub async fn count_attacks(
        &self,
        search: &Search,
        ongoing_since: Timestamp,
    ) -> Result<AttackTotals, StoreError> {
        let shown = self.list_shown().await?;
        let mut totals = AttackTotals {
            by_type: BotType::ALL.iter().map(|kind| (*kind, 0)).collect(),
            ..AttackTotals::default()
        };
        let ask = |index: &Index, asked: &Asked<'_>| {
            index.count_attacks(asked, ongoing_since.0, &mut totals);
        };
        self.ask(&shown, search, ask).await?;
        Ok(totals)
    }

    /// How many attacks of these applications have each type, in the vocabulary's order. For
    /// whoever does not search: it needs no index.
    pub async fn count_attacks_by_type(
        &self,
        applications: &[String],
    ) -> Result<Vec<(BotType, u64)>, StoreError> {
        let mut view = self.read().await?;
        let mut by_type: Vec<_> = BotType::ALL.iter().map(|kind| (*kind, 0)).collect();
        for shown in shown(&mut view, self.tenant, applications).await? {
            let rows: Vec<(i64, i64)> = query_as(
                "SELECT types, COUNT(*) FROM attack
                 WHERE tenant_id = $1 AND judgement = $2 GROUP BY types",
            )
            .bind(self.tenant)
            .bind(shown.judgement.number)
            .fetch_all(&mut view)
            .await?;
            for (types, attacks) in rows {
                for (bot_type, counted) in &mut by_type {
                    if types >> *bot_type as u32 & 1 == 1 {
                        *counted += count(attacks);
                    }
                }
            }
        }
        Ok(by_type)
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
        let mut view = self.look().await?;
        let Some(found) = self.find_attack_record(&mut view, id).await? else {
            return Ok(AttackSessions::default());
        };
        drop(view);
        // Links outlive sessions that retention removed; the index knows what is stored.
        let index = self.index_of(&found.shown).await?;
        let mut view = self.read().await?;
        let links: Vec<(i64, i64, i64, i64, i64)> = query_as(
            "SELECT session, ended_at, duration_ms, requests, hits FROM attack_session
             WHERE tenant_id = $1 AND attack = $2 ORDER BY ended_at DESC, session LIMIT $3",
        )
        .bind(self.tenant)
        .bind(found.number)
        .bind(LINKS_READ)
        .fetch_all(&mut view)
        .await?;
        let is_all = links.len() < LINKS_READ as usize;
        let rows: Vec<_> = {
            let index = index::read(&index);
            let is_stored = |id: i64| index.session_ended_at(SessionId(id as u64)).is_some();
            let rows = links.into_iter();
            rows.filter(|(session, ..)| is_stored(*session)).collect()
        };
        let stored_sessions = if is_all {
            rows.len() as u64
        } else {
            let (stored,): (i64,) = query_as(
                "SELECT COUNT(*)
                 FROM attack_session x JOIN application a ON a.judgement = x.judgement
                 WHERE x.tenant_id = $1 AND a.tenant_id = $1 AND x.attack = $2
                   AND (a.thinned_before IS NULL OR x.ended_at >= a.thinned_before
                        OR x.ended_at < a.thinned_from)",
            )
            .bind(self.tenant)
            .bind(found.number)
            .fetch_one(&mut view)
            .await?;
            count(stored)
        };
        let rows = rows.into_iter().take(SESSIONS_SHOWN);
        let newest = rows.map(
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
            stored: u32::try_from(stored_sessions).unwrap_or(u32::MAX),
        })
    }

    /// One attack without its texts.
    pub(super) async fn find_attack_record(
        &self,
        connection: &mut Connection,
        id: AttackId,
    ) -> Result<Option<FoundAttack>, StoreError> {
        for shown in shown(connection, self.tenant, &[]).await? {
            if let Some(found) = self.read_attack(connection, &shown, id).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// An attack of one application without its texts.
    async fn read_attack(
        &self,
        connection: &mut Connection,
        shown: &Shown,
        id: AttackId,
    ) -> Result<Option<FoundAttack>, StoreError> {
        let row: Option<(i64, bool, Vec<u8>)> = query_as(
            "SELECT number, excepted, record FROM attack
             WHERE tenant_id = $1 AND judgement = $2 AND id = $3",
        )
        .bind(self.tenant)
        .bind(shown.judgement.number)
        .bind(stored(id.0))
        .fetch_optional(connection)
        .await?;
        let Some((number, excepted, record)) = row else {
            return Ok(None);
        };
        Ok(Some(FoundAttack {
            number,
            shown: shown.clone(),
            excepted,
            record: read_record(id.0 as i64, &record)?,
        }))
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

/// Adds the texts that the attacks name; what was never described is left out.
pub(super) async fn with_texts(
    connection: &mut Connection,
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
            excepted: attack.excepted,
            record: attack.record,
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
