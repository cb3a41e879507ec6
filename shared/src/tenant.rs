//! Tenants, as whoever looks after all of them sees them.

use serde::{Deserialize, Serialize};

use crate::{TenantId, Timestamp};

/// A tenant and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantName {
    /// The identifier.
    pub id: TenantId,
    /// The name.
    pub name: String,
}

/// An organisation. Owns everything else; nothing crosses tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenant {
    /// The identifier.
    pub id: TenantId,
    /// The name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when nobody of it may sign in and none of its tokens opens anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
    /// Its people.
    pub members: u64,
    /// Its applications.
    pub applications: u64,
    /// Its stored requests.
    pub requests: u64,
}

/// A tenant to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// What people call it; 1 to 100 characters, no other's name.
    pub name: String,
}

/// A tenant to delete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantRemoval {
    /// Its name: what is deleted does not come back.
    pub name: String,
}

/// What of a tenant is to change; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether its people and tokens are kept out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
}
