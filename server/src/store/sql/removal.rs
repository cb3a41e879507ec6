//! Removing an application: first it is hidden, so that for a moment it can be brought back, then
//! everything of it goes in small steps.
//!
//! What is hidden stands outside its tenant: under the tenant's number below zero, which no
//! tenant has, so that no statement that asks for a tenant finds it. Once a step of the removal
//! was made, the moment of hiding is below zero too: what has lost a part is not brought back.

use shared::{ApplicationId, Timestamp};

use super::changes::record_changes;
use super::judgements::TABLES;
use super::{StoreError, TenantStore, stored};
use crate::store::database::{AssertSqlSafe, Connection, query, query_as};
use crate::store::{AuditRecord, ChangeKind};

/// Rows that one step deletes from a table.
const STEP: i64 = 5_000;

/// Segments that one step deletes: each is as large as a thousand rows.
const SEGMENT_STEP: i64 = 200;

/// Tables that hang on an application, with what names a row in each.
const APPLICATION_TABLES: [(&str, &str); 4] = [
    ("admission", "log, position"),
    ("segment", "number"),
    ("source", "fingerprint, prefix_bytes"),
    ("host", "name"),
];

impl TenantStore {
    /// Hides an application from everybody. Returns false if there is none. One of the same
    /// name that was hidden before is removed first.
    pub async fn hide_application(
        &self,
        id: ApplicationId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        while self.remove_hidden(id, None).await? {}
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let hidden: Option<(i64, String)> = query_as(
            "UPDATE application SET tenant_id = -tenant_id, hidden_at = $1
             WHERE tenant_id = $2 AND id = $3 RETURNING judgement, name",
        )
        .bind(at.0)
        .bind(self.tenant)
        .bind(stored(id.0))
        .fetch_optional(&mut transaction)
        .await?;
        let Some((judgement, name)) = hidden else {
            return Ok(false);
        };
        let changes = [ChangeKind::Application, ChangeKind::Judgement].map(|kind| (kind, id.0));
        record_changes(&mut transaction, self.tenant, &changes).await?;
        let record = AuditRecord::new("application.remove", name);
        self.audit(&mut transaction, at, vec![record]).await?;
        self.settle(transaction).await?;
        self.shared.searched.forget(judgement);
        Ok(true)
    }

    /// Brings a hidden application back as it was. Returns false if there is none. Fails with
    /// [`StoreError::Conflict`] if another has its name by now.
    pub async fn restore_application(
        &self,
        id: ApplicationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let (taken, hidden): (bool, bool) = query_as(
            "SELECT EXISTS (SELECT 1 FROM application WHERE tenant_id = $1 AND id = $2),
                    EXISTS (SELECT 1 FROM application
                            WHERE tenant_id = -$1 AND id = $2 AND hidden_at > 0)",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .fetch_one(&mut transaction)
        .await?;
        if !hidden {
            return Ok(false);
        }
        if taken {
            return Err(StoreError::Conflict {
                constraint: "another application has this name by now",
            });
        }
        let (name,): (String,) = query_as(
            "UPDATE application SET tenant_id = $1, hidden_at = NULL
             WHERE tenant_id = -$1 AND id = $2 RETURNING name",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .fetch_one(&mut transaction)
        .await?;
        let changes = [ChangeKind::Application, ChangeKind::Judgement].map(|kind| (kind, id.0));
        record_changes(&mut transaction, self.tenant, &changes).await?;
        let record = AuditRecord::new("application.restore", name);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(true)
    }

    /// The applications that are hidden.
    pub async fn list_hidden(&self) -> Result<Vec<ApplicationId>, StoreError> {
        let rows: Vec<(i64,)> =
            query_as("SELECT id FROM application WHERE tenant_id = -$1 ORDER BY number")
                .bind(self.tenant)
                .fetch_all(&mut *self.look().await?)
                .await?;
        Ok(rows
            .into_iter()
            .map(|(id,)| ApplicationId(id as u64))
            .collect())
    }

    /// Removes a part of a hidden application, as one short transaction; only one that was
    /// hidden at `hidden_at`, if that is given. Returns whether there is more.
    pub async fn remove_hidden(
        &self,
        id: ApplicationId,
        hidden_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let found: Option<(i64,)> = query_as(
            "SELECT number FROM application
             WHERE tenant_id = -$1 AND id = $2 AND ($3 IS NULL OR ABS(hidden_at) = $3)",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .bind(hidden_at.map(|at| at.0))
        .fetch_optional(&mut transaction)
        .await?;
        let Some((application,)) = found else {
            return Ok(false);
        };
        query(
            "UPDATE application SET hidden_at = -ABS(hidden_at)
             WHERE tenant_id = -$1 AND number = $2",
        )
        .bind(self.tenant)
        .bind(application)
        .execute(&mut transaction)
        .await?;
        for (table, key) in TABLES {
            let judgement = if table == "judgement" {
                "number"
            } else {
                "judgement"
            };
            let of = "SELECT number FROM judgement WHERE tenant_id = $1 AND application = $2";
            let chosen = format!("{judgement} IN ({of})");
            let columns = format!("{judgement}, {key}");
            if self
                .remove_step(
                    &mut transaction,
                    table,
                    &columns,
                    &chosen,
                    application,
                    STEP,
                )
                .await?
            {
                self.settle(transaction).await?;
                return Ok(true);
            }
        }
        for (table, key) in APPLICATION_TABLES {
            let step = if table == "segment" {
                SEGMENT_STEP
            } else {
                STEP
            };
            let columns = format!("application, {key}");
            if self
                .remove_step(
                    &mut transaction,
                    table,
                    &columns,
                    "application = $2",
                    application,
                    step,
                )
                .await?
            {
                self.settle(transaction).await?;
                return Ok(true);
            }
        }
        query("DELETE FROM application WHERE tenant_id = -$1 AND number = $2")
            .bind(self.tenant)
            .bind(application)
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        self.shared
            .segments
            .forget(|(_, owner, _)| owner.application == application);
        Ok(false)
    }

    /// Deletes some of the rows that `chosen` chooses. Returns whether there were any.
    async fn remove_step(
        &self,
        connection: &mut Connection,
        table: &str,
        columns: &str,
        chosen: &str,
        application: i64,
        step: i64,
    ) -> Result<bool, StoreError> {
        let statement = format!(
            "DELETE FROM {table} WHERE tenant_id = $1 AND ({columns}) IN
                 (SELECT {columns} FROM {table} WHERE tenant_id = $1 AND {chosen} LIMIT $3)"
        );
        let deleted = query(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(application)
            .bind(step)
            .execute(connection)
            .await?
            .rows_affected();
        Ok(deleted > 0)
    }

    /// How many rows of each table belong to an application or its judgement.
    #[cfg(test)]
    pub(crate) async fn count_rows(
        &self,
        judgement: crate::store::JudgementKey,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let mut view = self.read().await?;
        let tables = view.list_columns().await?.into_iter();
        let tables = tables.map(|it| (it.table, it.column)).filter(|it| {
            let (table, column) = (it.0.as_str(), it.1.as_str());
            match table {
                "application" => false,
                "judgement" => column == "application",
                _ => matches!(column, "application" | "judgement"),
            }
        });
        let mut counts = Vec::new();
        for (table, column) in tables {
            let owner = if column == "application" {
                judgement.application
            } else {
                judgement.number
            };
            let statement = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1");
            let (rows,): (i64,) = query_as(AssertSqlSafe(statement))
                .bind(owner)
                .fetch_one(&mut view)
                .await?;
            counts.push((table, rows));
        }
        Ok(counts)
    }
}
