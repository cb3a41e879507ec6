//! Who is calling and what they may do: the person at the machine, or a program with a token.
//! Not where a credential stands in a request: that is HTTP's.

mod issue;
pub mod oidc;
mod secret;

use std::net::IpAddr;
use std::sync::Arc;

use shared::{AccountId, Permissions, Role, TenantId};

use crate::store::Author;

pub use issue::{IssueError, issue};
pub use secret::{Secret, SecretHash};
pub use shared::Permission;

/// The caller lacks a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission `{}`", .0.as_str())]
pub struct Denied(pub Permission);

/// Whoever asks: the tenant they belong to, their name, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    tenant: TenantId,
    name: Arc<str>,
    account_id: Option<AccountId>,
    address: Option<IpAddr>,
    permissions: Permissions,
}

impl Caller {
    /// The tenant that exists from the start.
    pub const DEFAULT_TENANT: TenantId = TenantId(1);

    /// A caller of `tenant` with `permissions`.
    #[must_use]
    pub fn new(tenant: TenantId, permissions: Permissions) -> Self {
        Self {
            tenant,
            name: "local".into(),
            account_id: None,
            address: None,
            permissions,
        }
    }

    /// The person at the machine: everything, in the default tenant.
    #[must_use]
    pub fn local() -> Self {
        Self::new(Self::DEFAULT_TENANT, Permissions::ALL)
    }

    /// A program with the token called `name`, which has `role`.
    #[must_use]
    pub fn with_token(tenant: TenantId, name: &str, role: Role) -> Self {
        Self {
            name: format!("token {name}").into(),
            ..Self::new(tenant, role.permissions())
        }
    }

    /// The same, asking from an address.
    #[must_use]
    pub fn at(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Who the audit log says it was.
    #[must_use]
    pub fn author(&self) -> Author {
        Author {
            name: self.name.clone(),
            account_id: self.account_id,
            address: self.address,
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

    /// What they may do there.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Fails unless they have `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if !self.permissions.contains(permission) {
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
        let caller = Caller::new(TenantId(7), Permissions::of(&[Permission::AttacksRead]));
        assert_eq!(caller.require(Permission::AttacksRead), Ok(()));
        let denied = caller.require(Permission::RequestsImport).unwrap_err();
        assert!(denied.to_string().contains("`requests:import`"), "{denied}");
    }
}
