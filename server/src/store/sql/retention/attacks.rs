//! Removing the detail of attacks, and later the attacks.

use engine::AttackRecord;

use super::super::{StoreError, TenantStore, corrupt};
use super::bounds;
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::pack::{decode_record, encode_record};
use crate::store::{Expired, JudgementKey};

/// Attacks that one step works on.
const STEP: i64 = 100;

/// What hangs on an attack.
pub(super) const OF_ATTACK: [&str; 4] = [
    "attack_session",
    "attack_address",
    "attack_request",
    "attack_slice",
];

/// What of it is detail.
const DETAIL: [&str; 3] = ["attack_session", "attack_request", "attack_slice"];

impl TenantStore {
    /// Removes the detail of some attacks that ended too long ago: detectors, heatmaps, hits. The
    /// attacks remain. Returns of how many.
    pub async fn remove_attack_detail(
        &self,
        judgement: JudgementKey,
        expired: Expired,
    ) -> Result<u64, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let rows = self
            .expired_attacks(
                &mut transaction,
                judgement,
                expired,
                "AND EXISTS (SELECT 1 FROM attack_request r
                     WHERE r.tenant_id = $1 AND r.judgement = $2 AND r.attack = a.number)",
            )
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        for (number, bytes) in &rows {
            let mut record: AttackRecord =
                decode_record(bytes).map_err(corrupt("attack", "record", number))?;
            record.detectors.clear();
            record.reckonings.clear();
            for table in DETAIL {
                remove_of(
                    &mut transaction,
                    self.tenant,
                    judgement.number,
                    table,
                    *number,
                )
                .await?;
            }
            query("UPDATE attack SET record = $1 WHERE tenant_id = $2 AND number = $3")
                .bind(encode_record(&record))
                .bind(self.tenant)
                .bind(*number)
                .execute(&mut transaction)
                .await?;
        }
        self.advance(&mut transaction, judgement).await?;
        self.settle(transaction).await?;
        Ok(rows.len() as u64)
    }

    /// Removes some of the attacks that ended too long ago; returns how many.
    pub async fn remove_attacks(
        &self,
        judgement: JudgementKey,
        expired: Expired,
    ) -> Result<u64, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let rows = self
            .expired_attacks(&mut transaction, judgement, expired, "")
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        for (number, _) in &rows {
            remove_attack(&mut transaction, self.tenant, judgement.number, *number).await?;
        }
        self.advance(&mut transaction, judgement).await?;
        self.settle(transaction).await?;
        Ok(rows.len() as u64)
    }

    /// Some of the attacks that ended too long ago and of which `more` holds, those that ended first
    /// first: their numbers and records.
    async fn expired_attacks(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
        expired: Expired,
        more: &'static str,
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let (from, until) = bounds(expired);
        let statement = format!(
            "SELECT number, record FROM attack a
             WHERE tenant_id = $1 AND judgement = $2 AND ended_at >= $3 AND ended_at < $4
               {more} ORDER BY ended_at LIMIT $5"
        );
        let rows = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(judgement.number)
            .bind(from)
            .bind(until)
            .bind(STEP)
            .fetch_all(connection)
            .await?;
        Ok(rows)
    }

    /// Removes what was measured of crawlers too long ago: rows of which all of that is. One that
    /// begins before what is kept all the same ends is kept with it, to the end of that day.
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

/// Removes an attack and all that hangs on it.
pub(super) async fn remove_attack(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    number: i64,
) -> Result<(), StoreError> {
    for table in OF_ATTACK {
        remove_of(connection, tenant, judgement, table, number).await?;
    }
    query("DELETE FROM attack WHERE tenant_id = $1 AND number = $2")
        .bind(tenant)
        .bind(number)
        .execute(connection)
        .await?;
    Ok(())
}

async fn remove_of(
    connection: &mut Connection,
    tenant: i64,
    judgement: i64,
    table: &'static str,
    attack: i64,
) -> Result<(), StoreError> {
    let statement =
        format!("DELETE FROM {table} WHERE tenant_id = $1 AND judgement = $2 AND attack = $3");
    query(AssertSqlSafe(statement))
        .bind(tenant)
        .bind(judgement)
        .bind(attack)
        .execute(connection)
        .await?;
    Ok(())
}
