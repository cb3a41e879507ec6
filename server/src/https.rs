//! Requests over a connection of one's own, and what certificates are trusted for it. Not where
//! an address may lead, how much of an answer is read or how long that may take: whoever asks
//! knows that.

use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("botscope/", env!("CARGO_PKG_VERSION")));

/// Trusts the authorities of the web, and those in `more`.
pub(crate) fn connector(more: &[CertificateDer<'static>]) -> Result<TlsConnector, Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in more {
        roots.add(certificate.clone())?;
    }
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Sends a request with a whole address on a stream that leads there.
pub(crate) async fn exchange<S, B>(
    stream: S,
    request: Request<B>,
) -> Result<Response<Incoming>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut sender = open(stream).await?;
    sender.send_request(prepare(request)).await
}

/// Begins HTTP on a stream, for several requests one after the other.
pub(crate) async fn open<S, B>(stream: S) -> Result<SendRequest<B>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection that was opened from here ended early");
        }
    });
    Ok(sender)
}

/// A request with a whole address as it is said to the server there.
pub(crate) fn prepare<B>(request: Request<B>) -> Request<B> {
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().map(|it| it.as_str().to_owned());
    if let Some(host) = authority.and_then(|it| HeaderValue::from_str(&it).ok()) {
        parts.headers.insert(header::HOST, host);
    }
    parts.headers.insert(header::USER_AGENT, USER_AGENT);
    let path = parts.uri.path_and_query().cloned();
    parts.uri = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    Request::from_parts(parts, body)
}
