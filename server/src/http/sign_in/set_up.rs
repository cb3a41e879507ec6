//! `/set-up/SECRET`: the first account, for whoever started the server.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use shared::{AccountId, GlobalRole};

use super::enter::{Proof, Visitor, enter};
use super::form::Form;
use super::page::{Field, Page};
use super::{email_field, gone, new_password, too_many};
use crate::auth::{Caller, Email, PasswordError, Secret, check_password, random_id, read_name};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::{AuditRecord, LinkKind, NewAccount};

/// What somebody wrote of themselves, checked.
pub(super) struct Person {
    pub(super) email: Email,
    pub(super) name: String,
    pub(super) password: String,
}

/// What is wrong with it, by field.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    pub(super) password: Option<String>,
}

/// Reads what somebody wrote of themselves.
pub(super) fn read_person(email: &str, form: &Form) -> Result<Person, Faults> {
    let mut faults = Faults::default();
    let (read, name) = (Email::read(email), read_name(form.get("name")));
    if let Err(fault) = &read {
        faults.email = Some(fault.to_string());
    }
    if let Err(fault) = &name {
        faults.name = Some(fault.to_string());
    }
    let password = form.get("password");
    if let Err(fault) = check_password(password, email, form.get("name")) {
        faults.password = Some(fault.to_string());
    }
    match (read, name, &faults.password) {
        (Ok(email), Ok(name), None) => Ok(Person {
            email,
            name: name.to_owned(),
            password: password.to_owned(),
        }),
        _ => Err(faults),
    }
}

/// An account of what somebody wrote, with its password hashed. `None` if too many wait for that.
pub(super) async fn to_account(
    state: &AppState,
    person: &Person,
    global_role: Option<GlobalRole>,
) -> Result<Option<NewAccount>, ApiError> {
    let hash = match state.passwords.hash(&person.password).await {
        Ok(hash) => hash,
        Err(PasswordError::Busy) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let id = random_id()?;
    Ok(Some(NewAccount {
        id: AccountId(id),
        email: person.email.clone(),
        name: person.name.clone(),
        password_hash: Some(hash),
        global_role,
        created_at: (state.clock)(),
    }))
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
    let person = match read_person(email, &form) {
        Ok(person) => person,
        Err(faults) => {
            return Ok(asked(email, name, faults).answer(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let role = Some(GlobalRole::Administrator);
    let Some(new) = to_account(state, &person, role).await? else {
        return Ok(too_many(asked(email, name, Faults::default()), 1));
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
