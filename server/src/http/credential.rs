//! Who sends a request: whoever has the secret in `Authorization`, or without one whoever may
//! ask at all. Not what they may do: that is `auth`'s.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header;
use http::request::Parts;
use shared::ErrorCode;

use super::error::ApiError;
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

async fn find(parts: &Parts, state: &AppState) -> Result<Caller, ApiError> {
    let Some(credential) = parts.headers.get(header::AUTHORIZATION) else {
        return Ok(state.caller.clone());
    };
    let secret = credential.to_str().ok().and_then(read_bearer);
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

/// The secret of `Bearer SECRET` (RFC 6750, 2.1).
fn read_bearer(credential: &str) -> Option<Secret> {
    let (scheme, secret) = credential.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| Secret::read(secret.trim())).flatten()
}
