//! Sends mail over SMTP, one plain text to one person. Not what is in it, and no queue: what
//! cannot be sent now is not sent.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::Uri;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// How long the server of the mail may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Where mail goes, as `smtp://user:password@host:port` or `smtps://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

/// What is wrong with one. Does not repeat it: a password may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected smtp://user:password@host:port, or smtps:// for TLS from the start")]
pub struct InvalidSmtpUrl;

impl FromStr for SmtpUrl {
    type Err = InvalidSmtpUrl;

    fn from_str(text: &str) -> Result<Self, InvalidSmtpUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidSmtpUrl)?;
        let host = uri.host().ok_or(InvalidSmtpUrl)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_here = bare == "localhost"
            || bare
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        match uri.scheme_str() {
            // Nobody between here and there reads the password or the links.
            Some("smtp") if !is_here => match uri.query() {
                None => Ok(Self(format!("{}?tls=required", text.trim_end_matches('/')))),
                Some("tls=required") => Ok(Self(text.to_owned())),
                Some(_) => Err(InvalidSmtpUrl),
            },
            Some("smtp" | "smtps") => Ok(Self(text.to_owned())),
            _ => Err(InvalidSmtpUrl),
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SmtpUrl(…)")
    }
}

/// Why mail was not sent, or cannot be.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender's address is none.
    #[error("{0} cannot be the sender of mail")]
    Sender(String),
    /// The address is none that mail can go to.
    #[error("mail cannot go to this address: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The message cannot be written.
    #[error("the mail cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    /// The server of the mail did not take it.
    #[error("the mail server did not take it: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// One that sends to `url` in the name of `from`, and calls itself `host` there.
    ///
    /// # Errors
    /// If it cannot be: nothing is sent yet.
    pub fn new(url: &SmtpUrl, from: &str, host: &str) -> Result<Self, MailError> {
        let sender = from.parse();
        let from = sender.map_err(|_| MailError::Sender(from.to_owned()))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url.0)?
            .hello_name(ClientId::Domain(host.to_owned()))
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Self { transport, from })
    }

    /// Sends a text to somebody.
    ///
    /// # Errors
    /// If it could not be handed over.
    pub async fn send(&self, to: &str, subject: &str, text: String) -> Result<(), MailError> {
        let to = Mailbox::new(None, to.parse()?);
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)?;
        self.transport.send(message).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn mail_leaves_this_machine_only_encrypted() {
        let check = |text: &str| text.parse::<SmtpUrl>().map(|url| url.0);
        assert_eq!(
            check("smtp://a:b@mail.example:587").unwrap(),
            "smtp://a:b@mail.example:587?tls=required"
        );
        assert_eq!(check("smtp://127.0.0.1:25").unwrap(), "smtp://127.0.0.1:25");
        assert!(check("smtps://mail.example").is_ok());
        let said = "smtp://mail.example?tls=required";
        assert_eq!(check(said).unwrap(), said);
        for bad in [
            "",
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://a:b@mail.example?tls=opportunistic",
            "smtp://a:b@mail.example?x=y",
        ] {
            assert_eq!(check(bad), Err(InvalidSmtpUrl), "{bad}");
        }
        let url: SmtpUrl = "smtp://a:secret@mail.example".parse().unwrap();
        assert_eq!(format!("{url:?}"), "SmtpUrl(…)");
    }

    /// Takes one mail as a server does, and returns what was in it.
    async fn take_one(listener: TcpListener) -> String {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut mail = String::new();
        let mut is_data = false;
        stream.write_all(b"220 here\r\n").await.unwrap();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 {
                return mail;
            }
            let answer: &[u8] = match line.trim_end() {
                "." if is_data => {
                    is_data = false;
                    b"250 taken\r\n"
                }
                _ if is_data => {
                    mail.push_str(&line);
                    continue;
                }
                "DATA" => {
                    is_data = true;
                    b"354 go on\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 fine\r\n",
            };
            stream.write_all(answer).await.unwrap();
            if answer.starts_with(b"250 taken") {
                return mail;
            }
        }
    }

    #[tokio::test]
    async fn a_mail_arrives_as_it_was_written_and_cannot_be_made_another() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(take_one(listener));
        let url = url.parse().unwrap();
        let mailer = Mailer::new(&url, "Botscope <botscope@example.com>", "example.com").unwrap();
        let text = "Choose it here:\n\nhttps://botscope.example/reset/0123456789abcdef\n";
        let sent = mailer.send(
            "ann@example.com",
            "Hello\r\nBcc: ben@example.com",
            text.to_owned(),
        );
        sent.await.unwrap();
        let mail = server.await.unwrap();
        assert!(mail.contains("To: ann@example.com\r\n"), "{mail}");
        assert!(
            mail.contains("https://botscope.example/reset/0123456789abcdef"),
            "{mail}"
        );
        assert!(!mail.lines().any(|line| line.starts_with("Bcc")), "{mail}");
        let wrong = mailer.send("ann@example.com\r\nRCPT TO:<x@y>", "", String::new());
        assert!(wrong.await.is_err());
    }
}
