//! Requests that programs send to programs by arrangement: feeds, webhooks, signed calls. By
//! what is asked for alone; who asks is looked at elsewhere.

use shared::{EndpointTag, Purpose};

/// What a request for `path` is for, if programs make it by arrangement.
#[must_use]
pub fn service(method: &str, path: &str) -> Option<Purpose> {
    let reads = matches!(method, "GET" | "HEAD");
    if reads && super::tags(method, path).contains(EndpointTag::HealthCheck) {
        Some(Purpose::HealthCheck)
    } else if reads && is_feed(path) {
        Some(Purpose::FeedReader)
    } else if !reads && is_webhook(path) {
        Some(Purpose::Webhook)
    } else {
        None
    }
}

/// Whether a path is a feed's: `/feed`, `/blog/atom.xml`, `/comments/feed/`.
#[must_use]
pub(crate) fn is_feed(path: &str) -> bool {
    const NAMES: [&str; 10] = [
        "feed",
        "feeds",
        "rss",
        "atom",
        "rss.xml",
        "atom.xml",
        "feed.xml",
        "index.rdf",
        "feed.json",
        "rss2",
    ];
    let last = last_segment(path);
    let is = |name: &str| last.eq_ignore_ascii_case(name);
    NAMES.iter().any(|name| is(name)) || has_ending(last, ".rss") || has_ending(last, ".atom")
}

/// Whether a path is one to which other services tell what happened: `/webhooks/payment`.
#[must_use]
pub(crate) fn is_webhook(path: &str) -> bool {
    const NAMES: [&str; 8] = [
        "webhook",
        "webhooks",
        "web-hook",
        "hook",
        "hooks",
        "callback",
        "callbacks",
        "ipn",
    ];
    let is_name = |segment: &str| NAMES.iter().any(|name| segment.eq_ignore_ascii_case(name));
    path.split('/').any(|segment| {
        is_name(segment) || has_ending(segment, "-webhook") || has_ending(segment, "_webhook")
    })
}

/// Whether a query carries a signature, so that the call stands for itself and guesses nothing.
/// Anybody can write one: it counts only of whom one expects to.
#[must_use]
pub(crate) fn is_signed(query: &str) -> bool {
    const NAMES: [&str; 5] = ["signature", "x-amz-signature", "hmac", "sig", "body-hash"];
    query.split('&').any(|pair| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
    })
}

fn last_segment(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

fn has_ending(segment: &str, ending: &str) -> bool {
    let at = segment.len().checked_sub(ending.len());
    at.and_then(|at| segment.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_told_by_their_last_segment() {
        for path in [
            "/feed",
            "/feed/",
            "/blog/Atom.xml",
            "/a/b.rss",
            "/comments/feed/",
        ] {
            assert!(is_feed(path), "{path}");
        }
        for path in [
            "/",
            "/feedback",
            "/feed/about-us",
            "/ref",
            ".rs",
            "/é.rss2",
            "",
        ] {
            assert!(!is_feed(path), "{path}");
        }
    }

    #[test]
    fn webhooks_are_told_by_a_segment() {
        for path in [
            "/webhooks/payment",
            "/api/v1/hook",
            "/stripe-webhook",
            "/paypal/IPN",
        ] {
            assert!(is_webhook(path), "{path}");
        }
        for path in ["/", "/hooked", "/phone", "/callbacks.html"] {
            assert!(!is_webhook(path), "{path}");
        }
    }

    #[test]
    fn a_signature_is_a_parameter() {
        assert!(is_signed("for=jetpack&token=x&Signature=y"));
        assert!(is_signed("hmac=1"));
        assert!(!is_signed("q=signature&design=1"));
        assert!(!is_signed(""));
    }
}
