//! `/forgotten`: asking for a link by e-mail. `/reset/SECRET`: choosing a new password with it.
//! Whether an account is there shows nowhere.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use super::enter::Visitor;
use super::form::Form;
use super::page::{Field, Page};
use super::{email_field, gone, new_password, seconds_until, too_many};
use crate::auth::{Caller, Email, PasswordError, Secret, Subject};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::mail::Mailer;
use crate::store::{AccountRow, AuditRecord, LinkKind, NewLink};

const TITLE: &str = "Forgotten your password?";

pub(super) async fn show(State(state): State<AppState>) -> Response {
    if state.mailer.is_none() {
        return Page::new(TITLE)
            .text("This installation sends no e-mail. Ask an administrator of your organisation for a link: they find it under Settings, People.")
            .text("Whoever runs the server can make one too, while it is stopped:")
            .command("botscope accounts reset you@example.com")
            .link("Back to sign-in", "/sign-in")
            .answer(StatusCode::OK);
    }
    asked("", None).answer(StatusCode::OK)
}

fn asked(email: &str, fault: Option<String>) -> Page {
    Page::new(TITLE)
        .text("We send you a link to choose a new one.")
        .form(&[email_field(email, fault)], &[], "Send the link")
        .link("Back to sign-in", "/sign-in")
}

pub(super) async fn submit(State(state): State<AppState>, request: Request) -> Response {
    let answer = send(&state, request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn send(state: &AppState, request: Request) -> Result<Response, ApiError> {
    let visitor = Visitor::of(&request, state);
    let form = Form::read(request).await?;
    let Some(mailer) = state.mailer.clone() else {
        return Ok(show(State(state.clone())).await);
    };
    let email = match Email::read(form.get("email")) {
        Ok(email) => email,
        Err(fault) => {
            let page = asked(form.get("email"), Some(fault.to_string()));
            return Ok(page.answer(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let now = (state.clock)();
    let mut subjects = vec![Subject::mail(email.as_str())];
    subjects.extend(visitor.seen.address.map(Subject::address));
    if let Some(until) = state.store.begin_attempt(&subjects, now).await? {
        return Ok(too_many(
            asked(email.as_str(), None),
            seconds_until(until, now),
        ));
    }
    // Beside the answer: it must not take longer for an account that is there.
    let (state, address) = (state.clone(), email.clone());
    tokio::spawn(async move {
        if let Err(error) = send_link(&state, &mailer, &address).await {
            tracing::error!(
                cause = error.cause(),
                "a link for a new password was not sent"
            );
        }
    });
    let text = format!(
        "If there is an account for {email}, a link is on its way there. It holds for an hour."
    );
    Ok(Page::new("Look into your mail")
        .text(&text)
        .link("Back to sign-in", "/sign-in")
        .answer(StatusCode::OK))
}

async fn send_link(state: &AppState, mailer: &Mailer, email: &Email) -> Result<(), ApiError> {
    let Some(account) = state.store.find_account_by_email(email).await? else {
        return Ok(());
    };
    let Some(path) = make_link(state, &account, LinkKind::Reset).await? else {
        return Ok(());
    };
    let url = state.site.url();
    let text = format!(
        "Somebody, most likely you, asked for a new password for {} at {url}.\n\n\
         Choose it here within an hour:\n\n{url}{path}\n\n\
         If it was not you, there is nothing to do: without this link nothing changes.\n",
        account.email
    );
    let sent = mailer.send(&account.email, "Your new password for Botscope", text);
    sent.await
        .map_err(|error| ApiError::internal(error.to_string()))
}

/// Makes a link to a new password, and returns its path; `None` for an account that single sign-on
/// alone opens.
pub(in crate::http) async fn make_link(
    state: &AppState,
    account: &AccountRow,
    kind: LinkKind,
) -> Result<Option<String>, ApiError> {
    if account.is_providers() && state.single_sign_on.is_some() {
        return Ok(None);
    }
    let (link, secret) = NewLink::random(kind, Some(account.id), (state.clock)())?;
    state.store.create_link(&link).await?;
    Ok(Some(format!("/reset/{}", secret.digits())))
}

async fn find(state: &AppState, secret: &str) -> Result<Option<(Secret, AccountRow)>, ApiError> {
    let Some(secret) = Secret::read_digits(secret) else {
        return Ok(None);
    };
    let (hash, now) = (secret.hash(), (state.clock)());
    let kinds = [LinkKind::Reset, LinkKind::Recovery];
    let found = state.store.find_link(&hash, &kinds, now);
    let Some((_, Some(account))) = found.await? else {
        return Ok(None);
    };
    let account = state.store.find_account(account).await?;
    Ok(account.map(|account| (secret, account)))
}

fn no_link() -> Response {
    let text = "This link does not hold, or not any more: it works once, and not for long.";
    gone("This link does not hold", text)
}

fn asked_reset(account: &AccountRow, fault: Option<String>) -> Page {
    let email = Field {
        is_fixed: true,
        ..email_field(&account.email, None)
    };
    Page::new("Choose a new password")
        .text("Everybody who is signed in with your account will be signed out.")
        .form(&[email, new_password(fault)], &[], "Set the password")
}

pub(super) async fn show_reset(
    State(state): State<AppState>,
    Path(secret): Path<String>,
) -> Response {
    match find(&state, &secret).await {
        Ok(Some((_, account))) => asked_reset(&account, None).answer(StatusCode::OK),
        Ok(None) => no_link(),
        Err(error) => error.into_response(),
    }
}

pub(super) async fn submit_reset(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let answer = reset(&state, &secret, request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn reset(state: &AppState, secret: &str, request: Request) -> Result<Response, ApiError> {
    let visitor = Visitor::of(&request, state);
    let Some((secret, account)) = find(state, secret).await? else {
        return Ok(no_link());
    };
    let form = Form::read(request).await?;
    let password = form.get("password");
    let chosen = state
        .passwords
        .choose(password, &account.email, &account.name);
    let hash = match chosen.await {
        Ok(Ok(hash)) => hash,
        Ok(Err(fault)) => {
            let page = asked_reset(&account, Some(fault.to_string()));
            return Ok(page.answer(StatusCode::UNPROCESSABLE_ENTITY));
        }
        Err(PasswordError::Busy) => return Ok(too_many(asked_reset(&account, None), 1)),
        Err(error) => return Err(error.into()),
    };
    let now = (state.clock)();
    let link = secret.hash();
    let changed = state.store.reset_password(&link, &hash, now);
    if changed.await?.is_none() {
        return Ok(no_link());
    }
    let memberships = state.store.list_memberships(&account).await?;
    for membership in memberships.iter().filter(|m| m.role.is_some()) {
        let author = Caller::named(membership.tenant.id, &account.email).at(visitor.seen.address);
        let record = AuditRecord::new("account.password", &account.email).with("by", "link");
        state.store.tenant(&author).record(record, now).await?;
    }
    Ok(Redirect::to("/sign-in?done=reset").into_response())
}
