//! `/sign-in`: e-mail address and password. Whether an account is there shows neither in the
//! answer nor in the time that it takes.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{StatusCode, header};
use shared::AccountId;

use super::enter::{Proof, Visitor, enter, note_refusal};
use super::form::Form;
use super::page::{Field, Page};
use super::{code, email_field, leading_on, local_path, seconds_until, single_sign_on, too_many};
use crate::auth::{Checked, Email, PasswordError, Subject};
use crate::http::cookie::{self, Purpose};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::{LinkKind, NewLink};

/// What is said of a wrong password, of a missing account, and of one without a password.
const WRONG: &str = "The e-mail address or the password is wrong.";

pub(super) async fn show(State(state): State<AppState>, parts: Parts) -> Response {
    let page = async {
        let query = Form::of_query(&parts.uri)?;
        let next = local_path(query.get("next"));
        if Visitor::with(&parts.headers, &parts.extensions, &state)
            .login
            .is_some()
        {
            return Ok(Redirect::to(next).into_response());
        }
        if !state.store.has_accounts().await? {
            return Ok(no_account_yet());
        }
        let page = match query.get("done") {
            "reset" => Page::new("Sign in").notice("Your password is changed. Sign in with it."),
            "out" => Page::new("Sign in").notice("You are signed out here."),
            _ => Page::new("Sign in"),
        };
        let page = match state.only_provider() {
            Some(provider) if query.get("with") != "password" => {
                single_sign_on::only(provider, page, next)
            }
            _ => asked(&state, page, "", next, None),
        };
        Ok::<_, ApiError>(single_sign_on::told(&state, page, &query).answer(StatusCode::OK))
    };
    page.await.unwrap_or_else(IntoResponse::into_response)
}

fn no_account_yet() -> Response {
    Page::new("Set up Botscope")
        .text("There is no account yet. The first one is made with the link that the server printed when it started:")
        .command("Set up your account: http://…/set-up/…")
        .text("It holds for a day; start the server again for another one. Or, while it is stopped, make an account with:")
        .command("botscope accounts add you@example.com --global")
        .answer(StatusCode::OK)
}

fn asked(state: &AppState, page: Page, email: &str, next: &str, fault: Option<String>) -> Page {
    let email = email_field(email, fault);
    let password = Field {
        name: "password",
        label: "Password",
        kind: "password",
        autocomplete: "current-password",
        ..Field::default()
    };
    let page = page.form(&[email, password], &[("next", next)], "Sign in");
    let page = match &state.single_sign_on {
        Some(provider) => single_sign_on::offered(provider, page, next),
        None => page,
    };
    page.link("Forgotten your password?", "/forgotten")
}

pub(super) async fn submit(State(state): State<AppState>, request: Request) -> Response {
    let answer = try_in(&state, request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn try_in(state: &AppState, request: Request) -> Result<Response, ApiError> {
    let visitor = Visitor::of(&request, state);
    let form = Form::read(request).await?;
    let next = local_path(form.get("next"));
    let email = match Email::read(form.get("email")) {
        Ok(email) => email,
        Err(fault) => {
            let page = asked(
                state,
                Page::new("Sign in"),
                form.get("email"),
                next,
                Some(fault.to_string()),
            );
            return Ok(page.answer(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let again = || asked(state, Page::new("Sign in"), email.as_str(), next, None);
    let now = (state.clock)();
    let subjects = subjects(email.as_str(), visitor.seen.address);
    if let Some(until) = state.store.begin_attempt(&subjects, now).await? {
        return Ok(too_many(again(), seconds_until(until, now)));
    }
    let account = state.store.find_account_by_email(&email).await?;
    let stored = account
        .as_ref()
        .and_then(|account| account.password_hash.clone());
    let password = form.get("password");
    let checked = match state.passwords.check(password, stored.as_deref()).await {
        Ok(checked) => checked,
        Err(PasswordError::Busy) => return Ok(too_many(again(), 1)),
        Err(error) => return Err(error.into()),
    };
    let (Checked::Right { rehashed }, Some(account)) = (checked, account.clone()) else {
        note_refusal(state, email.as_str(), account, &visitor.seen, "password");
        return Ok(again()
            .alert(WRONG)
            .answer(StatusCode::UNPROCESSABLE_ENTITY));
    };
    if let (Some(rehashed), Some(former)) = (rehashed, stored) {
        state
            .store
            .rehash_password(account.id, &former, &rehashed)
            .await?;
    }
    if account.totp.is_some() {
        return second_step(state, account.id, next).await;
    }
    forgive(state, &subjects).await?;
    enter(state, &account, &visitor, Proof::Password, next).await
}

/// Whose failures count: the account's and, where the connection has one, the address's.
pub(in crate::http) fn subjects(email: &str, address: Option<IpAddr>) -> Vec<Subject> {
    let account = Subject::account(email);
    let address = address.map(Subject::address);
    std::iter::once(account).chain(address).collect()
}

/// What was counted against whoever has signed in counts no more.
pub(in crate::http) async fn forgive(
    state: &AppState,
    subjects: &[Subject],
) -> Result<(), ApiError> {
    if let [account, rest @ ..] = subjects {
        state.store.forgive(account, rest.first()).await?;
    }
    Ok(())
}

async fn second_step(
    state: &AppState,
    account: AccountId,
    next: &str,
) -> Result<Response, ApiError> {
    let kind = LinkKind::SecondStep;
    let (link, secret) = NewLink::random(kind, Some(account), (state.clock)())?;
    state.store.create_link(&link).await?;
    let mut response = Redirect::to(&leading_on(code::PATH, next)).into_response();
    let kept = cookie::keep(&state.site, Purpose::Step, &secret, kind.lasts_ms() / 1_000);
    response.headers_mut().append(header::SET_COOKIE, kept);
    Ok(response)
}
