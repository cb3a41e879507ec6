//! `/me`: whoever asks, and all that people look after by themselves: name, password, codes,
//! tenant, personal tokens. Not their logins: those are in [`super::own_logins`].

use shared::{
    Account, AccountChange, AccountId, CreatedToken, ErrorCode, Me, NewToken, Page, PasswordChange,
    PasswordProof, RecoveryCodes, TenantChoice, TenantName, Token, TokenId, TotpCode, TotpOffer,
};

use super::params::IdParams;
use super::tokens;
use crate::auth::{
    Checked, Denied, LoginCredential, TotpSecret, read_name, recovery_codes, recovery_hash,
};
use crate::http::body::{JsonBody, NoBody};
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Created, Json, List, NoContent};
use crate::http::route::Context;
use crate::http::sign_in::{forgive, seconds_until, subjects};
use crate::store::{AccountRow, AuditRecord};

pub(in crate::http) async fn show(context: Context, _: NoParams) -> Result<Json<Me>, ApiError> {
    me(&context).await.map(Json)
}

async fn me(context: &Context) -> Result<Me, ApiError> {
    let caller = &context.caller;
    let tenant = context.store.find_tenant_name().await?;
    let tenant = tenant.unwrap_or_else(|| TenantName {
        id: caller.tenant(),
        name: String::new(),
    });
    let login = caller.login();
    let account = match login {
        Some(login) => Some(find(context, login.account).await?),
        None => None,
    };
    let tenants = match &account {
        Some(account) => {
            let memberships = context.state.store.list_memberships(account).await?;
            let is_open =
                |m: &crate::store::Membership| !m.is_suspended || account.global_role.is_some();
            let open = memberships.into_iter().filter(is_open);
            open.map(|membership| membership.tenant).collect()
        }
        None => vec![tenant.clone()],
    };
    Ok(Me {
        name: caller.name().to_owned(),
        account: account.as_ref().map(shown),
        tenant,
        role: login.and_then(|login| login.role),
        global_role: login.and_then(|login| login.global_role),
        permissions: caller.permissions().iter().collect(),
        lacks_second_factor: caller.lacks_second_factor(),
        masks_addresses: context.is_masked,
        tenants,
    })
}

fn shown(account: &AccountRow) -> Account {
    Account {
        id: account.id,
        email: account.email.clone(),
        name: account.name.clone(),
        has_password: account.password_hash.is_some(),
        has_totp: account.totp.is_some(),
        recovery_codes: account.recovery_codes,
    }
}

/// Whoever has signed in. The machine itself has no account to look after.
pub(super) fn own_login(context: &Context) -> Result<LoginCredential, ApiError> {
    context.caller.login().ok_or_else(|| {
        let detail = "only somebody who has signed in has an account to look after";
        ApiError::new(ErrorCode::Forbidden, detail)
    })
}

pub(super) async fn own_account(context: &Context) -> Result<AccountRow, ApiError> {
    let login = own_login(context)?;
    find(context, login.account).await
}

async fn find(context: &Context, id: AccountId) -> Result<AccountRow, ApiError> {
    let account = context.state.store.find_account(id).await?;
    account.ok_or_else(|| ApiError::not_found("account"))
}

pub(super) async fn record(context: &Context, record: AuditRecord) -> Result<(), ApiError> {
    Ok(context.store.record(record, context.now).await?)
}

pub(in crate::http) async fn change(
    context: Context,
    _: NoParams,
    JsonBody(change): JsonBody<AccountChange>,
) -> Result<Json<Account>, ApiError> {
    let mut account = own_account(&context).await?;
    if let Some(name) = &change.name {
        let name = read_name(name)?;
        context
            .state
            .store
            .set_account_name(account.id, name)
            .await?;
        let changed = AuditRecord::new("account.change", &account.email);
        let changed = changed.field("name", Some(&account.name), Some(name));
        record(&context, changed).await?;
        name.clone_into(&mut account.name);
    }
    Ok(Json(shown(&account)))
}

/// Checks the password once more. Wrong ones count like those of signing in, so that an open
/// browser is no way to guess it.
pub(super) async fn prove(
    context: &Context,
    account: &AccountRow,
    password: &str,
    field: &str,
) -> Result<(), ApiError> {
    let state = &context.state;
    let subjects = subjects(&account.email, context.peer);
    if let Some(until) = state.store.begin_attempt(&subjects, context.now).await? {
        let seconds = seconds_until(until, context.now);
        let detail = format!("too many wrong passwords; try again in {seconds} s");
        return Err(ApiError::new(ErrorCode::RateLimited, detail).retry_after(seconds));
    }
    let stored = account.password_hash.as_deref();
    match state.passwords.check(password, stored).await? {
        Checked::Right { .. } => forgive(state, &subjects).await,
        Checked::Wrong => Err(ApiError::field(field, "this is not the password")),
    }
}

pub(in crate::http) async fn set_password(
    context: Context,
    _: NoParams,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let account = own_account(&context).await?;
    prove(&context, &account, &change.current, "current").await?;
    let state = &context.state;
    let chosen = (state.passwords).choose(&change.new, &account.email, &account.name);
    let hash = (chosen.await?).map_err(|fault| ApiError::field("new", fault.to_string()))?;
    let current = context.login.as_ref().map(|login| login.id);
    state.store.set_password(account.id, &hash, current).await?;
    if let Some(login) = &context.login {
        login.rotate(state, false).await?;
    }
    record(
        &context,
        AuditRecord::new("account.password", &account.email),
    )
    .await?;
    Ok(NoContent)
}

pub(in crate::http) async fn offer_totp(
    context: Context,
    _: NoParams,
    JsonBody(proof): JsonBody<PasswordProof>,
) -> Result<Json<TotpOffer>, ApiError> {
    let account = own_account(&context).await?;
    ensure_not_replaced(&context, &account)?;
    prove(&context, &account, &proof.password, "password").await?;
    let secret = TotpSecret::random()?;
    context.state.store.offer_totp(account.id, &secret).await?;
    record(
        &context,
        AuditRecord::new("account.offer_codes", &account.email),
    )
    .await?;
    Ok(Json(secret.offer(&account.email)))
}

pub(in crate::http) async fn confirm_totp(
    context: Context,
    _: NoParams,
    JsonBody(code): JsonBody<TotpCode>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let account = own_account(&context).await?;
    ensure_not_replaced(&context, &account)?;
    let Some(offer) = &account.totp_offer else {
        let detail = "nothing was offered to confirm; begin with POST /me/totp";
        return Err(ApiError::new(ErrorCode::Conflict, detail));
    };
    let step = offer.find_step(&code.code, context.now).ok_or_else(|| {
        let fault = "this is not the code that an app with the secret shows now";
        ApiError::field("code", fault)
    })?;
    let (codes, hashes) = new_codes()?;
    let store = &context.state.store;
    let current = context.login.as_ref().map(|login| login.id);
    let confirmed = store.confirm_totp(account.id, offer, step, &hashes, current);
    if !confirmed.await? {
        let detail = "another secret was offered meanwhile";
        return Err(ApiError::new(ErrorCode::Conflict, detail));
    }
    let changed = AuditRecord::new("account.change", &account.email);
    record(&context, changed.field("codes", None::<&str>, Some("on"))).await?;
    Ok(Json(codes))
}

/// Whoever is held back for want of a second factor does not replace the app that there is: it
/// would be a way around that app.
fn ensure_not_replaced(context: &Context, account: &AccountRow) -> Result<(), ApiError> {
    if context.caller.lacks_second_factor() && account.totp.is_some() {
        return Err(Denied::SecondFactor.into());
    }
    Ok(())
}

fn new_codes() -> Result<(RecoveryCodes, Vec<crate::auth::SecretHash>), ApiError> {
    let codes = recovery_codes()?;
    let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
    Ok((RecoveryCodes { codes }, hashes))
}

pub(in crate::http) async fn remove_totp(
    context: Context,
    _: NoParams,
    JsonBody(proof): JsonBody<PasswordProof>,
) -> Result<NoContent, ApiError> {
    let account = own_account(&context).await?;
    prove(&context, &account, &proof.password, "password").await?;
    context.state.store.remove_totp(account.id).await?;
    let changed = AuditRecord::new("account.change", &account.email);
    let before = account.totp.is_some().then_some("on");
    record(&context, changed.field("codes", before, None::<&str>)).await?;
    Ok(NoContent)
}

pub(in crate::http) async fn renew_codes(
    context: Context,
    _: NoParams,
    JsonBody(proof): JsonBody<PasswordProof>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let account = own_account(&context).await?;
    if account.totp.is_none() {
        let detail = "no code is asked for after your password, so there is none to recover from";
        return Err(ApiError::new(ErrorCode::Conflict, detail));
    }
    prove(&context, &account, &proof.password, "password").await?;
    let (codes, hashes) = new_codes()?;
    let store = &context.state.store;
    store.set_recovery_codes(account.id, &hashes).await?;
    record(
        &context,
        AuditRecord::new("account.recovery_codes", &account.email),
    )
    .await?;
    Ok(Json(codes))
}

/// What the machine itself has of what people have.
pub(super) fn none<T>() -> Page<T> {
    Page {
        items: Vec::new(),
        next_cursor: None,
    }
}

pub(in crate::http) async fn switch_tenant(
    context: Context,
    _: NoParams,
    JsonBody(choice): JsonBody<TenantChoice>,
) -> Result<NoContent, ApiError> {
    let login = own_login(&context)?;
    let state = &context.state;
    if !state.store.switch_login(login.id, choice.tenant_id).await? {
        return Err(ApiError::not_found("tenant"));
    }
    if let Some(current) = &context.login {
        current.rotate(state, true).await?;
    }
    record(
        &context,
        AuditRecord::new("login.switch", context.caller.name()),
    )
    .await?;
    Ok(NoContent)
}

pub(in crate::http) async fn list_tokens(
    context: Context,
    _: NoParams,
) -> Result<List<Token>, ApiError> {
    let Some(account) = context.caller.account() else {
        return Ok(List(none()));
    };
    Ok(List(Page {
        items: context.store.list_tokens(Some(account)).await?,
        next_cursor: None,
    }))
}

pub(in crate::http) async fn create_token(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<Created<CreatedToken>, ApiError> {
    let login = own_login(&context)?;
    let made = tokens::make(&context, &new, Some(login.account));
    made.await.map(Created)
}

pub(in crate::http) async fn revoke_token(
    context: Context,
    params: IdParams<TokenId>,
    _: NoBody,
) -> Result<Json<Token>, ApiError> {
    let not_found = || ApiError::not_found("token");
    let account = context.caller.account().ok_or_else(not_found)?;
    let revoked = context
        .store
        .revoke_token(params.id, Some(account), context.now)
        .await?;
    revoked.map(Json).ok_or_else(not_found)
}
