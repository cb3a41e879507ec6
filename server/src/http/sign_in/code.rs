//! `/sign-in/code`: after the password, a code of the authenticator app or a recovery code.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::request::Parts;

use super::enter::{Proof, Visitor, enter, note_refusal};
use super::form::Form;
use super::page::{Field, Page};
use super::password::{forgive, subjects};
use super::{local_path, seconds_until, sign_in_for, too_many};
use crate::auth::{SecretHash, recovery_hash};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::{AccountRow, LinkKind};

/// Where the code is asked for.
pub(super) const PATH: &str = "/sign-in/code";

pub(super) async fn show(State(state): State<AppState>, parts: Parts) -> Response {
    let page = async {
        let query = Form::of_query(&parts.uri)?;
        let next = local_path(query.get("next"));
        let visitor = Visitor::with(&parts.headers, &parts.extensions, &state);
        if visitor.login.is_some() {
            return Ok(Redirect::to(next).into_response());
        }
        Ok::<_, ApiError>(match find(&state, &visitor).await? {
            Some(_) => asked(next, None).answer(StatusCode::OK),
            None => Redirect::to(&sign_in_for(next)).into_response(),
        })
    };
    page.await.unwrap_or_else(IntoResponse::into_response)
}

fn asked(next: &str, fault: Option<&str>) -> Page {
    let code = Field {
        name: "code",
        label: "Code",
        kind: "text",
        autocomplete: "one-time-code",
        hint: Some("The six digits that your authenticator app shows now, or a recovery code."),
        fault: fault.map(str::to_owned),
        ..Field::default()
    };
    Page::new("Enter your code")
        .form(&[code], &[("next", next)], "Sign in")
        .link("Sign in as somebody else", "/sign-in")
}

pub(super) async fn submit(State(state): State<AppState>, request: Request) -> Response {
    let answer = try_in(&state, request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn try_in(state: &AppState, request: Request) -> Result<Response, ApiError> {
    let visitor = Visitor::of(&request, state);
    let form = Form::read(request).await?;
    let next = local_path(form.get("next"));
    let Some((step, account)) = find(state, &visitor).await? else {
        return Ok(Redirect::to(&sign_in_for(next)).into_response());
    };
    let now = (state.clock)();
    let subjects = subjects(&account.email, visitor.seen.address);
    if let Some(until) = state.store.begin_attempt(&subjects, now).await? {
        return Ok(too_many(asked(next, None), seconds_until(until, now)));
    }
    if !take(state, &account, form.get("code")).await? {
        let email = account.email.clone();
        note_refusal(state, &email, Some(account), &visitor.seen, "code");
        let fault = "This code is wrong, or was used already. Wait for the next one.";
        return Ok(asked(next, Some(fault)).answer(StatusCode::UNPROCESSABLE_ENTITY));
    }
    if !state.store.remove_link(&step).await? {
        return Ok(Redirect::to(&sign_in_for(next)).into_response());
    }
    forgive(state, &subjects).await?;
    enter(state, &account, &visitor, Proof::Password, next).await
}

/// The step that the browser is at, and whose it is.
async fn find(
    state: &AppState,
    visitor: &Visitor,
) -> Result<Option<(SecretHash, AccountRow)>, ApiError> {
    let Some(step) = &visitor.step else {
        return Ok(None);
    };
    let (step, kinds) = (step.hash(), [LinkKind::SecondStep]);
    let found = state
        .store
        .find_link(&step, &kinds, (state.clock)())
        .await?;
    let Some((_, Some(account))) = found else {
        return Ok(None);
    };
    let account = state.store.find_account(account).await?;
    Ok(account.map(|account| (step, account)))
}

/// Takes a code, which then opens nothing any more. False if it is none.
async fn take(state: &AppState, account: &AccountRow, code: &str) -> Result<bool, ApiError> {
    let totp = account.totp.as_ref();
    let step = totp.and_then(|totp| totp.find_step(code, (state.clock)()));
    Ok(match step {
        Some(step) => state.store.take_totp_step(account.id, step).await?,
        None => {
            let code = recovery_hash(code);
            state.store.take_recovery_code(account.id, &code).await?
        }
    })
}
