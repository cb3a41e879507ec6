//! The changes feed: numbered without gaps per tenant, written in the transaction of what
//! changed. A reader that fell too far behind starts over.

use super::{StoreError, TenantStore};
use crate::store::database::{Connection, insert, query, query_as};
use crate::store::{Change, ChangeKind};

/// How many changes a tenant keeps.
const KEPT: i64 = 10_000;

/// Appends changes (kind and identifier) and returns the last one's number.
pub(super) async fn record_changes(
    connection: &mut Connection,
    tenant: i64,
    changes: &[(ChangeKind, u64)],
) -> Result<u64, StoreError> {
    let (last,): (i64,) = query_as(
        "INSERT INTO change_counter (tenant_id, seq) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET seq = change_counter.seq + excluded.seq
         RETURNING seq",
    )
    .bind(tenant)
    .bind(changes.len() as i64)
    .fetch_one(&mut *connection)
    .await?;
    let first = last - changes.len() as i64 + 1;
    let numbered: Vec<_> = (first..).zip(changes.iter().copied()).collect();
    insert(
        connection,
        "INSERT INTO changes (tenant_id, seq, kind, ref)",
        "",
        &numbered,
        |values, (seq, (kind, reference))| {
            values
                .push_bind(tenant)
                .push_bind(*seq)
                .push_bind(kind.as_str())
                .push_bind(*reference as i64);
        },
    )
    .await?;
    query("DELETE FROM changes WHERE tenant_id = $1 AND seq <= $2")
        .bind(tenant)
        .bind(last - KEPT)
        .execute(connection)
        .await?;
    Ok(last as u64)
}

impl TenantStore {
    /// The number of the last change; 0 before the first.
    pub async fn find_newest_change(&self) -> Result<u64, StoreError> {
        let row: Option<(i64,)> = query_as("SELECT seq FROM change_counter WHERE tenant_id = $1")
            .bind(self.tenant)
            .fetch_optional(&mut *self.look().await?)
            .await?;
        Ok(row.map_or(0, |(seq,)| seq as u64))
    }

    /// Changes after number `after`, oldest first, at most `limit`.
    pub async fn list_changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        let rows: Vec<(i64, String, i64)> = query_as(
            "SELECT seq, kind, ref FROM changes
             WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        )
        .bind(self.tenant)
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut changes = Vec::with_capacity(rows.len());
        for (seq, kind, reference) in rows {
            let kind = ChangeKind::find(&kind).ok_or(StoreError::Corrupt {
                table: "changes",
                column: "kind",
                id: seq.to_string(),
            })?;
            changes.push(Change {
                seq: seq as u64,
                kind,
                reference: reference as u64,
            });
        }
        Ok(changes)
    }
}
