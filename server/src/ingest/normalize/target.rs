//! Request targets and referers: host, path and query told apart.

/// A request target in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// The host of an absolute target, with its port if it has one.
    pub host: Option<&'a str>,
    pub path: &'a str,
    /// Without `?`.
    pub query: &'a str,
}

/// Splits a request target: `/path?query`, `http://host/path?query`, `*`, or anything else as
/// a path. Whoever signs in inside an absolute target (`user:password@`) is left out.
pub(super) fn split_target(target: &str) -> Target<'_> {
    let (host, rest) = match split_origin(target) {
        Some((host, rest)) => (Some(host), rest),
        None => (None, target),
    };
    let (path, query) = match memchr::memchr(b'?', rest.as_bytes()) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, ""),
    };
    let path = if path.is_empty() && host.is_some() {
        "/"
    } else {
        path
    };
    Target { host, path, query }
}

/// `scheme://user@host:port/rest` as `host:port` and `/rest`.
fn split_origin(target: &str) -> Option<(&str, &str)> {
    if target.starts_with('/') {
        return None;
    }
    let (scheme, rest) = target.split_once("://")?;
    let is_scheme = !scheme.is_empty()
        && scheme.len() <= 10
        && scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_scheme {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    Some((host, rest))
}

/// `host` without its port.
pub(super) fn strip_port(host: &str) -> &str {
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or(host);
    }
    match host.rsplit_once(':') {
        Some((name, port))
            if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => host,
    }
}

/// Takes `user:password@` out of a referer's address, if there is one.
pub(super) fn split_userinfo(referer: &str) -> Option<(&str, &str)> {
    let start = referer.find("://")? + 3;
    let end = referer[start..]
        .find(['/', '?', '#'])
        .map_or(referer.len(), |end| start + end);
    let at = referer[start..end].rfind('@')?;
    Some((&referer[..start], &referer[start + at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, host: Option<&str>, path: &str, query: &str) {
        assert_eq!(split_target(target), Target { host, path, query });
    }

    #[test]
    fn targets_are_split() {
        check("/a/b?c=d?e", None, "/a/b", "c=d?e");
        check("/", None, "/", "");
        check("*", None, "*", "");
        check("foo.com:25", None, "foo.com:25", "");
        check("/?next=http://x/", None, "/", "next=http://x/");
        check(
            "http://Shop.example.com:80/ip.php?x",
            Some("Shop.example.com:80"),
            "/ip.php",
            "x",
        );
        check(
            "http://ann:pw@shop.example.com",
            Some("shop.example.com"),
            "/",
            "",
        );
        check("//shop/x", None, "//shop/x", "");
    }

    #[test]
    fn ports_are_dropped() {
        assert_eq!(strip_port("shop.example.com:8080"), "shop.example.com");
        assert_eq!(strip_port("[::1]:80"), "[::1]");
        assert_eq!(strip_port("::1"), "::1");
        assert_eq!(strip_port("shop"), "shop");
    }

    #[test]
    fn a_referer_loses_its_credentials() {
        assert_eq!(split_userinfo("https://a:b@c/d"), Some(("https://", "c/d")));
        assert_eq!(split_userinfo("https://c/d@e"), None);
    }
}
