//! Single sign-on by OpenID Connect: who somebody is, as a provider says and proves, and which
//! role that gives them. Not their account and their login: those are kept like all others', and
//! not the pages: those are HTTP's.
//!
//! The code flow with PKCE. What the two halves of a sign-in share travels in a sealed cookie
//! (`attempt`), so that nobody can fill this server's memory by beginning.

mod attempt;
mod config;
mod directory;
mod error;
mod identity;
mod provider;
mod roles;
mod transport;

#[cfg(test)]
pub(crate) mod tests;

pub use attempt::{ATTEMPT_SECONDS, local_path};
pub use config::{ClientPassword, OidcConfig, OidcConfigError};
pub use error::OidcError;
pub use identity::Identity;
pub use provider::{Answer, Beginning, Provider, SignedOn};
pub use roles::{InvalidRoleRule, RoleRule};
