//! Names every request, writes the body of every error, and logs and counts each answer once. The
//! only place that knows both the error and the name under which the log has it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tracing::Instrument;

use super::error::ApiError;
use super::sign_in;
use crate::auth::Secret;
use crate::telemetry::{Share, metrics};

/// How many requests were named since the start.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name that is taken from whoever asks.
const MAX_REQUEST_ID: usize = 64;

/// What a metric says of an answer that no row of the table gave: a page or file of the console,
/// or nothing at all.
const NO_ROUTE: &str = "console";

/// Runs the request and finishes its answer.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    let request_id = given_id(request.headers()).map_or_else(new_request_id, str::to_owned);
    // Every line that is logged on the way says which request it is about.
    let span = tracing::error_span!("request", %request_id);
    answer(request, next, request_id).instrument(span).await
}

async fn answer(request: Request, next: Next, request_id: String) -> Response {
    let started = Instant::now();
    let _in_flight = Share::of(&metrics().http.in_flight, 1);
    let method = request.method().clone();
    let path = loggable(request.uri().path()).into_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let error = response.extensions_mut().remove::<ApiError>();
    let status = response.status().as_u16();
    let took = started.elapsed();
    let duration_ms = took.as_millis() as u64;
    match error.as_ref().and_then(ApiError::cause) {
        Some(cause) => {
            tracing::error!(%method, %path, status, duration_ms, cause, "request failed");
        }
        None => tracing::debug!(%method, %path, status, duration_ms, "request"),
    }
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = known_method(&method);
    metrics().http.answered(route, method, status, took);
    if let Some(error) = error {
        write_problem(&mut response, &error, &request_id);
    }
    let header = HeaderValue::try_from(&request_id).expect("an identifier is plain");
    response.headers_mut().insert(REQUEST_ID, header);
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

/// The name that whoever asks gave the request, so that its way can be followed from one log to
/// another; `None` if it could not stand in a log as it is.
fn given_id(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_sane = (8..=MAX_REQUEST_ID).contains(&given.len()) && given.bytes().all(is_plain);
    (is_sane && Secret::read(given).is_none()).then_some(given)
}

/// A name that no two requests of one day share: the process's start and a count.
fn new_request_id() -> String {
    static START: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let start = START.get_or_init(|| (super::state::system_clock().0 / 1_000) as u32);
    let count = REQUESTS.fetch_add(1, Ordering::Relaxed);
    format!("{start:08x}-{count:06x}")
}

/// A path as the log may say it: without the secret of a link, and without tokens, which some
/// senders can only put there.
fn loggable(path: &str) -> Cow<'_, str> {
    let path = sign_in::without_secret(path);
    if !path.contains(Secret::PREFIX) {
        return Cow::Borrowed(path);
    }
    let hide = |part: &str| match part.find(Secret::PREFIX) {
        Some(at) => format!("{}…", &part[..at + Secret::PREFIX.len()]),
        None => part.to_owned(),
    };
    let parts: Vec<String> = path.split('/').map(hide).collect();
    Cow::Owned(parts.join("/"))
}

/// A method as a metric says it: whoever makes one up makes no more series.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_can_stand_in_a_log_is_taken() {
        let check = |given: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
            assert_eq!(given_id(&headers), expected.then_some(given), "{given}");
        };
        check("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", true);
        check("req_01HV.7", true);
        check("short", false);
        check("with space", false);
        check("a\tb\tc\td\te", false);
        check("<script>alert(1)</script>", false);
        check(&"x".repeat(64), true);
        check(&"x".repeat(65), false);
        check(Secret::of([7; 32]).reveal(), false);
        assert_eq!(given_id(&HeaderMap::new()), None);
    }

    #[test]
    fn no_secret_of_a_path_is_logged() {
        let token = Secret::of([7; 32]);
        let path = format!("/api/v1/ingest/cloudflare/{}/shop", token.reveal());
        assert_eq!(loggable(&path), "/api/v1/ingest/cloudflare/botscope_…/shop");
        let path = format!("/in/x={}", token.reveal());
        assert_eq!(loggable(&path), "/in/x=botscope_…");
        assert_eq!(loggable(&format!("/reset/{}", token.digits())), "/reset/");
        assert_eq!(loggable("/attacks/12"), "/attacks/12");
    }
}
