//! How single sign-on is set up. Not where that is written down: that is the command line's.

use std::fmt;
use std::time::Duration;

use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use shared::{SingleSignOn, TenantId};
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::roles::RoleRule;
use super::transport::is_here;

/// How long the provider may take for one answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The provider, what it calls this installation, and what is made of what it says.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// The provider's address, exactly as it writes it itself.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// What this installation proves itself by; `None` for a public client.
    pub client_secret: Option<ClientPassword>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Where the provider sends people back to.
    pub redirect_uri: String,
    /// The claim that roles are taken from, a path with dots; `None` to leave roles as they are.
    pub role_claim: Option<String>,
    /// What its values mean; the first rule that holds counts.
    pub roles: Vec<RoleRule>,
    /// The tenant that people become members of.
    pub tenant: TenantId,
    /// Whether passwords open the accounts of global administrators only.
    pub is_only: bool,
    /// How well people must have proven to it who they are (`acr`), in its own words; `None` to
    /// take what it does.
    pub acr: Option<String>,
    /// Whether the provider's e-mail addresses are right although it does not say so.
    pub trusts_email: bool,
    /// Whether an account that has the same e-mail address is theirs.
    pub links_by_email: bool,
    /// Authorities that are trusted beside those of the web.
    pub authorities: Vec<CertificateDer<'static>>,
}

/// The secret that the provider gave this installation.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientPassword(pub String);

impl fmt::Debug for ClientPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientPassword(…)")
    }
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum OidcConfigError {
    /// The provider could be anybody on the way.
    #[error("the issuer `{0}` is no https:// address")]
    Issuer(String),
    /// Nobody could come back.
    #[error("`{0}` is no address that people could be sent back to")]
    RedirectUri(String),
    /// There is no name to ask by.
    #[error("the client id is empty")]
    ClientId,
    /// Nobody could get in.
    #[error("--oidc-role-claim says where roles stand, but no --oidc-role what they mean")]
    NoRoles,
    /// They would never be looked at.
    #[error("--oidc-role says what roles mean, but no --oidc-role-claim where they stand")]
    NoRoleClaim,
    /// One of the authorities is none.
    #[error("a certificate cannot be used: {0}")]
    Certificate(#[from] tokio_rustls::rustls::Error),
}

/// The same, checked and in the words of the protocol.
pub(super) struct Client {
    pub(super) issuer: IssuerUrl,
    pub(super) id: ClientId,
    pub(super) secret: Option<ClientSecret>,
    pub(super) redirect_uri: RedirectUrl,
}

impl OidcConfig {
    /// What may be shown of it.
    #[must_use]
    pub fn shown(&self) -> SingleSignOn {
        SingleSignOn {
            issuer: Some(self.issuer.clone()),
            client_id: Some(self.client_id.clone()),
            redirect_uri: self.redirect_uri.clone(),
            role_claim: self.role_claim.clone(),
            roles: self.roles.iter().map(ToString::to_string).collect(),
            allows_passwords: !self.is_only,
        }
    }

    /// The host of the provider, for the button that leads there.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.issuer.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }

    pub(super) fn client(&self) -> Result<Client, OidcConfigError> {
        let issuer = IssuerUrl::new(self.issuer.clone()).ok();
        let is_safe =
            |issuer: &IssuerUrl| issuer.url().scheme() == "https" || is_here(issuer.url());
        let issuer = issuer
            .filter(is_safe)
            .ok_or_else(|| OidcConfigError::Issuer(self.issuer.clone()))?;
        let redirect_uri = RedirectUrl::new(self.redirect_uri.clone());
        if self.client_id.is_empty() {
            return Err(OidcConfigError::ClientId);
        }
        match &self.role_claim {
            Some(_) if self.roles.is_empty() => return Err(OidcConfigError::NoRoles),
            None if !self.roles.is_empty() => return Err(OidcConfigError::NoRoleClaim),
            _ => {}
        }
        let secret = self.client_secret.as_ref();
        Ok(Client {
            issuer,
            id: ClientId::new(self.client_id.clone()),
            secret: secret.map(|it| ClientSecret::new(it.0.clone())),
            redirect_uri: redirect_uri
                .map_err(|_| OidcConfigError::RedirectUri(self.redirect_uri.clone()))?,
        })
    }
}
