//! People as they are stored: accounts, logins, and what a secret link is good for. Not what a
//! password must be, nor who may change whom: that is `auth`'s and HTTP's.

use std::net::IpAddr;

use shared::{AccountId, GlobalRole, InvitationId, LoginId, Role, TenantId, TenantName, Timestamp};

use crate::auth::{Caller, Email, Secret, SecretHash, TotpSecret};

/// A login that is not used ends after so long: over a night, but not over a day's work.
pub const IDLE_MS: i64 = 12 * Timestamp::HOUR;
/// A login ends after so long however much it is used.
pub const LOGIN_MS: i64 = 30 * Timestamp::DAY;
/// The secret of a login changes after so long.
pub const ROTATION_MS: i64 = Timestamp::DAY;
/// The secret before it holds for so long, for requests that were on their way.
pub const GRACE_MS: i64 = Timestamp::MINUTE;
/// An account has at most so many logins; the one used longest ago makes room.
pub const MAX_LOGINS: i64 = 100;
/// A tenant has at most so many open invitations.
pub const MAX_INVITATIONS: i64 = 200;
/// An invitation holds for so long.
pub const INVITATION_MS: i64 = 7 * Timestamp::DAY;

/// A person who may sign in. Its hash and its secret are for checking only.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The identifier.
    pub id: AccountId,
    /// The e-mail address, as it was written.
    pub email: String,
    /// What others see.
    pub name: String,
    /// The hash of the password; `None` where only single sign-on opens it.
    pub password_hash: Option<String>,
    /// The secret of the authenticator app; `None` while no code is asked for.
    pub totp: Option<TotpSecret>,
    /// One that was offered and not confirmed yet.
    pub totp_offer: Option<TotpSecret>,
    /// The role in the whole installation.
    pub global_role: Option<GlobalRole>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// Whether a provider of single sign-on vouches for whoever it is.
    pub is_vouched_for: bool,
}

impl AccountRow {
    /// Whether single sign-on alone opens it: then nobody gives it a password on the side.
    #[must_use]
    pub fn is_providers(&self) -> bool {
        self.is_vouched_for && self.password_hash.is_none()
    }
}

/// An account to keep.
#[derive(Clone)]
pub struct NewAccount {
    /// The identifier.
    pub id: AccountId,
    /// The e-mail address.
    pub email: Email,
    /// What others see.
    pub name: String,
    /// The hash of the password, if it has one.
    pub password_hash: Option<String>,
    /// The role in the whole installation.
    pub global_role: Option<GlobalRole>,
    /// Now.
    pub created_at: Timestamp,
}

/// An account in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The tenant.
    pub tenant: TenantName,
    /// Whether its people are kept out.
    pub is_suspended: bool,
    /// The role there; `None` for who is there by a global role only.
    pub role: Option<Role>,
}

/// A login to keep.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// The identifier.
    pub id: LoginId,
    /// Who signed in.
    pub account: AccountId,
    /// The tenant that they look at.
    pub tenant: TenantId,
    /// Now.
    pub at: Timestamp,
    /// Whether single sign-on opened it.
    pub is_single_sign_on: bool,
    /// Whether a second factor was asked for: by a code here, or as the provider says.
    pub has_second_factor: bool,
    /// From where.
    pub seen: Seen,
}

/// From where a login was used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The address, where the connection has one.
    pub address: Option<IpAddr>,
    /// The browser's name of itself, cut.
    pub user_agent: String,
}

/// Whoever has the secret of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLogin {
    /// The caller.
    pub caller: Caller,
    /// Whether its secret is due to change.
    pub is_due: bool,
    /// Whether it is time to note that it was used.
    pub is_unseen: bool,
}

/// An invitation, for whoever has its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInvitation {
    /// Where to.
    pub tenant: TenantName,
    /// The identifier.
    pub id: InvitationId,
    /// For whom.
    pub email: String,
    /// What they will be allowed.
    pub role: Role,
    /// Who invited them.
    pub created_by: String,
}

/// What a secret in a link, or in the cookie between two steps, is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Making the first account.
    SetUp,
    /// Choosing a new password.
    Reset,
    /// The same, made by whoever looks after the account: the authenticator app is forgotten too.
    Recovery,
    /// Going on to the code, after the password was right.
    SecondStep,
}

impl LinkKind {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Reset => "reset",
            Self::Recovery => "recovery",
            Self::SecondStep => "second_step",
        }
    }

    /// How long it holds.
    #[must_use]
    pub const fn lasts_ms(self) -> i64 {
        match self {
            Self::SetUp | Self::Recovery => Timestamp::DAY,
            Self::Reset => Timestamp::HOUR,
            Self::SecondStep => 10 * Timestamp::MINUTE,
        }
    }
}

/// A link to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    /// What it is good for.
    pub kind: LinkKind,
    /// Whose it is; `None` for the first account.
    pub account: Option<AccountId>,
    /// Of its secret.
    pub hash: SecretHash,
    /// Now.
    pub at: Timestamp,
}

impl NewLink {
    /// One for an account, or for the first, and its secret.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub fn random(
        kind: LinkKind,
        account: Option<AccountId>,
        at: Timestamp,
    ) -> Result<(Self, Secret), getrandom::Error> {
        let secret = Secret::random()?;
        let link = Self {
            kind,
            account,
            hash: secret.hash(),
            at,
        };
        Ok((link, secret))
    }
}
