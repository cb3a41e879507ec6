//! Making a token: what its name, role and time may be. Not keeping it: that is the store's.

use shared::{AccountId, InvalidLifetime, Lifetime, NewToken, Timestamp, Token};

use super::{Caller, Denied, InvalidName, Secret, read_name};

/// How long a token holds where nobody says.
const DURATION: &str = "90d";

/// Why a token was not made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The name cannot be shown.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The duration cannot be read.
    #[error(transparent)]
    Duration(#[from] InvalidLifetime),
    /// Only what is for one purpose is for one application.
    #[error("only a token with the role `ingest_only` or `enforcer` is for one application")]
    Application,
    /// The role may do what whoever makes the token may not.
    #[error("a token may not do more than whoever makes it: {0}")]
    Denied(#[from] Denied),
    /// The operating system has no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// The token that `by` asks for, and its secret: a personal one of `account`, or one that the
/// tenant shares. Whether its application is there is for whoever calls this to find out.
///
/// # Errors
/// If it may not be made.
pub fn issue(
    new: &NewToken,
    account: Option<AccountId>,
    by: &Caller,
    now: Timestamp,
) -> Result<(Token, Secret), IssueError> {
    let name = read_name(&new.name)?;
    let lifetime: Lifetime = new.duration.as_deref().unwrap_or(DURATION).parse()?;
    if new.application_id.is_some() && !new.role.is_for_one_application() {
        return Err(IssueError::Application);
    }
    by.require_all_of(new.role)?;
    let secret = Secret::random()?;
    let token = Token {
        id: secret.hash().token_id(),
        name: name.to_owned(),
        role: new.role,
        account_id: account,
        application_id: new.application_id,
        created_by: by.name().to_owned(),
        created_at: now,
        expires_at: lifetime.ends_at(now),
        last_used_at: None,
    };
    Ok((token, secret))
}
