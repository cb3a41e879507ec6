//! Gets a file from its publisher: bounded in size and time, over TLS, following a few redirects,
//! never to an address of this machine or its network. Not what is in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use engine::{Address, is_somebodys};
use http::header::{ACCEPT, LOCATION};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::https;

/// No file is larger.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it all may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// A place in the operator's own network that has copies of the lists, each by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mirror(Uri);

impl std::str::FromStr for Mirror {
    type Err = FetchError;

    fn from_str(text: &str) -> Result<Self, FetchError> {
        let uri: Uri = text.parse().map_err(|_| FetchError::Address)?;
        match (uri.scheme_str(), uri.authority()) {
            (Some("http" | "https"), Some(_)) => Ok(Self(uri)),
            _ => Err(FetchError::Address),
        }
    }
}

impl Mirror {
    /// Where the list called `name` is.
    pub(super) fn url_of(&self, name: &str) -> String {
        format!("{}/{name}", self.0.to_string().trim_end_matches('/'))
    }
}

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the address is none that can be asked")]
    Address,
    #[error("the address leads into this machine's own network")]
    Private,
    #[error("there is no such host, or its name could not be looked up")]
    NoHost,
    #[error("no connection: {0}")]
    Connection(#[from] std::io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("more than {MAX_REDIRECTS} redirects")]
    Redirects,
    #[error("more than {} MB, or it broke off", MAX_BYTES / 1024 / 1024)]
    Body,
    #[error("no answer in time")]
    Timeout,
}

/// Gets files.
#[derive(Clone)]
pub(crate) struct Fetcher {
    tls: TlsConnector,
    pub(super) mirror: Option<Mirror>,
}

impl Fetcher {
    /// One that asks the publishers, or else the operator's mirror, which may be in a private
    /// network and without TLS.
    pub(crate) fn new(mirror: Option<Mirror>) -> Self {
        let tls = https::connector(&[]).expect("there is no certificate that could be wrong");
        Self { tls, mirror }
    }

    /// The file at `url`.
    pub(super) async fn get(&self, url: &str) -> Result<Bytes, FetchError> {
        let got = tokio::time::timeout(TIMEOUT, self.follow(url));
        got.await.map_err(|_| FetchError::Timeout)?
    }

    async fn follow(&self, url: &str) -> Result<Bytes, FetchError> {
        let mut uri: Uri = url.parse().map_err(|_| FetchError::Address)?;
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.ask(&uri).await?;
            let status = answer.status();
            if status.is_redirection() {
                let location = answer.headers().get(LOCATION);
                let location = location.and_then(|it| it.to_str().ok());
                uri = joined(&uri, location.ok_or(FetchError::Address)?)?;
                continue;
            }
            if status != StatusCode::OK {
                return Err(FetchError::Status(status));
            }
            let body = Limited::new(answer.into_body(), MAX_BYTES);
            let body = body.collect().await.map_err(|_| FetchError::Body)?;
            return Ok(body.to_bytes());
        }
        Err(FetchError::Redirects)
    }

    async fn ask(&self, uri: &Uri) -> Result<Response<Incoming>, FetchError> {
        let host = uri.host().ok_or(FetchError::Address)?.to_owned();
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.mirror.is_some() => false,
            _ => return Err(FetchError::Address),
        };
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, self.connect(&host, port));
        let stream = stream.await.map_err(|_| FetchError::Timeout)??;
        if !is_tls {
            return send(stream, uri).await;
        }
        let name = ServerName::try_from(host).map_err(|_| FetchError::Address)?;
        send(self.tls.connect(name, stream).await?, uri).await
    }

    /// Connects to where the name leads now: what is checked is what is connected to.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, FetchError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((host, port)).await;
        let found: Vec<SocketAddr> = found.map_err(|_| FetchError::NoHost)?.collect();
        if found.is_empty() {
            return Err(FetchError::NoHost);
        }
        let is_allowed = |address: &SocketAddr| self.mirror.is_some() || is_public(address.ip());
        let allowed: Vec<SocketAddr> = found.into_iter().filter(is_allowed).collect();
        if allowed.is_empty() {
            return Err(FetchError::Private);
        }
        Ok(TcpStream::connect(allowed.as_slice()).await?)
    }
}

async fn send<S>(stream: S, uri: &Uri) -> Result<Response<Incoming>, FetchError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let request = Request::get(uri)
        .header(ACCEPT, "*/*")
        .body(Empty::<Bytes>::new());
    let request = request.map_err(|_| FetchError::Address)?;
    Ok(https::exchange(stream, request).await?)
}

/// Where a redirect leads.
fn joined(from: &Uri, location: &str) -> Result<Uri, FetchError> {
    let to: Uri = location.parse().map_err(|_| FetchError::Address)?;
    if to.scheme().is_some() {
        return Ok(to);
    }
    if !location.starts_with('/') {
        return Err(FetchError::Address);
    }
    let mut parts = from.clone().into_parts();
    parts.path_and_query = to.path_and_query().cloned();
    Uri::from_parts(parts).map_err(|_| FetchError::Address)
}

/// Whether an address can be a publisher's: nothing that routes only around here, also where it
/// is written in another way.
fn is_public(ip: IpAddr) -> bool {
    let is_tunnel = |v6: Ipv6Addr| v6.segments()[0] == 0x2002;
    let is_protocol = |v4: Ipv4Addr| v4.octets()[..3] == [192, 0, 0];
    is_somebodys(Address::from(ip))
        && match ip.to_canonical() {
            IpAddr::V4(v4) => !is_protocol(v4),
            IpAddr::V6(v6) => !is_tunnel(v6),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_around_here_are_no_publishers() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.20.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2001:db8::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "172.32.0.1", "2a00:1450::1", "::ffff:8.8.8.8"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn a_redirect_leads_to_an_address_or_a_path() {
        let from: Uri = "https://lists.example/a/b?x=1".parse().unwrap();
        let to = |location| joined(&from, location).map(|uri| uri.to_string());
        assert_eq!(to("/c?y=2").unwrap(), "https://lists.example/c?y=2");
        assert_eq!(
            to("https://other.example/d").unwrap(),
            "https://other.example/d"
        );
        assert!(to("elsewhere").is_err());
    }

    #[tokio::test]
    async fn nothing_is_asked_of_this_machine_or_without_tls() {
        let fetcher = Fetcher::new(None);
        let error = async |url: &str| fetcher.get(url).await.unwrap_err();
        assert!(matches!(
            error("https://127.0.0.1/").await,
            FetchError::Private
        ));
        assert!(matches!(
            error("https://[::1]:8080/").await,
            FetchError::Private
        ));
        assert!(matches!(
            error("http://127.0.0.1/").await,
            FetchError::Address
        ));
        assert!(matches!(
            error("file:///etc/hosts").await,
            FetchError::Address
        ));
    }
}
