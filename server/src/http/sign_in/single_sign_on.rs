//! `/sign-in/oidc`: to the provider, back from it, and its own sign-out. Who comes back is for
//! `auth::oidc` to find out, and whose account that is for the store.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use shared::{AccountId, Timestamp};

use super::enter::{Proof, Visitor, enter};
use super::form::Form;
use super::page::Page;
use super::{SIGN_IN, leading_on, local_path, sign_in_for};
use crate::auth::oidc::{ATTEMPT_SECONDS, Answer, Identity, OidcError, Provider};
use crate::auth::{Caller, random_id};
use crate::http::cookie::{self, Purpose};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::{AccountRow, AuditRecord, LostRole, NewIdentity, Seen, Vouched};

/// Where one goes to the provider.
pub(super) const BEGIN: &str = "/sign-in/oidc";
/// Where the provider sends people back to.
pub(in crate::http) const CALLBACK: &str = "/sign-in/oidc/callback";
/// Where one signs out at the provider too.
pub(super) const OUT: &str = "/sign-in/oidc/out";
/// Where one is after signing out here.
pub(super) const SIGNED_OUT: &str = "/sign-in?done=out";

pub(super) async fn begin(State(state): State<AppState>, request: Request) -> Response {
    let elsewhere = other_name(&state, &request);
    let answer = match Form::of_query(request.uri()) {
        Ok(query) => send(&state, local_path(query.get("next")), elsewhere).await,
        Err(error) => Err(error),
    };
    answer.unwrap_or_else(IntoResponse::into_response)
}

async fn send(
    state: &AppState,
    next: &str,
    elsewhere: Option<String>,
) -> Result<Response, ApiError> {
    let Some(provider) = &state.single_sign_on else {
        return Ok(Redirect::to(&sign_in_for(next)).into_response());
    };
    // The first account is whoever's who started the server, not whoever's who comes first.
    if !state.store.has_accounts().await? {
        return Ok(Redirect::to(SIGN_IN).into_response());
    }
    if let Some(elsewhere) = elsewhere {
        return Ok(Redirect::to(&elsewhere).into_response());
    }
    let begun = match provider.begin(next, (state.clock)()).await {
        Ok(begun) => begun,
        Err(error) => return Ok(refused(&error, next)),
    };
    let mut response = Redirect::to(&begun.url).into_response();
    let headers = response.headers_mut();
    let kept = cookie::keep_text(
        &state.site,
        Purpose::SingleSignOn,
        &begun.cookie,
        ATTEMPT_SECONDS,
    );
    headers.append(header::SET_COOKIE, kept);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The same under the name that the provider sends people back to, where this machine was called
/// by another one: the cookie must be there when they come back.
fn other_name(state: &AppState, request: &Request) -> Option<String> {
    // Behind a proxy the name that arrives need not be the one that the browser knows.
    if state.site.public_url.is_some() {
        return None;
    }
    let url = state.site.url();
    let (_, ours) = url.split_once("://")?;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let path = request.uri().path_and_query()?;
    (!host.eq_ignore_ascii_case(ours)).then(|| format!("{url}{path}"))
}

pub(super) async fn end(State(state): State<AppState>, request: Request) -> Response {
    let visitor = Visitor::of(&request, &state);
    let cookie = cookie::read_text(&state.site, Purpose::SingleSignOn, request.headers());
    let cookie = cookie.map(str::to_owned);
    let answer = read_answer(&request);
    let answer = come_back(&state, &visitor, cookie.as_deref(), answer).await;
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    let forgotten = cookie::forget(&state.site, Purpose::SingleSignOn);
    headers.append(header::SET_COOKIE, forgotten);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn come_back(
    state: &AppState,
    visitor: &Visitor,
    cookie: Option<&str>,
    answer: Option<Answer>,
) -> Result<Response, ApiError> {
    let Some(provider) = &state.single_sign_on else {
        return Ok(Redirect::to(SIGN_IN).into_response());
    };
    let now = (state.clock)();
    let found = match answer {
        Some(answer) => provider.end(cookie, answer, now).await,
        None => Err(OidcError::NotBegun),
    };
    let signed_on = match found {
        Ok(signed_on) => signed_on,
        Err(error) => {
            note(state, provider, &error, &visitor.seen).await;
            if let OidcError::NoRole { subject } = &error {
                withdraw(state, provider, subject, &visitor.seen, now).await?;
            }
            return Ok(refused(&error, "/"));
        }
    };
    let next = signed_on.next;
    let proof = Proof::SingleSignOn {
        has_second_factor: signed_on.identity.has_second_factor,
    };
    match find_account(state, provider, signed_on.identity, &visitor.seen, now).await? {
        Ok(account) => enter(state, &account, visitor, proof, &next).await,
        Err(error) => {
            note(state, provider, &error, &visitor.seen).await;
            Ok(refused(&error, &next))
        }
    }
}

/// What the provider sent along. `None` if a part of it stands there twice: one of them may be
/// somebody else's.
fn read_answer(request: &Request) -> Option<Answer> {
    let query = Form::of_query(request.uri()).ok()?;
    let part = |name| Some(query.get(name).to_owned()).filter(|part| !part.is_empty());
    Some(Answer {
        code: part("code"),
        state: part("state"),
        error: part("error"),
        iss: part("iss"),
    })
}

async fn find_account(
    state: &AppState,
    provider: &Provider,
    identity: Identity,
    seen: &Seen,
    now: Timestamp,
) -> Result<Result<AccountRow, OidcError>, ApiError> {
    let config = provider.config();
    let new = NewIdentity {
        issuer: identity.issuer,
        subject: identity.subject.clone(),
        email: identity.email,
        name: identity.name,
        role: identity.role,
        tenant: config.tenant,
        links_by_email: config.links_by_email,
        account: AccountId(random_id()?),
        address: seen.address,
        at: now,
    };
    let subject = identity.subject;
    let account = match state.store.vouch(&new).await? {
        Vouched::Account(account) => state.store.find_account(account).await?,
        Vouched::NoEmail => return Ok(Err(OidcError::NoEmail { subject })),
        Vouched::EmailTaken => return Ok(Err(OidcError::EmailTaken { subject })),
        Vouched::NoRole | Vouched::Closed => return Ok(Err(OidcError::NoRole { subject })),
    };
    // Removed by somebody at this very moment.
    Ok(account.ok_or(OidcError::NoRole { subject }))
}

/// Takes from somebody what the provider gave them and gives them no more.
async fn withdraw(
    state: &AppState,
    provider: &Provider,
    subject: &str,
    seen: &Seen,
    at: Timestamp,
) -> Result<(), ApiError> {
    let config = provider.config();
    let lost = LostRole {
        issuer: config.issuer.clone(),
        subject: subject.to_owned(),
        tenant: config.tenant,
        address: seen.address,
        at,
    };
    Ok(state.store.withdraw(&lost).await?)
}

/// Back to the sign-in page, which says why in its own words.
fn refused(error: &OidcError, next: &str) -> Response {
    tracing::warn!(%error, "single sign-on signed nobody in");
    let back = sign_in_for(next);
    let sign = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{sign}problem={}", error.code())).into_response()
}

/// Logs that somebody who is known to the provider was turned away.
async fn note(state: &AppState, provider: &Provider, error: &OidcError, seen: &Seen) {
    let Some(subject) = error.subject() else {
        return;
    };
    let nobody = Caller::nobody(provider.config().tenant).at(seen.address);
    let record = AuditRecord::new("login.refuse", subject)
        .with("by", "single sign-on")
        .with("why", error.code());
    let tenant = state.store.tenant(&nobody);
    if let Err(error) = tenant.record(record, (state.clock)()).await {
        tracing::warn!(%error, "a refused sign-in could not be logged");
    }
}

/// Signs out at the provider, which leads back to the sign-in page.
pub(super) async fn out(State(state): State<AppState>) -> Response {
    let url = match &state.single_sign_on {
        Some(provider) => provider.sign_out_url((state.clock)()).await,
        None => None,
    };
    Redirect::to(url.as_deref().unwrap_or(SIGN_IN)).into_response()
}

/// The page with the way to the provider on it.
pub(super) fn offered(provider: &Provider, page: Page, next: &str) -> Page {
    let text = format!("Sign in with {}", provider.config().host());
    page.way(&text, &leading_on(BEGIN, next))
}

/// The page where there is hardly another way.
pub(super) fn only(provider: &Provider, page: Page, next: &str) -> Page {
    let with_password = "/sign-in?with=password";
    offered(provider, page, next).link(
        "Global administrators may use their password",
        with_password,
    )
}

/// The page with what the provider has to do with it: why somebody is back, or still there.
pub(super) fn told(state: &AppState, page: Page, query: &Form) -> Page {
    let Some(provider) = &state.single_sign_on else {
        return page;
    };
    if let Some(sentence) = OidcError::sentence(query.get("problem")) {
        return page.alert(sentence);
    }
    match query.get("done") {
        "out" => {
            let text = format!("Sign out of {} too", provider.config().host());
            page.link(&text, OUT)
        }
        _ => page,
    }
}

/// The answer to a password that is right and not taken.
pub(super) fn instead(provider: &Provider, next: &str) -> Response {
    let text = "This installation takes passwords of global administrators only.";
    let page = Page::new("Sign in").alert(text);
    offered(provider, page, next).answer(StatusCode::FORBIDDEN)
}
