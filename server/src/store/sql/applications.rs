//! Applications: finding them for a writer, showing what is stored of them.

use std::hash::Hasher;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;
use shared::{Application, ApplicationId, Learning, LearningState, Timestamp};
use siphasher::sip::SipHasher13;

use super::{
    Malformed, StoreError, TenantStore, corrupt, count, session_blocks, settings, small, stored,
};
use crate::store::database::{Connection, query, query_as};
use crate::store::{ApplicationState, AuditRecord, JudgementKey, SourceProgress};

/// How many hosts of an application are shown.
const HOSTS_SHOWN: i64 = 10;

/// An application and the judgement of it that is shown.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) judgement: JudgementKey,
    /// The judgement's, and how often its attacks were marked.
    pub(super) revision: i64,
    pub(super) marks: i64,
    pub(super) id: ApplicationId,
    pub(super) name: String,
}

impl TenantStore {
    /// The application called `name`, made if there is none.
    pub async fn find_or_create_application(
        &self,
        name: &str,
    ) -> Result<ApplicationState, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        if let Some(state) = find_state(&mut transaction, self.tenant, name).await? {
            return Ok(state);
        }
        let state = self.insert_application(&mut transaction, name).await?;
        self.settle(transaction).await?;
        Ok(state)
    }

    /// Makes an application called `name`, in the name of whoever has this handle. `None` if there
    /// is one already.
    pub async fn create_application(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<ApplicationState>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let found = find_state(&mut transaction, self.tenant, name).await?;
        if found.is_some() {
            return Ok(None);
        }
        let state = self.insert_application(&mut transaction, name).await?;
        let record = AuditRecord::new("application.create", name);
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(Some(state))
    }

    async fn insert_application(
        &self,
        connection: &mut Connection,
        name: &str,
    ) -> Result<ApplicationState, StoreError> {
        let (application,): (i64,) = query_as(
            "INSERT INTO application (tenant_id, id, name, judgement) VALUES ($1, $2, $3, 0)
             RETURNING number",
        )
        .bind(self.tenant)
        .bind(stored(application_id(self.tenant, name).0))
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
        query("INSERT INTO judgement (tenant_id, application) VALUES ($1, $2)")
            .bind(self.tenant)
            .bind(application)
            .execute(&mut *connection)
            .await?;
        query(
            "UPDATE application SET judgement =
                 (SELECT MAX(number) FROM judgement WHERE tenant_id = $1 AND application = $2)
             WHERE tenant_id = $1 AND number = $2",
        )
        .bind(self.tenant)
        .bind(application)
        .execute(&mut *connection)
        .await?;
        let state = find_state(connection, self.tenant, name).await?;
        state.ok_or(StoreError::Corrupt {
            table: "application",
            column: "judgement",
            id: application.to_string(),
        })
    }

    /// The application called `name`, made for demo traffic of `seed` if there is none. One
    /// that is there stays what it is: [`ApplicationState::demo_seed`] says what.
    pub async fn find_or_create_demo(
        &self,
        name: &str,
        seed: u32,
    ) -> Result<ApplicationState, StoreError> {
        let state = self.find_or_create_application(name).await?;
        if state.next_segment > 0 || state.demo_seed.is_some() {
            return Ok(state);
        }
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "UPDATE application SET demo_seed = $1
             WHERE tenant_id = $2 AND number = $3 AND requests = 0",
        )
        .bind(i64::from(seed))
        .bind(self.tenant)
        .bind(state.judgement.application)
        .execute(&mut transaction)
        .await?;
        self.settle(transaction).await?;
        Ok(ApplicationState {
            demo_seed: Some(seed),
            ..state
        })
    }

    /// The application called `name`, as whoever writes into it needs it.
    pub async fn find_application_state(
        &self,
        name: &str,
    ) -> Result<Option<ApplicationState>, StoreError> {
        let mut view = self.read().await?;
        find_state(&mut view, self.tenant, name).await
    }

    /// How far the sources of an application were read.
    pub async fn list_sources(
        &self,
        application: ApplicationId,
    ) -> Result<Vec<SourceProgress>, StoreError> {
        let rows: Vec<(i64, i64, String, i64, i64)> = query_as(
            "SELECT s.fingerprint, s.prefix_bytes, s.name, s.bytes, s.lines
             FROM source s JOIN application a ON a.number = s.application
             WHERE s.tenant_id = $1 AND a.tenant_id = $1 AND a.id = $2
             ORDER BY s.fingerprint, s.prefix_bytes",
        )
        .bind(self.tenant)
        .bind(stored(application.0))
        .fetch_all(&mut *self.look().await?)
        .await?;
        let sources = rows
            .into_iter()
            .map(
                |(fingerprint, prefix_bytes, name, bytes, lines)| SourceProgress {
                    fingerprint: fingerprint as u64,
                    prefix_bytes: count(prefix_bytes),
                    name,
                    bytes: count(bytes),
                    lines: count(lines),
                },
            );
        Ok(sources.collect())
    }

    /// All applications, by name.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StoreError> {
        let mut view = self.read().await?;
        list(&mut view, self.tenant, &self.shared.session_counts, None).await
    }

    /// How many applications there are.
    pub async fn count_applications(&self) -> Result<u64, StoreError> {
        let (applications,): (i64,) =
            query_as("SELECT COUNT(*) FROM application WHERE tenant_id = $1")
                .bind(self.tenant)
                .fetch_one(&mut *self.look().await?)
                .await?;
        Ok(count(applications))
    }

    /// One application.
    pub async fn find_application(
        &self,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let mut view = self.read().await?;
        Ok(list(
            &mut view,
            self.tenant,
            &self.shared.session_counts,
            Some(id),
        )
        .await?
        .pop())
    }

    /// What was learned of an application; nothing before the first lesson. `None` if there is
    /// no such application.
    pub async fn find_learning(
        &self,
        id: ApplicationId,
    ) -> Result<Option<LearningState>, StoreError> {
        let row: Option<(i64, Option<String>)> = query_as(
            "SELECT j.number, j.learned
             FROM application a JOIN judgement j ON j.number = a.judgement
             WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND a.id = $2",
        )
        .bind(self.tenant)
        .bind(stored(id.0))
        .fetch_optional(&mut *self.look().await?)
        .await?;
        let Some((judgement, learned)) = row else {
            return Ok(None);
        };
        let learned = learned.as_deref().map(serde_json::from_str).transpose();
        let learned =
            learned
                .map_err(|_| Malformed)
                .map_err(corrupt("judgement", "learned", judgement))?;
        Ok(Some(learned.unwrap_or_default()))
    }

    /// When the newest attack ended; `None` while there is none.
    pub async fn find_newest_attack_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let (newest,): (Option<i64>,) = query_as(
            "SELECT MAX(ended_at) FROM attack WHERE tenant_id = $1 AND judgement IN
                 (SELECT judgement FROM application WHERE tenant_id = $1)",
        )
        .bind(self.tenant)
        .fetch_one(&mut *self.look().await?)
        .await?;
        Ok(newest.map(Timestamp))
    }
}

/// The same name gives the same identifier, so that links survive a new import.
fn application_id(tenant: i64, name: &str) -> ApplicationId {
    let mut hasher = SipHasher13::new_with_keys(0, 3);
    hasher.write_i64(tenant);
    hasher.write(name.as_bytes());
    ApplicationId(hasher.finish())
}

pub(super) async fn find_state(
    connection: &mut Connection,
    tenant: i64,
    name: &str,
) -> Result<Option<ApplicationState>, StoreError> {
    let row = query(
        "SELECT a.number, a.id, j.number, j.position, j.late,
             (SELECT MAX(s.number) FROM segment s
              WHERE s.tenant_id = $1 AND s.application = a.number),
             a.settings, j.settings, a.kept, j.judged_until, a.demo_seed
         FROM application a JOIN judgement j ON j.number = a.judgement
         WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND a.name = $2",
    )
    .bind(tenant)
    .bind(name)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let position = u64::try_from(row.try_get::<i64>(3)?).ok();
    let last: Option<i64> = row.try_get(5)?;
    let last = last.and_then(|last| u64::try_from(last).ok());
    let kept = settings::read_kept(row.try_get(8)?, name)?;
    Ok(Some(ApplicationState {
        id: ApplicationId(row.try_get::<i64>(1)? as u64),
        name: name.to_owned(),
        judgement: JudgementKey {
            application: row.try_get(0)?,
            number: row.try_get(2)?,
        },
        position,
        // Retention may have removed the last ones; their numbers are not used again.
        next_segment: position.max(last).map_or(0, |last| last + 1),
        late: count(row.try_get(4)?),
        settings: settings::read(row.try_get(6)?, name)?,
        judged_by: settings::read(row.try_get(7)?, name)?,
        kept: kept.sources,
        field_map: kept.fields,
        judged_until: row.try_get::<Option<i64>>(9)?.map(Timestamp),
        demo_seed: row.try_get::<Option<i64>>(10)?.map(small),
    }))
}

/// The applications called one of `names` in any case; all, if there are none.
pub(super) async fn shown(
    connection: &mut Connection,
    tenant: i64,
    names: &[String],
) -> Result<Vec<Shown>, StoreError> {
    let rows: Vec<(i64, i64, i64, String, i64, i64)> = query_as(
        "SELECT a.number, a.judgement, a.id, a.name, j.revision, j.marks
         FROM application a JOIN judgement j ON j.number = a.judgement
         WHERE a.tenant_id = $1 AND j.tenant_id = $1 ORDER BY a.name",
    )
    .bind(tenant)
    .fetch_all(connection)
    .await?;
    let wanted: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let shown = rows
        .into_iter()
        .map(|(application, number, id, name, revision, marks)| Shown {
            judgement: JudgementKey {
                application,
                number,
            },
            revision,
            marks,
            id: ApplicationId(id as u64),
            name,
        });
    Ok(shown
        .filter(|shown| wanted.is_empty() || wanted.contains(&shown.name.to_lowercase()))
        .collect())
}

/// How many sessions judgements had at a revision. Counting walks through all of them, and
/// most pages of the console ask.
pub(super) type SessionCounts = std::sync::Mutex<FxHashMap<i64, (i64, u64)>>;

async fn list(
    connection: &mut Connection,
    tenant: i64,
    counts: &SessionCounts,
    id: Option<ApplicationId>,
) -> Result<Vec<Application>, StoreError> {
    let mut hosts = list_hosts(connection, tenant).await?;
    let rows = query(
        "SELECT a.number, a.id, a.name, a.requests, a.first_request_at, a.last_request_at,
             j.learning_actors, j.learning_hours, j.learning_percent, j.number, j.revision,
             a.demo_seed,
             (SELECT COUNT(*) FROM attack k
              WHERE k.judgement = a.judgement AND k.tenant_id = $1)
         FROM application a JOIN judgement j ON j.number = a.judgement
         WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND ($2 IS NULL OR a.id = $2)
         ORDER BY a.name",
    )
    .bind(tenant)
    .bind(id.map(|id| stored(id.0)))
    .fetch_all(&mut *connection)
    .await?;
    let mut applications = Vec::with_capacity(rows.len());
    for row in rows {
        let (judgement, revision) = (row.try_get(9)?, row.try_get(10)?);
        applications.push(Application {
            id: ApplicationId(row.try_get::<i64>(1)? as u64),
            name: row.try_get(2)?,
            hosts: hosts.remove(&row.try_get(0)?).unwrap_or_default(),
            requests: count(row.try_get(3)?),
            sessions: count_sessions(connection, tenant, counts, judgement, revision).await?,
            attacks: count(row.try_get(12)?),
            demo_seed: row.try_get::<Option<i64>>(11)?.map(small),
            first_request_at: row.try_get::<Option<i64>>(4)?.map(Timestamp),
            last_request_at: row.try_get::<Option<i64>>(5)?.map(Timestamp),
            learning: Learning {
                actors: count(row.try_get(6)?),
                hours: small(row.try_get(7)?),
                percent: u8::try_from(row.try_get::<i64>(8)?).unwrap_or(100),
            },
        });
    }
    Ok(applications)
}

async fn count_sessions(
    connection: &mut Connection,
    tenant: i64,
    counts: &SessionCounts,
    judgement: i64,
    revision: i64,
) -> Result<u64, StoreError> {
    let lock = || counts.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock().get(&judgement).copied();
    if let Some((at, sessions)) = known
        && at == revision
    {
        return Ok(sessions);
    }
    let sessions = session_blocks::count_sessions(connection, tenant, judgement).await?;
    lock().insert(judgement, (revision, sessions));
    Ok(sessions)
}

/// The most requested hosts of each application.
async fn list_hosts(
    connection: &mut Connection,
    tenant: i64,
) -> Result<FxHashMap<i64, Vec<String>>, StoreError> {
    let rows: Vec<(i64, String)> = query_as(
        "SELECT application, name FROM (
             SELECT application, name, requests, ROW_NUMBER() OVER (
                 PARTITION BY application ORDER BY requests DESC, name) AS place
             FROM host WHERE tenant_id = $1) AS placed
         WHERE place <= $2 ORDER BY application, place",
    )
    .bind(tenant)
    .bind(HOSTS_SHOWN)
    .fetch_all(connection)
    .await?;
    let mut hosts = FxHashMap::<i64, Vec<String>>::default();
    for (application, name) in rows {
        hosts.entry(application).or_default().push(name);
    }
    Ok(hosts)
}
