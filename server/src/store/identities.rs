//! People whom a provider of single sign-on vouches for, on their way to an account. Not how that
//! was proven.

use std::net::IpAddr;

use shared::{AccountId, Role, TenantId, Timestamp};

use crate::auth::Email;

/// Somebody who was proven to be who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdentity {
    /// Who vouches for them.
    pub issuer: String,
    /// What that provider calls them. Both together are whose account it is.
    pub subject: String,
    /// Their confirmed e-mail address.
    pub email: Option<Email>,
    /// What others see.
    pub name: String,
    /// Their role from now on; `None` to leave it as it is.
    pub role: Option<Role>,
    /// The tenant that they come to.
    pub tenant: TenantId,
    /// Whether an account with that e-mail address is theirs.
    pub links_by_email: bool,
    /// The identifier of their account, if there is none yet.
    pub account: AccountId,
    /// From which address they come.
    pub address: Option<IpAddr>,
    /// Now.
    pub at: Timestamp,
}

/// Somebody for whom a provider vouches, and to whom it gives no role any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostRole {
    /// Who vouches for them.
    pub issuer: String,
    /// What that provider calls them.
    pub subject: String,
    /// Where they have no role.
    pub tenant: TenantId,
    /// From which address they come.
    pub address: Option<IpAddr>,
    /// Now.
    pub at: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouched {
    /// This is their account.
    Account(AccountId),
    /// They would need a confirmed e-mail address for one.
    NoEmail,
    /// Somebody else has an account with their e-mail address.
    EmailTaken,
    /// They have no role in the tenant.
    NoRole,
    /// The tenant takes nobody in, or is none.
    Closed,
}
