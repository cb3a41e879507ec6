//! The engine's state of a judgement: finding it, and storing it with the commit that it belongs to.

use super::commit::check;
use super::{StoreError, TenantStore, count, stored};
use crate::store::database::{Connection, query, query_as};
use crate::store::{Commit, EngineState, JudgementKey, Snapshot};

/// Bytes of a snapshot that are stored at once.
const AT_ONCE: usize = 2 << 20;

impl TenantStore {
    /// The engine's last kept state in a judgement.
    pub async fn find_snapshot(
        &self,
        judgement: JudgementKey,
    ) -> Result<Option<Snapshot>, StoreError> {
        let rows: Vec<(i64, String, Vec<u8>)> = query_as(
            "SELECT position, engine_version, state FROM snapshot
             WHERE tenant_id = $1 AND judgement = $2 AND position =
                 (SELECT MAX(position) FROM snapshot
                  WHERE tenant_id = $1 AND judgement = $2 AND part = 0)
             ORDER BY part",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let Some((position, engine_version, _)) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Snapshot {
            position: count(*position),
            engine_version: engine_version.clone(),
            state: EngineState::from_parts(rows.into_iter().map(|(.., part)| part).collect()),
        }))
    }

    /// Stores all of a snapshot but its first part, a few parts at a time: together they take tens
    /// of megabytes, which one transaction would keep in memory, or write twice. Until the commit
    /// adds the first part they say nothing; what an interrupted commit left is removed. A snapshot
    /// of a position that has one says the same, and is not stored again.
    pub(super) async fn write_most_of_snapshot(
        &self,
        commit: &Commit,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let mut parts = (0i64..).zip(snapshot.state.parts()).skip(1).peekable();
        let mut is_first = true;
        while parts.peek().is_some() {
            let mut writer = self.shared.database.writer().await;
            let mut transaction = writer.begin(self.scope()).await?;
            check(&mut transaction, self.tenant, commit).await?;
            if is_first {
                let kept: Option<(i64,)> = query_as(
                    "SELECT part FROM snapshot
                     WHERE tenant_id = $1 AND judgement = $2 AND position = $3 AND part = 0",
                )
                .bind(self.tenant)
                .bind(commit.judgement.number)
                .bind(stored(snapshot.position))
                .fetch_optional(&mut transaction)
                .await?;
                if kept.is_some() {
                    return Ok(());
                }
                remove_unfinished(&mut transaction, self.tenant, commit.judgement).await?;
                is_first = false;
            }
            let mut bytes = 0;
            while bytes < AT_ONCE
                && let Some((part, state)) = parts.next()
            {
                let part = (part, state.as_slice());
                write_part(&mut transaction, self.tenant, commit, snapshot, part).await?;
                bytes += state.len();
            }
            self.shared.settle(transaction).await?;
        }
        Ok(())
    }

    /// Removes what commits left that were interrupted before they were there. Returns how many parts
    /// of snapshots. Not to be called while there is a commit to the judgement.
    pub async fn remove_unfinished_snapshots(
        &self,
        judgement: JudgementKey,
    ) -> Result<u64, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let removed = remove_unfinished(&mut transaction, self.tenant, judgement).await?;
        self.shared.settle(transaction).await?;
        Ok(removed)
    }
}

/// Removes all parts of snapshots that have no first one.
async fn remove_unfinished(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
) -> Result<u64, StoreError> {
    let removed = query(
        "DELETE FROM snapshot WHERE tenant_id = $1 AND judgement = $2
         AND position NOT IN (SELECT position FROM snapshot
             WHERE tenant_id = $1 AND judgement = $2 AND part = 0)",
    )
    .bind(tenant)
    .bind(judgement.number)
    .execute(connection)
    .await?;
    Ok(removed.rows_affected())
}

/// Keeps the new snapshot, of which all but the first part is there, and drops those before it. One
/// that is there already stays, and so does the one before if a part was lost meanwhile (another
/// process had the store).
pub(super) async fn write_snapshot(
    connection: &mut Connection,
    tenant: i64,
    commit: &Commit,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    let Some(first) = snapshot.state.parts().first() else {
        return Ok(());
    };
    let parts = snapshot.state.parts().len() as i64;
    let (position, judgement) = (stored(snapshot.position), commit.judgement.number);
    let found: Vec<(i64,)> = query_as(
        "SELECT part FROM snapshot
         WHERE tenant_id = $1 AND judgement = $2 AND position = $3 AND part < $4 ORDER BY part",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(position)
    .bind(parts)
    .fetch_all(&mut *connection)
    .await?;
    if !found.into_iter().map(|(part,)| part).eq(1..parts) {
        return Ok(());
    }
    query(
        "DELETE FROM snapshot
         WHERE tenant_id = $1 AND judgement = $2 AND (position <> $3 OR part >= $4)",
    )
    .bind(tenant)
    .bind(judgement)
    .bind(position)
    .bind(parts)
    .execute(&mut *connection)
    .await?;
    write_part(connection, tenant, commit, snapshot, (0, first)).await
}

async fn write_part(
    connection: &mut Connection,
    tenant: i64,
    commit: &Commit,
    snapshot: &Snapshot,
    (part, state): (i64, &[u8]),
) -> Result<(), StoreError> {
    query(
        "INSERT INTO snapshot (tenant_id, judgement, position, part, engine_version, state)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant)
    .bind(commit.judgement.number)
    .bind(stored(snapshot.position))
    .bind(part)
    .bind(snapshot.engine_version.as_str())
    .bind(state)
    .execute(connection)
    .await?;
    Ok(())
}
