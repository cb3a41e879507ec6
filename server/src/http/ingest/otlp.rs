//! `POST /v1/logs`: logs as OpenTelemetry's exporters send them (OTLP/HTTP 1.x), in protobuf or
//! JSON, answered likewise.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use shared::Ingested;

use super::protocol::{answer_as, enter};
use super::{Asked, admit, text};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::ingest::body::otlp::{Kind, decode};

pub(super) async fn take(State(state): State<AppState>, request: Request) -> Response {
    let content_type = text(request.headers(), &header::CONTENT_TYPE);
    let content_type = content_type.unwrap_or_default().to_owned();
    let asked_in = match content_type.contains("json") {
        true => Kind::Json,
        false => Kind::Protobuf,
    };
    match take_logs(&state, request, content_type).await {
        Ok((ingested, kind)) => {
            let kind = kind.unwrap_or(asked_in);
            in_kind(kind, kind.answer(&ingested), StatusCode::OK.into_response())
        }
        Err(error) => {
            let failure = asked_in.failure(error.detail());
            in_kind(asked_in, failure, error.into_bare_response())
        }
    }
}

async fn take_logs(
    state: &AppState,
    request: Request,
    content_type: String,
) -> Result<(Ingested, Option<Kind>), ApiError> {
    let (context, _, unread) = enter(state, request).await?;
    let asked = Asked {
        named: None,
        drops_repeats: false,
        protocol: Some("OpenTelemetry"),
    };
    let taken = admit(&context, &asked, unread, move |body, encoding, reading| {
        let (kind, decoded) = decode(body, encoding, &content_type, reading);
        decoded.map(|decoded| (decoded, kind))
    });
    taken.await
}

/// The answer with a body of that kind.
fn in_kind(kind: Kind, body: Vec<u8>, response: Response) -> Response {
    answer_as(response, kind.content_type(), body.into())
}
