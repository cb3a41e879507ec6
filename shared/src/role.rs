//! The one table of roles: what each may do. Routes, tokens, the console's controls and the
//! documentation follow it. Who has which role is the store's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Permission::{
    self, ApplicationsRead, ApplicationsWrite, AttacksRead, AuditRead, DecisionsRead, ListsRead,
    ListsWrite, MembersRead, MembersWrite, MetricsRead, OwnAccount, OwnEntry, PrivacyRead,
    PrivacyWrite, RequestsImport, SessionsRead, TenantExport, TenantsRead, TenantsWrite,
    TokensRead, TokensWrite,
};
use crate::vocabulary::vocabulary;
use crate::{Permissions, UnknownName};

vocabulary! {
    /// What somebody may do in one tenant.
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
        /// Fetch the deny list, and see nothing else. For what enforces it.
        Enforcer = "enforcer", "Enforcer";
        /// Read the metrics of the installation, and see nothing else. For what watches it.
        Monitor = "monitor", "Monitor";
    }
}

vocabulary! {
    /// What somebody may do in all tenants of an installation.
    GlobalRole("global role") {
        /// Everything everywhere, and the tenants themselves.
        Administrator = "global_administrator", "Global administrator";
        /// See which tenants there are, and look into each.
        ReadOnly = "global_read_only", "Global read-only";
    }
}

impl Role {
    /// What the role allows, whoever has it.
    #[must_use]
    pub const fn permissions(self) -> Permissions {
        Permissions::of(match self {
            Self::Administrator => &[
                ApplicationsRead,
                ApplicationsWrite,
                AttacksRead,
                SessionsRead,
                ListsRead,
                ListsWrite,
                DecisionsRead,
                RequestsImport,
                TokensRead,
                TokensWrite,
                MembersRead,
                MembersWrite,
                AuditRead,
                PrivacyRead,
                PrivacyWrite,
                TenantExport,
            ],
            Self::Analyst => &[
                ApplicationsRead,
                AttacksRead,
                SessionsRead,
                ListsRead,
                ListsWrite,
                DecisionsRead,
                MembersRead,
            ],
            Self::ReadOnly => &[
                ApplicationsRead,
                AttacksRead,
                SessionsRead,
                ListsRead,
                DecisionsRead,
            ],
            Self::IngestOnly => &[RequestsImport],
            Self::ApiDeveloper => &[
                ApplicationsRead,
                ApplicationsWrite,
                AttacksRead,
                SessionsRead,
                ListsRead,
                DecisionsRead,
                RequestsImport,
            ],
            Self::Enforcer => &[DecisionsRead],
            Self::Monitor => &[MetricsRead],
        })
    }

    /// Whether it is for programs alone: with it nobody can look.
    #[must_use]
    pub const fn is_for_programs(self) -> bool {
        matches!(self, Self::IngestOnly | Self::Enforcer | Self::Monitor)
    }

    /// Whether a token with it may be for one application.
    #[must_use]
    pub const fn is_for_one_application(self) -> bool {
        matches!(self, Self::IngestOnly | Self::Enforcer)
    }

    /// The last role in the vocabulary that allows `permission`, for saying what is missing.
    #[must_use]
    pub fn with(permission: Permission) -> Option<Self> {
        Self::ALL
            .iter()
            .rev()
            .copied()
            .find(|role| role.permissions().contains(permission))
    }
}

impl GlobalRole {
    /// What the role allows, in any tenant.
    #[must_use]
    pub const fn permissions(self) -> Permissions {
        match self {
            Self::Administrator => Role::Administrator.permissions().or(Permissions::of(&[
                MetricsRead,
                TenantsRead,
                TenantsWrite,
            ])),
            Self::ReadOnly => Role::ReadOnly.permissions().or(Permissions::of(&[
                MetricsRead,
                TenantsRead,
                MembersRead,
                AuditRead,
            ])),
        }
    }
}

impl Permissions {
    /// What only people may, whatever their role: a token has none of it.
    pub const OF_PEOPLE: Self = Self::of(&[OwnEntry, OwnAccount]);

    /// What is left to whoever lacks the second factor that their tenant requires.
    pub const OF_ENTRY: Self = Self::of(&[OwnEntry]);

    /// All there are.
    pub const ALL: Self = GlobalRole::Administrator.permissions().or(Self::OF_PEOPLE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_administrator_makes_tokens_and_only_programs_see_nothing() {
        for role in Role::ALL {
            let may = role.permissions();
            let makes_tokens = may.contains(TokensWrite);
            assert_eq!(makes_tokens, *role == Role::Administrator, "{role}");
            let sees = may.contains(AttacksRead);
            assert_eq!(sees, !role.is_for_programs(), "{role}");
        }
    }

    #[test]
    fn no_role_in_a_tenant_reaches_beyond_it() {
        for role in Role::ALL {
            let may = role.permissions();
            assert!(!may.contains(TenantsRead) && !may.contains(TenantsWrite));
            assert!(!may.contains(OwnAccount), "{role}: that is for people");
            // Only who looks after the installation has that to give.
            assert_eq!(may.contains(MetricsRead), *role == Role::Monitor, "{role}");
        }
    }

    #[test]
    fn every_permission_belongs_to_somebody() {
        for permission in Permission::ALL {
            assert!(Permissions::ALL.contains(*permission), "{permission}");
        }
    }

    #[test]
    fn what_is_missing_is_said_by_the_least_role_that_has_it() {
        assert_eq!(Role::with(DecisionsRead), Some(Role::Enforcer));
        assert_eq!(Role::with(ListsWrite), Some(Role::Analyst));
        assert_eq!(Role::with(TokensWrite), Some(Role::Administrator));
        assert_eq!(Role::with(TenantsWrite), None);
    }
}
