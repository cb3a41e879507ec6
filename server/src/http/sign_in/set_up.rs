//! `/set-up/SECRET`: the first account, for whoever started the server.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use shared::{AccountId, GlobalRole};

use super::enter::{Proof, Visitor, enter};
use super::form::Form;
use super::page::{Field, Page};
use super::{email_field, gone, new_password, too_many};
use crate::auth::{Caller, Email, PasswordError, Secret, random_id, read_name};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::{AuditRecord, LinkKind, NewAccount};

/// What is wrong with what somebody wrote of themselves, by field.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    pub(super) password: Option<String>,
}

/// The account of what somebody wrote of themselves, with its password hashed.
pub(super) async fn read_account(
    state: &AppState,
    email: &str,
    form: &Form,
    global_role: Option<GlobalRole>,
) -> Result<Result<NewAccount, Faults>, PasswordError> {
    let name = form.get("name");
    let chosen = state.passwords.choose(form.get("password"), email, name);
    match (Email::read(email), read_name(name), chosen.await?) {
        (Ok(email), Ok(name), Ok(hash)) => Ok(Ok(NewAccount {
            id: AccountId(random_id()?),
            email,
            name: name.to_owned(),
            password_hash: Some(hash),
            global_role,
            created_at: (state.clock)(),
        })),
        (email, name, hash) => Ok(Err(Faults {
            email: email.err().map(|fault| fault.to_string()),
            name: name.err().map(|fault| fault.to_string()),
            password: hash.err().map(|fault| fault.to_string()),
        })),
    }
}

/// The fields that ask somebody who they are.
pub(super) fn person_fields(email: &str, is_fixed: bool, name: &str, faults: Faults) -> [Field; 3] {
    let email = Field {
        is_fixed,
        ..email_field(email, faults.email)
    };
    let name = Field {
        name: "name",
        label: "Your name, as others see it",
        kind: "text",
        autocomplete: "name",
        value: name.to_owned(),
        fault: faults.name,
        ..Field::default()
    };
    [email, name, new_password(faults.password)]
}

fn asked(email: &str, name: &str, faults: Faults) -> Page {
    let fields = person_fields(email, false, name, faults);
    Page::new("Set up your account")
        .text("The first account may do everything here, and invite others.")
        .form(&fields, &[], "Make the account")
}

fn no_link() -> Response {
    let text = "This link does not hold, or not any more: it is for the first account only, and \
                each start of the server makes a new one.";
    gone("This link does not hold", text)
}

async fn holds(state: &AppState, secret: &str) -> Result<Option<Secret>, ApiError> {
    let Some(secret) = Secret::read_digits(secret) else {
        return Ok(None);
    };
    let (hash, now) = (secret.hash(), (state.clock)());
    let kinds = [LinkKind::SetUp];
    let found = state.store.find_link(&hash, &kinds, now);
    let is_first = found.await?.is_some() && !state.store.has_accounts().await?;
    Ok(is_first.then_some(secret))
}

pub(super) async fn show(State(state): State<AppState>, Path(secret): Path<String>) -> Response {
    match holds(&state, &secret).await {
        Ok(Some(_)) => asked("", "", Faults::default()).answer(StatusCode::OK),
        Ok(None) => no_link(),
        Err(error) => error.into_response(),
    }
}

pub(super) async fn submit(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let answer = make(&state, &secret, request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn make(state: &AppState, secret: &str, request: Request) -> Result<Response, ApiError> {
    let visitor = Visitor::of(&request, state);
    let Some(secret) = holds(state, secret).await? else {
        return Ok(no_link());
    };
    let form = Form::read(request).await?;
    let (email, name) = (form.get("email"), form.get("name"));
    let role = Some(GlobalRole::Administrator);
    let new = match read_account(state, email, &form, role).await {
        Ok(Ok(new)) => new,
        Ok(Err(faults)) => {
            return Ok(asked(email, name, faults).answer(StatusCode::UNPROCESSABLE_ENTITY));
        }
        Err(PasswordError::Busy) => {
            return Ok(too_many(asked(email, name, Faults::default()), 1));
        }
        Err(error) => return Err(error.into()),
    };
    if !state
        .store
        .create_first_account(&new, &secret.hash())
        .await?
    {
        return Ok(no_link());
    }
    let account = state.store.find_account(new.id).await?;
    let account = account.ok_or_else(|| ApiError::internal("the first account is gone"))?;
    let author = Caller::named(Caller::DEFAULT_TENANT, &account.email).at(visitor.seen.address);
    let record = AuditRecord::new("account.create", &account.email)
        .with("global_role", GlobalRole::Administrator);
    let tenant = state.store.tenant(&author);
    tenant.record(record, (state.clock)()).await?;
    enter(state, &account, &visitor, Proof::Password, "/").await
}
