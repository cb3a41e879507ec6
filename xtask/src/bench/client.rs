//! A client for one server over one kept connection: small enough that what it measures is the
//! server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use super::server::Server;

pub(crate) struct Client {
    connection: BufReader<TcpStream>,
    address: SocketAddr,
    token: String,
}

impl Client {
    pub(super) fn connect(server: &Server) -> anyhow::Result<Self> {
        Self::connect_patient(server, Duration::from_secs(30))
    }

    /// A client of whatever listens there.
    pub(crate) fn connect_to(address: SocketAddr, token: &str) -> anyhow::Result<Self> {
        Self::connect_with(address, token, Duration::from_secs(30))
    }

    /// The same, waiting so long for each answer.
    pub(super) fn connect_patient(server: &Server, patience: Duration) -> anyhow::Result<Self> {
        Self::connect_with(server.address, &server.token, patience)
    }

    fn connect_with(address: SocketAddr, token: &str, patience: Duration) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        Ok(Self {
            connection: BufReader::new(stream),
            address,
            token: token.to_owned(),
        })
    }

    /// Asks and returns the body of a 200.
    pub(super) fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n\
             authorization: Bearer {}\r\n\r\n",
            self.address, self.token
        );
        self.connection.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let mut length = None;
        let mut is_chunked = false;
        loop {
            let header = self.line()?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            } else if header.starts_with("transfer-encoding:") && header.contains("chunked") {
                is_chunked = true;
            }
        }
        let mut body = Vec::new();
        if is_chunked {
            while self.chunk(&mut body)? {}
        } else {
            self.take(length.context("a response of unknown length")?, &mut body)?;
        }
        if !status.contains(" 200 ") {
            bail!("{path}: {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    pub(crate) fn get_json(&mut self, path: &str) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.get(path)?).with_context(|| format!("{path} is no JSON"))
    }

    /// All items of a list, page by page.
    pub(super) fn get_all(&mut self, path: &str) -> anyhow::Result<Vec<Value>> {
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

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.connection.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }

    /// Reads one chunk; `false` after the last one.
    fn chunk(&mut self, body: &mut Vec<u8>) -> anyhow::Result<bool> {
        let length = usize::from_str_radix(&self.line()?, 16)?;
        self.take(length, body)?;
        self.line()?;
        Ok(length > 0)
    }

    fn take(&mut self, length: usize, body: &mut Vec<u8>) -> anyhow::Result<()> {
        let start = body.len();
        body.resize(start + length, 0);
        self.connection.read_exact(&mut body[start..])?;
        Ok(())
    }
}

/// A text as a value in the query of an address.
pub(super) fn escaped(text: &str) -> String {
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
