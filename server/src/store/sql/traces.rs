//! Finding and erasing somebody's traces, and the record of it. A person's requests are emptied
//! where they lie; what was judged by them is judged again, which is the pipeline's.

use shared::search::{Condition, Key, Query};
use shared::{
    ApplicationId, ApplicationTraces, AuditChange, Erasure, ErasureId, FoundTraces, Page,
    Timestamp, Traces,
};

use super::changes::record_changes;
use super::effects::stored_address;
use super::lists::follow_exceptions;
use super::{StoreError, TenantStore, corrupt, count, stored};
use crate::auth::random_id;
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, QueryBuilder, query, query_as};
use crate::store::segment::{decode_batch, decode_told};
use crate::store::{
    AuditRecord, ChangeKind, Cursor, EncodedSegment, JudgementKey, PageRequest, Search,
    TraceSubject,
};
use engine::{Address, Input};

/// Segments that are read at once.
const CHUNK: i64 = 8;

impl TenantStore {
    /// How much is stored of somebody, by application.
    pub async fn find_traces(&self, subject: &TraceSubject) -> Result<FoundTraces, StoreError> {
        let mut found = FoundTraces {
            total: Traces::default(),
            applications: Vec::new(),
        };
        for application in self.list_applications().await? {
            let Some(judgement) = self.find_judgement(application.id).await? else {
                continue;
            };
            let traces = Traces {
                requests: self.count_requests_of(judgement, subject).await?,
                sessions: self
                    .count_sessions_of(judgement, &application.name, subject)
                    .await?,
                attacks: self.count_attacks_of(judgement, subject).await?,
                list_entries: 0,
            };
            if traces != Traces::default() {
                found.total.requests += traces.requests;
                found.total.sessions += traces.sessions;
                found.total.attacks += traces.attacks;
                found.applications.push(ApplicationTraces {
                    application: application.name,
                    traces,
                });
            }
        }
        if let TraceSubject::Address(_) = subject {
            let (entries,): (i64,) =
                query_as("SELECT COUNT(*) FROM list_version WHERE tenant_id = $1 AND object = $2")
                    .bind(self.tenant)
                    .bind(subject.text())
                    .fetch_one(&mut *self.look().await?)
                    .await?;
            found.total.list_entries = count(entries);
        }
        Ok(found)
    }

    async fn count_requests_of(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
    ) -> Result<u64, StoreError> {
        let (mut requests, mut after) = (0, -1);
        loop {
            let rows: Vec<(i64, Vec<u8>)> = query_as(
                "SELECT number, bytes FROM segment
                 WHERE tenant_id = $1 AND application = $2 AND number > $3 AND kind IS NULL
                 ORDER BY number LIMIT $4",
            )
            .bind(self.tenant)
            .bind(judgement.application)
            .bind(after)
            .bind(CHUNK)
            .fetch_all(&mut *self.look().await?)
            .await?;
            let Some((last, _)) = rows.last() else {
                return Ok(requests);
            };
            after = *last;
            for (number, bytes) in &rows {
                let batch = decode_batch(bytes).map_err(corrupt("segment", "bytes", number))?;
                let own = |request: &&engine::Request| subject.has(&batch, request);
                requests += batch.requests.iter().filter(own).count() as u64;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn count_sessions_of(
        &self,
        judgement: JudgementKey,
        application: &str,
        subject: &TraceSubject,
    ) -> Result<u64, StoreError> {
        match subject {
            TraceSubject::Address(address) => {
                let (sessions,): (i64,) = query_as(
                    "SELECT COUNT(*) FROM session
                     WHERE tenant_id = $1 AND judgement = $2 AND address = $3",
                )
                .bind(self.tenant)
                .bind(judgement.number)
                .bind(stored_address(Address::from(address.to_canonical())))
                .fetch_one(&mut *self.look().await?)
                .await?;
                Ok(count(sessions))
            }
            TraceSubject::User(user) => {
                let terms = [(Key::User, user.as_str()), (Key::Application, application)];
                let conditions = terms
                    .into_iter()
                    .filter_map(|(key, value)| Condition::of(key, value));
                let query =
                    conditions.fold(Query::default(), |query, term| query.with_condition(term));
                let search = Search {
                    query,
                    ..Search::default()
                };
                Ok(self.count_sessions(&search).await?.sessions)
            }
        }
    }

    async fn count_attacks_of(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
    ) -> Result<u64, StoreError> {
        // No attack names a user.
        let TraceSubject::Address(address) = subject else {
            return Ok(0);
        };
        let (attacks,): (i64,) = query_as(
            "SELECT COUNT(DISTINCT attack) FROM attack_address
             WHERE tenant_id = $1 AND judgement = $2 AND address = $3",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(stored_address(Address::from(address.to_canonical())))
        .fetch_one(&mut *self.look().await?)
        .await?;
        Ok(count(attacks))
    }

    /// Whether what was judged of an application says something of somebody.
    pub async fn has_traces(
        &self,
        judgement: JudgementKey,
        application: &str,
        subject: &TraceSubject,
    ) -> Result<bool, StoreError> {
        let sessions = self
            .count_sessions_of(judgement, application, subject)
            .await?;
        Ok(sessions + self.count_attacks_of(judgement, subject).await? > 0)
    }

    /// Empties somebody's requests in an application's log, and takes an address out of what the
    /// engine was told. Whoever calls it is the application's only writer, and has everything
    /// judged again afterwards. One short transaction a segment.
    pub async fn erase_requests(
        &self,
        judgement: JudgementKey,
        subject: &TraceSubject,
    ) -> Result<u64, StoreError> {
        let numbers: Vec<(i64, Option<i64>, i64)> = query_as(
            "SELECT number, kind, min_at FROM segment
             WHERE tenant_id = $1 AND application = $2 ORDER BY number",
        )
        .bind(self.tenant)
        .bind(judgement.application)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut erased = 0;
        for (number, kind, min_at) in numbers {
            let mut writer = self.shared.database.writer().await;
            let mut transaction = writer.begin(self.scope()).await?;
            let row: Option<(Vec<u8>,)> = query_as(
                "SELECT bytes FROM segment
                 WHERE tenant_id = $1 AND application = $2 AND number = $3",
            )
            .bind(self.tenant)
            .bind(judgement.application)
            .bind(number)
            .fetch_optional(&mut transaction)
            .await?;
            let Some((bytes,)) = row else { continue };
            let corrupt = corrupt("segment", "bytes", number);
            let rewritten = match kind {
                None => {
                    let batch = decode_batch(&bytes).map_err(corrupt)?;
                    let (batch, rows) = subject.erase(batch);
                    erased += rows;
                    (rows > 0).then(|| EncodedSegment::new(number as u64, &batch))
                }
                Some(kind) => {
                    let told = decode_told(kind, &bytes).map_err(corrupt)?;
                    let told = without(told, subject);
                    told.and_then(|told| EncodedSegment::told(number as u64, min_at, &told))
                }
            };
            let Some(rewritten) = rewritten else { continue };
            query(
                "UPDATE segment SET bytes = $1
                 WHERE tenant_id = $2 AND application = $3 AND number = $4",
            )
            .bind(rewritten.bytes)
            .bind(self.tenant)
            .bind(judgement.application)
            .bind(number)
            .execute(&mut transaction)
            .await?;
            self.settle(transaction).await?;
        }
        self.shared
            .segments
            .forget(|(_, owner, _)| owner.application == judgement.application);
        self.shared.forget_indexes(judgement);
        Ok(erased)
    }

    /// Removes what the lists and the audit log say of somebody. Of an entry of the log the
    /// moment, the action and who did it stay.
    pub async fn erase_mentions(&self, subject: &TraceSubject) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let mut has_changed = erase_from_reasons(&mut transaction, self.tenant, subject).await?;
        if let TraceSubject::Address(_) = subject {
            let removed = query("DELETE FROM list_version WHERE tenant_id = $1 AND object = $2")
                .bind(self.tenant)
                .bind(subject.text())
                .execute(&mut transaction)
                .await?;
            if removed.rows_affected() > 0 {
                follow_exceptions(&mut transaction, self.tenant).await?;
                has_changed = true;
            }
        }
        if has_changed {
            let lists = [shared::ListKind::Deny, shared::ListKind::Exception];
            let changes = lists.map(|list| (ChangeKind::List, list as u64));
            record_changes(&mut transaction, self.tenant, &changes).await?;
        }
        erase_from_log(&mut transaction, self.tenant, subject).await?;
        self.settle(transaction).await?;
        self.shared.lapses.forget(self.tenant);
        Ok(())
    }

    /// Has the database keep nothing of what was deleted: the file is written again. Takes the
    /// writer for as long as that takes.
    pub async fn shred(&self) -> Result<(), StoreError> {
        self.shared.database.shred().await
    }

    /// Notes that an erasure begins.
    pub async fn begin_erasure(
        &self,
        subject: &TraceSubject,
        before: Traces,
        now: Timestamp,
    ) -> Result<Erasure, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let key = find_or_create_key(&mut transaction, self.tenant).await?;
        let erasure = Erasure {
            id: ErasureId(random()? >> 1),
            subject: subject.hash(&key),
            at: now,
            by: self.author.name.to_string(),
            before,
            after: None,
            ended_at: None,
        };
        query(
            "INSERT INTO erasure (tenant_id, id, subject, at, author, before)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.tenant)
        .bind(stored(erasure.id.0))
        .bind(&erasure.subject)
        .bind(now.0)
        .bind(&erasure.by)
        .bind(to_json(&before))
        .execute(&mut transaction)
        .await?;
        let record = AuditRecord::new("privacy.erase", "")
            .with("subject_hash", &erasure.subject)
            .with("requests", before.requests);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(erasure)
    }

    /// Notes that an erasure has ended, and what is found after it; `None` if it was interrupted.
    pub async fn end_erasure(
        &self,
        id: ErasureId,
        after: Option<Traces>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("UPDATE erasure SET after = $1, ended_at = $2 WHERE tenant_id = $3 AND id = $4")
            .bind(after.as_ref().map(to_json))
            .bind(now.0)
            .bind(self.tenant)
            .bind(stored(id.0))
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Notes of the erasures that the end of a process interrupted that they have ended: whose
    /// they were is not known any more, so whoever asked must ask again.
    pub async fn end_interrupted_erasures(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query("UPDATE erasure SET ended_at = $1 WHERE tenant_id = $2 AND ended_at IS NULL")
            .bind(now.0)
            .bind(self.tenant)
            .execute(&mut transaction)
            .await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// The erasures, newest first.
    pub async fn list_erasures(&self, page: PageRequest) -> Result<Page<Erasure>, StoreError> {
        type Row = (
            i64,
            String,
            i64,
            String,
            String,
            Option<String>,
            Option<i64>,
        );
        let mut statement = QueryBuilder::new(
            "SELECT id, subject, at, author, before, after, ended_at FROM erasure WHERE tenant_id = ",
        );
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
        let mut items = Vec::with_capacity(rows.len());
        for (id, subject, at, author, before, after, ended_at) in
            rows.into_iter().take(page.limit as usize)
        {
            items.push(Erasure {
                id: ErasureId(id as u64),
                subject,
                at: Timestamp(at),
                by: author,
                before: read(&before, id)?,
                after: after.map(|after| read(&after, id)).transpose()?,
                ended_at: ended_at.map(Timestamp),
            });
        }
        let last = items.last().filter(|_| has_more);
        let cursor = last.map(|last: &Erasure| Cursor {
            value: last.at.0,
            id: last.id.0,
        });
        Ok(Page {
            next_cursor: cursor.map(|cursor| cursor.to_string()),
            items,
        })
    }

    /// The identifier of an application called `name`, for whoever goes through all of them.
    pub async fn list_application_ids(&self) -> Result<Vec<(ApplicationId, String)>, StoreError> {
        let applications = self.list_applications().await?;
        Ok(applications
            .into_iter()
            .map(|it| (it.id, it.name))
            .collect())
    }
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

/// Empties the reasons of entries about others that name somebody. Returns whether any did.
async fn erase_from_reasons(
    connection: &mut Connection,
    tenant: i64,
    subject: &TraceSubject,
) -> Result<bool, StoreError> {
    let rows: Vec<(i64, String)> =
        query_as("SELECT number, reason FROM list_version WHERE tenant_id = $1 AND reason <> ''")
            .bind(tenant)
            .fetch_all(&mut *connection)
            .await?;
    let mut has_erased = false;
    for (number, reason) in rows {
        if !subject.is_in(&reason) {
            continue;
        }
        query("UPDATE list_version SET reason = '' WHERE tenant_id = $1 AND number = $2")
            .bind(tenant)
            .bind(number)
            .execute(&mut *connection)
            .await?;
        has_erased = true;
    }
    Ok(has_erased)
}

async fn erase_from_log(
    connection: &mut Connection,
    tenant: i64,
    subject: &TraceSubject,
) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, String, Option<String>)> = query_as(
        "SELECT seq, object, changes, address FROM audit_entry
         WHERE tenant_id = $1 AND salt IS NOT NULL",
    )
    .bind(tenant)
    .fetch_all(&mut *connection)
    .await?;
    for (seq, object, changes, address) in rows {
        // As they were said: in JSON a quote or a backslash of a name looks different.
        let changes: Vec<AuditChange> = serde_json::from_str(&changes)
            .map_err(|_| Malformed)
            .map_err(corrupt("audit_entry", "changes", seq))?;
        if !names(subject, &object, &changes, address.as_ref()) {
            continue;
        }
        query(
            "UPDATE audit_entry SET object = '', changes = '[]', address = NULL, salt = NULL
             WHERE tenant_id = $1 AND seq = $2",
        )
        .bind(tenant)
        .bind(seq)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
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

fn to_json(traces: &Traces) -> String {
    serde_json::to_string(traces).expect("plain data can always be written")
}

fn read(text: &str, id: i64) -> Result<Traces, StoreError> {
    serde_json::from_str(text)
        .map_err(|_| Malformed)
        .map_err(corrupt("erasure", "before", id))
}
