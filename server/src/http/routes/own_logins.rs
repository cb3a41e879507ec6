//! `/me/logins`: where one is signed in, and ending it. That asks for the password once more: an
//! open browser is no way to keep its owner out.

use shared::{ErrorCode, Login, LoginId, Page, PasswordProof, Timestamp};

use super::me::{own_account, own_login, prove, record};
use super::params::IdParams;
use crate::auth::LoginCredential;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{List, NoContent};
use crate::http::route::Context;
use crate::store::AuditRecord;

/// For so long an account without a password has proven enough by signing in.
const FRESH_MS: i64 = 10 * Timestamp::MINUTE;

pub(in crate::http) async fn list(context: Context, _: NoParams) -> Result<List<Login>, ApiError> {
    let items = match context.caller.login() {
        Some(login) => find_all(&context, login).await?,
        None => Vec::new(),
    };
    Ok(List(Page {
        items,
        next_cursor: None,
    }))
}

async fn find_all(context: &Context, login: LoginCredential) -> Result<Vec<Login>, ApiError> {
    let store = &context.state.store;
    let logins = store.list_logins(login.account, Some(login.id), context.now);
    Ok(logins.await?)
}

/// Checks once more that it is them: by their password, or by a login that has just begun.
async fn prove_again(
    context: &Context,
    login: LoginCredential,
    password: &str,
) -> Result<(), ApiError> {
    let account = own_account(context).await?;
    if account.password_hash.is_some() {
        return prove(context, &account, password, "password").await;
    }
    let logins = find_all(context, login).await?;
    let since = context.now.plus(-FRESH_MS);
    let is_fresh = |login: &Login| login.is_current && login.created_at > since;
    if logins.iter().any(is_fresh) {
        return Ok(());
    }
    let detail = "your account has no password to ask for, and this login began more than ten \
                  minutes ago; sign in again first";
    Err(ApiError::new(ErrorCode::Forbidden, detail))
}

pub(in crate::http) async fn end(
    context: Context,
    params: IdParams<LoginId>,
    JsonBody(proof): JsonBody<PasswordProof>,
) -> Result<NoContent, ApiError> {
    let login = own_login(&context)?;
    let logins = find_all(&context, login).await?;
    if !logins.iter().any(|login| login.id == params.id) {
        return Err(ApiError::not_found("login"));
    }
    prove_again(&context, login, &proof.password).await?;
    let store = &context.state.store;
    if !store.end_login(login.account, params.id).await? {
        return Err(ApiError::not_found("login"));
    }
    let ended = AuditRecord::new("login.end", context.caller.name());
    record(&context, ended).await?;
    Ok(NoContent)
}

pub(in crate::http) async fn end_others(
    context: Context,
    _: NoParams,
    JsonBody(proof): JsonBody<PasswordProof>,
) -> Result<NoContent, ApiError> {
    let login = own_login(&context)?;
    prove_again(&context, login, &proof.password).await?;
    let store = &context.state.store;
    let ended = store.end_logins(login.account, Some(login.id)).await?;
    let ended = AuditRecord::new("login.end", context.caller.name()).with("logins", ended);
    record(&context, ended).await?;
    Ok(NoContent)
}
