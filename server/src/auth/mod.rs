//! Who is calling and what they may do: the person at the machine, or a program with a token.
//! Not where a credential stands in a request: that is HTTP's.

mod issue;
mod role;
mod secret;

use std::sync::Arc;

use shared::{Role, TenantId};

pub use issue::{IssueError, issue};
pub use role::permissions;
pub use secret::{Secret, SecretHash};

/// Something a route needs its caller to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Read applications and the overview.
    ApplicationsRead,
    /// Change an application's settings; add and remove applications.
    ApplicationsWrite,
    /// Read attacks, their hits and their heatmaps.
    AttacksRead,
    /// Read sessions and their requests.
    SessionsRead,
    /// Read the IP lists and their history.
    ListsRead,
    /// Change the IP lists.
    ListsWrite,
    /// Add requests.
    RequestsImport,
    /// See which tokens there are.
    TokensRead,
    /// Make tokens, and revoke them.
    TokensWrite,
}

impl Permission {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ApplicationsRead,
        Self::ApplicationsWrite,
        Self::AttacksRead,
        Self::SessionsRead,
        Self::ListsRead,
        Self::ListsWrite,
        Self::RequestsImport,
        Self::TokensRead,
        Self::TokensWrite,
    ];

    /// The name in the API's description and in log lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationsRead => "applications:read",
            Self::ApplicationsWrite => "applications:write",
            Self::AttacksRead => "attacks:read",
            Self::SessionsRead => "sessions:read",
            Self::ListsRead => "lists:read",
            Self::ListsWrite => "lists:write",
            Self::RequestsImport => "requests:import",
            Self::TokensRead => "tokens:read",
            Self::TokensWrite => "tokens:write",
        }
    }
}

/// The caller lacks a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission `{}`", .0.as_str())]
pub struct Denied(pub Permission);

/// Whoever asks: the tenant they belong to, their name, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    tenant: TenantId,
    name: Arc<str>,
    permissions: u32,
}

impl Caller {
    /// The tenant that exists from the start.
    pub const DEFAULT_TENANT: TenantId = TenantId(1);

    /// A caller of `tenant` with `permissions`.
    #[must_use]
    pub fn new(tenant: TenantId, permissions: &[Permission]) -> Self {
        let permissions = permissions.iter().fold(0, |mask, p| mask | 1 << *p as u32);
        Self {
            tenant,
            name: "local".into(),
            permissions,
        }
    }

    /// The person at the machine: everything, in the default tenant.
    #[must_use]
    pub fn local() -> Self {
        Self::new(Self::DEFAULT_TENANT, Permission::ALL)
    }

    /// A program with the token called `name`, which has `role`.
    #[must_use]
    pub fn with_token(tenant: TenantId, name: &str, role: Role) -> Self {
        Self {
            name: format!("token {name}").into(),
            ..Self::new(tenant, permissions(role))
        }
    }

    /// The tenant whose data they see.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What the history of what they change calls them.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fails unless they have `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.permissions & 1 << permission as u32 == 0 {
            return Err(Denied(permission));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_only_the_permissions_given() {
        let caller = Caller::new(TenantId(7), &[Permission::AttacksRead]);
        assert_eq!(caller.require(Permission::AttacksRead), Ok(()));
        let denied = caller.require(Permission::RequestsImport).unwrap_err();
        assert!(denied.to_string().contains("`requests:import`"), "{denied}");
    }
}
