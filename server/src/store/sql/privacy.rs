//! What a tenant keeps of people: the settings. Every request of the API asks for them, so they are
//! kept in memory.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use shared::{Privacy, Timestamp};

use super::{StoreError, TenantStore, corrupt};
use crate::store::AuditRecord;
use crate::store::bytes::Malformed;
use crate::store::database::{query, query_as};

/// The settings of each tenant that asked.
pub(super) type KnownPrivacy = Mutex<FxHashMap<i64, Arc<Privacy>>>;

/// Others may have written since.
pub(super) fn forget_all(known: &KnownPrivacy) {
    known.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

impl TenantStore {
    /// The settings; by default nothing is hashed or masked.
    pub async fn find_privacy(&self) -> Result<Arc<Privacy>, StoreError> {
        let known = || {
            let known = self.shared.privacy.lock();
            known.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(privacy) = known().get(&self.tenant) {
            return Ok(Arc::clone(privacy));
        }
        let row: Option<(String,)> = query_as("SELECT settings FROM privacy WHERE tenant_id = $1")
            .bind(self.tenant)
            .fetch_optional(&mut *self.look().await?)
            .await?;
        let privacy = match row {
            Some((text,)) => serde_json::from_str(&text)
                .map_err(|_| Malformed)
                .map_err(corrupt("privacy", "settings", self.tenant))?,
            None => Privacy::default(),
        };
        // What was set since it was read holds.
        let mut known = known();
        let privacy = known
            .entry(self.tenant)
            .or_insert_with(|| Arc::new(privacy));
        Ok(Arc::clone(privacy))
    }

    /// Sets them. What was stored before stays as it is.
    pub async fn set_privacy(&self, privacy: &Privacy, now: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let before = self.find_privacy().await?;
        let text = serde_json::to_string(privacy).expect("plain data can always be written");
        let mut transaction = writer.begin(self.scope()).await?;
        query(
            "INSERT INTO privacy (tenant_id, settings) VALUES ($1, $2)
             ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings",
        )
        .bind(self.tenant)
        .bind(text)
        .execute(&mut transaction)
        .await?;
        let fields = |privacy: &Privacy| privacy.hashed_fields.join(", ");
        let roles = |privacy: &Privacy| {
            let roles: Vec<&str> = privacy
                .masks_addresses_for
                .iter()
                .map(|role| role.label())
                .collect();
            roles.join(", ")
        };
        let record = AuditRecord::new("privacy.update", "")
            .field(
                "hashes_session_keys",
                Some(before.hashes_session_keys),
                Some(privacy.hashes_session_keys),
            )
            .field(
                "hashed_fields",
                Some(fields(&before)),
                Some(fields(privacy)),
            )
            .field(
                "masks_addresses_for",
                Some(roles(&before)),
                Some(roles(privacy)),
            );
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        let known = self.shared.privacy.lock();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .insert(self.tenant, Arc::new(privacy.clone()));
        Ok(())
    }
}
