//! Reads rows as the index takes them: all of a judgement, a part at a time, or those of a few
//! identifiers.

use std::collections::BTreeMap;

use engine::{
    Address, AttackRecord, EndpointKey, SessionRecord, UserAgentKey, UserAgentRecord, attribute,
};
use rustc_hash::FxHashMap;
use shared::{AttackId, SessionId, UserAgentClass};

use crate::store::database::{Connection, QueryBuilder, Row, query_as};
use crate::store::index::{Link, NewAttack, NewEndpoint, NewSession};
use crate::store::sql::attacks::read_record;
use crate::store::sql::bulk::{ROWS, push_of};
use crate::store::sql::effects::{Target, stored_sessions};
use crate::store::sql::numbers::Numbers;
use crate::store::sql::session_blocks::visit_sessions;
use crate::store::sql::sessions::{COLUMNS, read_address, read_session};
use crate::store::sql::texts::{agent_text, endpoint_numbers, user_agents_by_key};
use crate::store::sql::{StoreError, corrupt, small};

/// Rows that are read at a time.
const PART: i64 = 4_096;

/// Which rows.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    /// Those of these identifiers.
    These(&'a [i64]),
}

/// Reads the rows of one judgement.
pub(super) struct Reader<'c> {
    connection: &'c mut Connection,
    tenant: i64,
    judgement: i64,
    /// The identifiers of attacks by their numbers, as far as they were read.
    attack_ids: FxHashMap<i64, AttackId>,
}

impl<'c> Reader<'c> {
    pub(super) fn new(connection: &'c mut Connection, tenant: i64, judgement: i64) -> Self {
        Self {
            connection,
            tenant,
            judgement,
            attack_ids: FxHashMap::default(),
        }
    }

    /// Endpoints with numbers above `newest`.
    pub(super) async fn endpoints(&mut self, newest: i64) -> Result<Vec<NewEndpoint>, StoreError> {
        let rows: Vec<(i64, String, String, Option<i64>)> = query_as(
            "SELECT number, host, template, folded_into FROM endpoint
             WHERE tenant_id = $1 AND judgement = $2 AND number > $3 ORDER BY number",
        )
        .bind(self.tenant)
        .bind(self.judgement)
        .bind(newest)
        .fetch_all(&mut *self.connection)
        .await?;
        let endpoints = rows
            .into_iter()
            .map(|(number, host, template, folded_into)| NewEndpoint {
                number,
                host,
                template,
                folded_into,
            });
        Ok(endpoints.collect())
    }

    /// User agents with numbers above `newest`.
    pub(super) async fn agents(&mut self, newest: i64) -> Result<Vec<(i64, String)>, StoreError> {
        let rows: Vec<(i64, String, Option<Vec<u8>>)> = query_as(
            "SELECT number, text, packed FROM user_agent
             WHERE tenant_id = $1 AND judgement = $2 AND number > $3 ORDER BY number",
        )
        .bind(self.tenant)
        .bind(self.judgement)
        .bind(newest)
        .fetch_all(&mut *self.connection)
        .await?;
        let agents = rows.into_iter().map(|(number, text, packed)| {
            let text = agent_text(number, text, packed)?;
            Ok((number, text))
        });
        agents.collect()
    }

    pub(super) async fn attacks(
        &mut self,
        which: Which<'_>,
        mut take: impl FnMut(Vec<NewAttack>),
    ) -> Result<(), StoreError> {
        let head = "SELECT id, number, provisional, excepted, record FROM attack";
        match which {
            Which::All => {
                let mut last = None;
                loop {
                    let mut statement = self.select(head);
                    if let Some(last) = last {
                        statement.push(" AND id > ").push_bind(last);
                    }
                    statement.push(" ORDER BY id LIMIT ").push_bind(PART);
                    let rows = statement.build().fetch_all(&mut *self.connection).await?;
                    let Some(row) = rows.last() else {
                        return Ok(());
                    };
                    last = Some(row.try_get::<i64>(0)?);
                    take(self.read_attacks(&rows).await?);
                }
            }
            Which::These(ids) => {
                for chunk in ids.chunks(ROWS) {
                    let mut statement = self.select(head);
                    statement.push(" AND id");
                    statement.push_in(chunk);
                    let rows = statement.build().fetch_all(&mut *self.connection).await?;
                    take(self.read_attacks(&rows).await?);
                }
                Ok(())
            }
        }
    }

    async fn read_attacks(&mut self, rows: &[Row]) -> Result<Vec<NewAttack>, StoreError> {
        let mut read: Vec<(i64, AttackRecord, bool, bool)> = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, number) = (row.try_get(0)?, row.try_get(1)?);
            let record = read_record(id, &row.try_get::<Vec<u8>>(4)?)?;
            self.attack_ids.insert(number, record.id);
            read.push((number, record, row.try_get(2)?, row.try_get(3)?));
        }
        let keys = |of: &dyn Fn(&AttackRecord) -> Vec<u64>| {
            let keys = read.iter().flat_map(|(_, record, ..)| of(record));
            super::distinct(keys)
        };
        let of_endpoints = |record: &AttackRecord| -> Vec<u64> {
            record.endpoints.iter().map(|(key, _)| key.0).collect()
        };
        let of_agents = |record: &AttackRecord| -> Vec<u64> {
            record.user_agents.iter().map(|(key, _)| key.0).collect()
        };
        let (endpoint_keys, agent_keys) = (keys(&of_endpoints), keys(&of_agents));
        let (tenant, judgement) = (self.tenant, self.judgement);
        let endpoints =
            endpoint_numbers(self.connection, tenant, judgement, &endpoint_keys).await?;
        let agents = user_agents_by_key(self.connection, tenant, judgement, &agent_keys).await?;
        let numbers: Vec<i64> = read.iter().map(|(number, ..)| *number).collect();
        let mut addresses = self.addresses(&numbers).await?;
        let endpoint = |(key, _): &(EndpointKey, u64)| endpoints.get(key).copied();
        let agent = |(key, _): &(UserAgentKey, u64)| Some(agents.get(key)?.0);
        let attacks = read
            .into_iter()
            .map(|(number, record, provisional, excepted)| NewAttack {
                addresses: addresses.remove(&number).unwrap_or_default(),
                endpoints: record.endpoints.iter().filter_map(endpoint).collect(),
                agents: record.user_agents.iter().filter_map(agent).collect(),
                crawler: record
                    .user_agents
                    .first()
                    .and_then(|(key, _)| crawler(&agents.get(key)?.1)),
                excepted,
                provisional,
                record,
            });
        Ok(attacks.collect())
    }

    /// The attacks that are marked as excepted.
    pub(super) async fn excepted(&mut self) -> Result<Vec<AttackId>, StoreError> {
        let mut statement = self.select("SELECT id FROM attack");
        statement.push(" AND excepted = 1");
        let rows: Vec<(i64,)> = statement
            .build_query_as()
            .fetch_all(&mut *self.connection)
            .await?;
        let ids = rows.into_iter().map(|(id,)| AttackId(id as u64));
        Ok(ids.collect())
    }

    /// The addresses of attacks by their numbers.
    async fn addresses(
        &mut self,
        attacks: &[i64],
    ) -> Result<FxHashMap<i64, Vec<Address>>, StoreError> {
        let mut found = FxHashMap::<i64, Vec<Address>>::default();
        for chunk in attacks.chunks(ROWS) {
            let mut statement = self.select("SELECT attack, address FROM attack_address");
            statement.push(" AND attack");
            statement.push_in(chunk);
            let rows: Vec<(i64, Vec<u8>)> = statement
                .build_query_as()
                .fetch_all(&mut *self.connection)
                .await?;
            for (attack, address) in rows {
                let address =
                    read_address(&address).map_err(corrupt("attack_address", "address", attack))?;
                found.entry(attack).or_default().push(address);
            }
        }
        Ok(found)
    }

    /// All sessions, or the rows among these.
    pub(super) async fn sessions(
        &mut self,
        which: Which<'_>,
        mut take: impl FnMut(Vec<NewSession>),
    ) -> Result<(), StoreError> {
        match which {
            Which::All => {
                let (tenant, judgement) = (self.tenant, self.judgement);
                let all = (i64::MIN, i64::MAX);
                visit_sessions(self.connection, tenant, judgement, all, |sessions| {
                    take(sessions.into_iter().map(NewSession::from).collect());
                    true
                })
                .await
            }
            Which::These(ids) => {
                for chunk in ids.chunks(ROWS) {
                    let mut statement = self.select(COLUMNS);
                    statement.push(" AND id");
                    statement.push_in(chunk);
                    let rows = statement.build().fetch_all(&mut *self.connection).await?;
                    let sessions = rows.iter();
                    let sessions = sessions.map(|row| read_session(row).map(NewSession::from));
                    take(sessions.collect::<Result<_, _>>()?);
                }
                Ok(())
            }
        }
    }

    /// Sessions that are over, as they were just stored.
    pub(super) async fn over(
        &mut self,
        sessions: Vec<&SessionRecord>,
    ) -> Result<Vec<NewSession>, StoreError> {
        let target = Target {
            tenant: self.tenant,
            judgement: self.judgement,
            provisional: 0,
        };
        let mut numbers = Numbers::default();
        let stored = stored_sessions(self.connection, target, sessions, &mut numbers).await?;
        Ok(stored.into_iter().map(NewSession::from).collect())
    }

    /// The attacks of sessions, and the sessions of which one is a preview's.
    pub(super) async fn links(
        &mut self,
        which: Which<'_>,
        mut take: impl FnMut(Vec<(SessionId, Link)>, Vec<SessionId>),
    ) -> Result<(), StoreError> {
        let head = "SELECT session, attack, hits, provisional FROM attack_session";
        match which {
            Which::All => {
                let mut last: Option<i64> = None;
                loop {
                    let mut statement = self.select(head);
                    if let Some(last) = last {
                        statement.push(" AND session > ").push_bind(last);
                    }
                    statement
                        .push(" ORDER BY session, attack LIMIT ")
                        .push_bind(PART);
                    let mut rows: Vec<LinkRow> = statement
                        .build_query_as()
                        .fetch_all(&mut *self.connection)
                        .await?;
                    let Some((end, ..)) = rows.last().copied() else {
                        return Ok(());
                    };
                    let full = rows.len() as i64 == PART;
                    if full && rows[0].0 != end {
                        // The last session may have more attacks; it begins the next part.
                        rows.retain(|(session, ..)| *session != end);
                    }
                    last = rows.last().map(|(session, ..)| *session);
                    self.take_links(&rows, &mut take).await?;
                }
            }
            Which::These(sessions) => {
                for chunk in sessions.chunks(ROWS) {
                    let mut statement = self.select(head);
                    statement.push(" AND session");
                    statement.push_in(chunk);
                    let rows: Vec<LinkRow> = statement
                        .build_query_as()
                        .fetch_all(&mut *self.connection)
                        .await?;
                    self.take_links(&rows, &mut take).await?;
                }
                Ok(())
            }
        }
    }

    async fn take_links(
        &mut self,
        rows: &[LinkRow],
        take: &mut impl FnMut(Vec<(SessionId, Link)>, Vec<SessionId>),
    ) -> Result<(), StoreError> {
        let mut unknown: Vec<i64> = rows.iter().map(|(_, attack, ..)| *attack).collect();
        unknown.retain(|attack| !self.attack_ids.contains_key(attack));
        unknown.sort_unstable();
        unknown.dedup();
        for chunk in unknown.chunks(ROWS) {
            let mut statement = self.select("SELECT number, id FROM attack");
            statement.push(" AND number");
            statement.push_in(chunk);
            let found: Vec<(i64, i64)> = statement
                .build_query_as()
                .fetch_all(&mut *self.connection)
                .await?;
            let found = found.into_iter();
            self.attack_ids
                .extend(found.map(|(number, id)| (number, AttackId(id as u64))));
        }
        let mut links = BTreeMap::<i64, Link>::new();
        let mut of_preview = Vec::new();
        for (session, attack, hits, provisional) in rows {
            let link = links.entry(*session).or_default();
            link.attacks.extend(self.attack_ids.get(attack).copied());
            link.hits = link.hits.saturating_add(small(*hits));
            if *provisional {
                of_preview.push(SessionId(*session as u64));
            }
        }
        let links = links.into_iter();
        let links = links.map(|(session, link)| (SessionId(session as u64), link));
        take(links.collect(), of_preview);
        Ok(())
    }

    fn select(&self, head: &str) -> QueryBuilder {
        let mut statement = QueryBuilder::new(head);
        push_of(&mut statement, self.tenant, self.judgement);
        statement
    }
}

/// Which crawler a user agent says it is.
fn crawler(user_agent: &UserAgentRecord) -> Option<&'static str> {
    let is_crawler = user_agent.class == UserAgentClass::Crawler;
    is_crawler.then(|| attribute::known_crawler(&user_agent.text).unwrap_or_default())
}

/// Session, attack by number, hits, whether it is a preview's.
type LinkRow = (i64, i64, i64, bool);
