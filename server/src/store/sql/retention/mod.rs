//! How long things are kept: what is set, and removing what is older, in short transactions that
//! whoever calls repeats. When that is done is `pipeline`'s.

mod attacks;
mod carried;
mod requests;

use shared::{ApplicationId, Retention, Timestamp};

use super::{StoreError, TenantStore, corrupt};
use crate::store::AuditRecord;
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, query, query_as};
use crate::store::{Expired, JudgementKey};

pub(super) use carried::carry_over;

/// An application of which things may be too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retained {
    /// Its identifier.
    pub id: ApplicationId,
    /// The moment of the first request that came live; `None` while all of it was imported.
    pub live_since: Option<Timestamp>,
}

impl TenantStore {
    /// How long things are kept.
    pub async fn find_retention(&self) -> Result<Retention, StoreError> {
        let row: Option<(String,)> =
            query_as("SELECT settings FROM retention WHERE tenant_id = $1")
                .bind(self.tenant)
                .fetch_optional(&mut *self.look().await?)
                .await?;
        let Some((text,)) = row else {
            return Ok(Retention::default());
        };
        let read = serde_json::from_str(&text).map_err(|_| Malformed);
        read.map_err(corrupt("retention", "settings", self.tenant))
    }

    /// Sets that. Nothing is removed by it: the next time that retention is kept to, it is.
    pub async fn set_retention(
        &self,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.find_retention().await?;
        let text = serde_json::to_string(retention).expect("plain data can always be written");
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "INSERT INTO retention (tenant_id, settings) VALUES ($1, $2)
             ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings",
        )
        .bind(self.tenant)
        .bind(text)
        .execute(&mut transaction)
        .await?;
        let mut record = AuditRecord::new("retention.update", "");
        for ((name, was, _), (_, is, _)) in before.limits().into_iter().zip(retention.limits()) {
            record = record.field(name, Some(was), Some(is));
        }
        let record = record.field(
            "includes_imported",
            Some(before.includes_imported),
            Some(retention.includes_imported),
        );
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await
    }

    /// The applications, by name.
    pub async fn list_retained(&self) -> Result<Vec<Retained>, StoreError> {
        let rows: Vec<(i64, Option<i64>)> =
            query_as("SELECT id, live_since FROM application WHERE tenant_id = $1 ORDER BY name")
                .bind(self.tenant)
                .fetch_all(&mut *self.look().await?)
                .await?;
        let retained = rows.into_iter().map(|(id, live_since)| Retained {
            id: ApplicationId(id as u64),
            live_since: live_since.map(Timestamp),
        });
        Ok(retained.collect())
    }

    /// Removes what the IP lists were before `lists`, and entries of the audit log before `audit`.
    pub async fn remove_old_history(
        &self,
        lists: Timestamp,
        audit: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        super::lists::forget_history(&mut transaction, self.tenant, lists).await?;
        self.forget_audit(&mut transaction, audit).await?;
        self.settle(transaction).await
    }

    /// Notes that what is kept in memory of the judgement no longer holds.
    async fn advance(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
    ) -> Result<Option<i64>, StoreError> {
        // Not a commit, but what is known of the last one is out of date.
        let advanced: Option<(i64,)> = query_as(
            "UPDATE judgement SET revision = revision + 1 WHERE tenant_id = $1 AND number = $2
             RETURNING revision",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .fetch_optional(connection)
        .await?;
        Ok(advanced.map(|(revision,)| revision))
    }
}

/// The earliest and the latest moment of what is too old, as statements compare it.
fn bounds(expired: Expired) -> (i64, i64) {
    (
        expired.from.map_or(i64::MIN, |from| from.0),
        expired.until.0,
    )
}
