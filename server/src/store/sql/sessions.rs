//! Reading sessions: the list and one session.

use std::collections::BTreeSet;

use engine::{Address, ClientKey};
use rustc_hash::FxHashMap;
use shared::{AttackId, BotType, Page, SessionAttack, SessionId, Timestamp};
use smallvec::SmallVec;

use super::applications::Shown;
use super::effects::client_of;
use super::index;
use super::search::cut_page;
use super::session_blocks::read_sessions;
use super::texts::{UserAgents, endpoints_by_number, user_agents_by_number};
use super::{StoreError, TenantStore, corrupt, small, stored};
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, QueryBuilder, Row};
use crate::store::index::{Asked, Index, session_of};
use crate::store::pack::SessionPack;
use crate::store::session_block::StoredSession;
use crate::store::{PageRequest, Search, SessionRow, SessionTotals};

pub(super) const COLUMNS: &str = "SELECT id, ended_at, duration_ms, address, endpoint_1, \
     endpoint_2, endpoint_3, provisional, summary FROM session";

/// A stored session, its texts and attacks still to be found.
pub(super) struct FoundSession {
    pub(super) shown: Shown,
    pub(super) session: StoredSession,
}

impl TenantStore {
    /// The sessions that a search finds, the newest end first; equal ones by identifier.
    pub async fn list_sessions(
        &self,
        search: &Search,
        page: PageRequest,
    ) -> Result<Page<SessionRow>, StoreError> {
        let shown = self.list_shown().await?;
        let limit = page.limit as usize + 1;
        let ask = |index: &Index, asked: &Asked<'_>| index.list_sessions(asked, page.cursor, limit);
        let found = self.ask(&shown, search, ask).await?;
        let (rows, next_cursor) = cut_page(found, page, true);
        let mut view = self.read().await?;
        let mut found = FxHashMap::default();
        for (place, shown) in shown.iter().enumerate() {
            let own = rows.iter().filter(|(_, of)| *of == place);
            let wanted: Vec<_> = own.map(|(row, _)| (row.0, session_of(*row))).collect();
            for session in self.read_stored(&mut view, shown, &wanted).await? {
                found.insert((place, session.session.id), session);
            }
        }
        // What a commit took away since is left out.
        let sessions = rows
            .into_iter()
            .filter_map(|(row, place)| found.remove(&(place, session_of(row))));
        Ok(Page {
            items: complete(&mut view, self.tenant, sessions.collect()).await?,
            next_cursor,
        })
    }

    /// How many sessions a search finds.
    pub async fn count_sessions(&self, search: &Search) -> Result<SessionTotals, StoreError> {
        let shown = self.list_shown().await?;
        let mut totals = SessionTotals::default();
        let ask = |index: &Index, asked: &Asked<'_>| index.count_sessions(asked, &mut totals);
        self.ask(&shown, search, ask).await?;
        Ok(totals)
    }

    /// One session.
    pub async fn find_session(&self, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
        for shown in self.list_shown().await? {
            let index = self.index_of(&shown).await?;
            let Some(ended_at) = index::read(&index).session_ended_at(id) else {
                continue;
            };
            let mut view = self.read().await?;
            let wanted = [(ended_at.0, id)];
            let found = self.read_stored(&mut view, &shown, &wanted).await?;
            let mut complete = complete(&mut view, self.tenant, found).await?;
            if let Some(session) = complete.pop() {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// The wanted sessions of an application, in no order. Of each it is said when it ended.
    async fn read_stored(
        &self,
        connection: &mut Connection,
        shown: &Shown,
        wanted: &[(i64, SessionId)],
    ) -> Result<Vec<FoundSession>, StoreError> {
        let judgement = shown.judgement.number;
        let found = read_sessions(connection, self.tenant, judgement, wanted).await?;
        let found = found.into_iter().map(|session| FoundSession {
            shown: shown.clone(),
            session,
        });
        Ok(found.collect())
    }
}

/// Narrows a statement about sessions to those that ended in these months, where the table has a
/// part for each: otherwise all of them are looked into.
pub(super) fn push_months(
    statement: &mut QueryBuilder,
    connection: &Connection,
    months: impl IntoIterator<Item = i64>,
) {
    if !connection.parts_by_month() {
        return;
    }
    let months: BTreeSet<i64> = months.into_iter().collect();
    if !months.is_empty() {
        let months: Vec<i64> = months.into_iter().collect();
        statement.push(" AND month").push_in(&months);
    }
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read_session(row: &Row) -> Result<StoredSession, StoreError> {
    let id: i64 = row.try_get(0)?;
    let id = SessionId(id as u64);
    let mut endpoints = SmallVec::new();
    for column in 4..=6 {
        endpoints.extend(row.try_get::<Option<i64>>(column)?);
    }
    Ok(StoredSession {
        id,
        ended_at: row.try_get(1)?,
        duration_ms: row.try_get(2)?,
        address: read_address(row.try_get(3)?).map_err(corrupt("session", "address", id))?,
        endpoints,
        provisional: row.try_get(7)?,
        pack: SessionPack::decode(row.try_get(8)?).map_err(corrupt("session", "summary", id))?,
    })
}

pub(super) fn read_address(bytes: &[u8]) -> Result<Address, Malformed> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Ok(Address(0xffff << 32 | u128::from(u32::from_be_bytes(v4))));
    }
    let bytes = <[u8; 16]>::try_from(bytes).map_err(|_| Malformed)?;
    Ok(Address(u128::from_be_bytes(bytes)))
}

/// The user agents of sessions, by their numbers.
pub(super) async fn find_user_agents<'s>(
    connection: &mut Connection,
    tenant: i64,
    sessions: impl Iterator<Item = &'s StoredSession>,
) -> Result<UserAgents<i64>, StoreError> {
    let numbers = sessions.map(|session| i64::from(session.pack.user_agent));
    let numbers: BTreeSet<i64> = numbers.collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    user_agents_by_number(connection, tenant, &numbers).await
}

/// Whose a session is: named, or as address and user agent say; `None` if that is not known.
pub(super) fn client_of_session(
    session: &StoredSession,
    user_agents: &UserAgents<i64>,
) -> Option<ClientKey> {
    session.pack.client.or_else(|| {
        let (_, agent) = user_agents.get(&i64::from(session.pack.user_agent))?;
        Some(client_of(session.address, agent))
    })
}

/// Adds texts and attacks.
pub(super) async fn complete(
    connection: &mut Connection,
    tenant: i64,
    found: Vec<FoundSession>,
) -> Result<Vec<SessionRow>, StoreError> {
    let numbers: BTreeSet<i64> = found
        .iter()
        .flat_map(|found| found.session.endpoints.iter().copied())
        .collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let endpoints = endpoints_by_number(connection, tenant, &numbers).await?;
    let sessions = found.iter().map(|found| &found.session);
    let user_agents = find_user_agents(connection, tenant, sessions).await?;
    let mut attacks = attacks_of(connection, tenant, &found).await?;
    let mut rows = Vec::with_capacity(found.len());
    for FoundSession { shown, session } in found {
        let client = client_of_session(&session, &user_agents).ok_or(Malformed);
        let StoredSession { id, pack, .. } = session;
        let user_agent = user_agents.get(&i64::from(pack.user_agent));
        let (attacks, hits) = attacks
            .remove(&(shown.judgement.number, id))
            .unwrap_or_default();
        let tops = session.endpoints.iter();
        rows.push(SessionRow {
            id,
            application_id: shown.id,
            application: shown.name,
            client: client.map_err(corrupt("session", "summary", id))?,
            keyed: pack.keyed,
            started_at: Timestamp(session.ended_at).plus(-session.duration_ms),
            ended_at: Timestamp(session.ended_at),
            requests: pack.requests,
            // Never more than there are, whatever the tables say.
            hits: hits.min(pack.requests),
            errors: pack.errors,
            bytes: pack.bytes,
            address: session.address,
            address_count: pack.address_count,
            user: pack.user,
            role: pack.role,
            user_agent: user_agent.map(|(_, agent)| agent.clone()),
            top_endpoints: tops
                .filter_map(|number| endpoints.get(number).cloned())
                .collect(),
            endpoint_count: pack.endpoint_count,
            segments: pack.segments.into_vec(),
            attacks,
            judgement: shown.judgement,
        });
    }
    Ok(rows)
}

/// The attacks of each session, newest first, and its hits in them together.
async fn attacks_of(
    connection: &mut Connection,
    tenant: i64,
    found: &[FoundSession],
) -> Result<FxHashMap<(i64, SessionId), (Vec<SessionAttack>, u32)>, StoreError> {
    let mut attacks = FxHashMap::<_, (Vec<SessionAttack>, u32)>::default();
    let judgements: BTreeSet<i64> = found.iter().map(|s| s.shown.judgement.number).collect();
    for judgement in judgements {
        let of_judgement = found
            .iter()
            .filter(|s| s.shown.judgement.number == judgement);
        let ids: Vec<i64> = of_judgement.map(|of| stored(of.session.id.0)).collect();
        let mut statement = QueryBuilder::new(
            "SELECT x.session, x.hits, a.id, a.primary_type FROM attack_session x
             JOIN attack a ON a.number = x.attack WHERE x.tenant_id = ",
        );
        statement
            .push_bind(tenant)
            .push(" AND a.tenant_id = ")
            .push_bind(tenant);
        statement
            .push(" AND x.judgement = ")
            .push_bind(judgement)
            .push(" AND x.session");
        statement.push_in(&ids);
        statement.push(" ORDER BY a.ended_at DESC, a.id");
        let rows: Vec<(i64, i64, i64, i64)> = statement
            .build_query_as()
            .fetch_all(&mut *connection)
            .await?;
        for (session, hits, attack, primary) in rows {
            let bot_type = usize::try_from(primary)
                .ok()
                .and_then(|i| BotType::ALL.get(i));
            let entry = attacks
                .entry((judgement, SessionId(session as u64)))
                .or_default();
            entry.1 = entry.1.saturating_add(small(hits));
            entry.0.push(SessionAttack {
                id: AttackId(attack as u64),
                bot_type: *bot_type.ok_or(Malformed).map_err(corrupt(
                    "attack",
                    "primary_type",
                    attack,
                ))?,
            });
        }
    }
    Ok(attacks)
}
