//! Cookies: reading ours from a request, and writing them. Which secret is whose is the store's.

use http::{HeaderMap, HeaderValue, header};

use super::site::Site;
use crate::auth::Secret;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Being signed in.
    Login,
    /// Being between password and code.
    Step,
    /// Being at the provider of single sign-on.
    SingleSignOn,
}

impl Purpose {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Login => "",
            Self::Step => "-step",
            Self::SingleSignOn => "-oidc",
        }
    }
}

/// The secret that a request has for a purpose.
pub(super) fn read(site: &Site, purpose: Purpose, headers: &HeaderMap) -> Option<Secret> {
    Secret::read_digits(read_text(site, purpose, headers)?)
}

/// What a request has for a purpose. Of two none: one of them may be somebody else's.
pub(super) fn read_text<'a>(
    site: &Site,
    purpose: Purpose,
    headers: &'a HeaderMap,
) -> Option<&'a str> {
    let name = site.cookie_name(purpose.suffix());
    let cookies = headers.get_all(header::COOKIE).iter();
    let cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
    let mut values = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// The header that keeps a secret in the browser: out of scripts' reach, sent to no other site,
/// and not for longer than the secret may hold.
pub(super) fn keep(site: &Site, purpose: Purpose, secret: &Secret, seconds: i64) -> HeaderValue {
    write(site, purpose, secret.digits(), seconds)
}

/// The header that keeps a sealed text in the browser, likewise.
pub(super) fn keep_text(site: &Site, purpose: Purpose, text: &str, seconds: i64) -> HeaderValue {
    write(site, purpose, text, seconds)
}

/// The header that takes a secret out of the browser.
pub(super) fn forget(site: &Site, purpose: Purpose) -> HeaderValue {
    write(site, purpose, "", 0)
}

fn write(site: &Site, purpose: Purpose, value: &str, seconds: i64) -> HeaderValue {
    let name = site.cookie_name(purpose.suffix());
    let secure = if site.is_https() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut header = HeaderValue::try_from(cookie).expect("cookies are plain");
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(public_url: Option<&str>) -> Site {
        Site {
            listen: "127.0.0.1:8080".parse().unwrap(),
            public_url: public_url.map(|url| url.parse().unwrap()),
            proxies: Vec::new(),
        }
    }

    #[test]
    fn a_cookie_is_read_among_others_and_only_if_it_is_the_only_one() {
        let secret = Secret::of([7; 32]);
        let ours = format!("botscope_8080={}", secret.digits());
        let check = |cookies: &[&str], expected: bool| {
            let mut headers = HeaderMap::new();
            for cookies in cookies {
                headers.append("cookie", cookies.parse().unwrap());
            }
            let found = read(&site(None), Purpose::Login, &headers);
            assert_eq!(found.is_some(), expected, "{cookies:?}");
        };
        check(&[], false);
        check(&[&ours], true);
        check(&[&format!("a=b; {ours}; c")], true);
        check(&["a=b", &ours], true);
        check(&[&format!("{ours}; {ours}")], false);
        check(&[&ours, "botscope_8080=x"], false);
        check(&["botscope_8080=x"], false);
        check(&["botscope_8080="], false);
        check(&[&ours.replace("8080", "8081")], false);
    }

    #[test]
    fn no_script_and_no_other_site_gets_a_cookie() {
        let secret = Secret::of([7; 32]);
        let cookie = keep(&site(None), Purpose::Login, &secret, 60);
        let text = cookie.to_str().unwrap();
        assert!(
            text.ends_with("; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"),
            "{text}"
        );
        let public = site(Some("https://botscope.example"));
        let cookie = keep(&public, Purpose::Login, &secret, 60);
        let text = cookie.to_str().unwrap();
        assert!(
            text.starts_with("__Host-botscope=") && text.ends_with("; Secure"),
            "{text}"
        );
        let cookie = forget(&public, Purpose::Step);
        assert!(
            cookie
                .to_str()
                .unwrap()
                .starts_with("__Host-botscope-step=; ")
        );
    }
}
