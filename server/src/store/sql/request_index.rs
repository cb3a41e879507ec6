//! Reading the requests of sessions: an index over all of them, made once and kept in memory,
//! and any few of them from their segments.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use engine::{AttackRecord, Batch, Request, UsualEndpoints};
use rustc_hash::FxHashMap;
use shared::{RequestId, SessionId, Timestamp};

use super::attacks::read_record;
use super::requests::FedRows;
use super::segments::{OfClient, Span};
use super::texts::endpoints_by_key;
use super::{Shared, StoreError, TenantStore, corrupt, stored};
use crate::store::database::{Connection, query_as};
use crate::store::pack::decode_plain;
use crate::store::request_index::{Builder, Noted};
use crate::store::segment::Whose;
use crate::store::{
    JudgementKey, RequestAttackRow, RequestIndex, RequestRow, SessionRequestRow, SessionRow,
};

/// So many segments are on the way at a time.
const TOGETHER: usize = 8;

/// Which sessions, at which state of the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct IndexKey {
    tenant: i64,
    judgement: i64,
    revision: i64,
    /// Each with its end and its requests, which tell whether it went on.
    sessions: Vec<(SessionId, Timestamp, u32)>,
}

/// Requests of a segment with their rows.
type Requests<'a> = dyn Iterator<Item = (u32, &'a Request)> + Send + 'a;

/// An attack by its number.
type NumberedAttack = (i64, AttackRecord);

impl Shared {
    /// Forgets the indexes of a judgement whose requests are no longer there.
    pub(super) fn forget_indexes(&self, judgement: JudgementKey) {
        self.indexes.forget(|key| key.judgement == judgement.number);
    }
}

impl TenantStore {
    /// The requests of sessions of one application, oldest session first.
    pub async fn find_request_index(
        &self,
        sessions: &[SessionRow],
    ) -> Result<Arc<RequestIndex>, StoreError> {
        let known = |key: &IndexKey| self.shared.indexes.get(key);
        match self.find_index_state(sessions).await? {
            None => return Ok(Arc::default()),
            Some((key, _)) => {
                if let Some(index) = known(&key) {
                    return Ok(index);
                }
            }
        }
        // A page asks for requests and facets at once; one of them makes the index.
        let _making = self.shared.making_index.lock().await;
        let Some((key, usual)) = self.find_index_state(sessions).await? else {
            return Ok(Arc::default());
        };
        if let Some(index) = known(&key) {
            return Ok(index);
        }
        let usual = match usual {
            Some(usual) => {
                decode_plain(&usual).map_err(corrupt("judgement", "usual", key.judgement))?
            }
            None => UsualEndpoints::default(),
        };
        let mut view = self.read().await?;
        let mut builder = Builder::default();
        for session in sessions {
            self.index_session(&mut view, session, &mut builder).await?;
        }
        let keys = builder.endpoint_keys();
        let mut keys: Vec<i64> = keys.iter().map(|key| stored(key.0)).collect();
        keys.sort_unstable();
        let known = endpoints_by_key(&mut view, self.tenant, key.judgement, &keys).await?;
        let index = Arc::new(builder.finish(known, usual));
        self.shared.indexes.put(key, index.clone());
        Ok(index)
    }

    /// Under which key the index of `sessions` is kept now, and which endpoints are usual, as
    /// stored. `None` if the judgement is not the tenant's.
    async fn find_index_state(
        &self,
        sessions: &[SessionRow],
    ) -> Result<Option<(IndexKey, Option<Vec<u8>>)>, StoreError> {
        let Some(first) = sessions.first() else {
            return Ok(None);
        };
        let judgement = first.judgement.number;
        let state: Option<(i64, Option<Vec<u8>>)> =
            query_as("SELECT revision, usual FROM judgement WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(judgement)
                .fetch_optional(&mut *self.look().await?)
                .await?;
        let state_of = |row: &SessionRow| (row.id, row.ended_at, row.requests);
        Ok(state.map(|(revision, usual)| {
            let key = IndexKey {
                tenant: self.tenant,
                judgement,
                revision,
                sessions: sessions.iter().map(state_of).collect(),
            };
            (key, usual)
        }))
    }

    /// Some requests of an index, by their places in it.
    pub async fn list_session_requests(
        &self,
        sessions: &[SessionRow],
        index: &RequestIndex,
        places: &[u32],
    ) -> Result<Vec<SessionRequestRow>, StoreError> {
        let Some(first) = sessions.first() else {
            return Ok(Vec::new());
        };
        let mut view = self.read().await?;
        // Of each segment as many rows as are asked for.
        let mut wanted = BTreeMap::<u64, u32>::new();
        for id in places.iter().map(|place| index.id(*place)) {
            let rows = wanted.entry(id.segment).or_default();
            *rows = (*rows).max(id.row + 1);
        }
        let wanted: Vec<(u64, u32)> = wanted.into_iter().collect();
        let mut segments = FxHashMap::default();
        for wanted in wanted.chunks(TOGETHER) {
            let found = self.find_segments(&mut view, first.judgement, wanted);
            segments.extend(found.await?.into_iter().map(|it| (it.number, it)));
        }
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
            let id = index.id(*place);
            // Retention may have removed it since the index was made.
            let Some(segment) = segments.get(&id.segment) else {
                continue;
            };
            if (id.row as usize) < segment.batch.requests.len() {
                rows.push(SessionRequestRow {
                    request: RequestRow::new(Arc::clone(segment), id.row),
                    endpoint: index.endpoint(*place).clone(),
                    attacks: index.attacks(*place).to_vec(),
                    unusual: index.unusual(*place),
                });
            }
        }
        Ok(rows)
    }

    /// A request of a session, the first one that is found; `None` if none is stored any more.
    pub async fn find_session_request(
        &self,
        session: &SessionRow,
    ) -> Result<Option<RequestRow>, StoreError> {
        let mut view = self.read().await?;
        let period = session.started_at.0..=session.ended_at.0;
        let judgement = session.judgement;
        let spans = self
            .list_spans(&mut view, judgement.application, &session.segments)
            .await?;
        for span in spans {
            let segment = self
                .find_segment(&mut view, judgement, span.number, span.rows)
                .await?;
            let Some(segment) = segment else { continue };
            let row = segment
                .requests_of(session.client)
                .find(|(_, request)| period.contains(&request.at))
                .map(|(row, _)| row);
            if let Some(row) = row {
                return Ok(Some(RequestRow::new(segment, row)));
            }
        }
        Ok(None)
    }

    /// Adds the requests of a session to an index.
    async fn index_session(
        &self,
        connection: &mut Connection,
        session: &SessionRow,
        builder: &mut Builder,
    ) -> Result<(), StoreError> {
        let judgement = session.judgement;
        builder.begin_session(session.id, session.started_at);
        let attacks = self.list_session_attacks(connection, session).await?;
        let numbers: Vec<i64> = attacks.iter().map(|(number, _)| *number).collect();
        let among = Some(session.segments.as_slice());
        let fed = self
            .list_fed(connection, judgement.number, &numbers, among)
            .await?;
        let spans = self
            .list_spans(connection, judgement.application, &session.segments)
            .await?;
        let period = session.started_at.0..=session.ended_at.0;
        let meets = |span: &&Span| span.max_at >= *period.start() && span.min_at <= *period.end();
        let whose = Whose {
            client: session.client,
            address: (!session.keyed).then_some(session.address),
        };
        let mut add = |number: u64, batch: &Batch, requests: &mut Requests<'_>| {
            builder.begin_segment(number);
            for (row, request) in requests.filter(|(_, request)| period.contains(&request.at)) {
                let id = RequestId {
                    segment: number,
                    row,
                };
                builder.add(Noted {
                    batch,
                    row,
                    request,
                    attacks: attacks_of(&attacks, &fed, id),
                });
            }
        };
        let mut reading = VecDeque::new();
        let mut wanted = spans.iter().filter(meets);
        loop {
            while reading.len() < TOGETHER
                && let Some(span) = wanted.next()
            {
                let begun = self.begin_reading_client(connection, judgement, *span, whose);
                reading.extend(begun.await?);
            }
            let Some(next) = reading.pop_front() else {
                return Ok(());
            };
            match next.finish().await? {
                OfClient::Requests(number, found) => {
                    add(number, found.batch(), &mut found.requests());
                }
                OfClient::Segment(segment) => {
                    let mut requests = segment.requests_of(session.client);
                    add(segment.number, &segment.batch, &mut requests);
                }
            }
        }
    }

    /// The attacks of a session, by number, newest first.
    async fn list_session_attacks(
        &self,
        connection: &mut Connection,
        session: &SessionRow,
    ) -> Result<Vec<NumberedAttack>, StoreError> {
        let rows: Vec<(i64, i64, Vec<u8>)> = query_as(
            "SELECT a.number, a.id, a.record FROM attack_session x
             JOIN attack a ON a.number = x.attack
             WHERE x.tenant_id = $1 AND a.tenant_id = $1 AND x.judgement = $2 AND x.session = $3
             ORDER BY a.ended_at DESC, a.id",
        )
        .bind(self.tenant)
        .bind(session.judgement.number)
        .bind(stored(session.id.0))
        .fetch_all(connection)
        .await?;
        rows.into_iter()
            .map(|(number, id, record)| Ok((number, read_record(id, &record)?)))
            .collect()
    }
}

/// What a request of a session is to its attacks.
fn attacks_of(
    attacks: &[NumberedAttack],
    fed: &FxHashMap<(i64, u64), FedRows>,
    id: RequestId,
) -> Vec<RequestAttackRow> {
    let mut found = Vec::new();
    for (number, record) in attacks {
        let Some(rows) = fed.get(&(*number, id.segment)) else {
            continue;
        };
        let Ok(place) = rows.binary_search_by_key(&id.row, |(row, _)| *row) else {
            continue;
        };
        found.push(RequestAttackRow {
            id: record.id,
            bot_type: record.primary().bot_type,
            detectors: rows[place].1.and(record.voted()),
            crossed_bar: record.crossed.is_some_and(|(crossed, _)| crossed == id),
        });
    }
    found
}
