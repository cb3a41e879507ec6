//! The addresses that tools expect when they speak a protocol of their own, and what is common to
//! them: who sends, and whether they may. They are no part of the API, so they are not in its
//! table; each asks for the permission to add requests, and for nothing else.

use axum::Router;
use axum::extract::Request;
use axum::routing::post;
use http::request::Parts;

use super::{Unread, otlp};
use crate::auth::Permission;
use crate::http::credential;
use crate::http::error::ApiError;
use crate::http::route::{Context, Origin, Peer};
use crate::http::state::AppState;

/// All of them.
pub(in crate::http) fn routes() -> Router<AppState> {
    Router::new().route("/v1/logs", post(otlp::take))
}

/// Who sends, if they may, and what.
pub(super) async fn enter(
    state: &AppState,
    request: Request,
) -> Result<(Context, Parts, Unread), ApiError> {
    let (parts, body) = request.into_parts();
    let caller = credential::find(&parts, state).await?;
    caller.require(Permission::RequestsImport)?;
    let origin = Origin {
        peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        ..Origin::default()
    };
    let context = state.context(&caller, origin);
    let headers = parts.headers.clone();
    Ok((context, parts, Unread { headers, body }))
}
