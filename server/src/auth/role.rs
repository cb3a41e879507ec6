//! The one table of roles: what each may do. Who has which role is the store's.

use shared::Role;

use super::Permission::{
    self, ApplicationsRead, ApplicationsWrite, AttacksRead, ListsRead, ListsWrite, RequestsImport,
    SessionsRead,
};

/// What a role may do.
#[must_use]
pub const fn permissions(role: Role) -> &'static [Permission] {
    match role {
        Role::Administrator => Permission::ALL,
        Role::Analyst => &[
            ApplicationsRead,
            AttacksRead,
            SessionsRead,
            ListsRead,
            ListsWrite,
        ],
        Role::ReadOnly => &[ApplicationsRead, AttacksRead, SessionsRead, ListsRead],
        Role::IngestOnly => &[RequestsImport],
        Role::ApiDeveloper => &[
            ApplicationsRead,
            ApplicationsWrite,
            AttacksRead,
            SessionsRead,
            ListsRead,
            RequestsImport,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_administrator_makes_tokens_and_only_an_ingester_sees_nothing() {
        for role in Role::ALL {
            let may = permissions(*role);
            let makes_tokens = may.contains(&Permission::TokensWrite);
            assert_eq!(makes_tokens, *role == Role::Administrator, "{role}");
            let sees = may.contains(&AttacksRead);
            assert_eq!(sees, *role != Role::IngestOnly, "{role}");
        }
    }
}
