//! The audit log: who changed what, and who signed in. Entries are added, never changed.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Timestamp};

/// One change, or one attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its place in the tenant's log, from 1 and without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who: a person's e-mail address, `token NAME`, or `local` for the machine itself.
    pub actor: String,
    /// The account, where a person did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// What was done, as `object.verb`: `token.create`, `login.create`, `login.refuse`.
    pub action: String,
    /// What it was done to, as people know it: a name or an address; empty for the tenant.
    pub object: String,
    /// What became different; empty where nothing but its being there did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<AuditChange>,
    /// From which address; absent for the machine itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// One field of what was changed. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditChange {
    /// The field.
    pub field: String,
    /// What it was; absent if it was not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is; absent if it is not set any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}
