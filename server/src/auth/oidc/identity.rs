//! Who somebody is, from claims that were proven. Not the proof, and not whose account that is.

use serde_json::{Map, Value};
use shared::Role;

use super::config::OidcConfig;
use super::error::{OidcError, quoted};
use super::roles;
use crate::auth::Email;

/// The longest name of a person that is kept, in characters.
const MAX_NAME: usize = 100;
/// The longest subject, in bytes (OpenID Connect Core, 2).
const MAX_SUBJECT: usize = 255;

/// A person, as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider. With `subject` it is whose account this is; the e-mail address is not.
    pub issuer: String,
    /// What the provider calls them, for ever.
    pub subject: String,
    /// Their e-mail address, if it is confirmed.
    pub email: Option<Email>,
    /// What others see.
    pub name: String,
    /// Their role; `None` where the provider does not say which.
    pub role: Option<Role>,
    /// Whether the provider says that it asked for a second factor.
    pub has_second_factor: bool,
}

pub(super) type Claims = Map<String, Value>;

impl Identity {
    /// Reads `proven`, the claims of the ID token, and `more`, which the provider says of the
    /// same subject. The first come first.
    pub(super) fn read(
        proven: &Claims,
        more: &Claims,
        config: &OidcConfig,
    ) -> Result<Self, OidcError> {
        let subject = text(proven, "sub").unwrap_or_default();
        if subject.is_empty() || subject.len() > MAX_SUBJECT || subject.contains(char::is_control) {
            let what = "the subject is empty, too long or cannot be printed";
            return Err(OidcError::Unproven(what.to_owned()));
        }
        let has_second_factor = second_factor(proven, subject, config)?;
        let both = [proven, more];
        // Never the address of one with the confirmation of the other.
        let email = both.iter().find_map(|claims| confirmed(claims, config));
        let name = ["name", "preferred_username"]
            .iter()
            .find_map(|key| both.iter().find_map(|claims| text(claims, key)))
            .or_else(|| Some(email.as_ref()?.as_str().split_once('@')?.0))
            .unwrap_or(subject);
        let name = clean(name);
        let role = match &config.role_claim {
            None => None,
            Some(path) => {
                let role = role(path, both, email.as_ref(), config);
                Some(role.ok_or_else(|| OidcError::NoRole {
                    subject: subject.to_owned(),
                })?)
            }
        };
        Ok(Self {
            issuer: config.issuer.clone(),
            subject: subject.to_owned(),
            email,
            name,
            role,
            has_second_factor,
        })
    }

    /// Whether `proven` leaves open what the provider can be asked for.
    pub(super) fn is_incomplete(proven: &Claims, config: &OidcConfig) -> bool {
        let lacks_role = |path: &String| path != "email" && roles::find(proven, path).is_none();
        confirmed(proven, config).is_none() || config.role_claim.as_ref().is_some_and(lacks_role)
    }
}

/// Whether the ID token says that a second factor was asked for: by the `acr` that is demanded, or
/// else by `mfa` among the methods (`amr`, RFC 8176).
fn second_factor(proven: &Claims, subject: &str, config: &OidcConfig) -> Result<bool, OidcError> {
    let acr = text(proven, "acr").unwrap_or_default();
    match &config.acr {
        Some(demanded) if demanded == acr => Ok(true),
        Some(_) => Err(OidcError::Acr {
            subject: subject.to_owned(),
            acr: quoted(acr),
        }),
        None => {
            let methods = proven.get("amr").and_then(Value::as_array);
            Ok(methods.is_some_and(|methods| methods.iter().any(|method| method == "mfa")))
        }
    }
}

fn role(
    path: &str,
    both: [&Claims; 2],
    email: Option<&Email>,
    config: &OidcConfig,
) -> Option<Role> {
    if path == "email" {
        let email = Value::from(email?.as_str());
        return roles::role(Some(&email), &config.roles);
    }
    let claim = both.iter().find_map(|claims| roles::find(claims, path));
    roles::role(claim, &config.roles)
}

/// The e-mail address, if it is one and the provider stands for it.
fn confirmed(claims: &Claims, config: &OidcConfig) -> Option<Email> {
    let is_confirmed = match claims.get("email_verified") {
        Some(Value::Bool(is_confirmed)) => *is_confirmed,
        // Some providers write all claims as texts.
        Some(Value::String(text)) => text == "true",
        Some(_) => false,
        None => config.trusts_email,
    };
    let email = Email::read(text(claims, "email")?).ok()?;
    is_confirmed.then_some(email)
}

fn text<'a>(claims: &'a Claims, key: &str) -> Option<&'a str> {
    let text = claims.get(key)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

fn clean(name: &str) -> String {
    let printable = name.chars().filter(|c| !c.is_control());
    printable.take(MAX_NAME).collect()
}
