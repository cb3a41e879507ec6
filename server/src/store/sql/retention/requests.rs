//! Removing sessions, and requests that no attack needs.

use engine::Batch;
use shared::Timestamp;

use super::super::{StoreError, TenantStore, corrupt, session_blocks, stored};
use super::bounds;
use crate::store::database::{Connection, query, query_as};
use crate::store::pack::decode_attack_rows;
use crate::store::segment::decode_batch;
use crate::store::{EncodedSegment, Expired, JudgementKey};

impl TenantStore {
    /// Removes the application's sessions that ended before `since` and the requests of its
    /// segments that ended before, except those of attacks, which keep their numbers. One
    /// short transaction a segment. Segments after the judgement's snapshot are the engine's
    /// log and stay.
    pub async fn remove_before(
        &self,
        judgement: JudgementKey,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let expired = Expired {
            from: None,
            until: since,
        };
        while self.remove_sessions(judgement, expired).await? > 0 {}
        let mut after = None;
        while let Some(number) = self.find_thick_segment(judgement, expired, after).await? {
            self.thin_segment(judgement, number).await?;
            after = Some(number);
        }
        self.end_thinning(judgement, since).await;
        Ok(())
    }

    /// Removes some of the sessions that are too old; returns how many.
    pub async fn remove_sessions(
        &self,
        judgement: JudgementKey,
        expired: Expired,
    ) -> Result<u64, StoreError> {
        let (from, until) = bounds(expired);
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        // Before anything is missing, so that nothing is judged again without it.
        note_thinned(&mut transaction, self.tenant, judgement, expired).await?;
        let number = judgement.number;
        let until =
            session_blocks::step_until(&mut transaction, self.tenant, number, (from, until))
                .await?;
        let ended = (from, until);
        let removed =
            session_blocks::remove_sessions(&mut transaction, self.tenant, number, ended).await?;
        if removed == 0 {
            self.settle(transaction).await?;
            return Ok(0);
        }
        let advanced = self.advance(&mut transaction, judgement).await?;
        self.settle(transaction).await?;
        if let Some(revision) = advanced {
            self.follow_retention(number, revision, ended);
        }
        Ok(removed)
    }

    /// The next segment after `after` that is too old and may have requests that no attack needs.
    pub async fn find_thick_segment(
        &self,
        judgement: JudgementKey,
        expired: Expired,
        after: Option<u64>,
    ) -> Result<Option<u64>, StoreError> {
        let (from, until) = bounds(expired);
        let next: Option<(i64,)> = query_as(
            "SELECT number FROM segment
             WHERE tenant_id = $1 AND application = $2 AND max_at >= $3 AND max_at < $4
               AND number <= (SELECT MAX(position) FROM snapshot
                              WHERE tenant_id = $1 AND judgement = $5 AND part = 0)
               AND number > $6 AND kind IS NULL AND rows > 0
             ORDER BY number LIMIT 1",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(from)
        .bind(until)
        .bind(judgement.number)
        .bind(after.map_or(-1, stored))
        .fetch_optional(&mut *self.look().await?)
        .await?;
        Ok(next.map(|(number,)| number as u64))
    }

    /// Forgets what was read of segments that were emptied, and gives back their room.
    pub async fn end_thinning(&self, judgement: JudgementKey, since: Timestamp) {
        // In small steps before, all at once here.
        let mut writer = self.shared.database.writer().await;
        if let Err(error) = writer.give_back_room(self.scope(), since).await {
            tracing::warn!(%error, "empty partitions stay until the next time");
        }
        drop(writer);
        self.shared
            .segments
            .forget(|(_, owner, _)| owner.application == judgement.application);
        self.shared.forget_indexes(judgement);
    }

    /// Rewrites a segment so that only rows of attacks say anything; removes it if none is. Returns
    /// whether it was otherwise before.
    pub async fn thin_segment(
        &self,
        judgement: JudgementKey,
        number: u64,
    ) -> Result<bool, StoreError> {
        // Only the lane's owner changes either, so that nobody else waits while they are read.
        let mut view = self.look().await?;
        let kept: Vec<(Vec<u8>,)> = query_as(
            "SELECT rows FROM attack_request
             WHERE tenant_id = $1 AND judgement = $2 AND segment = $3",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(stored(number))
        .fetch_all(&mut view)
        .await?;
        let mut rows = Vec::new();
        for (bytes,) in kept {
            decode_attack_rows(&bytes, &mut rows).map_err(corrupt(
                "attack_request",
                "rows",
                number,
            ))?;
        }
        let thin = if rows.is_empty() {
            None
        } else {
            let found: Option<(Vec<u8>,)> = query_as(
                "SELECT bytes FROM segment
                 WHERE tenant_id = $1 AND application = $2 AND number = $3",
            )
            .bind(self.tenant)
            .bind(judgement.application)
            .bind(stored(number))
            .fetch_optional(&mut view)
            .await?;
            let Some((bytes,)) = found else {
                return Ok(false);
            };
            let batch = decode_batch(&bytes).map_err(corrupt("segment", "bytes", number))?;
            rows.sort_unstable_by_key(|(row, _)| *row);
            let is_kept = |row: u32| rows.binary_search_by_key(&row, |(row, _)| *row).is_ok();
            let mut all = (0u32..).zip(&batch.requests);
            if all.all(|(row, request)| is_kept(row) || request.is_emptied()) {
                // It is as it should be since the last time.
                return Ok(false);
            }
            Some(EncodedSegment::new(number, &only(batch, is_kept)))
        };
        drop(view);
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        match thin {
            Some(thin) => {
                self.rewrite_segment(&mut transaction, judgement, thin)
                    .await?;
            }
            None => {
                query(
                    "DELETE FROM segment
                     WHERE tenant_id = $1 AND application = $2 AND number = $3",
                )
                .bind(self.tenant)
                .bind(judgement.application)
                .bind(stored(number))
                .execute(&mut transaction)
                .await?;
            }
        }
        self.settle(transaction).await?;
        Ok(true)
    }
}

/// Notes of which time requests are missing from now on.
async fn note_thinned(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
    expired: Expired,
) -> Result<(), StoreError> {
    let (from, until) = bounds(expired);
    query(
        "UPDATE application SET
             thinned_from = CASE WHEN thinned_from <= $1 THEN thinned_from ELSE $1 END,
             thinned_before = CASE WHEN thinned_before >= $2 THEN thinned_before ELSE $2 END
         WHERE tenant_id = $3 AND number = $4
           AND (thinned_before IS NULL OR thinned_before < $2 OR thinned_from > $1)",
    )
    .bind(from)
    .bind(until)
    .bind(tenant)
    .bind(judgement.application)
    .execute(connection)
    .await?;
    Ok(())
}

/// `batch` with the rows that are not kept emptied, so that the others keep their numbers.
fn only(batch: Batch, keep: impl Fn(u32) -> bool) -> Batch {
    let mut thin = batch;
    for (row, request) in (0u32..).zip(&mut thin.requests) {
        if !keep(row) {
            *request = request.emptied();
        }
    }
    thin
}
