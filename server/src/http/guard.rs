//! Turns requests away before a route sees them: those that did not mean this server (a page
//! elsewhere that rebinds its own name to this address, or that writes in the name of whoever
//! looks at it), and those that are too large.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::HeaderName;
use http::{HeaderMap, header};
use shared::ErrorCode;

use super::error::ApiError;
use super::state::AppState;

/// The longest address (path and query) that is read.
const MAX_URI_BYTES: usize = 16 * 1024;

/// The largest body.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Lets a request through if it is meant for this server and not too large.
pub(super) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match check(&request, state.listen) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(request: &Request, listen: SocketAddr) -> Result<(), ApiError> {
    let host = requested_host(request).unwrap_or_default();
    if !is_ours(host, listen.ip()) {
        let detail = "the Host header names another server than this one; \
                      use the address that botscope printed when it started";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    if !request.method().is_safe() && is_cross_site(request.headers(), host) {
        let detail = "another site may not change anything here";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let uri = request.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, str::len);
    if uri_bytes > MAX_URI_BYTES {
        let detail = format!("the address has more than {MAX_URI_BYTES} bytes");
        return Err(ApiError::new(ErrorCode::InvalidRequest, detail));
    }
    if content_length(request.headers()).is_some_and(|bytes| bytes > MAX_BODY_BYTES as u64) {
        let detail = format!("the body has more than {MAX_BODY_BYTES} bytes");
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
fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let is_other_site = site.is_some_and(|site| site != "same-origin" && site != "none");
    let origin = text(header::ORIGIN);
    is_other_site
        || origin.is_some_and(|origin| {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_none_or(|authority| !authority.eq_ignore_ascii_case(host))
        })
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Whether a `Host` names this server: a loopback name, or the address listened on. A page of
/// another origin cannot send either, however its name resolves; the port does not matter, so
/// that a forwarded one works.
fn is_ours(host: &str, listen: IpAddr) -> bool {
    let name = without_port(host);
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let Ok(address) = bare.unwrap_or(name).parse::<IpAddr>() else {
        return false;
    };
    let address = address.to_canonical();
    address.is_loopback() || address == listen.to_canonical() || listen.is_unspecified()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            // Inside brackets the last colon belongs to the address.
            if name.starts_with('[') && !name.ends_with(']') {
                host
            } else {
                name
            }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_site_cannot_write() {
        let check = |name: &'static str, value: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(
                is_cross_site(&headers, "localhost:8080"),
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
        assert!(!is_cross_site(&HeaderMap::new(), "localhost:8080"));
    }

    #[test]
    fn a_host_must_name_this_server() {
        let check = |host: &str, listen: &str, expected: bool| {
            assert_eq!(
                is_ours(host, listen.parse().unwrap()),
                expected,
                "{host} at {listen}"
            );
        };
        for host in [
            "localhost",
            "LocalHost:8080",
            "127.0.0.1:8080",
            "127.0.0.1",
            "[::1]:8080",
            "[::1]",
        ] {
            check(host, "127.0.0.1", true);
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.0.2.7",
            "[2001:db8::1]",
            "localhost:",
            ":8080",
            "127.0.0.1:80:80",
            "a@localhost",
        ] {
            check(host, "127.0.0.1", host == "localhost:");
        }
        check("192.0.2.7:8080", "192.0.2.7", true);
        check("192.0.2.8:8080", "192.0.2.7", false);
        check("192.0.2.8:8080", "0.0.0.0", true);
        check("evil.example", "0.0.0.0", false);
    }
}
