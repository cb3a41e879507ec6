//! Elasticsearch's `_bulk` and what its clients ask before they send: at the root, where this
//! server has nothing of the same name, and below `/elastic`, where they find all of it.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::protocol::{answer_as, enter};
use super::{Asked, admit};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::ingest::body::elastic::{Bulk, PRODUCT_HEADER, decode, failure, greet};

/// Below this stands what an Elasticsearch has at its root.
pub(super) const PREFIX: &str = "/elastic";

/// What a client takes for JSON.
const JSON: &str = "application/json";

pub(super) async fn take(State(state): State<AppState>, request: Request) -> Response {
    let started = Instant::now();
    let answered = match take_bulk(&state, request).await {
        Ok(bulk) => {
            let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let said = match bulk {
                Some(bulk) => bulk.answer(took_ms),
                // It was taken before, under the same name.
                None => format!(r#"{{"took":{took_ms},"errors":false,"items":[]}}"#),
            };
            answer_as(StatusCode::OK.into_response(), JSON, said.into())
        }
        Err(error) => refuse(error),
    };
    as_elastic(answered)
}

async fn take_bulk(state: &AppState, request: Request) -> Result<Option<Bulk>, ApiError> {
    let (context, parts, unread) = enter(state, request).await?;
    let path = parts.uri.path();
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    let index = path.strip_suffix("/_bulk").unwrap_or_default();
    let index = index.trim_matches('/').to_owned();
    let asked = Asked {
        named: None,
        drops_repeats: false,
        protocol: Some("Elasticsearch"),
    };
    let taken = admit(&context, &asked, unread, move |body, encoding, reading| {
        let index = Some(index.as_str()).filter(|index| !index.is_empty());
        let mut bulk = decode(body, encoding, index, reading)?;
        let decoded = std::mem::take(&mut bulk.decoded);
        Ok((decoded, bulk))
    });
    taken.await.map(|(_, bulk)| bulk)
}

/// What clients ask before they send, for whoever may send.
pub(super) async fn greeting(State(state): State<AppState>, request: Request) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let entered = enter(&state, request).await;
    let answered = match entered {
        Ok(_) => {
            let path = path.strip_prefix(PREFIX).unwrap_or(&path);
            let path = if path.is_empty() { "/" } else { path };
            match greet(method.as_str(), path) {
                Some(greeting) => {
                    let body = match method {
                        Method::HEAD => "",
                        _ => greeting,
                    };
                    answer_as(StatusCode::OK.into_response(), JSON, body.into())
                }
                None => refuse(ApiError::not_found("address; _bulk takes traffic")),
            }
        }
        Err(error) => refuse(error),
    };
    as_elastic(answered)
}

fn refuse(error: ApiError) -> Response {
    let detail = error.detail().to_owned();
    let response = error.into_bare_response();
    let said = failure(response.status().as_u16(), &detail);
    answer_as(response, JSON, said.into())
}

fn as_elastic(mut response: Response) -> Response {
    let (name, value) = PRODUCT_HEADER;
    let (name, value) = (
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    );
    response.headers_mut().insert(name, value);
    response
}
