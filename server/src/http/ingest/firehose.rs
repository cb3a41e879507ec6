//! `POST /api/v1/ingest/firehose`: deliveries of AWS Firehose to an HTTP endpoint. Its access key is
//! the token; a delivery that it repeats has the same identifier.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode};
use shared::Timestamp;

use super::protocol::{answer_as, enter};
use super::{Asked, admit, text};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::ingest::body::firehose::{answer, decode};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-firehose-request-id");

pub(super) async fn take(State(state): State<AppState>, request: Request) -> Response {
    let id = text(request.headers(), &REQUEST_ID).unwrap_or_default();
    let id = id.to_owned();
    let now = (state.clock)();
    match take_delivery(&state, request).await {
        Ok(in_body) => say(StatusCode::OK.into_response(), &id, &in_body, now, None),
        Err(error) => {
            let detail = error.detail().to_owned();
            say(error.into_bare_response(), &id, "", now, Some(&detail))
        }
    }
}

async fn take_delivery(state: &AppState, request: Request) -> Result<String, ApiError> {
    let (context, _, unread) = enter(state, request).await?;
    let asked = Asked {
        named: None,
        drops_repeats: false,
        protocol: Some("AWS Firehose"),
    };
    let taken = admit(&context, &asked, unread, |body, encoding, reading| {
        let delivery = decode(body, encoding, reading)?;
        Ok((delivery.decoded, delivery.request_id))
    });
    taken.await.map(|(_, id)| id.unwrap_or_default())
}

/// Answers under the identifier of the header, or else of the body: both are the same.
fn say(
    response: Response,
    in_header: &str,
    in_body: &str,
    now: Timestamp,
    failure: Option<&str>,
) -> Response {
    let id = if in_header.is_empty() {
        in_body
    } else {
        in_header
    };
    let id = &id[..id.floor_char_boundary(128)];
    answer_as(
        response,
        "application/json",
        answer(id, now.0, failure).into(),
    )
}
