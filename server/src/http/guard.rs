//! Turns requests away before a route sees them: those that did not mean this server (a page
//! elsewhere that rebinds its own name to this address, or that writes in the name of whoever
//! looks at it), and those that are too large.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::HeaderName;
use http::{HeaderMap, header};
use shared::ErrorCode;

use super::error::ApiError;
use super::ingest;
use super::route::Peer;
use super::site::Site;
use super::state::AppState;

/// The longest address (path and query) that is read.
const MAX_URI_BYTES: usize = 16 * 1024;

/// The largest body, but for those that bring traffic.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Lets a request through if it is meant for this server and not too large.
pub(super) async fn guard(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() {
        let sender = state.site.sender(peer, request.headers());
        request.extensions_mut().insert(Peer(sender));
    }
    match check(&request, &state.site) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(request: &Request, site: &Site) -> Result<(), ApiError> {
    let host = requested_host(request).unwrap_or_default();
    if !site.is_ours(host) {
        let detail = "the Host header names another server than this one; \
                      use the address that botscope printed when it started, or tell it the one \
                      you use with --public-url";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    if !request.method().is_safe() && is_cross_site(request.headers(), host, site) {
        let detail = "another site may not change anything here";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let uri = request.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, str::len);
    if uri_bytes > MAX_URI_BYTES {
        let detail = format!("the address has more than {MAX_URI_BYTES} bytes");
        return Err(ApiError::new(ErrorCode::InvalidRequest, detail));
    }
    let most = match ingest::is_ingest(uri.path()) {
        true => ingest::MAX_BODY_BYTES,
        false => MAX_BODY_BYTES,
    };
    if content_length(request.headers()).is_some_and(|bytes| bytes > most as u64) {
        let detail = format!("the body has more than {most} bytes");
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, detail));
    }
    Ok(())
}

fn requested_host(request: &Request) -> Option<&str> {
    let mut headers = request.headers().get_all(header::HOST).iter();
    match (headers.next(), headers.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

/// Whether a browser sends this for a page of another origin. Programs send neither header.
fn is_cross_site(headers: &HeaderMap, host: &str, site: &Site) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetch_site = text(HeaderName::from_static("sec-fetch-site"));
    let is_other_site = fetch_site.is_some_and(|site| site != "same-origin" && site != "none");
    let origin = text(header::ORIGIN);
    is_other_site || origin.is_some_and(|origin| !site.is_own_origin(origin, host))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_site_cannot_write() {
        let site = Site {
            listen: "127.0.0.1:8080".parse().unwrap(),
            public_url: None,
            proxies: Vec::new(),
        };
        let check = |name: &'static str, value: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(
                is_cross_site(&headers, "localhost:8080", &site),
                expected,
                "{name}: {value}"
            );
        };
        check("sec-fetch-site", "same-origin", false);
        check("sec-fetch-site", "none", false);
        check("sec-fetch-site", "same-site", true);
        check("sec-fetch-site", "cross-site", true);
        check("origin", "http://localhost:8080", false);
        check("origin", "http://localhost:8081", true);
        check("origin", "https://evil.example", true);
        check("origin", "null", true);
        assert!(!is_cross_site(&HeaderMap::new(), "localhost:8080", &site));
    }
}
