//! `/invitations/SECRET`: becoming a member, with a new account or with the one that somebody has.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::request::Parts;

use super::enter::{Proof, Visitor, enter};
use super::form::Form;
use super::page::Page;
use super::set_up::{Faults, person_fields, read_account};
use super::{gone, sign_in_for, single_sign_on, too_many};
use crate::auth::{Caller, Email, PasswordError, Secret};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::{AuditRecord, FoundInvitation, Invited, StoreError};

fn no_link() -> Response {
    let text = "This invitation does not hold, or not any more: it was used, revoked, or is older \
                than a week. Ask whoever invited you for another one.";
    gone("This invitation does not hold", text)
}

async fn find(
    state: &AppState,
    secret: &str,
) -> Result<Option<(Secret, FoundInvitation)>, ApiError> {
    let Some(secret) = Secret::read_digits(secret) else {
        return Ok(None);
    };
    let (hash, now) = (secret.hash(), (state.clock)());
    let found = state.store.find_invitation(&hash, now);
    Ok(found.await?.map(|found| (secret, found)))
}

fn page(found: &FoundInvitation) -> Page {
    let (tenant, role) = (&found.tenant.name, found.role.label());
    let by = &found.created_by;
    Page::new("You are invited").text(&format!("{by} invites you to {tenant} as {role}."))
}

/// What is asked of whoever is invited and not signed in.
async fn asked(
    state: &AppState,
    secret: &Secret,
    found: &FoundInvitation,
    name: &str,
    faults: Faults,
) -> Result<Page, ApiError> {
    let here = format!("/invitations/{}", secret.digits());
    if let Some(provider) = state.only_provider() {
        // Whoever comes to the provider's tenant takes the invitation on the way.
        let next = match found.tenant.id == provider.config().tenant {
            true => "/",
            false => &here,
        };
        let text = format!("Sign in as {} to join.", found.email);
        return Ok(single_sign_on::only(
            provider,
            page(found).text(&text),
            next,
        ));
    }
    let back = sign_in_for(&here);
    let known = match Email::read(&found.email) {
        Ok(email) => state.store.find_account_by_email(&email).await?.is_some(),
        Err(_) => false,
    };
    if known {
        let text = format!(
            "There is an account for {} already. Sign in to join.",
            found.email
        );
        return Ok(page(found).text(&text).link("Sign in", &back));
    }
    let fields = person_fields(&found.email, true, name, faults);
    Ok(page(found)
        .form(&fields, &[], "Make the account and join")
        .link("I have an account already", &back))
}

pub(super) async fn show(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    parts: Parts,
) -> Response {
    let visitor = Visitor::with(&parts.headers, &parts.extensions, &state);
    let answer = async {
        let Some((secret, found)) = find(&state, &secret).await? else {
            return Ok(no_link());
        };
        let page = match &visitor.login {
            Some(login) => {
                let button = format!("Join as {}", login.caller.name());
                page(&found).form(&[], &[], &button)
            }
            None => asked(&state, &secret, &found, "", Faults::default()).await?,
        };
        Ok::<_, ApiError>(page.answer(StatusCode::OK))
    };
    answer.await.unwrap_or_else(IntoResponse::into_response)
}

pub(super) async fn submit(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let answer = accept(&state, &secret, request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn accept(state: &AppState, secret: &str, request: Request) -> Result<Response, ApiError> {
    let visitor = Visitor::of(&request, state);
    let Some((secret, found)) = find(state, secret).await? else {
        return Ok(no_link());
    };
    let form = Form::read(request).await?;
    if let Some(login) = &visitor.login
        && let Some(credential) = login.caller.login()
    {
        let invited = Invited::Account(credential.account);
        let joined = join(
            state,
            &secret,
            &found,
            &invited,
            &visitor,
            login.caller.name(),
        )
        .await;
        return match joined {
            Ok(true) => {
                // On to the tenant that somebody just joined.
                state.store.switch_login(login.id, found.tenant.id).await?;
                login.rotate(state, true).await?;
                Ok(Redirect::to("/").into_response())
            }
            Ok(false) => Ok(no_link()),
            Err(StoreError::Conflict { .. }) => {
                let text = "You belong to this organisation already.";
                let page = Page::new("You are invited").text(text).link("Go on", "/");
                Ok(page.answer(StatusCode::CONFLICT))
            }
            Err(error) => Err(error.into()),
        };
    }
    let name = form.get("name");
    if state.only_provider().is_some() {
        let page = asked(state, &secret, &found, name, Faults::default()).await?;
        return Ok(page.answer(StatusCode::FORBIDDEN));
    }
    let new = match read_account(state, &found.email, &form, None).await {
        Ok(Ok(new)) => new,
        Ok(Err(faults)) => {
            let page = asked(state, &secret, &found, name, faults).await?;
            return Ok(page.answer(StatusCode::UNPROCESSABLE_ENTITY));
        }
        Err(PasswordError::Busy) => {
            let page = asked(state, &secret, &found, name, Faults::default()).await?;
            return Ok(too_many(page, 1));
        }
        Err(error) => return Err(error.into()),
    };
    let (id, invited) = (new.id, Invited::New(new));
    match join(state, &secret, &found, &invited, &visitor, &found.email).await {
        Ok(true) => {}
        Ok(false) => return Ok(no_link()),
        Err(StoreError::Conflict { .. }) => {
            let page = asked(state, &secret, &found, name, Faults::default()).await?;
            return Ok(page.answer(StatusCode::CONFLICT));
        }
        Err(error) => return Err(error.into()),
    }
    let account = state.store.find_account(id).await?;
    let account = account.ok_or_else(|| ApiError::internal("the new account is gone"))?;
    enter(state, &account, &visitor, Proof::Password, "/").await
}

/// Makes a member of whoever is invited. False if the invitation does not hold any more.
async fn join(
    state: &AppState,
    secret: &Secret,
    found: &FoundInvitation,
    invited: &Invited,
    visitor: &Visitor,
    email: &str,
) -> Result<bool, StoreError> {
    let (hash, now) = (secret.hash(), (state.clock)());
    let accepted = state.store.accept_invitation(&hash, invited, now);
    if accepted.await?.is_none() {
        return Ok(false);
    }
    let author = Caller::named(found.tenant.id, email).at(visitor.seen.address);
    let record = AuditRecord::new("member.create", email)
        .with("role", found.role)
        .with("invited_by", &found.created_by);
    state.store.tenant(&author).record(record, now).await?;
    Ok(true)
}
