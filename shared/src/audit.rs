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

/// Whether an audit log is as it was written. Every entry holds a hash of itself and of the entry
/// before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditChain {
    /// Whether no entry is changed or missing.
    pub holds: bool,
    /// The first entry that is kept.
    pub first: u64,
    /// The last entry; 0 before the first.
    pub last: u64,
    /// The last entry's hash, in hexadecimal digits. Whoever keeps it elsewhere can tell later
    /// that nothing before it was rewritten.
    pub hash: String,
    /// Entries that somebody's traces were erased from: of these only the moment and the action
    /// are left.
    pub erased: u64,
    /// The first entry that is changed or missing; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<u64>,
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
