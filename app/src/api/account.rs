//! The routes of whoever is signed in: who they are, their account, its logins.

use gloo_net::http::Request;
use shared::{Account, Login, LoginId, Me, Page, RecoveryCodes, SingleSignOn, TenantId, TotpOffer};

use super::wire::{refusal, unreachable_server};
use super::{Answer, act, body, get, write};

/// Whoever asks, and what they may do.
pub fn me() -> impl Future<Output = Answer<Me>> + use<> {
    get("me", &[])
}

/// Looks at another tenant from now on.
pub async fn switch_tenant(id: TenantId) -> Answer<()> {
    let tenant = ("tenant_id", id.to_string().into());
    act(Request::put, "me/tenant", &[tenant]).await
}

/// Ends the login. Answers with the address that the server leads to: the page that signs in, which
/// may have something to say of a provider.
pub async fn sign_out() -> Answer<String> {
    let request = Request::post("/sign-out").build();
    let request = request.map_err(|_| unreachable_server())?;
    let response = request.send().await.map_err(|_| unreachable_server())?;
    if !response.ok() {
        return Err(refusal(response).await);
    }
    Ok(response.url())
}

/// Changes one's name.
pub fn rename_me(name: &str) -> impl Future<Output = Answer<Account>> + use<> {
    write(Request::patch, "me", &body(&[("name", name.into())]))
}

/// Changes one's password.
pub async fn change_password(current: &str, new: &str) -> Answer<()> {
    let fields = [("current", current.into()), ("new", new.into())];
    act(Request::put, "me/password", &fields).await
}

/// What an authenticator app needs; nothing is on yet.
pub fn offer_totp(password: &str) -> impl Future<Output = Answer<TotpOffer>> + use<> {
    write(Request::post, "me/totp", &body(&proof(password)))
}

/// Turns two-step verification on with a code of the app.
pub fn confirm_totp(code: &str) -> impl Future<Output = Answer<RecoveryCodes>> + use<> {
    let code = body(&[("code", code.into())]);
    write(Request::post, "me/totp/confirm", &code)
}

/// Turns two-step verification off.
pub async fn remove_totp(password: &str) -> Answer<()> {
    act(Request::delete, "me/totp", &proof(password)).await
}

/// New recovery codes in place of those that were.
pub fn new_recovery_codes(password: &str) -> impl Future<Output = Answer<RecoveryCodes>> + use<> {
    write(Request::post, "me/recovery-codes", &body(&proof(password)))
}

/// One's own logins, the last used first.
pub fn logins() -> impl Future<Output = Answer<Page<Login>>> + use<> {
    get("me/logins", &[])
}

/// Ends one of them.
pub async fn end_login(id: LoginId, password: &str) -> Answer<()> {
    act(
        Request::delete,
        &format!("me/logins/{id}"),
        &proof(password),
    )
    .await
}

/// Ends all but the one that asks.
pub async fn end_other_logins(password: &str) -> Answer<()> {
    act(Request::delete, "me/logins", &proof(password)).await
}

/// How single sign-on is set up.
pub fn single_sign_on() -> impl Future<Output = Answer<SingleSignOn>> + use<> {
    get("single-sign-on", &[])
}

fn proof(password: &str) -> [(&'static str, wasm_bindgen::JsValue); 1] {
    [("password", password.into())]
}
