//! Taking somebody out of what is stored: their requests are emptied where they lie, lists and
//! audit log no longer name them. In small steps that leave the writer to others in between. What
//! was judged by them is judged again, which is the pipeline's; the record of it is `erasures`.

use engine::{Address, Input};
use shared::{AuditChange, ListKind};

use super::changes::record_changes;
use super::lists::follow_exceptions;
use super::traces::{CHUNK, may_have};
use super::{StoreError, TenantStore, corrupt, count};
use crate::store::bytes::Malformed;
use crate::store::database::{query, query_as};
use crate::store::segment::{decode_batch, decode_told};
use crate::store::{ChangeKind, EncodedSegment, JudgementKey, TraceSubject};

/// Entries that are read at once.
const ENTRIES: i64 = 500;

/// What one step of erasing requests did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedPart {
    /// How many segments it looked at.
    pub segments: u64,
    /// How many it wrote again.
    pub rewritten: u64,
    /// The last one; absent if there are no more.
    pub last: Option<u64>,
}

/// An application, also one that is being deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyApplication {
    /// A number that no other one ever gets.
    pub number: i64,
    /// Its identifier, which another one of its name has too.
    pub id: shared::ApplicationId,
    /// Its name.
    pub name: String,
    /// Whether nobody sees it any more.
    pub is_hidden: bool,
}

impl TenantStore {
    /// All applications of one moment, also those that are being deleted.
    pub async fn list_any_applications(&self) -> Result<Vec<AnyApplication>, StoreError> {
        let rows: Vec<(i64, i64, String, i64)> = query_as(
            "SELECT number, id, name, tenant_id FROM application
             WHERE tenant_id IN ($1, -$1) ORDER BY number",
        )
        .bind(self.tenant)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let applications = rows.into_iter().map(|(number, id, name, tenant)| {
            let id = shared::ApplicationId(id as u64);
            AnyApplication {
                number,
                id,
                name,
                is_hidden: tenant < 0,
            }
        });
        Ok(applications.collect())
    }

    /// How many segments there are, about: what there is to look through.
    pub async fn count_segments(&self) -> Result<u64, StoreError> {
        let (segments,): (i64,) = query_as(
            "SELECT CAST(COALESCE(SUM(j.position + 1), 0) AS BIGINT)
             FROM application a JOIN judgement j ON j.number = a.judgement
             WHERE a.tenant_id = $1 AND j.tenant_id = $1",
        )
        .bind(self.tenant)
        .fetch_one(&mut *self.look().await?)
        .await?;
        Ok(count(segments))
    }

    /// Empties somebody's requests in some segments of an application's log after number `after`,
    /// and takes an address out of what the engine was told. Whoever calls it is the application's
    /// only writer, and has everything judged again afterwards; should that fail, whoever writes
    /// next does, because what is held of the application's state from before is out of date.
    pub async fn erase_requests(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
        after: Option<u64>,
    ) -> Result<ErasedPart, StoreError> {
        let rows = self.read_log(judgement, after, CHUNK).await?;
        let mut part = ErasedPart {
            segments: rows.len() as u64,
            rewritten: 0,
            last: rows.last().map(|(number, ..)| *number as u64),
        };
        for (number, kind, min_at, bytes) in rows {
            let may_have = match kind {
                None => may_have(subject, number, &bytes)?,
                Some(_) => erased(subject, number, kind, min_at, &bytes)?.is_some(),
            };
            if may_have && self.rewrite(judgement, subject, number).await? {
                part.rewritten += 1;
            }
        }
        if part.rewritten > 0 {
            self.shared
                .segments
                .forget(|(_, owner, _)| owner.application == judgement.application);
            self.shared.forget_indexes(judgement);
        }
        Ok(part)
    }

    /// Writes a segment again without somebody; returns whether they were in it.
    async fn rewrite(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
        number: i64,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let row: Option<(Option<i64>, i64, Vec<u8>)> = query_as(
            "SELECT kind, min_at, bytes FROM segment
             WHERE tenant_id = $1 AND application = $2 AND number = $3",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .bind(number)
        .fetch_optional(&mut transaction)
        .await?;
        let Some((kind, min_at, bytes)) = row else {
            return Ok(false);
        };
        let Some(rewritten) = erased(subject, number, kind, min_at, &bytes)? else {
            return Ok(false);
        };
        self.rewrite_segment(&mut transaction, judgement, rewritten)
            .await?;
        // Whoever has the segment in memory must not write it again, nor judge on from before.
        query("UPDATE judgement SET late = late + 1 WHERE tenant_id = $1 AND number = $2")
            .bind(self.tenant)
            .bind(judgement.number)
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(true)
    }

    /// Removes what the lists and the audit log say of somebody. Of an entry of the log the
    /// moment, the action and who did it stay.
    pub async fn erase_mentions(&self, subject: &TraceSubject) -> Result<(), StoreError> {
        let has_changed = self.erase_from_reasons(subject).await?;
        self.erase_entries(subject, has_changed).await?;
        self.erase_from_log(subject).await?;
        self.shared.lapses.forget(self.tenant);
        Ok(())
    }

    /// Removes the entries about an address. `has_changed` says whether others did.
    async fn erase_entries(
        &self,
        subject: &TraceSubject,
        mut has_changed: bool,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        if let TraceSubject::Address(_) = subject {
            let removed = query("DELETE FROM list_version WHERE tenant_id = $1 AND object = $2")
                .bind(self.tenant)
                .bind(&subject.names()[0])
                .execute(&mut transaction)
                .await?;
            if removed.rows_affected() > 0 {
                follow_exceptions(&mut transaction, self.tenant).await?;
                has_changed = true;
            }
        }
        if has_changed {
            let lists = [ListKind::Deny, ListKind::Exception];
            let changes = lists.map(|list| (ChangeKind::List, list as u64));
            record_changes(&mut transaction, self.tenant, &changes).await?;
        }
        self.settle(transaction).await
    }

    /// Empties the reasons of entries about others that name somebody. Returns whether any did.
    async fn erase_from_reasons(&self, subject: &TraceSubject) -> Result<bool, StoreError> {
        let (mut after, mut has_erased) = (i64::MIN, false);
        loop {
            let rows: Vec<(i64, String)> = query_as(
                "SELECT number, reason FROM list_version
                 WHERE tenant_id = $1 AND number > $2 AND reason <> '' ORDER BY number LIMIT $3",
            )
            .bind(self.tenant)
            .bind(after)
            .bind(ENTRIES)
            .fetch_all(&mut *self.look().await?)
            .await?;
            let Some((last, _)) = rows.last() else {
                return Ok(has_erased);
            };
            after = *last;
            let named = rows.iter().filter(|(_, reason)| subject.is_in(reason));
            let numbers: Vec<i64> = named.map(|(number, _)| *number).collect();
            self.empty(
                "UPDATE list_version SET reason = '' WHERE tenant_id = $1 AND number = $2",
                &numbers,
            )
            .await?;
            has_erased |= !numbers.is_empty();
        }
    }

    async fn erase_from_log(&self, subject: &TraceSubject) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let rows: Vec<(i64, String, String, Option<String>)> = query_as(
                "SELECT seq, object, changes, address FROM audit_entry
                 WHERE tenant_id = $1 AND seq > $2 AND salt IS NOT NULL ORDER BY seq LIMIT $3",
            )
            .bind(self.tenant)
            .bind(after)
            .bind(ENTRIES)
            .fetch_all(&mut *self.look().await?)
            .await?;
            let Some((last, ..)) = rows.last() else {
                return Ok(());
            };
            after = *last;
            let mut numbers = Vec::new();
            for (seq, object, changes, address) in rows {
                // As they were said: in JSON a quote or a backslash of a name looks different.
                let changes: Vec<AuditChange> = serde_json::from_str(&changes)
                    .map_err(|_| Malformed)
                    .map_err(corrupt("audit_entry", "changes", seq))?;
                if names(subject, &object, &changes, address.as_ref()) {
                    numbers.push(seq);
                }
            }
            self.empty(
                "UPDATE audit_entry SET object = '', changes = '[]', address = NULL, salt = NULL
                 WHERE tenant_id = $1 AND seq = $2",
                &numbers,
            )
            .await?;
        }
    }

    /// Runs a statement that empties a row for each of `numbers`, as one transaction.
    async fn empty(&self, statement: &'static str, numbers: &[i64]) -> Result<(), StoreError> {
        if numbers.is_empty() {
            return Ok(());
        }
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        for number in numbers {
            query(statement)
                .bind(self.tenant)
                .bind(*number)
                .execute(&mut transaction)
                .await?;
        }
        self.settle(transaction).await
    }
}

/// A segment without somebody; `None` if they are not in it.
fn erased(
    subject: &TraceSubject,
    number: i64,
    kind: Option<i64>,
    min_at: i64,
    bytes: &[u8],
) -> Result<Option<EncodedSegment>, StoreError> {
    let corrupt = corrupt("segment", "bytes", number);
    let number = number as u64;
    let Some(kind) = kind else {
        let batch = subject.erase(decode_batch(bytes).map_err(corrupt)?);
        return Ok(batch.map(|batch| EncodedSegment::new(number, &batch)));
    };
    let told = without(decode_told(kind, bytes).map_err(corrupt)?, subject);
    Ok(told.and_then(|told| EncodedSegment::told(number, min_at, &told)))
}

/// What the engine was told without an address; `None` if that is not in it.
fn without(told: Input, subject: &TraceSubject) -> Option<Input> {
    let TraceSubject::Address(address) = subject else {
        return None;
    };
    let address = address.to_canonical();
    match told {
        Input::Exceptions(networks) => {
            let own = shared::Network::single(address);
            let kept: Vec<_> = networks.iter().filter(|network| *network != own).collect();
            (kept.len() < networks.iter().count())
                .then(|| Input::Exceptions(kept.into_iter().collect()))
        }
        Input::OriginChecks(checks) => {
            let all = checks.len();
            let own = Address::from(address);
            let kept: Vec<_> = checks
                .into_iter()
                .filter(|check| check.address != own)
                .collect();
            (kept.len() < all).then_some(Input::OriginChecks(kept))
        }
        _ => None,
    }
}

/// Whether an entry of the audit log says anything of somebody.
fn names(
    subject: &TraceSubject,
    object: &String,
    changes: &[AuditChange],
    address: Option<&String>,
) -> bool {
    let changed = changes
        .iter()
        .flat_map(|change| [&change.before, &change.after]);
    let mut texts = changed.flatten().chain([object]).chain(address);
    texts.any(|text| subject.is_in(text))
}
