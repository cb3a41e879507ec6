//! Who is calling and what they may do: the person at the machine, somebody who has signed in, or
//! a program with a token. Not where a credential stands in a request: that is HTTP's.

mod attempts;
mod email;
mod issue;
mod name;
pub mod oidc;
mod password;
mod secret;
mod totp;

use std::net::IpAddr;
use std::sync::Arc;

use shared::{AccountId, ApplicationId, GlobalRole, LoginId, Permissions, Privacy, Role, TenantId};

use crate::store::Author;

pub use attempts::{FORGOTTEN_MS, Subject};
pub use email::{Email, InvalidEmail};
pub use issue::{IssueError, issue};
pub use name::{InvalidName, read_name};
pub use password::{
    Checked, MAX_PASSWORD, MIN_PASSWORD, PasswordError, Passwords, WeakPassword, check_password,
};
pub use secret::{Secret, SecretHash, random_id};
pub use shared::Permission;
pub use totp::{RECOVERY_CODES, TotpSecret, recovery_codes, recovery_hash};

/// Why the caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// A permission is missing.
    #[error("this needs the permission `{}`", .0.as_str())]
    Permission(Permission),
    /// A second factor is.
    #[error(
        "your tenant requires a second factor: set it up under Settings, My account, or sign in \
         with one at single sign-on"
    )]
    SecondFactor,
}

/// Whoever asks: the tenant they belong to, their name, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    tenant: TenantId,
    name: Arc<str>,
    address: Option<IpAddr>,
    permissions: Permissions,
    /// What whoever the token belongs to may, where it is a personal one: it shows no more of
    /// addresses than they see.
    owner: Option<Permissions>,
    credential: Credential,
    /// Whether a second factor is required that their login has not.
    lacks_second_factor: bool,
}

/// What a caller is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Having the data directory.
    Machine,
    /// A login.
    Login(LoginCredential),
    /// A token.
    Token {
        /// Whose it is; `None` for one that the tenant shares.
        account: Option<AccountId>,
        /// The only application that it is for.
        application: Option<ApplicationId>,
    },
}

/// Somebody who has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginCredential {
    /// Which of their logins it is.
    pub id: LoginId,
    /// Whose.
    pub account: AccountId,
    /// Their role in the tenant; `None` for who is there by a global role only.
    pub role: Option<Role>,
    /// Their role in the installation.
    pub global_role: Option<GlobalRole>,
}

/// All that somebody may do in a tenant who has these roles there, as a person.
#[must_use]
pub fn permissions_of(role: Option<Role>, global_role: Option<GlobalRole>) -> Permissions {
    let role = role.map(Role::permissions).unwrap_or_default();
    let global_role = global_role.map(GlobalRole::permissions);
    role.or(global_role.unwrap_or_default())
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
            address: None,
            permissions,
            owner: None,
            credential: Credential::Machine,
            lacks_second_factor: false,
        }
    }

    /// The person at the machine: everything, in the default tenant.
    #[must_use]
    pub fn local() -> Self {
        Self::new(Self::DEFAULT_TENANT, Permissions::ALL)
    }

    /// Nobody that is known: who failed to sign in.
    #[must_use]
    pub fn nobody(tenant: TenantId) -> Self {
        Self::named(tenant, "nobody")
    }

    /// Somebody who may do nothing yet, and whom history calls `name`.
    #[must_use]
    pub fn named(tenant: TenantId, name: &str) -> Self {
        Self {
            name: name.into(),
            ..Self::new(tenant, Permissions::default())
        }
    }

    /// The person at the machine in another tenant.
    #[must_use]
    pub fn local_in(tenant: TenantId) -> Self {
        Self::new(tenant, Permissions::ALL)
    }

    /// A program with a token, which history calls `name`. A personal one does only what `owner`
    /// may as well.
    #[must_use]
    pub fn with_token(
        tenant: TenantId,
        name: &str,
        permissions: Permissions,
        owner: Option<(AccountId, Permissions)>,
        application: Option<ApplicationId>,
    ) -> Self {
        let account = owner.map(|(account, _)| account);
        let owner = owner.map(|(_, may)| may);
        let permissions = owner.map_or(permissions, |may| permissions.and(may));
        Self {
            tenant,
            name: name.into(),
            address: None,
            permissions: permissions.without(Permissions::OF_PEOPLE),
            owner,
            credential: Credential::Token {
                account,
                application,
            },
            lacks_second_factor: false,
        }
    }

    /// Somebody who has signed in as `email` and looks at `tenant`.
    #[must_use]
    pub fn with_login(tenant: TenantId, email: &str, login: LoginCredential) -> Self {
        let permissions = permissions_of(login.role, login.global_role);
        Self {
            tenant,
            name: email.into(),
            address: None,
            permissions: permissions.or(Permissions::OF_PEOPLE),
            owner: None,
            credential: Credential::Login(login),
            lacks_second_factor: false,
        }
    }

    /// The same without the second factor that the tenant requires: they may set one up.
    #[must_use]
    pub fn without_second_factor(self) -> Self {
        Self {
            permissions: Permissions::OF_ENTRY,
            lacks_second_factor: true,
            ..self
        }
    }

    /// Whether the tenant requires a second factor that their login has not.
    #[must_use]
    pub fn lacks_second_factor(&self) -> bool {
        self.lacks_second_factor
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
            account_id: self.account(),
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

    /// What they are known by.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// Their login, if they have signed in.
    #[must_use]
    pub fn login(&self) -> Option<LoginCredential> {
        match self.credential {
            Credential::Login(login) => Some(login),
            Credential::Machine | Credential::Token { .. } => None,
        }
    }

    /// The account that they are, or whose token they have.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self.credential {
            Credential::Login(login) => Some(login.account),
            Credential::Token { account, .. } => account,
            Credential::Machine => None,
        }
    }

    /// The only application that they ask about, if their token is for one.
    #[must_use]
    pub fn application(&self) -> Option<ApplicationId> {
        match self.credential {
            Credential::Token { application, .. } => application,
            Credential::Machine | Credential::Login(_) => None,
        }
    }

    /// Whether `privacy` lets them see addresses only in part: if they, or the owner of their
    /// token, may do no more than a role for which that is set. So a token never shows more than
    /// its owner sees. Programs of the tenant that see nothing but what is to be enforced need
    /// whole addresses.
    #[must_use]
    pub fn is_masked_by(&self, privacy: &Privacy) -> bool {
        let mut who = std::iter::once(self.permissions).chain(self.owner);
        who.any(|may| masks(privacy, may))
    }

    /// Fails unless they have `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.permissions.contains(permission) {
            return Ok(());
        }
        Err(match self.lacks_second_factor {
            true => Denied::SecondFactor,
            false => Denied::Permission(permission),
        })
    }

    /// Fails unless they may do all that `role` allows: nobody gives what they have not.
    pub fn require_all_of(&self, role: Role) -> Result<(), Denied> {
        let missing = role.permissions().without(self.permissions);
        match missing.iter().next() {
            Some(permission) => Err(Denied::Permission(permission)),
            None => Ok(()),
        }
    }
}

/// Whether `privacy` shows addresses only in part to whoever may do this.
fn masks(privacy: &Privacy, may: Permissions) -> bool {
    let may = may.without(Permissions::OF_PEOPLE);
    let looks = [
        Permission::AttacksRead,
        Permission::SessionsRead,
        Permission::ListsRead,
        Permission::AuditRead,
    ];
    let looks = looks.iter().any(|look| may.contains(*look));
    let mut roles = privacy.masks_addresses_for.iter();
    looks && roles.any(|role| may.without(role.permissions()) == Permissions::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_no_more_than_a_masked_role_sees_no_more() {
        let privacy = Privacy {
            masks_addresses_for: vec![Role::Analyst],
            ..Privacy::default()
        };
        let is_masked = |permissions| Caller::new(TenantId(7), permissions).is_masked_by(&privacy);
        for role in Role::ALL {
            let expected = matches!(role, Role::Analyst | Role::ReadOnly);
            assert_eq!(is_masked(role.permissions()), expected, "{role}");
        }
        let person = Role::Analyst.permissions().or(Permissions::OF_PEOPLE);
        assert!(is_masked(person));
        assert!(!is_masked(Permissions::ALL));
        assert!(!Caller::local().is_masked_by(&Privacy::default()));
    }

    #[test]
    fn a_personal_token_shows_no_more_than_its_owner_sees() {
        let privacy = Privacy {
            masks_addresses_for: vec![Role::Analyst],
            ..Privacy::default()
        };
        let may = Role::Enforcer.permissions();
        let is_masked = |owner: Option<Role>| {
            let owner = owner.map(|role| (AccountId(2), role.permissions()));
            let token = Caller::with_token(TenantId(7), "t", may, owner, None);
            token.is_masked_by(&privacy)
        };
        assert!(!is_masked(None), "one that the tenant shares");
        assert!(is_masked(Some(Role::Analyst)));
        assert!(!is_masked(Some(Role::Administrator)));
    }

    #[test]
    fn a_caller_has_only_the_permissions_given() {
        let caller = Caller::new(TenantId(7), Permissions::of(&[Permission::AttacksRead]));
        assert_eq!(caller.require(Permission::AttacksRead), Ok(()));
        let denied = caller.require(Permission::RequestsImport).unwrap_err();
        assert!(denied.to_string().contains("`requests:import`"), "{denied}");
    }

    #[test]
    fn a_person_may_what_either_role_allows_and_look_after_their_account() {
        let caller = |role, global_role| {
            let login = LoginCredential {
                id: LoginId(1),
                account: AccountId(2),
                role,
                global_role,
            };
            Caller::with_login(TenantId(7), "ann@example.com", login)
        };
        let analyst = caller(Some(Role::Analyst), None);
        assert!(analyst.require(Permission::ListsWrite).is_ok());
        assert!(analyst.require(Permission::OwnAccount).is_ok());
        assert!(analyst.require(Permission::TenantsRead).is_err());
        assert!(analyst.require_all_of(Role::ReadOnly).is_ok());
        assert!(analyst.require_all_of(Role::IngestOnly).is_err());
        let visitor = caller(None, Some(GlobalRole::ReadOnly));
        assert!(visitor.require(Permission::AttacksRead).is_ok());
        assert!(visitor.require(Permission::ListsWrite).is_err());
    }

    #[test]
    fn a_program_has_no_account_to_look_after() {
        let token = Caller::with_token(TenantId(7), "t", Permissions::ALL, None, None);
        assert!(token.require(Permission::OwnAccount).is_err());
        assert!(token.require(Permission::TenantsWrite).is_ok());
    }

    #[test]
    fn the_table_of_roles_that_people_read_is_the_one_in_code() {
        let of_roles = Role::ALL.iter().map(|role| role.permissions());
        let of_tenants = of_roles.fold(Permissions::default(), Permissions::or);
        let names: Vec<&str> = Role::ALL.iter().map(|role| role.label()).collect();
        let mut table = format!(
            "| | {} |\n|---|{}",
            names.join(" | "),
            "---|".repeat(names.len())
        );
        for permission in of_tenants.iter() {
            let may = |role: &Role| role.permissions().contains(permission);
            let cells = Role::ALL
                .iter()
                .map(|role| if may(role) { "yes" } else { "" });
            let cells: Vec<&str> = std::iter::once(permission.label()).chain(cells).collect();
            table.push_str(&format!("\n| {} |", cells.join(" | ")));
        }
        let documentation = include_str!("../../../docs/accounts.md");
        assert!(
            documentation.contains(&table),
            "docs/accounts.md should have\n{table}"
        );
    }
}
