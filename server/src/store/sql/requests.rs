//! Reading the hits of an attack from segments, in the order of time.

use std::sync::RwLock;

use engine::{DetectorMask, MemberRequests};
use rustc_hash::FxHashMap;
use shared::{AttackId, Page, SessionId};

use super::segments::Span;
use super::session_blocks::read_sessions;
use super::sessions::{client_of_session, find_user_agents};
use super::texts::endpoints_by_key;
use super::{StoreError, TenantStore, corrupt, index, stored};
use crate::store::database::{Connection, QueryBuilder, query_as};
use crate::store::index::Index;
use crate::store::pack::decode_attack_rows;
use crate::store::{HitRow, JudgementKey, PageRequest, Period, RequestRow};

/// Rows of an attack with the detectors that each fed, ascending.
pub(super) type FedRows = Vec<(u32, DetectorMask)>;

impl TenantStore {
    /// The hits of an attack, in the order of time; `None` if there is no such attack.
    pub async fn list_hits(
        &self,
        attack: AttackId,
        page: PageRequest,
    ) -> Result<Option<Page<HitRow>>, StoreError> {
        let mut view = self.read().await?;
        let Some(found) = self.find_attack_record(&mut view, attack).await? else {
            return Ok(None);
        };
        let judgement = found.shown.judgement;
        let voted = found.record.voted();
        let mut fed = self
            .list_fed(&mut view, judgement.number, &[found.number], None)
            .await?;
        fed.retain(|_, rows| {
            rows.retain(|(_, mask)| !mask.and(voted).is_empty());
            !rows.is_empty()
        });
        let mut numbers: Vec<u64> = fed.keys().map(|(_, segment)| *segment).collect();
        numbers.sort_unstable();
        let spans = self
            .list_spans(&mut view, judgement.application, &numbers)
            .await?;
        let pick = |segment: &RequestRows<'_>, picked: &mut Vec<HitRow>| {
            for (row, mask) in fed
                .get(&(found.number, segment.number))
                .into_iter()
                .flatten()
            {
                picked.extend(segment.get(*row).map(|request| HitRow {
                    request,
                    session: None,
                    detectors: mask.and(voted),
                }));
            }
        };
        let mut page = self.page(&mut view, judgement, &spans, page, pick).await?;
        drop(view);
        let index = self.index_of(&found.shown).await?;
        self.name_sessions(&index, judgement.number, found.number, &mut page.items)
            .await?;
        Ok(Some(page))
    }

    /// The requests of an attack in a window, hits or not, to be told apart by address: at most
    /// about `most`, the newest, and whether those are all; `None` if there is no such attack.
    pub async fn read_attack_requests(
        &self,
        attack: AttackId,
        window: Period,
        most: usize,
    ) -> Result<Option<(MemberRequests, bool)>, StoreError> {
        let mut view = self.read().await?;
        let Some(found) = self.find_attack_record(&mut view, attack).await? else {
            return Ok(None);
        };
        let judgement = found.shown.judgement;
        let fed = self
            .list_fed(&mut view, judgement.number, &[found.number], None)
            .await?;
        let mut numbers: Vec<u64> = fed.keys().map(|(_, segment)| *segment).collect();
        numbers.sort_unstable();
        let mut spans = self
            .list_spans(&mut view, judgement.application, &numbers)
            .await?;
        spans.retain(|span| span.max_at >= window.from.0 && span.min_at <= window.until.0);
        spans.sort_unstable_by_key(|span| (span.max_at, span.number));
        let (mut requests, mut complete) = (MemberRequests::default(), true);
        for span in spans.iter().rev() {
            if requests.len() >= most {
                complete = false;
                break;
            }
            let number = span.number;
            let segment = self
                .find_segment(&mut view, judgement, number, span.rows)
                .await?;
            if let (Some(segment), Some(rows)) = (segment, fed.get(&(found.number, number))) {
                let in_window = |at| (window.from.0..=window.until.0).contains(&at);
                requests.add(&segment.batch, number, rows, in_window);
            }
        }
        let keys = requests.endpoints().into_iter().map(|key| stored(key.0));
        let keys: Vec<i64> = keys.collect();
        let known = endpoints_by_key(&mut view, self.tenant, judgement.number, &keys).await?;
        requests.fold(|key| known.get(&key).map(|record| record.key));
        Ok(Some((requests, complete)))
    }

    /// Reads segments in the order of time until the page is full.
    async fn page<T: HasRequest>(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        spans: &[Span],
        page: PageRequest,
        pick: impl Fn(&RequestRows<'_>, &mut Vec<T>),
    ) -> Result<Page<T>, StoreError> {
        let limit = page.limit as usize;
        let mut picked: Vec<T> = Vec::new();
        for span in spans {
            if page.cursor.is_some_and(|cursor| span.max_at < cursor.value) {
                continue;
            }
            // Spans come by their beginnings: nothing later can be older than this.
            if picked.len() > limit && picked[limit].request().at().0 < span.min_at {
                break;
            }
            let number = span.number;
            let Some(segment) = self
                .find_segment(connection, judgement, span.number, span.rows)
                .await?
            else {
                continue;
            };
            let rows = RequestRows {
                number,
                segment: &segment,
            };
            pick(&rows, &mut picked);
            if let Some(cursor) = page.cursor {
                picked.retain(|row| row.request().cursor() > cursor);
            }
            picked.sort_unstable_by_key(|row| row.request().cursor());
            picked.truncate(limit.saturating_add(1));
        }
        let mut next_cursor = None;
        if picked.len() > limit {
            picked.truncate(limit);
            next_cursor = picked.last().map(|row| row.request().cursor().to_string());
        }
        Ok(Page {
            items: picked,
            next_cursor,
        })
    }

    /// The rows of attacks (by number), each with its segment; `among` these segments, if given.
    pub(super) async fn list_fed(
        &self,
        connection: &mut Connection,
        judgement: i64,
        attacks: &[i64],
        among: Option<&[u64]>,
    ) -> Result<FxHashMap<(i64, u64), FedRows>, StoreError> {
        let mut fed = FxHashMap::<(i64, u64), FedRows>::default();
        if attacks.is_empty() {
            return Ok(fed);
        }
        let mut statement = QueryBuilder::new(
            "SELECT attack, segment, rows FROM attack_request WHERE tenant_id = ",
        );
        statement
            .push_bind(self.tenant)
            .push(" AND judgement = ")
            .push_bind(judgement);
        statement.push(" AND attack");
        statement.push_in(attacks);
        if let Some([first, .., last] | [first @ last]) = among {
            statement
                .push(" AND segment BETWEEN ")
                .push_bind(stored(*first));
            statement.push(" AND ").push_bind(stored(*last));
        }
        let rows: Vec<(i64, i64, Vec<u8>)> =
            statement.build_query_as().fetch_all(connection).await?;
        for (attack, segment, bytes) in rows {
            let rows = fed.entry((attack, segment as u64)).or_default();
            decode_attack_rows(&bytes, rows).map_err(corrupt("attack_request", "rows", attack))?;
        }
        // One commit's rows are in order, those of several need not be.
        for rows in fed.values_mut() {
            rows.sort_unstable_by_key(|(row, _)| *row);
        }
        Ok(fed)
    }

    /// Finds the stored sessions that the hits of an attack belong to.
    async fn name_sessions(
        &self,
        index: &RwLock<Index>,
        judgement: i64,
        attack: i64,
        hits: &mut [HitRow],
    ) -> Result<(), StoreError> {
        let times = || hits.iter().map(|hit| hit.request.at().0);
        let (Some(from), Some(until)) = (times().min(), times().max()) else {
            return Ok(());
        };
        let mut view = self.read().await?;
        let linked: Vec<(i64,)> = query_as(
            "SELECT session FROM attack_session
             WHERE tenant_id = $1 AND judgement = $2 AND attack = $3
               AND ended_at >= $4 AND ended_at - duration_ms <= $5",
        )
        .bind(self.tenant)
        .bind(judgement)
        .bind(attack)
        .bind(from)
        .bind(until)
        .fetch_all(&mut view)
        .await?;
        let linked: Vec<_> = {
            let index = index::read(index);
            let ids = linked.into_iter().map(|(id,)| SessionId(id as u64));
            ids.filter_map(|id| Some((index.session_ended_at(id)?.0, id)))
                .collect()
        };
        let sessions = read_sessions(&mut view, self.tenant, judgement, &linked).await?;
        let agents = find_user_agents(&mut view, self.tenant, sessions.iter()).await?;
        let mut by_client = FxHashMap::<_, Vec<_>>::default();
        for session in sessions {
            if let Some(client) = client_of_session(&session, &agents) {
                let began = session.ended_at - session.duration_ms;
                let period = began..=session.ended_at;
                by_client
                    .entry(client)
                    .or_default()
                    .push((period, session.id));
            }
        }
        for hit in hits {
            let at = hit.request.at().0;
            let candidates = by_client.get(&hit.request.client()).into_iter().flatten();
            hit.session = candidates
                .filter(|(period, _)| period.contains(&at))
                .map(|(_, id)| *id)
                .next();
        }
        Ok(())
    }
}

/// The rows of a segment.
struct RequestRows<'a> {
    number: u64,
    segment: &'a std::sync::Arc<crate::store::Segment>,
}

impl RequestRows<'_> {
    /// A row; `None` past the end, should a stored row number be wrong.
    fn get(&self, row: u32) -> Option<RequestRow> {
        let within = (row as usize) < self.segment.batch.requests.len();
        within.then(|| RequestRow::new(self.segment.clone(), row))
    }
}

/// What pages of requests are made of.
trait HasRequest {
    fn request(&self) -> &RequestRow;
}

impl HasRequest for HitRow {
    fn request(&self) -> &RequestRow {
        &self.request
    }
}
