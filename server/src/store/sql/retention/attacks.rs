//! Removing the detail of attacks, and later the attacks.

use engine::AttackRecord;

use super::super::{StoreError, TenantStore, corrupt};
use super::bounds;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::pack::{decode_record, encode_record};
use crate::store::{Expired, JudgementKey};

/// Attacks that one step works on.
const STEP: i64 = 100;

/// What hangs on an attack in detail.
const DETAIL: [&str; 3] = ["attack_request", "attack_slice", "attack_session"];

impl TenantStore {
    /// Removes the detail of some attacks that ended too long ago: detectors, heatmaps, hits. The
    /// attacks remain. Returns of how many.
    pub async fn remove_attack_detail(
        &self,
        judgement: JudgementKey,
        expired: Expired,
    ) -> Result<u64, StoreError> {
        let (from, until) = bounds(expired);
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let done: Option<(Option<i64>,)> =
            query_as("SELECT detailed_from FROM application WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(judgement.application)
                .fetch_optional(&mut transaction)
                .await?;
        let done = done.and_then(|(done,)| done).unwrap_or(i64::MIN);
        let rows: Vec<(i64, i64, Vec<u8>)> = query_as(
            "SELECT number, ended_at, record FROM attack
             WHERE tenant_id = $1 AND judgement = $2 AND ended_at >= $3 AND ended_at < $4
             ORDER BY ended_at LIMIT $5",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(from.max(done))
        .bind(until)
        .bind(STEP)
        .fetch_all(&mut transaction)
        .await?;
        let mut removed = 0;
        let mut newest = until;
        for (number, ended_at, bytes) in &rows {
            newest = *ended_at;
            let mut record: AttackRecord =
                decode_record(bytes).map_err(corrupt("attack", "record", number))?;
            if record.detectors.is_empty() && record.reckonings.is_empty() {
                continue;
            }
            removed += 1;
            record.detectors.clear();
            record.reckonings.clear();
            for table in DETAIL {
                remove_of(&mut transaction, self.tenant, judgement, table, *number).await?;
            }
            query("UPDATE attack SET record = $1 WHERE tenant_id = $2 AND number = $3")
                .bind(encode_record(&record))
                .bind(self.tenant)
                .bind(*number)
                .execute(&mut transaction)
                .await?;
        }
        if rows.len() < STEP as usize {
            newest = until;
        }
        // Those that ended at the same moment are looked at once more.
        let is_stuck = removed == 0 && rows.len() == STEP as usize;
        query(
            "UPDATE application SET detailed_from = $1
             WHERE tenant_id = $2 AND number = $3 AND (detailed_from IS NULL OR detailed_from < $1)",
        )
        .bind(newest + i64::from(is_stuck))
        .bind(self.tenant)
        .bind(judgement.application)
        .execute(&mut transaction)
        .await?;
        if removed > 0 {
            self.advance(&mut transaction, judgement).await?;
        }
        self.settle(transaction).await?;
        Ok(removed + u64::from(is_stuck))
    }

    /// Removes some of the attacks that ended too long ago; returns how many.
    pub async fn remove_attacks(
        &self,
        judgement: JudgementKey,
        expired: Expired,
    ) -> Result<u64, StoreError> {
        let (from, until) = bounds(expired);
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let rows: Vec<(i64,)> = query_as(
            "SELECT number FROM attack
             WHERE tenant_id = $1 AND judgement = $2 AND ended_at >= $3 AND ended_at < $4
             ORDER BY ended_at LIMIT $5",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(from)
        .bind(until)
        .bind(STEP)
        .fetch_all(&mut transaction)
        .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        for (number,) in &rows {
            for table in DETAIL.into_iter().chain(["attack_address"]) {
                remove_of(&mut transaction, self.tenant, judgement, table, *number).await?;
            }
            query("DELETE FROM attack WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(*number)
                .execute(&mut transaction)
                .await?;
        }
        self.advance(&mut transaction, judgement).await?;
        self.settle(transaction).await?;
        Ok(rows.len() as u64)
    }

    /// Removes what was measured of crawlers too long ago.
    pub async fn remove_crawler_slices(
        &self,
        judgement: JudgementKey,
        expired: Expired,
    ) -> Result<(), StoreError> {
        let (from, until) = bounds(expired);
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "DELETE FROM crawler_slice
             WHERE tenant_id = $1 AND judgement = $2 AND from_at >= $3 AND until_at < $4
               AND from_at < $4",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(from)
        .bind(until)
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await
    }
}

async fn remove_of(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
    table: &'static str,
    attack: i64,
) -> Result<(), StoreError> {
    let statement =
        format!("DELETE FROM {table} WHERE tenant_id = $1 AND judgement = $2 AND attack = $3");
    query(AssertSqlSafe(statement))
        .bind(tenant)
        .bind(judgement.number)
        .bind(attack)
        .execute(connection)
        .await?;
    Ok(())
}
