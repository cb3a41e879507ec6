//! API tokens and the roles that they give. The secret itself is in one answer only, that to
//! whoever had the token made.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{Timestamp, TokenId, UnknownName};

vocabulary! {
    /// What somebody may do; the table is the server's.
    Role("role") {
        /// Everything.
        Administrator = "administrator", "Administrator";
        /// Look into everything, and change the IP lists.
        Analyst = "analyst", "Analyst";
        /// Look into everything.
        ReadOnly = "read_only", "Read-only";
        /// Add requests, and see nothing.
        IngestOnly = "ingest_only", "Ingest-only";
        /// Look into everything, set up applications and add requests.
        ApiDeveloper = "api_developer", "API developer";
    }
}

/// A credential of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// Its identifier; says nothing of the secret.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
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
