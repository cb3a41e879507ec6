//! Generations of verdicts: begun beside the one that is shown, switched to at once, and the
//! old one removed in small steps.

use shared::ApplicationId;

use super::changes::record_changes;
use super::lists::follow_exceptions;
use super::retention::carry_over;
use super::{StoreError, TenantStore};
use crate::store::database::{AssertSqlSafe, query, query_as};
use crate::store::{ChangeKind, JudgementKey};

/// Rows that one step of a removal deletes from a table.
const STEP: i64 = 5_000;

/// Tables that hang on a judgement, with what names a row in each.
pub(super) const TABLES: [(&str, &str); 13] = [
    ("attack_session", "session, attack"),
    ("attack_address", "attack, address"),
    ("attack_request", "attack, segment, revision"),
    ("attack_slice", "attack, from_at"),
    ("crawler_slice", "from_at, name"),
    ("attack", "id"),
    ("session", "ended_at, id"),
    ("session_block", "number"),
    ("endpoint_key", "key"),
    ("endpoint", "number"),
    ("user_agent", "key"),
    ("snapshot", "position, part"),
    ("judgement", "number"),
];

impl TenantStore {
    /// Begins another judgement of the same application, by what is set for it now. It is not
    /// shown until [`TenantStore::show_judgement`].
    pub async fn create_judgement(&self, shown: JudgementKey) -> Result<JudgementKey, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let created: Option<(i64,)> = query_as(
            "INSERT INTO judgement (tenant_id, application, settings, begun_at)
             SELECT a.tenant_id, a.number, a.settings,
                 CASE WHEN s.last > j.position THEN 1 + s.last ELSE 1 + j.position END
             FROM application a JOIN judgement j ON j.number = a.judgement
             LEFT JOIN (SELECT application, MAX(number) AS last FROM segment
                        WHERE tenant_id = $1 AND application = $2 GROUP BY application) s
                 ON s.application = a.number
             WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND a.number = $2
             RETURNING number",
        )
        .bind(self.tenant)
        .bind(shown.application)
        .fetch_optional(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        let (number,) = created.ok_or(StoreError::Conflict {
            constraint: "the application is one of the tenant's",
        })?;
        self.forget_judged_by(number);
        Ok(JudgementKey {
            application: shown.application,
            number,
        })
    }

    /// Shows `judgement` instead of the one shown so far, in one step.
    pub async fn show_judgement(&self, judgement: JudgementKey) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let before: Option<(i64,)> = query_as(
            "SELECT a.judgement FROM application a JOIN judgement j ON j.application = a.number
             WHERE a.tenant_id = $2 AND j.tenant_id = $2 AND j.number = $1",
        )
        .bind(judgement.number)
        .bind(self.tenant)
        .fetch_optional(&mut transaction)
        .await?;
        let shown: Option<(i64,)> = query_as(
            "UPDATE application SET judgement = $1 WHERE tenant_id = $2 AND number =
                 (SELECT application FROM judgement WHERE tenant_id = $2 AND number = $1)
             RETURNING id",
        )
        .bind(judgement.number)
        .bind(self.tenant)
        .fetch_optional(&mut transaction)
        .await?;
        let (application,) = shown.ok_or(StoreError::Conflict {
            constraint: "the judgement is one of the tenant's",
        })?;
        if let Some((before,)) = before.filter(|(before,)| *before != judgement.number) {
            // Of what is not all stored any more nothing else can be said.
            carry_over(&mut transaction, self.tenant, before, judgement.number).await?;
        }
        // Exceptions may have changed while it was made.
        follow_exceptions(&mut transaction, self.tenant).await?;
        let kinds = [ChangeKind::Application, ChangeKind::Judgement];
        let changes = kinds.map(|kind| (kind, application as u64));
        record_changes(&mut transaction, self.tenant, &changes).await?;
        self.settle(transaction).await?;
        let before = before.map(|(before,)| before);
        self.follow_switch(&mut writer, before, judgement.number)
            .await;
        Ok(())
    }

    /// Removes a part of an application's judgements that are not shown, as one short
    /// transaction. Returns whether there is more. Not to be called while one is being made of
    /// the same application.
    pub async fn remove_old_judgements(&self, of: JudgementKey) -> Result<bool, StoreError> {
        const OLD: &str = "SELECT j.number FROM judgement j
             WHERE j.tenant_id = $1 AND j.application = $3 AND NOT EXISTS
                 (SELECT 1 FROM application a WHERE a.tenant_id = $1 AND a.judgement = j.number)";
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        for (table, key) in TABLES {
            let judgement = if table == "judgement" {
                "number"
            } else {
                "judgement"
            };
            let statement = format!(
                "DELETE FROM {table} WHERE tenant_id = $1 AND ({judgement}, {key}) IN
                     (SELECT {judgement}, {key} FROM {table}
                      WHERE tenant_id = $1 AND {judgement} IN ({OLD}) LIMIT $2)"
            );
            let deleted = query(AssertSqlSafe(statement))
                .bind(self.tenant)
                .bind(STEP)
                .bind(of.application)
                .execute(&mut transaction)
                .await?
                .rows_affected();
            if deleted > 0 {
                self.settle(transaction).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The judgement that is shown of an application.
    pub async fn find_judgement(
        &self,
        application: ApplicationId,
    ) -> Result<Option<JudgementKey>, StoreError> {
        let row: Option<(i64, i64)> =
            query_as("SELECT number, judgement FROM application WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant)
                .bind(application.0 as i64)
                .fetch_optional(&mut *self.look().await?)
                .await?;
        Ok(row.map(|(application, number)| JudgementKey {
            application,
            number,
        }))
    }
}
