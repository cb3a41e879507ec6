//! Names every request, writes the body of every error, and logs each answer once. The only
//! place that knows both the error and the name under which the log has it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};

use super::error::ApiError;
use super::sign_in;

/// How many requests were named since the start.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// Runs the request and finishes its answer.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = new_request_id();
    let method = request.method().clone();
    let path = sign_in::without_secret(request.uri().path()).to_owned();
    let mut response = next.run(request).await;
    let error = response.extensions_mut().remove::<ApiError>();
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_millis() as u64;
    match error.as_ref().and_then(ApiError::cause) {
        Some(cause) => {
            tracing::error!(%request_id, %method, %path, status, duration_ms, cause, "request failed");
        }
        None => tracing::debug!(%request_id, %method, %path, status, duration_ms, "request"),
    }
    if let Some(error) = error {
        write_problem(&mut response, &error, &request_id);
    }
    let header = HeaderValue::try_from(&request_id).expect("an identifier is plain");
    response.headers_mut().insert("x-request-id", header);
    response
}

fn write_problem(response: &mut Response, error: &ApiError, request_id: &str) {
    let problem = error.to_problem(request_id);
    let body = serde_json::to_vec(&problem).expect("a problem is plain data");
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
}

/// A name that no two requests of one day share: the process's start and a count.
fn new_request_id() -> String {
    static START: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let start = START.get_or_init(|| (super::state::system_clock().0 / 1_000) as u32);
    let count = REQUESTS.fetch_add(1, Ordering::Relaxed);
    format!("{start:08x}-{count:06x}")
}
