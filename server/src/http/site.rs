//! Where this server is: the address that it listens on and the one that people use, which differ
//! behind a reverse proxy. Decides which hosts are ours, what the cookies are called, and whom a
//! request comes from.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use http::{HeaderMap, HeaderName, Uri};
use ipnet::IpNet;

/// The address that people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    is_https: bool,
    /// The host, with a port if it is not the usual one.
    authority: String,
}

/// What is wrong with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the address of this server and nothing below it, like https://botscope.example")]
pub struct InvalidPublicUrl;

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let uri: Uri = text.trim().parse().map_err(|_| InvalidPublicUrl)?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidPublicUrl),
        };
        let authority = uri.authority().ok_or(InvalidPublicUrl)?.as_str();
        let has_more = uri.path() != "/" || uri.query().is_some() || authority.contains('@');
        if has_more || authority.is_empty() {
            return Err(InvalidPublicUrl);
        }
        Ok(Self {
            is_https,
            authority: authority.to_lowercase(),
        })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(formatter, "{scheme}://{}", self.authority)
    }
}

impl PublicUrl {
    /// Whether nobody on the way can read along.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// The name without its port.
    #[must_use]
    pub fn host(&self) -> &str {
        without_port(&self.authority)
    }
}

/// Where this server is.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// The address that is listened on.
    pub(super) listen: SocketAddr,
    /// The address that people use, where that is another one.
    pub(super) public_url: Option<PublicUrl>,
    /// Who may say whom a request comes from.
    pub(super) proxies: Vec<IpNet>,
}

impl Site {
    /// The address that links begin with.
    pub(super) fn url(&self) -> String {
        match &self.public_url {
            Some(url) => url.to_string(),
            None => format!("http://{}", self.listen),
        }
    }

    /// Whether a browser may send the cookies only where nobody reads along.
    pub(super) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// What a cookie is called. Cookies do not tell ports apart, so the name does, for those who
    /// run two servers on one machine.
    pub(super) fn cookie_name(&self, purpose: &str) -> String {
        if self.is_https() {
            format!("__Host-botscope{purpose}")
        } else {
            format!("botscope{purpose}_{}", self.listen.port())
        }
    }

    /// Whether a `Host` names this server: a loopback name, the address listened on, or the
    /// public one. A page of another origin can send none of them, however its name resolves;
    /// the port does not matter, so that a forwarded one works.
    pub(super) fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host);
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        if let Some(url) = &self.public_url
            && name.eq_ignore_ascii_case(url.host())
        {
            return true;
        }
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let Ok(address) = bare.unwrap_or(name).parse::<IpAddr>() else {
            return false;
        };
        let (address, listen) = (address.to_canonical(), self.listen.ip());
        address.is_loopback() || address == listen.to_canonical() || listen.is_unspecified()
    }

    /// Whether a page with this origin is one of ours: of the host that it asks, or of the public
    /// one, where the proxy in between says another.
    pub(super) fn is_own_origin(&self, origin: &str, host: &str) -> bool {
        let Some((_, authority)) = origin.split_once("://") else {
            return false;
        };
        let public = self.public_url.as_ref().map(PublicUrl::to_string);
        authority.eq_ignore_ascii_case(host)
            || public.is_some_and(|public| public.eq_ignore_ascii_case(origin))
    }

    /// Whom a request comes from that `peer` sent: `peer` itself, unless that is a proxy of ours
    /// which says whom it asks for. What clients say of themselves stands before that and counts
    /// for nothing.
    pub(super) fn sender(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_proxy = |address: IpAddr| {
            let address = address.to_canonical();
            self.proxies.iter().any(|net| net.contains(&address))
        };
        let mut sender = peer;
        let said = headers.get_all(HeaderName::from_static("x-forwarded-for"));
        let said = said.iter().rev().filter_map(|value| value.to_str().ok());
        for address in said.flat_map(|value| value.rsplit(',')) {
            if !is_proxy(sender) {
                break;
            }
            let Ok(address) = address.trim().parse() else {
                break;
            };
            sender = address;
        }
        sender
    }
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

    fn site(listen: &str, public_url: Option<&str>) -> Site {
        Site {
            listen: format!("{listen}:8080").parse().unwrap(),
            public_url: public_url.map(|url| url.parse().unwrap()),
            proxies: vec!["127.0.0.0/8".parse().unwrap()],
        }
    }

    #[test]
    fn a_host_must_name_this_server() {
        let check = |host: &str, listen: &str, expected: bool| {
            let is_ours = site(listen, None).is_ours(host);
            assert_eq!(is_ours, expected, "{host} at {listen}");
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

    #[test]
    fn the_public_address_is_ours_too() {
        let site = site("0.0.0.0", Some("https://Botscope.example"));
        assert_eq!(site.url(), "https://botscope.example");
        assert!(site.is_ours("botscope.example") && site.is_ours("botscope.example:443"));
        assert!(!site.is_ours("botscope.example.evil.example"));
        assert_eq!(site.cookie_name(""), "__Host-botscope");
        let check = |origin, host| site.is_own_origin(origin, host);
        assert!(check("https://botscope.example", "127.0.0.1:8080"));
        assert!(check("https://botscope.example", "botscope.example"));
        assert!(!check("http://botscope.example", "127.0.0.1:8080"));
        assert!(!check("https://evil.example", "botscope.example"));
        assert!(!check("null", "botscope.example"));
    }

    #[test]
    fn a_public_address_is_an_address_and_nothing_more() {
        for good in [
            "https://a.example",
            "http://a.example:8080/",
            "https://[2001:db8::1]",
        ] {
            assert!(good.parse::<PublicUrl>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https://a.example/botscope",
            "https://a@a.example",
            "https://a.example/?x",
        ] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(InvalidPublicUrl), "{bad}");
        }
    }

    #[test]
    fn only_a_proxy_of_ours_says_whom_a_request_comes_from() {
        let site = site("127.0.0.1", None);
        let check = |peer: &str, said: &[&str], expected: &str| {
            let mut headers = HeaderMap::new();
            for said in said {
                headers.append("x-forwarded-for", said.parse().unwrap());
            }
            let sender = site.sender(peer.parse().unwrap(), &headers);
            assert_eq!(sender.to_string(), expected, "{said:?} from {peer}");
        };
        check("192.0.2.1", &["203.0.113.9"], "192.0.2.1");
        check("127.0.0.1", &[], "127.0.0.1");
        check("127.0.0.1", &["203.0.113.9"], "203.0.113.9");
        check("127.0.0.1", &["10.9.9.9, 203.0.113.9"], "203.0.113.9");
        check(
            "127.0.0.1",
            &["10.9.9.9", "203.0.113.9, 127.0.0.2"],
            "203.0.113.9",
        );
        check("127.0.0.1", &["nonsense"], "127.0.0.1");
        check("127.0.0.1", &["203.0.113.9, nonsense"], "127.0.0.1");
    }

    #[test]
    fn two_servers_on_one_machine_have_two_cookies() {
        assert_eq!(site("127.0.0.1", None).cookie_name(""), "botscope_8080");
    }
}
