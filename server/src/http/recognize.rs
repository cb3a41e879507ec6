//! Recognises who has signed in by their cookie, before a route sees the request, and gives the
//! cookie a new secret when it is time. What they may do is `auth`'s, and who has no cookie but a
//! token is [`super::credential`]'s.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, HeaderMap, header};
use shared::LoginId;

use super::assets;
use super::cookie::{self, Purpose};
use super::error::ApiError;
use super::route::Peer;
use super::state::AppState;
use crate::auth::{Caller, Secret, SecretHash};
use crate::store::{LOGIN_MS, Seen};

/// The longest name of a browser that is kept, in characters.
const MAX_USER_AGENT: usize = 300;

/// What an open page asks for all the time, whether somebody sits in front of it or not: that is
/// no use of a login, which would never be idle otherwise.
const ASKED_BY_ITSELF: [&str; 2] = ["/api/v1/changes", "/api/v1/changes/stream"];

/// The login that a request came with.
#[derive(Clone)]
pub(super) struct CurrentLogin {
    /// Who it is.
    pub(super) caller: Caller,
    /// Which one.
    pub(super) id: LoginId,
    /// Of the secret in the cookie.
    pub(super) secret: SecretHash,
    /// The secret that takes its place, if a route gave it one.
    replaced: Arc<Mutex<Option<Secret>>>,
}

impl CurrentLogin {
    /// Gives the login a new secret, which goes into the cookie with the answer. The former one
    /// holds for a moment more if `has_grace`.
    pub(super) async fn rotate(&self, state: &AppState, has_grace: bool) -> Result<(), ApiError> {
        let secret = Secret::random()?;
        let (next, now) = (secret.hash(), (state.clock)());
        let store = &state.store;
        let rotated = store.rotate_login(self.id, &self.secret, &next, has_grace, now);
        if rotated.await? {
            let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
            *replaced = Some(secret);
        }
        Ok(())
    }

    fn take_replaced(&self) -> Option<Secret> {
        let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
        replaced.take()
    }
}

/// Adds the login to the request, and its new secret to the answer.
pub(super) async fn recognize(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let found = find(&state, &parts).await;
    let mut request = Request::from_parts(parts, body);
    let found = match found {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    let Some(login) = found else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(login.clone());
    let mut response = next.run(request).await;
    if let Some(secret) = login.take_replaced() {
        let kept = cookie::keep(&state.site, Purpose::Login, &secret, LOGIN_MS / 1_000);
        response.headers_mut().append(header::SET_COOKIE, kept);
    }
    response
}

async fn find(state: &AppState, parts: &Parts) -> Result<Option<CurrentLogin>, ApiError> {
    // Files of the console are for everybody: nobody is looked up for them.
    if assets::is_file(parts.uri.path()) {
        return Ok(None);
    }
    let Some(secret) = cookie::read(&state.site, Purpose::Login, &parts.headers) else {
        return Ok(None);
    };
    let (secret, now) = (secret.hash(), (state.clock)());
    let Some(found) = state.store.find_login(&secret, now).await? else {
        return Ok(None);
    };
    let Some(credential) = found.caller.login() else {
        return Ok(None);
    };
    if found.is_unseen && !ASKED_BY_ITSELF.contains(&parts.uri.path()) {
        let seen = seen(&parts.headers, &parts.extensions);
        state.store.note_login(credential.id, &seen, now).await?;
    }
    let login = CurrentLogin {
        caller: found.caller,
        id: credential.id,
        secret,
        replaced: Arc::default(),
    };
    // Not where a route may do it for a better reason.
    if found.is_due && parts.method.is_safe() {
        login.rotate(state, true).await?;
    }
    Ok(Some(login))
}

/// From where a request comes, as a login keeps it.
pub(super) fn seen(headers: &HeaderMap, extensions: &Extensions) -> Seen {
    let peer = extensions.get::<Peer>();
    Seen {
        address: peer.map(|peer| peer.0),
        user_agent: user_agent(headers),
    }
}

fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT);
    let text = text.and_then(|text| text.to_str().ok()).unwrap_or_default();
    text.chars().take(MAX_USER_AGENT).collect()
}
