//! API tokens. The secret itself is in one answer only, that to whoever had the token made.

use serde::{Deserialize, Serialize};

use crate::{AccountId, ApplicationId, Role, Timestamp, TokenId};

/// A credential of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// Its identifier; says nothing of the secret.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it may do; of a personal one never more than its owner.
    pub role: Role,
    /// Whose it is; absent for one that the tenant shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The only application that it adds requests to, or fetches decisions of; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// Who had it made.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// A token to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for; 1 to 100 characters.
    pub name: String,
    /// What it may do; nothing that whoever makes it may not.
    pub role: Role,
    /// The only application that it is for; only with the roles `ingest_only` and `enforcer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// How long it holds: `5m` to `3650d`, or `forever`; 90 days if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
}

/// A token that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// Its secret, for the header `Authorization: Bearer`; it is told once and not kept.
    pub secret: String,
}
