//! A Botscope that is reached by HTTP: posts batches over one connection that it keeps, and
//! understands what is answered. When to try again is not decided here.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::SendRequest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::destination::{Answer, Delivery, Destination, Received, Rejected};
use crate::https;
use crate::ingest::reject::make_example;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an answer may take. The server waits for room itself before it says no.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// No answer is larger.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The longest that a server may ask to wait.
const MAX_RETRY_AFTER: u64 = 300;

/// Where the server takes traffic.
const PATH: &str = "/api/v1/ingest";

/// How much a batch is compressed: little, for it is to be fast.
const LEVEL: i32 = 1;

/// What cannot stand in a path as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What a batch is called.
const NAME: &str = "idempotency-key";

/// The address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress(Uri);

/// Not the address of a server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the address of a server, such as https://botscope.example")]
pub struct InvalidAddress;

impl FromStr for ServerAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let uri: Uri = text.parse().map_err(|_| InvalidAddress)?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        // A name and a password in it would end in the log.
        let is_plain = uri.authority().is_some_and(|it| !it.as_str().contains('@'));
        if is_http && is_plain && uri.query().is_none() {
            Ok(Self(uri))
        } else {
            Err(InvalidAddress)
        }
    }
}

impl ServerAddress {
    /// Where it takes traffic of `application`, or of the one that a token is for.
    fn ingest(&self, application: Option<&str>) -> Result<Uri, InvalidAddress> {
        let given = self.0.to_string();
        let given = given.trim_end_matches('/');
        let base = given.strip_suffix(PATH).unwrap_or(given);
        let mut whole = format!("{base}{PATH}");
        if let Some(application) = application {
            let encoded = utf8_percent_encode(application, ENCODED);
            whole.push('/');
            whole.extend(encoded);
        }
        whole.parse().map_err(|_| InvalidAddress)
    }

    fn host(&self) -> &str {
        let host = self.0.host().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    fn is_tls(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_here(&self) -> bool {
        let is_loopback = |ip: IpAddr| ip.to_canonical().is_loopback();
        self.host() == "localhost" || self.host().parse().is_ok_and(is_loopback)
    }

    /// Whether what is sent there can be read on its way.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.is_tls() && !self.is_here()
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A server, and the connection to it.
pub struct Remote {
    address: ServerAddress,
    ingest: Uri,
    token: HeaderValue,
    tls: TlsConnector,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("ingest", &self.ingest)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("no connection to {0}: {1}")]
    Connection(String, std::io::Error),
    #[error("the connection ended: {0}")]
    Http(#[from] hyper::Error),
    #[error("no answer in time")]
    Timeout,
    #[error("an answer that is too long, or broke off")]
    Body,
}

impl Remote {
    /// The server at `address`, for requests of `application` or of the one that `token` is for.
    ///
    /// # Errors
    /// If the address or the token cannot be used.
    pub fn new(
        address: ServerAddress,
        application: Option<&str>,
        token: &str,
        tls: TlsConnector,
    ) -> Result<Self, InvalidAddress> {
        let ingest = address.ingest(application)?;
        let token = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut token = token.map_err(|_| InvalidAddress)?;
        token.set_sensitive(true);
        Ok(Self {
            address,
            ingest,
            token,
            tls,
            connection: None,
        })
    }

    /// Where batches are posted.
    #[must_use]
    pub fn ingest(&self) -> String {
        self.ingest.to_string()
    }

    /// Asks whether anything would be taken, without sending anything.
    pub async fn check(&mut self) -> Answer {
        self.post(HeaderMap::new(), Bytes::new()).await
    }

    async fn post(&mut self, headers: HeaderMap, body: Bytes) -> Answer {
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, self.exchange(headers, body));
        let answer = answer.await.unwrap_or(Err(SendError::Timeout));
        match answer {
            Ok((status, headers, body)) => understand(&self.ingest, status, &headers, &body),
            Err(error) => {
                self.connection = None;
                Answer::Later(None, error.to_string())
            }
        }
    }

    async fn exchange(
        &mut self,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), SendError> {
        let answer = match self.connection.take().filter(|it| !it.is_closed()) {
            Some(kept) => match self.send(kept, &headers, &body).await {
                // The server may have closed it just now; the batch is known by its name.
                Err(SendError::Http(_)) => self.send_anew(&headers, &body).await?,
                answer => answer?,
            },
            None => self.send_anew(&headers, &body).await?,
        };
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|_| SendError::Body)?.to_bytes();
        Ok((parts.status, parts.headers, body))
    }

    async fn send_anew(
        &mut self,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Response<Incoming>, SendError> {
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, self.connect());
        let connection = connection.await.map_err(|_| SendError::Timeout)??;
        self.send(connection, headers, body).await
    }

    async fn send(
        &mut self,
        mut connection: SendRequest<Full<Bytes>>,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Response<Incoming>, SendError> {
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.ingest.clone();
        *request.headers_mut() = headers.clone();
        let own = request.headers_mut();
        own.insert(AUTHORIZATION, self.token.clone());
        own.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        connection.ready().await?;
        let answer = connection.send_request(https::prepare(request)).await?;
        self.connection = Some(connection);
        Ok(answer)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, SendError> {
        let failed = |error| SendError::Connection(self.address.to_string(), error);
        let host = self.address.host();
        let usual = if self.address.is_tls() { 443 } else { 80 };
        let port = self.address.0.port_u16().unwrap_or(usual);
        let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        if !self.address.is_tls() {
            return Ok(https::open(stream).await?);
        }
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| failed(std::io::Error::other(error)))?;
        let stream = self.tls.connect(name, stream).await.map_err(failed)?;
        Ok(https::open(stream).await?)
    }
}

impl Destination for Remote {
    async fn send(&mut self, delivery: Delivery<'_>) -> Answer {
        let mut body = delivery.body();
        let mut headers = HeaderMap::new();
        if let Ok(name) = HeaderValue::from_str(delivery.name) {
            headers.insert(NAME, name);
        }
        if !self.address.is_here()
            && let Ok(packed) = zstd::encode_all(&body[..], LEVEL)
        {
            body = packed;
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("zstd"));
        }
        self.post(headers, body.into()).await
    }
}

/// What the server says of a batch.
#[derive(Deserialize)]
struct Ingested {
    accepted: u64,
    rejected: u64,
    errors: Vec<RejectedRecord>,
}

#[derive(Deserialize)]
struct RejectedRecord {
    reason: String,
    example: String,
}

/// What the server says when something is wrong.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

fn understand(address: &Uri, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Answer {
    if status == StatusCode::OK {
        return match serde_json::from_slice(body) {
            Ok(ingested) => Answer::Taken(received(ingested)),
            Err(_) => Answer::Refused(format!("what answers at {address} is no Botscope")),
        };
    }
    let detail = serde_json::from_slice::<Problem>(body).map(|problem| problem.detail);
    let detail = detail.map_or_else(|_| String::new(), |it| format!(": {}", shown(&it)));
    let why = format!("{address} answered {}{detail}", status.as_u16());
    let asked = headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok());
    let asked = asked.and_then(|it| it.parse().ok());
    let asked = asked.map(|seconds: u64| Duration::from_secs(seconds.min(MAX_RETRY_AFTER)));
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Answer::TooLarge,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Answer::Later(asked, why),
        _ if status.is_server_error() => Answer::Later(asked, why),
        _ if status.is_redirection() => {
            let to = headers.get(LOCATION).and_then(|it| it.to_str().ok());
            let to = shown(to.unwrap_or_default());
            Answer::Refused(format!("{address} leads on to {to}; name that address"))
        }
        StatusCode::UNAUTHORIZED => Answer::Refused(format!(
            "{why}. Is the token right, and not revoked or over?"
        )),
        StatusCode::FORBIDDEN => Answer::Refused(format!(
            "{why}. The token needs the role ingest_only, or another that may add requests"
        )),
        StatusCode::NOT_FOUND => Answer::Refused(format!(
            "{why}. Is the address right, and the token for this application?"
        )),
        _ => Answer::Refused(why),
    }
}

fn received(ingested: Ingested) -> Received {
    let errors = ingested.errors.into_iter().map(|error| Rejected {
        reason: shown(&error.reason),
        example: shown(&error.example),
    });
    Received {
        accepted: ingested.accepted,
        rejected: ingested.rejected,
        errors: errors.collect(),
    }
}

/// What a server says, fit for a terminal.
fn shown(text: &str) -> String {
    make_example(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_server_becomes_where_it_takes_traffic() {
        let check = |text: &str, application: Option<&str>, expected: &str| {
            let address: ServerAddress = text.parse().unwrap();
            assert_eq!(address.ingest(application).unwrap().to_string(), expected);
        };
        check(
            "https://botscope.example",
            None,
            "https://botscope.example/api/v1/ingest",
        );
        check(
            "http://127.0.0.1:8080/",
            Some("my shop-2"),
            "http://127.0.0.1:8080/api/v1/ingest/my%20shop-2",
        );
        check(
            "https://example.com/botscope/api/v1/ingest/",
            None,
            "https://example.com/botscope/api/v1/ingest",
        );
        for text in [
            "botscope.example",
            "ftp://botscope.example",
            "https://ann:secret@botscope.example",
            "https://botscope.example/?token=x",
        ] {
            assert_eq!(text.parse::<ServerAddress>(), Err(InvalidAddress), "{text}");
        }
        let is_open = |text: &str| text.parse::<ServerAddress>().unwrap().is_open();
        assert!(is_open("http://10.0.0.7") && !is_open("http://[::1]:8080"));
    }

    #[test]
    fn what_a_server_answers_is_understood() {
        let address: Uri = "http://127.0.0.1/api/v1/ingest".parse().unwrap();
        let check = |status: u16, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
            let status = StatusCode::from_u16(status).unwrap();
            understand(&address, status, &headers, body.as_bytes())
        };
        let taken = r#"{"accepted":2,"rejected":1,"errors":[{"record":1,"reason":"blank","example":"\u001b"}]}"#;
        let Answer::Taken(received) = check(200, taken) else {
            panic!("{:?}", check(200, taken));
        };
        assert_eq!((received.accepted, received.rejected), (2, 1));
        assert_eq!(received.errors[0].example, "\\u{1b}");
        assert!(matches!(check(200, "<html>"), Answer::Refused(_)));
        let seven = Some(Duration::from_secs(7));
        for status in [429, 503, 500] {
            assert!(matches!(check(status, ""), Answer::Later(asked, _) if asked == seven));
        }
        assert_eq!(check(413, ""), Answer::TooLarge);
        for status in [301, 400, 401, 403, 404] {
            assert!(matches!(check(status, ""), Answer::Refused(_)), "{status}");
        }
        let Answer::Refused(why) = check(403, r#"{"detail":"not allowed"}"#) else {
            panic!("it is refused");
        };
        assert!(why.contains("answered 403: not allowed"), "{why}");
    }
}
