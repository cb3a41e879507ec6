//! The record of what was erased: begun, counted, erased, ended, or why not. Whose traces they are
//! stands there until they are gone, so that a restart goes on; afterwards only a hash of it.

use shared::{Erasure, ErasureId, JobState, Page, Timestamp, Traces};

use super::{StoreError, TenantStore, corrupt, stored};
use crate::auth::random_id;
use crate::store::bytes::Malformed;
use crate::store::database::{AssertSqlSafe, Connection, QueryBuilder, query, query_as};
use crate::store::{AuditRecord, Cursor, PageRequest, TraceSubject};

/// A tenant has at most so many that have not ended.
const MAX_OPEN: i64 = 100;

/// Of one whose traces are not known any more.
const CUT_OFF: &str = "a restart cut it off; ask for it again";

/// Of one after which the database was not written again.
const REMAINS: &str = "PostgreSQL keeps deleted rows in its files until it writes them again: run \
     VACUUM FULL as the owner of the tables, and delete older backups and archives of its log";

const COLUMNS: &str = "id, subject, at, author, before, after, ended_at, reason, shredded";

type Row = (
    i64,
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    i64,
);

/// An erasure that has not ended.
#[derive(Debug, Clone)]
pub struct OpenErasure {
    /// Its identifier.
    pub id: ErasureId,
    /// Whose traces; `None` once they are gone.
    pub whose: Option<TraceSubject>,
    /// Whether it was counted how much there was.
    pub is_counted: bool,
}

impl TenantStore {
    /// Has the database keep nothing of what was deleted: the file is written again, which takes
    /// the writer for as long as that takes. Returns false if it is not in a file of ours.
    pub async fn shred(&self) -> Result<bool, StoreError> {
        self.shared.database.shred().await
    }

    /// Notes that an erasure begins; or that one of the same person, which goes on or has failed,
    /// is asked for again. Fails with [`StoreError::Conflict`] if too many have not ended.
    pub async fn begin_erasure(
        &self,
        subject: &TraceSubject,
        now: Timestamp,
    ) -> Result<Erasure, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        // A tenant that is being deleted gets nothing new.
        let (is_there, open): (bool, i64) = query_as(
            "SELECT EXISTS (SELECT 1 FROM tenant WHERE id = $1 AND removed_at IS NULL),
                    (SELECT COUNT(*) FROM erasure WHERE tenant_id = $1 AND ended_at IS NULL)",
        )
        .bind(self.tenant)
        .fetch_one(&mut transaction)
        .await?;
        if !is_there {
            return Err(StoreError::Conflict {
                constraint: "the tenant is being deleted",
            });
        }
        let key = find_or_create_key(&mut transaction, self.tenant).await?;
        let hash = subject.hash(&key);
        let statement = format!(
            "UPDATE erasure SET reason = NULL
             WHERE tenant_id = $1 AND subject = $2 AND ended_at IS NULL
               AND (whose IS NOT NULL OR reason IS NOT NULL)
             RETURNING {COLUMNS}"
        );
        let known: Option<Row> = query_as(AssertSqlSafe(statement))
            .bind(self.tenant)
            .bind(&hash)
            .fetch_optional(&mut transaction)
            .await?;
        if let Some(known) = known {
            self.settle(transaction).await?;
            return read(known);
        }
        if open >= MAX_OPEN {
            return Err(StoreError::Conflict {
                constraint: "100 erasures have not ended; wait until one has",
            });
        }
        let erasure = Erasure {
            id: ErasureId(random()? >> 1),
            subject: hash,
            at: now,
            by: self.author.name.to_string(),
            state: JobState::Waiting,
            percent: 0,
            before: None,
            after: None,
            ended_at: None,
            reason: None,
            remains: None,
        };
        query(
            "INSERT INTO erasure (tenant_id, id, subject, at, author, whose, shredded)
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(self.tenant)
        .bind(stored(erasure.id.0))
        .bind(&erasure.subject)
        .bind(now.0)
        .bind(&erasure.by)
        .bind(to_json(subject))
        .execute(&mut transaction)
        .await?;
        let record = AuditRecord::new("privacy.erase", "").with("subject_hash", &erasure.subject);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(erasure)
    }

    /// The erasures that have not ended, the oldest first.
    pub async fn list_open_erasures(&self) -> Result<Vec<OpenErasure>, StoreError> {
        let rows: Vec<(i64, Option<String>, Option<String>)> = query_as(
            "SELECT id, whose, before FROM erasure
             WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY at, id",
        )
        .bind(self.tenant)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut open = Vec::with_capacity(rows.len());
        for (id, whose, before) in rows {
            open.push(OpenErasure {
                id: ErasureId(id as u64),
                whose: whose
                    .map(|whose| from_json(&whose, "whose", id))
                    .transpose()?,
                is_counted: before.is_some(),
            });
        }
        Ok(open)
    }

    /// Notes how much there was.
    pub async fn note_before(&self, id: ErasureId, before: &Traces) -> Result<(), StoreError> {
        // What was found the first time stays.
        let statement =
            "UPDATE erasure SET before = COALESCE(before, $3) WHERE tenant_id = $1 AND id = $2";
        self.note(id, statement, to_json(before)).await
    }

    /// Notes that everything was erased, and what was found then: whose it was is forgotten.
    pub async fn note_after(&self, id: ErasureId, after: &Traces) -> Result<(), StoreError> {
        let statement =
            "UPDATE erasure SET after = $3, whose = NULL WHERE tenant_id = $1 AND id = $2";
        self.note(id, statement, to_json(after)).await
    }

    /// Notes why it does not go on.
    pub async fn fail_erasure(&self, id: ErasureId, reason: &str) -> Result<(), StoreError> {
        let statement = "UPDATE erasure SET reason = $3 WHERE tenant_id = $1 AND id = $2";
        self.note(id, statement, reason.to_owned()).await
    }

    async fn note(
        &self,
        id: ErasureId,
        statement: &'static str,
        text: String,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(statement)
            .bind(self.tenant)
            .bind(stored(id.0))
            .bind(text)
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await
    }

    /// Notes that it has ended, and whether the files were written again.
    pub async fn end_erasure(
        &self,
        id: ErasureId,
        is_shredded: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "UPDATE erasure SET reason = NULL, ended_at = $3, shredded = $4
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .bind(now.0)
        .bind(i64::from(is_shredded))
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await
    }

    /// The erasures, newest first.
    pub async fn list_erasures(&self, page: PageRequest) -> Result<Page<Erasure>, StoreError> {
        let mut statement = QueryBuilder::new("SELECT ");
        statement
            .push(COLUMNS)
            .push(" FROM erasure WHERE tenant_id = ");
        statement.push_bind(self.tenant);
        if let Some(cursor) = page.cursor {
            statement.push(" AND (at < ").push_bind(cursor.value);
            statement.push(" OR at = ").push_bind(cursor.value);
            statement
                .push(" AND id < ")
                .push_bind(stored(cursor.id))
                .push(")");
        }
        statement.push(" ORDER BY at DESC, id DESC LIMIT ");
        statement.push_bind(i64::from(page.limit) + 1);
        let rows: Vec<Row> = statement
            .build_query_as()
            .fetch_all(&mut *self.look().await?)
            .await?;
        let has_more = rows.len() > page.limit as usize;
        let rows = rows.into_iter().take(page.limit as usize);
        let items = rows.map(read).collect::<Result<Vec<_>, _>>()?;
        let last = items.last().filter(|_| has_more);
        let cursor = last.map(|last| Cursor {
            value: last.at.0,
            id: last.id.0,
        });
        Ok(Page {
            next_cursor: cursor.map(|cursor| cursor.to_string()),
            items,
        })
    }
}

/// As far as the store knows: whether it is at work, whoever works at it says.
fn read(row: Row) -> Result<Erasure, StoreError> {
    let (id, subject, at, author, before, after, ended_at, reason, shredded) = row;
    let read =
        |text: Option<String>, column| text.map(|text| from_json(&text, column, id)).transpose();
    let (before, after) = (read(before, "before")?, read(after, "after")?);
    let is_done = ended_at.is_some() && after.is_some();
    let state = match (is_done, ended_at, &reason) {
        (true, ..) => JobState::Done,
        (false, None, None) => JobState::Waiting,
        _ => JobState::Failed,
    };
    Ok(Erasure {
        id: ErasureId(id as u64),
        subject,
        at: Timestamp(at),
        by: author,
        state,
        percent: if is_done { 100 } else { 0 },
        before,
        after,
        ended_at: ended_at.map(Timestamp),
        reason: match state {
            JobState::Failed => reason.or_else(|| Some(CUT_OFF.to_owned())),
            _ => None,
        },
        remains: (is_done && shredded == 0).then(|| REMAINS.to_owned()),
    })
}

/// The tenant's secret for naming whose traces were erased.
async fn find_or_create_key(
    connection: &mut Connection,
    tenant: i64,
) -> Result<Vec<u8>, StoreError> {
    let new = [random()?, random()?].map(u64::to_be_bytes).concat();
    let (key,): (Vec<u8>,) = query_as(
        "INSERT INTO erasure_key (tenant_id, bytes) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET bytes = erasure_key.bytes RETURNING bytes",
    )
    .bind(tenant)
    .bind(new)
    .fetch_one(connection)
    .await?;
    Ok(key)
}

fn random() -> Result<u64, StoreError> {
    random_id().map_err(StoreError::Random)
}

fn to_json(data: &impl serde::Serialize) -> String {
    serde_json::to_string(data).expect("plain data can always be written")
}

fn from_json<T: serde::de::DeserializeOwned>(
    text: &str,
    column: &'static str,
    id: i64,
) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|_| Malformed)
        .map_err(corrupt("erasure", column, id))
}
