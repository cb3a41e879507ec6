//! Asks the provider: over TLS, without following redirects, bounded in size and time. The
//! provider is the operator's choice and may stand in their own network.

use std::pin::Pin;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use openidconnect::url::{Host, Url};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::https;

/// No answer is larger.
const MAX_BYTES: usize = 1024 * 1024;

/// Why the provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    /// It is no https:// address.
    #[error("the address is none that can be asked")]
    Address,
    /// Nobody answers there.
    #[error("no connection: {0}")]
    Connection(#[from] std::io::Error),
    /// What answers does not speak HTTP.
    #[error("{0}")]
    Http(#[from] hyper::Error),
    /// The answer is too large, or not whole.
    #[error("more than {MAX_BYTES} bytes, or it broke off")]
    Body,
    /// It takes too long.
    #[error("no answer in time")]
    Timeout,
}

/// Asks the provider.
pub(super) struct Transport {
    pub(super) tls: TlsConnector,
    /// Whether the provider is a program on this machine, which needs no TLS.
    pub(super) is_here: bool,
    pub(super) patience: Duration,
}

/// Whether `url` is one of this very machine, by name or number, and without TLS.
pub(super) fn is_here(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_here
}

impl Transport {
    /// Whether people and secrets may be sent there.
    pub(super) fn allows(&self, url: &Url) -> bool {
        url.scheme() == "https" && url.host().is_some() || self.is_here && is_here(url)
    }

    /// The provider's answer to one request.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let answer = tokio::time::timeout(self.patience, self.ask(request));
        answer.await.map_err(|_| TransportError::Timeout)?
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let url = Url::parse(&request.uri().to_string()).ok();
        let url = url.filter(|url| self.allows(url));
        let url = url.ok_or(TransportError::Address)?;
        let host = url.host_str().ok_or(TransportError::Address)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().ok_or(TransportError::Address)?;
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let stream = TcpStream::connect((host, port)).await?;
        let answer = if url.scheme() == "https" {
            let name = ServerName::try_from(host.to_owned());
            let name = name.map_err(|_| TransportError::Address)?;
            let stream = self.tls.connect(name, stream).await?;
            https::exchange(stream, request).await?
        } else {
            https::exchange(stream, request).await?
        };
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MAX_BYTES).collect().await;
        let body = body.map_err(|_| TransportError::Body)?.to_bytes();
        Ok(HttpResponse::from_parts(parts, body.into()))
    }
}

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_provider_on_this_machine_needs_no_tls() {
        let check = |url: &str, expected: bool| {
            let here = Transport {
                tls: https::connector(&[]).unwrap(),
                is_here: true,
                patience: Duration::from_secs(1),
            };
            assert_eq!(here.allows(&Url::parse(url).unwrap()), expected, "{url}");
        };
        check("https://login.example/token", true);
        check("https://10.0.0.7:8443/token", true);
        check("http://localhost:9000/token", true);
        check("http://127.0.0.1/token", true);
        check("http://[::1]:9000/token", true);
        check("http://login.example/token", false);
        check("http://localhost.login.example/token", false);
        check("http://10.0.0.7/token", false);
        check("javascript:alert(1)", false);
        check("file:///etc/passwd", false);
    }
}
