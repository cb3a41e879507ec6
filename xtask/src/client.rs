//! A client of one server over one kept connection: small enough that what it measures is the
//! server. It connects when it first asks, and again after a connection broke.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

/// How long an answer may take, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(40);

/// Asks one address with one token.
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
    patience: Duration,
    connection: Option<BufReader<TcpStream>>,
}

/// What became of a body that was sent.
pub(crate) enum Sent {
    /// It is taken.
    Acknowledged,
    /// It is not, and may be sent again after so many seconds.
    Refused(u64),
    /// Whether it is taken is not known, and why.
    Unknown(String),
}

/// What a server answered.
#[derive(Default)]
struct Answer {
    status: u16,
    /// Seconds after which to come again.
    retry_after: u64,
    body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            token: token.to_owned(),
            patience: PATIENCE,
            connection: None,
        }
    }

    /// The same, waiting so long for each answer.
    pub(crate) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Asks and returns the body of a 200.
    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.ask(&format!("GET {path}"), "", &[])?;
        if answer.status != 200 {
            bail!("{path}: {answer}");
        }
        Ok(answer.body)
    }

    pub(crate) fn get_json(&mut self, path: &str) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.get(path)?).with_context(|| format!("{path} is no JSON"))
    }

    /// Sends JSON and returns what is answered with 201.
    pub(crate) fn post_json(&mut self, path: &str, said: &Value) -> anyhow::Result<Value> {
        let header = "content-type: application/json\r\n";
        let answer = self.ask(&format!("POST {path}"), header, said.to_string().as_bytes())?;
        if answer.status != 201 {
            bail!("{path}: {answer}");
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("{path} is no JSON"))
    }

    /// All items of a list, page by page.
    pub(crate) fn get_all(&mut self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut page = self.get_json(path)?;
        loop {
            if let Value::Array(more) = page["items"].take() {
                items.extend(more);
            }
            let Some(cursor) = page["next_cursor"].as_str() else {
                return Ok(items);
            };
            page = self.get_json(&format!("{path}&cursor={}", escaped(cursor)))?;
        }
    }

    /// Sends traffic, which its sender calls `name`.
    ///
    /// # Errors
    /// The answer, if it says that nobody should send this again.
    pub(crate) fn send(
        &mut self,
        path: &str,
        body: &[u8],
        name: Option<&str>,
    ) -> anyhow::Result<Sent> {
        let named = name.map(|name| format!("idempotency-key: {name}\r\n"));
        let more = named.unwrap_or_default();
        let answer = match self.ask(&format!("POST {path}"), &more, body) {
            Ok(answer) => answer,
            Err(error) => return Ok(Sent::Unknown(error.to_string())),
        };
        match answer.status {
            200 => Ok(Sent::Acknowledged),
            429 | 503 => Ok(Sent::Refused(answer.retry_after)),
            // The server failed, perhaps after it took the body.
            500..=599 => Ok(Sent::Unknown(answer.to_string())),
            _ => bail!("{path}: {answer}"),
        }
    }

    fn ask(&mut self, what: &str, headers: &str, body: &[u8]) -> io::Result<Answer> {
        let answer = self.exchange(what, headers, body);
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }

    fn exchange(&mut self, what: &str, headers: &str, body: &[u8]) -> io::Result<Answer> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(self.patience))?;
                none.insert(BufReader::new(stream))
            }
        };
        let head = format!(
            "{what} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n\
             authorization: Bearer {}\r\ncontent-length: {}\r\n{headers}\r\n",
            self.address,
            self.token,
            body.len()
        );
        connection.get_mut().write_all(head.as_bytes())?;
        let sent = connection.get_mut().write_all(body);
        // Whoever is refused may hear so before all is sent.
        let answer = Answer::read(connection)?;
        if sent.is_err() {
            self.connection = None;
        }
        Ok(answer)
    }
}

impl Answer {
    fn read(connection: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let status = line(connection)?;
        let status = status.split(' ').nth(1).and_then(|it| it.parse().ok());
        let mut answer = Self {
            status: status.ok_or_else(|| io::Error::other("no status"))?,
            retry_after: 1,
            body: Vec::new(),
        };
        let mut length = None;
        loop {
            let header = line(connection)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            let number = |text: &str| text.trim().parse().map_err(io::Error::other);
            if let Some(value) = header.strip_prefix("content-length:") {
                length = Some(number(value)?);
            } else if let Some(value) = header.strip_prefix("retry-after:") {
                answer.retry_after = number(value)?;
            }
        }
        match length {
            Some(length) => answer.take(connection, length)?,
            // It comes in chunks.
            None => while answer.take_chunk(connection)? {},
        }
        Ok(answer)
    }

    /// Reads one chunk; `false` after the last one.
    fn take_chunk(&mut self, connection: &mut BufReader<TcpStream>) -> io::Result<bool> {
        let length = u64::from_str_radix(&line(connection)?, 16).map_err(io::Error::other)?;
        self.take(connection, length)?;
        line(connection)?;
        Ok(length > 0)
    }

    fn take(&mut self, connection: &mut BufReader<TcpStream>, length: u64) -> io::Result<()> {
        let read = connection.take(length).read_to_end(&mut self.body)?;
        match read as u64 == length {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "the server answered {}: {body}", self.status)
    }
}

fn line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

/// A text as a value in the query of an address.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            escaped += &format!("%{byte:02X}");
        }
    }
    escaped
}
