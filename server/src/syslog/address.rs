//! Where syslog is taken, and for which application: `udp+tcp://127.0.0.1:5514=shop`.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// An address to listen on, and what comes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Whether datagrams are taken.
    pub udp: bool,
    /// Whether connections are.
    pub tcp: bool,
    /// The address.
    pub address: SocketAddr,
    /// The tenant by its name; the first if none is named.
    pub tenant: Option<String>,
    /// The application.
    pub application: String,
}

/// Not such an address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected where to listen and the application, like udp+tcp://127.0.0.1:5514=shop or \
     udp://127.0.0.1:5514=TENANT/shop"
)]
pub struct InvalidListen;

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Self, InvalidListen> {
        let (transports, rest) = text.split_once("://").ok_or(InvalidListen)?;
        let (udp, tcp) = match transports {
            "udp" => (true, false),
            "tcp" => (false, true),
            "udp+tcp" | "tcp+udp" => (true, true),
            _ => return Err(InvalidListen),
        };
        let (address, whose) = rest.split_once('=').ok_or(InvalidListen)?;
        let (tenant, application) = match whose.split_once('/') {
            Some((tenant, application)) => (Some(tenant), application),
            None => (None, whose),
        };
        let application = crate::auth::read_name(application).map_err(|_| InvalidListen)?;
        Ok(Self {
            udp,
            tcp,
            address: read_address(address).ok_or(InvalidListen)?,
            tenant: tenant.map(str::to_owned),
            application: application.to_owned(),
        })
    }
}

fn read_address(text: &str) -> Option<SocketAddr> {
    if let Some(port) = text.strip_prefix("localhost:") {
        return Some((Ipv4Addr::LOCALHOST, port.parse().ok()?).into());
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_where_and_for_whom() {
        let listen: Listen = "udp+tcp://127.0.0.1:5514=shop".parse().unwrap();
        let expected = Listen {
            udp: true,
            tcp: true,
            address: "127.0.0.1:5514".parse().unwrap(),
            tenant: None,
            application: "shop".to_owned(),
        };
        assert_eq!(listen, expected);
        let listen: Listen = "udp://[::1]:514=acme/shop.example".parse().unwrap();
        assert_eq!((listen.udp, listen.tcp), (true, false));
        assert_eq!(listen.tenant.as_deref(), Some("acme"));
        assert_eq!(listen.application, "shop.example");
        assert!("tcp://localhost:5514=shop".parse::<Listen>().is_ok());
        for text in [
            "127.0.0.1:5514=shop",
            "udp://127.0.0.1:5514",
            "udp://127.0.0.1=shop",
            "udp://example.com:514=shop",
            "tls://127.0.0.1:5514=shop",
            "udp://127.0.0.1:5514=",
        ] {
            assert_eq!(text.parse::<Listen>(), Err(InvalidListen), "{text}");
        }
    }
}
