//! Settings of applications: what is set, and by what each judgement was made. Not what they
//! mean: that is the engine's `resolve_keys`.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use shared::{ApplicationId, ApplicationSettings, KeySource, Timestamp};

use super::{StoreError, TenantStore, corrupt, stored};
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, query, query_as};
use crate::store::{ApplicationState, AuditRecord, JudgementKey};

/// The settings of judgements, by number; every read of a segment asks.
pub(super) type JudgedBy = Mutex<FxHashMap<i64, Arc<ApplicationSettings>>>;

impl TenantStore {
    /// Sets what is to count from the next judgement on, and returns what was set before;
    /// `None` if there is no such application. Nothing is judged again here.
    pub async fn set_settings(
        &self,
        application: ApplicationId,
        settings: &ApplicationSettings,
        now: Timestamp,
    ) -> Result<Option<ApplicationSettings>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let found: Option<(i64, i64, Option<String>, String)> = query_as(
            "SELECT number, judgement, settings, name FROM application
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(self.tenant)
        .bind(stored(application.0))
        .fetch_optional(&mut transaction)
        .await?;
        let Some((number, judgement, former, name)) = found else {
            return Ok(None);
        };
        let text = write(settings);
        query("UPDATE application SET settings = $1 WHERE tenant_id = $2 AND number = $3")
            .bind(text.as_deref())
            .bind(self.tenant)
            .bind(number)
            .execute(&mut transaction)
            .await?;
        // Where nothing is judged yet, nothing has to be judged again.
        query(
            "UPDATE judgement SET settings = $1
             WHERE tenant_id = $2 AND number = $3 AND position < 0",
        )
        .bind(text.as_deref())
        .bind(self.tenant)
        .bind(judgement)
        .execute(&mut transaction)
        .await?;
        let former = read(former, application)?;
        let record = AuditRecord::new("settings.update", name);
        let (before, after) = (former.lists(), settings.lists());
        let record = before
            .into_iter()
            .zip(after)
            .fold(record, |record, (was, is)| {
                record.field(is.0.as_str(), Some(listed(was.1)), Some(listed(is.1)))
            });
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        self.forget_judged_by(judgement);
        Ok(Some(former))
    }

    /// Sets of which sources the values are kept in segments from now on.
    pub async fn set_kept_sources(
        &self,
        judgement: JudgementKey,
        sources: &[KeySource],
    ) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let number = judgement.application;
        let found: Option<(Option<String>,)> =
            query_as("SELECT kept FROM application WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(number)
                .fetch_optional(&mut transaction)
                .await?;
        let Some((kept,)) = found else {
            return Ok(());
        };
        let kept = Kept {
            sources: sources.to_vec(),
            ..read_kept(kept, number)?
        };
        self.write_kept(&mut transaction, number, &kept).await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Sets what the fields of what is sent for an application are called from now on; false if
    /// there is no such application.
    pub async fn set_field_map(
        &self,
        application: ApplicationId,
        map: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let found: Option<(i64, Option<String>, String)> =
            query_as("SELECT number, kept, name FROM application WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant)
                .bind(stored(application.0))
                .fetch_optional(&mut transaction)
                .await?;
        let Some((number, kept, name)) = found else {
            return Ok(false);
        };
        let former = read_kept(kept, application)?;
        let record = AuditRecord::new("settings.update", name);
        let record = record.field("fields", Some(&former.fields), Some(map));
        let kept = Kept {
            fields: map.to_owned(),
            ..former
        };
        self.write_kept(&mut transaction, number, &kept).await?;
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(true)
    }

    async fn write_kept(
        &self,
        connection: &mut Connection,
        application: i64,
        kept: &Kept,
    ) -> Result<(), StoreError> {
        let text = match (&kept.sources[..], &*kept.fields) {
            ([], "") => None,
            (sources, "") => Some(to_json(sources)),
            _ => Some(to_json(kept)),
        };
        query("UPDATE application SET kept = $1 WHERE tenant_id = $2 AND number = $3")
            .bind(text)
            .bind(self.tenant)
            .bind(application)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// One application, as whoever writes into it needs it.
    pub async fn find_application_state_by_id(
        &self,
        id: ApplicationId,
    ) -> Result<Option<ApplicationState>, StoreError> {
        let name: Option<(String,)> =
            query_as("SELECT name FROM application WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant)
                .bind(stored(id.0))
                .fetch_optional(&mut *self.look().await?)
                .await?;
        match name {
            Some((name,)) => self.find_application_state(&name).await,
            None => Ok(None),
        }
    }

    /// Applications that are not judged by what is set: an interruption left them so.
    pub async fn list_applications_to_judge_again(
        &self,
    ) -> Result<Vec<ApplicationState>, StoreError> {
        let names: Vec<(String,)> = query_as(
            "SELECT a.name FROM application a JOIN judgement j ON j.number = a.judgement
             WHERE a.tenant_id = $1 AND j.tenant_id = $1
               AND a.settings IS DISTINCT FROM j.settings ORDER BY a.name",
        )
        .bind(self.tenant)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut due = Vec::new();
        for (name,) in names {
            due.extend(self.find_application_state(&name).await?);
        }
        Ok(due)
    }

    /// The settings that a judgement was made by.
    pub async fn find_judged_by(
        &self,
        judgement: JudgementKey,
    ) -> Result<Arc<ApplicationSettings>, StoreError> {
        let mut view = self.look().await?;
        self.judged_by(&mut view, judgement).await
    }

    pub(super) async fn judged_by(
        &self,
        connection: &mut Connection,
        judgement: JudgementKey,
    ) -> Result<Arc<ApplicationSettings>, StoreError> {
        let lock = || lock(&self.shared.judged_by);
        if let Some(known) = lock().get(&judgement.number) {
            return Ok(Arc::clone(known));
        }
        let found: Option<(Option<String>,)> =
            query_as("SELECT settings FROM judgement WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(judgement.number)
                .fetch_optional(connection)
                .await?;
        let Some((text,)) = found else {
            return Ok(Arc::default());
        };
        let settings = Arc::new(read(text, judgement.number)?);
        lock().insert(judgement.number, Arc::clone(&settings));
        Ok(settings)
    }

    /// The number may have been another judgement's, which was given up.
    pub(super) fn forget_judged_by(&self, judgement: i64) {
        lock(&self.shared.judged_by).remove(&judgement);
    }
}

/// Forgets the settings of all judgements.
pub(super) fn forget_all(judged_by: &JudgedBy) {
    lock(judged_by).clear();
}

fn lock(
    judged_by: &JudgedBy,
) -> std::sync::MutexGuard<'_, FxHashMap<i64, Arc<ApplicationSettings>>> {
    judged_by.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sources as people write them.
fn listed(sources: &[KeySource]) -> String {
    let texts: Vec<String> = sources.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// Settings as they are stored.
fn write(settings: &ApplicationSettings) -> Option<String> {
    (*settings != ApplicationSettings::default()).then(|| to_json(settings))
}

/// Stored settings, of what is called `id`.
pub(super) fn read(
    text: Option<String>,
    id: impl std::fmt::Display,
) -> Result<ApplicationSettings, StoreError> {
    let Some(text) = text else {
        return Ok(ApplicationSettings::default());
    };
    serde_json::from_str(&text)
        .map_err(|_| Malformed)
        .map_err(corrupt("application", "settings", id))
}

/// What is read of requests beside what always is. Stored as the list of sources alone where fields
/// have their usual names.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Kept {
    /// Of which the values are kept.
    pub(super) sources: Vec<KeySource>,
    /// What fields are called.
    pub(super) fields: String,
}

/// What is stored of it, of what is called `id`.
pub(super) fn read_kept(
    text: Option<String>,
    id: impl std::fmt::Display,
) -> Result<Kept, StoreError> {
    let Some(text) = text else {
        return Ok(Kept::default());
    };
    let read = match text.starts_with('[') {
        true => serde_json::from_str(&text).map(|sources| Kept {
            sources,
            fields: String::new(),
        }),
        false => serde_json::from_str(&text),
    };
    read.map_err(|_| Malformed)
        .map_err(corrupt("application", "kept", id))
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data can always be written")
}
