//! People who sign in: themselves, their logins, the members of a tenant and who is invited.
//! No password and no secret, but for what is told once to whoever asked for it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{
    AccountId, GlobalRole, InvitationId, LoginId, Permission, Role, TenantId, TenantName,
    Timestamp, UnknownName,
};

/// Whoever asks, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// What the history of what they change calls them.
    pub name: String,
    /// The account; absent for a program with a token of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The tenant whose data they see now.
    pub tenant: TenantName,
    /// The role in it; absent for who is there by a global role only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The role in the whole installation, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global_role: Option<GlobalRole>,
    /// All that both roles allow.
    pub permissions: Vec<Permission>,
    /// Whether the tenant requires a second factor that this login has not: then nothing is
    /// allowed before it has one.
    pub lacks_second_factor: bool,
    /// Whether the tenant shows addresses to this role only in part.
    pub masks_addresses: bool,
    /// All tenants that they may look at, by name.
    pub tenants: Vec<TenantName>,
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// The identifier.
    pub id: AccountId,
    /// The e-mail address, as it was written.
    pub email: String,
    /// What others see.
    pub name: String,
    /// Whether there is a password; without one only single sign-on opens it.
    pub has_password: bool,
    /// Whether a code is asked for after the password.
    pub has_totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
}

/// What of one's own account is to change; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// What others see; 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One's own new password. All other logins end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one that holds now.
    pub current: String,
    /// The new one; 12 to 256 characters.
    pub new: String,
}

/// The password, once more, before something that it protects.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordProof {
    /// The one that holds now; empty for an account without one, where what it protects can do
    /// without.
    pub password: String,
}

/// What an authenticator app needs to make codes (RFC 6238); holds once a code was sent back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpOffer {
    /// The secret, in Base32, for typing.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
    /// That address as a QR code: rows from the top, `1` for a dark module.
    pub qr: Vec<String>,
}

/// A code of an authenticator app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// Six digits.
    pub code: String,
}

/// Codes that open the account once each, if the app is lost. Told once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// The codes.
    pub codes: Vec<String>,
}

/// A signed-in account in one browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    /// The identifier.
    pub id: LoginId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
    /// Where it was used last.
    pub address: String,
    /// The browser's name of itself.
    pub user_agent: String,
    /// Whether single sign-on opened it.
    pub is_single_sign_on: bool,
}

/// A person in a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The account's identifier.
    pub account_id: AccountId,
    /// The e-mail address.
    pub email: String,
    /// What others see.
    pub name: String,
    /// What they may do here.
    pub role: Role,
    /// Since when they belong to the tenant.
    pub since: Timestamp,
    /// When they last did something, to the minute; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Whether a code is asked for after the password.
    pub has_totp: bool,
}

/// A member's new role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberChange {
    /// What they may do from now on.
    pub role: Role,
}

vocabulary! {
    /// Of whom a tenant requires a second factor.
    SecondFactorOf("rule of second factors") {
        /// Whoever wants one has one.
        Nobody = "nobody", "Nobody";
        /// A code after each password. Single sign-on is trusted to ask for what it should.
        Passwords = "passwords", "Whoever signs in with a password";
        /// The same, and single sign-on must say that it asked for one.
        Everybody = "everybody", "Everybody, at single sign-on too";
    }
}

/// What a tenant requires of those who sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecondFactorRule {
    /// Of whom it requires a second factor.
    pub required_of: SecondFactorOf,
}

/// Somebody who may become a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The identifier; says nothing of the link.
    pub id: InvitationId,
    /// For whom.
    pub email: String,
    /// What they will be allowed.
    pub role: Role,
    /// Who invited them.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when the link holds.
    pub expires_at: Timestamp,
}

/// An invitation to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// For whom.
    pub email: String,
    /// What they will be allowed; nothing that whoever invites may not.
    pub role: Role,
}

/// A link that was just made, for an invitation or a new password. Told once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretLink {
    /// The path and its secret, below the address of this installation.
    pub path: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// Whether it was also sent by e-mail.
    pub is_sent: bool,
}

/// Which tenant to look at from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantChoice {
    /// One of those that [`Me`] lists.
    pub tenant_id: TenantId,
}

/// How single sign-on is set up; without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SingleSignOn {
    /// The provider's address; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What the provider calls this installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Where the provider sends people back to.
    pub redirect_uri: String,
    /// The claim that roles are taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_claim: Option<String>,
    /// What each value of the claim means, `VALUE=ROLE`.
    pub roles: Vec<String>,
    /// Whether people may still sign in by password.
    pub allows_passwords: bool,
}
