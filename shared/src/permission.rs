//! What somebody may be allowed to do. Which role allows what stands in `role`; which route asks
//! for what, in the server's table of routes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::UnknownName;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Something a route, or a control of the console, needs whoever uses it to be allowed.
    Permission("permission") {
        /// Read applications and the overview.
        ApplicationsRead = "applications:read", "See applications";
        /// Change an application's settings; add and remove applications.
        ApplicationsWrite = "applications:write", "Change applications";
        /// Read attacks, their hits and their heatmaps.
        AttacksRead = "attacks:read", "See attacks";
        /// Read sessions and their requests.
        SessionsRead = "sessions:read", "See sessions";
        /// Read the IP lists and their history.
        ListsRead = "lists:read", "See IP lists";
        /// Change the IP lists.
        ListsWrite = "lists:write", "Change IP lists";
        /// Read what is to be enforced, and nothing else of the lists.
        DecisionsRead = "decisions:read", "Fetch decisions";
        /// Add requests.
        RequestsImport = "requests:import", "Add requests";
        /// See which tokens there are.
        TokensRead = "tokens:read", "See API tokens";
        /// Make tokens, and revoke them.
        TokensWrite = "tokens:write", "Make and revoke API tokens";
        /// See who belongs to the tenant, and who is invited.
        MembersRead = "members:read", "See people";
        /// Invite people, change their roles, remove them.
        MembersWrite = "members:write", "Invite, change and remove people";
        /// Read the audit log.
        AuditRead = "audit:read", "Read the audit log";
        /// See what is hashed and masked, and what was erased.
        PrivacyRead = "privacy:read", "See privacy settings";
        /// Set what is hashed and masked; find and erase somebody's traces.
        PrivacyWrite = "privacy:write", "Change privacy settings, find and erase";
        /// Take everything of the tenant along.
        TenantExport = "tenant:export", "Export the tenant";
        /// See who one is, look at another tenant and set one's second factor up: all that there
        /// is for whom a tenant requires one. People only, no token.
        OwnEntry = "account:enter", "Sign in, and set up one's second factor";
        /// Look after one's own account. People only, no token.
        OwnAccount = "account:own", "Look after one's own account";
        /// Read the metrics of the installation, which are those of all its tenants together.
        MetricsRead = "metrics:read", "Read the installation's metrics";
        /// See all tenants of the installation.
        TenantsRead = "tenants:read", "See all tenants";
        /// Make, suspend and delete tenants.
        TenantsWrite = "tenants:write", "Make, suspend and delete tenants";
    }
}

/// A set of permissions, without order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u32);

impl Permissions {
    /// Those that `list` names.
    #[must_use]
    pub const fn of(list: &[Permission]) -> Self {
        let mut mask = 0;
        let mut at = 0;
        while at < list.len() {
            mask |= 1 << list[at] as u32;
            at += 1;
        }
        Self(mask)
    }

    /// What either allows.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is left of it without `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether `permission` is among them.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & 1 << permission as u32 != 0
    }

    /// Each of them, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.contains(*permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_it_was_made_of() {
        let both = Permissions::of(&[Permission::AuditRead, Permission::TenantsWrite]);
        assert!(both.contains(Permission::TenantsWrite));
        assert!(!both.contains(Permission::TenantsRead));
        let audit = both.without(Permissions::of(&[Permission::TenantsWrite]));
        assert_eq!(audit.iter().collect::<Vec<_>>(), [Permission::AuditRead]);
        assert_eq!(audit.or(both), both);
        assert_eq!(audit.and(both), audit);
    }
}
