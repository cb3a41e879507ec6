//! Where a sender of traffic has its token: the tools that people run each have another place for
//! it. Only at the addresses that take traffic; everywhere else it is `Authorization: Bearer`.

use data_encoding::BASE64;
use http::request::Parts;
use http::{HeaderName, Uri, header};

use crate::auth::Secret;

/// The header of AWS Firehose.
const FIREHOSE: HeaderName = HeaderName::from_static("x-amz-firehose-access-key");

/// The addresses that take traffic, besides those below the first.
const ADDRESSES: [&str; 4] = ["/api/v1/ingest", "/v1/logs", "/_bulk", "/elastic"];

/// Whether traffic is taken at an address.
pub(in crate::http) fn is_ingest(path: &str) -> bool {
    let below = |address: &str| {
        let rest = path.strip_prefix(address);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    path != "/api/v1/ingest/health" && ADDRESSES.into_iter().any(below) || path.ends_with("/_bulk")
}

/// Whether there is something that should be a secret in a request to such an address.
pub(in crate::http) fn has_secret(parts: &Parts) -> bool {
    let has = |name: &HeaderName| parts.headers.contains_key(name);
    has(&FIREHOSE) || has(&header::AUTHORIZATION) || token_in(&parts.uri).is_some()
}

/// The secret in a request to such an address: as `Bearer`, as the password of `Basic`, as
/// `ApiKey`, by itself or behind an identifier like Elasticsearch's clients, in Firehose's header,
/// or as `token` in the address.
pub(in crate::http) fn find_secret(parts: &Parts) -> Option<Secret> {
    if let Some(key) = parts.headers.get(&FIREHOSE) {
        return Secret::read(key.to_str().ok()?.trim());
    }
    match parts.headers.get(header::AUTHORIZATION) {
        Some(credential) => read_authorization(credential.to_str().ok()?),
        None => token_in(&parts.uri).and_then(Secret::read),
    }
}

fn read_authorization(credential: &str) -> Option<Secret> {
    let Some((scheme, value)) = credential.trim().split_once(' ') else {
        // Tools that let one set the header, and no more.
        return Secret::read(credential.trim());
    };
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Secret::read(value);
    }
    let is_key = scheme.eq_ignore_ascii_case("apikey");
    // Client libraries send a key as they are given it, Filebeat packs a pair.
    if is_key && let Some(secret) = Secret::read(value) {
        return Some(secret);
    }
    if is_key || scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64.decode(value.as_bytes()).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (_, secret) = decoded.split_once(':')?;
        return Secret::read(secret);
    }
    None
}

fn token_in(uri: &Uri) -> Option<&str> {
    let pairs = uri.query()?.split('&');
    pairs
        .into_iter()
        .find_map(|pair| pair.strip_prefix("token="))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, header: Option<(&str, String)>) -> Parts {
        let mut request = Request::post(uri);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_token_is_found_wherever_tools_put_it() {
        let secret = Secret::random().unwrap();
        let text = secret.reveal();
        let basic = |user: &str| BASE64.encode(format!("{user}:{text}").as_bytes());
        let cases = [
            (
                "/v1/logs",
                Some(("authorization", format!("Bearer {text}"))),
            ),
            (
                "/v1/logs",
                Some(("authorization", format!("bearer  {text} "))),
            ),
            (
                "/_bulk",
                Some(("authorization", format!("Basic {}", basic("any")))),
            ),
            (
                "/_bulk",
                Some(("authorization", format!("ApiKey {}", basic("id")))),
            ),
            ("/_bulk", Some(("authorization", format!("ApiKey {text}")))),
            ("/api/v1/ingest", Some(("authorization", text.to_owned()))),
            ("/x", Some(("X-Amz-Firehose-Access-Key", text.to_owned()))),
            (&format!("/api/v1/ingest?a=b&token={text}"), None),
        ];
        for (uri, header) in cases {
            let found = find_secret(&parts(uri, header.clone()));
            assert_eq!(found.map(|it| it.hash()), Some(secret.hash()), "{header:?}");
        }
        let wrong = [
            ("/_bulk", Some(("authorization", "Basic ???".to_owned()))),
            ("/_bulk", Some(("authorization", format!("Digest {text}")))),
            ("/_bulk", None),
        ];
        for (uri, header) in wrong {
            assert!(
                find_secret(&parts(uri, header.clone())).is_none(),
                "{header:?}"
            );
        }
    }

    #[test]
    fn traffic_is_taken_at_its_addresses_and_nowhere_else() {
        for path in [
            "/api/v1/ingest",
            "/api/v1/ingest/shop",
            "/v1/logs",
            "/_bulk",
            "/logs/_bulk",
            "/elastic",
            "/elastic/_license",
        ] {
            assert!(is_ingest(path), "{path}");
        }
        for path in [
            "/api/v1/ingested",
            "/api/v1/ingest/health",
            "/api/v1/attacks",
            "/",
        ] {
            assert!(!is_ingest(path), "{path}");
        }
    }
}
