//! One sender with one connection that it keeps: posts a body, waits for the answer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// Sends to one address with one token.
pub(crate) struct Sender {
    address: SocketAddr,
    path: String,
    token: String,
    connection: Option<BufReader<TcpStream>>,
}

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It is taken.
    Acknowledged,
    /// It is not, and may be sent again after so many seconds.
    Refused(u64),
    /// Whether it is taken is not known.
    Unknown,
}

impl Sender {
    pub(crate) fn new(address: SocketAddr, path: &str, token: &str) -> Self {
        Self {
            address,
            path: path.to_owned(),
            token: token.to_owned(),
            connection: None,
        }
    }

    /// Sends `body`, which its sender calls `name`.
    ///
    /// # Errors
    /// The answer, if it says that nobody should send this again.
    pub(crate) fn send(&mut self, body: &[u8], name: Option<&str>) -> anyhow::Result<Sent> {
        let answer = self.exchange(body, name);
        let Ok((status, retry_after, text)) = answer else {
            self.connection = None;
            return Ok(Sent::Unknown);
        };
        match status {
            200 => Ok(Sent::Acknowledged),
            429 | 503 => Ok(Sent::Refused(retry_after)),
            // The server failed, perhaps after it took the body.
            500..=599 => Ok(Sent::Unknown),
            _ => anyhow::bail!("the server answered {status}: {text}"),
        }
    }

    fn exchange(&mut self, body: &[u8], name: Option<&str>) -> io::Result<(u16, u64, String)> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                none.insert(BufReader::new(stream))
            }
        };
        let mut head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n",
            self.path,
            self.address,
            self.token,
            body.len()
        );
        if let Some(name) = name {
            head += &format!("idempotency-key: {name}\r\n");
        }
        head += "\r\n";
        connection.get_mut().write_all(head.as_bytes())?;
        connection.get_mut().write_all(body)?;
        let status = line(connection)?;
        let status = status.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("no status"))?;
        let (mut length, mut retry_after) = (0, 1);
        loop {
            let header = line(connection)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            let number = |text: &str| text.trim().parse().map_err(io::Error::other);
            if let Some(value) = header.strip_prefix("content-length:") {
                length = number(value)?;
            } else if let Some(value) = header.strip_prefix("retry-after:") {
                retry_after = number(value)?;
            }
        }
        let mut text = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        connection.read_exact(&mut text)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok((status, retry_after, text))
    }
}

fn line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
