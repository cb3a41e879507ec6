//! Who sends a request: whoever has the secret in `Authorization`, or without one whoever has
//! signed in. Not what they may do: that is `auth`'s.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, header};
use shared::ErrorCode;

use super::error::ApiError;
use super::ingest;
use super::recognize::CurrentLogin;
use super::state::AppState;
use crate::auth::{Caller, Secret};

impl FromRequestParts<AppState> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        find(parts, state)
            .await
            .map_err(IntoResponse::into_response)
    }
}

/// Whoever sends a request: who has the secret in it, or else has signed in.
pub(super) async fn find(parts: &Parts, state: &AppState) -> Result<Caller, ApiError> {
    if ingest::is_ingest(parts.uri.path()) && ingest::has_secret(parts) {
        return find_sender(parts, state).await;
    }
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return find_login(parts, state).ok_or_else(|| {
            let detail = "sign in, or send `Authorization: Bearer` and the secret of a token";
            ApiError::new(ErrorCode::Unauthorized, detail)
        });
    }
    find_token(sent(&parts.headers), state).await
}

/// Whoever sends traffic: who has the secret that stands wherever their tool puts it.
pub(super) async fn find_sender(parts: &Parts, state: &AppState) -> Result<Caller, ApiError> {
    find_token(ingest::find_secret(parts), state).await
}

async fn find_token(secret: Option<Secret>, state: &AppState) -> Result<Caller, ApiError> {
    let found = match secret {
        Some(secret) => {
            state
                .store
                .find_caller(&secret.hash(), (state.clock)())
                .await?
        }
        None => None,
    };
    found.ok_or_else(|| {
        // Which of these it is, only somebody who has the token should know.
        let detail = "no token has this secret, or not any more; \
                      send `Authorization: Bearer` and the secret of a token";
        ApiError::new(ErrorCode::Unauthorized, detail)
    })
}

/// Whoever has signed in, or in tests whoever is said to be there.
fn find_login(parts: &Parts, state: &AppState) -> Option<Caller> {
    let login = parts.extensions.get::<CurrentLogin>();
    let caller = login.map(|login| login.caller.clone());
    #[cfg(test)]
    let caller = caller.or_else(|| state.assumed.clone());
    #[cfg(not(test))]
    let _ = state;
    caller
}

/// The secret of a token that a request carries.
pub(super) fn sent(headers: &HeaderMap) -> Option<Secret> {
    let credential = headers.get(header::AUTHORIZATION)?;
    credential.to_str().ok().and_then(read_bearer)
}

/// The secret of `Bearer SECRET` (RFC 6750, 2.1).
fn read_bearer(credential: &str) -> Option<Secret> {
    let (scheme, secret) = credential.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| Secret::read(secret.trim())).flatten()
}
