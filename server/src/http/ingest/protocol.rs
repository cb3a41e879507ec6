//! The addresses that tools expect when they speak a protocol of their own, and what is common to
//! them: who sends, and whether they may. They are no part of the API, so they are not in its
//! table; each asks for the permission to add requests, and for nothing else.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, post};
use http::request::Parts;
use http::{HeaderValue, header};

use super::{Unread, elastic, firehose, otlp};
use crate::auth::Permission;
use crate::http::credential;
use crate::http::error::ApiError;
use crate::http::route::{Context, Origin, Peer};
use crate::http::state::AppState;

/// All of them.
pub(in crate::http) fn routes() -> Router<AppState> {
    let elastic = Router::new()
        .route("/_bulk", post(elastic::take).put(elastic::take))
        .route("/{index}/_bulk", post(elastic::take).put(elastic::take));
    Router::new()
        .route("/v1/logs", post(otlp::take))
        .route("/api/v1/ingest/firehose", post(firehose::take))
        .route("/elastic/", any(elastic::greeting))
        .nest(elastic::PREFIX, elastic.clone().fallback(elastic::greeting))
        .merge(elastic)
}

/// The same where nothing else is served: there the root is an Elasticsearch's too.
pub(in crate::http) fn routes_alone() -> Router<AppState> {
    routes().fallback(elastic::greeting)
}

/// A response with that body.
pub(super) fn answer_as(mut response: Response, kind: &'static str, body: Body) -> Response {
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    *response.body_mut() = body;
    response
}

/// Who sends, if they may, and what.
pub(super) async fn enter(
    state: &AppState,
    request: Request,
) -> Result<(Context, Parts, Unread), ApiError> {
    let (parts, body) = request.into_parts();
    let caller = credential::find_sender(&parts, state).await?;
    caller.require(Permission::RequestsImport)?;
    let origin = Origin {
        peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        ..Origin::default()
    };
    let context = state.context(&caller, origin);
    let headers = parts.headers.clone();
    Ok((context, parts, Unread { headers, body }))
}
