//! Asks the indexes of a tenant's applications what a search asks, and finds what only the
//! tables know: where a request is.

use std::sync::RwLock;

use engine::ClientKey;
use shared::search::{Condition, Key, List, Query};
use shared::{AttackId, RequestId, SessionId};

use super::applications::Shown;
use super::bulk::{ROWS, push_of, select_in};
use super::session_blocks::read_sessions;
use super::sessions::{client_of_session, find_user_agents};
use super::{StoreError, TenantStore, index, stored};
use crate::store::database::Connection;
use crate::store::index::{Asked, Index, Ranked, RequestPlaces, ValueCounts};
use crate::store::{Cursor, PageRequest, Search};

/// So many sessions are looked through for a request that was named.
const CANDIDATES: usize = 5_000;

impl TenantStore {
    /// The values that the rows of a search in `list` have under `key`, those of most rows
    /// first. The key's own terms are not applied. Only values of which a word begins with
    /// `prefix`.
    pub async fn count_values(
        &self,
        list: List,
        search: &Search,
        key: Key,
        prefix: &str,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let shown = self.list_shown().await?;
        let mut values = ValueCounts::new(key, prefix);
        let ask = |index: &Index, asked: &Asked<'_>| match list {
            List::Attacks => index.count_attack_values(asked, &mut values),
            List::Sessions => index.count_session_values(asked, &mut values),
        };
        self.ask(&shown, search, ask).await?;
        Ok(values.into_most())
    }

    /// What `ask` says of each application, in their order.
    pub(super) async fn ask<T>(
        &self,
        shown: &[Shown],
        search: &Search,
        mut ask: impl FnMut(&Index, &Asked<'_>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let mut answers = Vec::with_capacity(shown.len());
        for shown in shown {
            let index = self.index_of(shown).await?;
            let mut requests = RequestPlaces::default();
            for id in named_requests(&search.query) {
                let (attacks, sessions) = self.find_request(shown, id, &index).await?;
                requests.add(id, attacks, sessions);
            }
            let asked = Asked {
                query: &search.query,
                period: search.period,
                application: &shown.name,
                requests: &requests,
                ongoing_since: search.ongoing_since,
            };
            answers.push(ask(&index::read(&index), &asked));
        }
        Ok(answers)
    }

    /// The attacks and the sessions of which a request is one.
    async fn find_request(
        &self,
        shown: &Shown,
        id: RequestId,
        index: &RwLock<Index>,
    ) -> Result<(Vec<AttackId>, Vec<SessionId>), StoreError> {
        let mut view = self.read().await?;
        let judgement = shown.judgement;
        let segment = self
            .find_segment(&mut view, judgement, id.segment, id.row.saturating_add(1))
            .await?;
        let found = segment.as_ref().and_then(|segment| {
            let row = id.row as usize;
            let request = segment.batch.requests.get(row)?;
            Some((request.at, request.address, *segment.clients.get(row)?))
        });
        let Some((at, address, client)) = found else {
            return Ok((Vec::new(), Vec::new()));
        };
        let (attacks, mut sessions) = {
            let index = index::read(index);
            (index.attacks_at(at), index.sessions_at(at))
        };
        // Most sessions have one address, so these are looked at first.
        sessions.sort_by_key(|(_, other)| *other != address);
        sessions.truncate(CANDIDATES);
        let judgement = judgement.number;
        let attacks = self
            .attacks_with(&mut view, judgement, &attacks, id)
            .await?;
        let sessions: Vec<_> = sessions.into_iter().map(|(place, _)| place).collect();
        let session = self
            .session_of(&mut view, judgement, &sessions, client)
            .await?;
        Ok((attacks, session.into_iter().collect()))
    }

    /// Those of the attacks that the request is one of.
    async fn attacks_with(
        &self,
        view: &mut Connection,
        judgement: i64,
        attacks: &[AttackId],
        id: RequestId,
    ) -> Result<Vec<AttackId>, StoreError> {
        let keys: Vec<i64> = attacks.iter().map(|attack| stored(attack.0)).collect();
        let ids = select_in(
            view,
            |statement| {
                statement.push("SELECT number, id FROM attack");
                push_of(statement, self.tenant, judgement);
                statement.push(" AND id");
            },
            &keys,
            |row| Ok((row.try_get(0)?, AttackId(row.try_get::<i64>(1)? as u64))),
        )
        .await?;
        let numbers: Vec<i64> = ids.keys().copied().collect();
        let mut with = Vec::new();
        for chunk in numbers.chunks(ROWS) {
            let fed = self
                .list_fed(view, judgement, chunk, Some(&[id.segment]))
                .await?;
            for ((attack, _), rows) in fed {
                if rows.binary_search_by_key(&id.row, |(row, _)| *row).is_ok() {
                    with.extend(ids.get(&attack).copied());
                }
            }
        }
        Ok(with)
    }

    /// The session of a client among these.
    async fn session_of(
        &self,
        view: &mut Connection,
        judgement: i64,
        sessions: &[(i64, SessionId)],
        client: ClientKey,
    ) -> Result<Option<SessionId>, StoreError> {
        for chunk in sessions.chunks(ROWS) {
            let found = read_sessions(view, self.tenant, judgement, chunk).await?;
            let agents = find_user_agents(view, self.tenant, found.iter()).await?;
            let of_client = found
                .into_iter()
                .find(|session| client_of_session(session, &agents) == Some(client));
            if let Some(session) = of_client {
                return Ok(Some(session.id));
            }
        }
        Ok(None)
    }
}

fn named_requests(query: &Query) -> impl Iterator<Item = RequestId> {
    query.terms.iter().filter_map(|term| match term.condition {
        Condition::Request(id) => Some(id),
        _ => None,
    })
}

/// A page of what each application has, in order, each row with the place of its application;
/// and where the next page begins, if there is one: one row more than the page was asked for.
pub(super) fn cut_page(
    found: Vec<Vec<Ranked>>,
    page: PageRequest,
    descending: bool,
) -> (Vec<(Ranked, usize)>, Option<String>) {
    let mut rows: Vec<(Ranked, usize)> = Vec::new();
    for (place, of_application) in found.into_iter().enumerate() {
        rows.extend(of_application.into_iter().map(|row| (row, place)));
    }
    rows.sort_unstable();
    if descending {
        rows.reverse();
    }
    let limit = page.limit as usize;
    if rows.len() <= limit {
        return (rows, None);
    }
    rows.truncate(limit);
    let next = rows.last().map(|((value, id), _)| Cursor {
        value: *value,
        id: *id as u64,
    });
    (rows, next.map(|cursor| cursor.to_string()))
}
