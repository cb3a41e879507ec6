//! A verdict together with the log that it came from, as of one moment: what judging again needs.

use shared::AttackId;

use super::applications::find_state;
use super::attacks::with_texts;
use super::{StoreError, TenantStore, count, small, stored};
use crate::store::database::query_as;
use crate::store::{LogEntry, StoredVerdict};

impl TenantStore {
    /// An attack's verdict and the log as it was when that was stored, without the requests;
    /// `None` if there is no such attack.
    pub async fn find_verdict(&self, id: AttackId) -> Result<Option<StoredVerdict>, StoreError> {
        let mut view = self.read().await?;
        let Some(found) = self.find_attack_record(&mut view, id).await? else {
            return Ok(None);
        };
        let judgement = found.shown.judgement;
        let Some(state) = find_state(&mut view, self.tenant, &found.shown.name).await? else {
            return Ok(None);
        };
        let (begun_at,): (i64,) =
            query_as("SELECT begun_at FROM judgement WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(judgement.number)
                .fetch_one(&mut view)
                .await?;
        let log: Vec<(i64, bool, i64, i64)> = query_as(
            "SELECT number, kind IS NULL, min_at, rows FROM segment
             WHERE tenant_id = $1 AND application = $2 AND number <= $3 ORDER BY number",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(state.position.map_or(-1, stored))
        .fetch_all(&mut view)
        .await?;
        let log = log
            .into_iter()
            .map(|(number, is_requests, min_at, rows)| LogEntry {
                number: count(number),
                is_requests,
                min_at,
                rows: small(rows),
            })
            .collect();
        let row = with_texts(&mut view, self.tenant, vec![found]).await?.pop();
        Ok(row.map(|row| StoredVerdict {
            row,
            state,
            begun_at: count(begun_at),
            log,
        }))
    }
}
