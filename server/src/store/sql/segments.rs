//! Segments as they are stored: loading them, alone or as the engine's log.

use std::sync::Arc;

use engine::Batch;
use futures::FutureExt;
use futures::future::BoxFuture;
use shared::{ApplicationSettings, Timestamp};

use super::bulk::select_in;
use super::{StoreError, TenantStore, corrupt, small, stored};
use crate::aside::aside;
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, query, query_as};
use crate::store::segment::{ClientRequests, Whose, decode_batch, decode_told};
use crate::store::{EncodedSegment, JudgementKey, Logged, Segment};

/// When the requests of a segment came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) number: u64,
    pub(super) min_at: i64,
    pub(super) max_at: i64,
    /// How many there are; a segment may grow.
    pub(super) rows: u32,
}

/// By what keys are found.
type Settings = Arc<ApplicationSettings>;

/// What of a segment is read: it is known, or is being decoded.
pub(super) enum Reading<T> {
    Known(Arc<Segment>),
    Decoding(u64, BoxFuture<'static, Result<T, Malformed>>),
}

impl<T: From<Arc<Segment>>> Reading<T> {
    /// What was begun.
    pub(super) async fn finish(self) -> Result<T, StoreError> {
        let (number, decoding) = match self {
            Self::Known(segment) => return Ok(segment.into()),
            Self::Decoding(number, decoding) => (number, decoding),
        };
        decoding.await.map_err(corrupt("segment", "bytes", number))
    }
}

/// What a client's requests are found in.
pub(super) enum OfClient {
    /// All of a segment.
    Segment(Arc<Segment>),
    /// They alone, of the segment of this number.
    Requests(u64, ClientRequests),
}

impl From<Arc<Segment>> for OfClient {
    fn from(segment: Arc<Segment>) -> Self {
        Self::Segment(segment)
    }
}

/// Of what is in the log: its number, its kind unless it is requests, the oldest moment that it is
/// about, and its bytes.
pub(super) type LogRow = (i64, Option<i64>, i64, Vec<u8>);

impl TenantStore {
    /// The application's segments after number `after` (`None`: from the first), in order, at
    /// most `limit`, by the settings of the judgement. They are decoded for this call alone.
    pub async fn list_segments(
        &self,
        judgement: JudgementKey,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Segment>, StoreError> {
        let after = after.map_or(-1, stored);
        let rows = self.read_requests(judgement, after, limit.into()).await?;
        let settings = self.find_judged_by(judgement).await?;
        let mut segments = Vec::with_capacity(rows.len());
        for (number, bytes) in rows {
            let segment = Segment::decode(number as u64, &bytes, &settings);
            segments.push(segment.map_err(corrupt("segment", "bytes", number))?);
        }
        Ok(segments)
    }

    /// The same as they are stored, after any number.
    pub(super) async fn read_requests(
        &self,
        judgement: JudgementKey,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let rows = query_as(
            "SELECT number, bytes FROM segment
             WHERE tenant_id = $1 AND application = $2 AND number > $3 AND kind IS NULL
             ORDER BY number LIMIT $4",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(after)
        .bind(limit)
        .fetch_all(&mut *self.look().await?)
        .await?;
        Ok(rows)
    }

    /// The requests of one segment as they were stored, whatever is set; `None` if it is not
    /// stored (any more).
    pub async fn find_batch(
        &self,
        judgement: JudgementKey,
        number: u64,
    ) -> Result<Option<Batch>, StoreError> {
        let mut view = self.look().await?;
        let bytes = self
            .read_segment(&mut view, judgement.application, number)
            .await?;
        let batch = bytes.map(|bytes| decode_batch(&bytes));
        batch
            .transpose()
            .map_err(corrupt("segment", "bytes", number))
    }

    /// The requests of one segment as they are stored; `None` if it is not stored (any more).
    async fn read_segment(
        &self,
        connection: &mut Connection,
        application: i64,
        number: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = query_as(
            "SELECT bytes FROM segment
             WHERE tenant_id = $1 AND application = $2 AND number = $3 AND kind IS NULL",
        )
        .bind(self.tenant)
        .bind(application)
        .bind(stored(number))
        .fetch_optional(connection)
        .await?;
        Ok(row.map(|(bytes,)| bytes))
    }

    /// Everything that the engine was told after number `after` (`None`: from the first), in
    /// order, at most `limit`.
    pub async fn list_log(
        &self,
        judgement: JudgementKey,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        let rows = self.read_log(judgement, after, limit.into()).await?;
        let settings = self.find_judged_by(judgement).await?;
        let mut log = Vec::with_capacity(rows.len());
        for (number, kind, min_at, bytes) in rows {
            let corrupt = corrupt("segment", "bytes", number);
            let number = number as u64;
            let logged = match kind {
                None => Segment::decode(number, &bytes, &settings).map(Logged::Requests),
                Some(kind) => decode_told(kind, &bytes).map(|input| Logged::Told {
                    number,
                    judged_until: min_at,
                    input,
                }),
            };
            log.push(logged.map_err(corrupt)?);
        }
        Ok(log)
    }

    /// The same as it is stored.
    pub(super) async fn read_log(
        &self,
        judgement: JudgementKey,
        after: Option<u64>,
        limit: i64,
    ) -> Result<Vec<LogRow>, StoreError> {
        let rows = query_as(
            "SELECT number, kind, min_at, bytes FROM segment
             WHERE tenant_id = $1 AND application = $2 AND number > $3 ORDER BY number LIMIT $4",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(after.map_or(-1, stored))
        .bind(limit)
        .fetch_all(&mut *self.look().await?)
        .await?;
        Ok(rows)
    }

    /// Gives a segment other bytes, of as many rows.
    pub(super) async fn rewrite_segment(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        segment: EncodedSegment,
    ) -> Result<(), StoreError> {
        query(
            "UPDATE segment SET bytes = $1
             WHERE tenant_id = $2 AND application = $3 AND number = $4",
        )
        .bind(segment.bytes)
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(stored(segment.number))
        .execute(connection)
        .await?;
        Ok(())
    }

    /// The application's segments by their oldest request, each with when that came.
    pub async fn list_segment_begins(
        &self,
        judgement: JudgementKey,
    ) -> Result<Vec<(u64, Timestamp)>, StoreError> {
        let rows: Vec<(i64, i64)> = query_as(
            "SELECT number, min_at FROM segment
             WHERE tenant_id = $1 AND application = $2 AND kind IS NULL AND rows > 0
             ORDER BY min_at, number",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let begins = rows.into_iter();
        Ok(begins
            .map(|(number, at)| (number as u64, Timestamp(at)))
            .collect())
    }

    /// One segment, from memory if it was asked for lately and has had `rows` rows then (it may
    /// have grown); `None` if it is not stored (any more).
    pub(super) async fn find_segment(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        number: u64,
        rows: u32,
    ) -> Result<Option<Arc<Segment>>, StoreError> {
        let found = self
            .find_segments(connection, judgement, &[(number, rows)])
            .await?;
        Ok(found.into_iter().next())
    }

    /// The same of several, each with its rows, in this order: they are decoded side by side.
    /// All of them are in memory then, so a few at a time.
    pub(super) async fn find_segments(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        wanted: &[(u64, u32)],
    ) -> Result<Vec<Arc<Segment>>, StoreError> {
        let mut reading = Vec::with_capacity(wanted.len());
        for (number, rows) in wanted.iter().copied() {
            let decode = self.decode_and_keep(judgement, number);
            let begun = self.begin_reading(connection, judgement, number, rows, decode);
            reading.extend(begun.await?);
        }
        let mut segments = Vec::with_capacity(reading.len());
        for reading in reading {
            segments.push(reading.finish().await?);
        }
        Ok(segments)
    }

    /// Begins to read what a segment of `rows` rows has of one client; `None` if it is not stored
    /// (any more).
    pub(super) async fn begin_reading_client(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        span: Span,
        whose: Whose,
    ) -> Result<Option<Reading<OfClient>>, StoreError> {
        let number = span.number;
        let decode_whole = self.decode_and_keep(judgement, number);
        let decode = move |bytes: &[u8], settings: &Settings| {
            Ok(match ClientRequests::decode(bytes, settings, whose)? {
                Some(requests) => OfClient::Requests(number, requests),
                None => decode_whole(bytes, settings)?.into(),
            })
        };
        self.begin_reading(connection, judgement, number, span.rows, decode)
            .await
    }

    /// Decodes a segment, and keeps it in memory for whoever asks next.
    fn decode_and_keep(
        &self,
        judgement: JudgementKey,
        number: u64,
    ) -> impl FnOnce(&[u8], &Settings) -> Result<Arc<Segment>, Malformed> + Send + use<> {
        let (shared, key) = (Arc::clone(&self.shared), (self.tenant, judgement, number));
        move |bytes, settings| {
            let segment = Arc::new(Segment::decode(number, bytes, settings)?);
            shared.segments.put(key, Arc::clone(&segment));
            Ok(segment)
        }
    }

    async fn begin_reading<T: From<Arc<Segment>> + Send + 'static>(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        number: u64,
        rows: u32,
        decode: impl FnOnce(&[u8], &Settings) -> Result<T, Malformed> + Send + 'static,
    ) -> Result<Option<Reading<T>>, StoreError> {
        let known = self.shared.segments.get(&(self.tenant, judgement, number));
        if let Some(known) = known.filter(|it| it.batch.requests.len() >= rows as usize) {
            return Ok(Some(Reading::Known(known)));
        }
        let bytes = self
            .read_segment(connection, judgement.application, number)
            .await?;
        let Some(bytes) = bytes else { return Ok(None) };
        let settings = self.judged_by(connection, judgement).await?;
        let decoding = aside(move || decode(&bytes, &settings));
        Ok(Some(Reading::Decoding(number, decoding.boxed())))
    }

    /// When the requests of these segments came; those not stored (any more) are left out.
    /// By their oldest request.
    pub(super) async fn list_spans(
        &self,
        connection: &mut Connection,
        application: i64,
        numbers: &[u64],
    ) -> Result<Vec<Span>, StoreError> {
        let numbers: Vec<i64> = numbers.iter().copied().map(stored).collect();
        let spans = select_in(
            connection,
            |statement| {
                statement
                    .push("SELECT number, min_at, max_at, rows FROM segment WHERE tenant_id = ")
                    .push_bind(self.tenant)
                    .push(" AND application = ")
                    .push_bind(application)
                    .push(" AND number");
            },
            &numbers,
            |row| {
                let number = row.try_get::<i64>(0)? as u64;
                let span = Span {
                    number,
                    min_at: row.try_get(1)?,
                    max_at: row.try_get(2)?,
                    rows: small(row.try_get(3)?),
                };
                Ok((number, span))
            },
        )
        .await?;
        let mut spans: Vec<Span> = spans.into_values().collect();
        spans.sort_unstable_by_key(|span| (span.min_at, span.number));
        Ok(spans)
    }
}
