//! Removing what is older than wanted: sessions, and requests that no attack needs.

use engine::Batch;
use shared::Timestamp;

use super::{StoreError, TenantStore, corrupt, stored};
use crate::store::database::{query, query_as};
use crate::store::pack::decode_attack_rows;
use crate::store::segment::decode_batch;
use crate::store::{EncodedSegment, JudgementKey};

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
        let snapshot = self.find_snapshot(judgement).await?;
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("DELETE FROM session WHERE tenant_id = $1 AND judgement = $2 AND ended_at < $3")
            .bind(self.tenant)
            .bind(judgement.number)
            .bind(since.0)
            .execute(&mut transaction)
            .await?;
        // Not a commit, but what is known of the last one no longer holds.
        let advanced: Option<(i64,)> = query_as(
            "UPDATE judgement SET revision = revision + 1 WHERE tenant_id = $1 AND number = $2
             RETURNING revision",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .fetch_optional(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        if let Some((revision,)) = advanced {
            self.follow_retention(judgement.number, revision, since);
        }
        let Some(snapshot) = snapshot else {
            return Ok(());
        };
        let old: Vec<(i64,)> = query_as(
            "SELECT number FROM segment
             WHERE tenant_id = $1 AND application = $2 AND max_at < $3 AND number <= $4
               AND kind IS NULL AND rows > 0
             ORDER BY number",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(since.0)
        .bind(stored(snapshot.position))
        .fetch_all(&mut *writer.look(self.scope()).await?)
        .await?;
        drop(writer);
        for (number,) in old {
            self.thin_segment(judgement, number).await?;
        }
        // In small steps above, all at once here.
        let mut writer = self.shared.database.writer().await;
        if let Err(error) = writer.give_back_room(self.scope(), since).await {
            tracing::warn!(%error, "empty partitions stay until the next time");
        }
        drop(writer);
        self.shared
            .segments
            .forget(|(_, owner, _)| owner.application == judgement.application);
        self.shared.forget_indexes(judgement);
        Ok(())
    }

    /// Rewrites a segment so that only rows of attacks say anything.
    async fn thin_segment(&self, judgement: JudgementKey, number: i64) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let kept: Vec<(Vec<u8>,)> = query_as(
            "SELECT rows FROM attack_request
             WHERE tenant_id = $1 AND judgement = $2 AND segment = $3",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(number)
        .fetch_all(&mut transaction)
        .await?;
        let mut rows = Vec::new();
        for (bytes,) in kept {
            decode_attack_rows(&bytes, &mut rows).map_err(corrupt(
                "attack_request",
                "rows",
                number,
            ))?;
        }
        if rows.is_empty() {
            query("DELETE FROM segment WHERE tenant_id = $1 AND application = $2 AND number = $3")
                .bind(self.tenant)
                .bind(judgement.application)
                .bind(number)
                .execute(&mut transaction)
                .await?;
            self.settle(transaction).await?;
            return Ok(());
        }
        let (bytes,): (Vec<u8>,) = query_as(
            "SELECT bytes FROM segment
             WHERE tenant_id = $1 AND application = $2 AND number = $3",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(number)
        .fetch_one(&mut transaction)
        .await?;
        let batch = decode_batch(&bytes).map_err(corrupt("segment", "bytes", number))?;
        rows.sort_unstable_by_key(|(row, _)| *row);
        let batch = only(batch, |row| {
            rows.binary_search_by_key(&row, |(row, _)| *row).is_ok()
        });
        let thin = EncodedSegment::new(number as u64, &batch);
        self.rewrite_segment(&mut transaction, judgement, thin)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }
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
