//! `botscope health`: asks a server on this machine whether it is well, for where nothing else
//! can ask, as in a container.

use std::time::Duration;

use anyhow::{Context, bail};
use http::Uri;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// The longest answer that is read.
const MAX_ANSWER: u64 = 64 * 1024;

/// Ask a server whether it is well; fails if it is not.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to ask: /healthz says that it lives, /readyz that it may be sent requests.
    #[arg(default_value = "http://127.0.0.1:8080/healthz", value_name = "URL")]
    url: Uri,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let answer = tokio::time::timeout(PATIENCE, ask(&args.url)).await;
    let answer = answer.context("no answer in time")??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if status != "200" {
        bail!("{} answers {status}: {}", args.url, body.trim());
    }
    println!("{}", body.trim());
    Ok(())
}

async fn ask(url: &Uri) -> anyhow::Result<String> {
    if url.scheme_str() != Some("http") {
        bail!("expected an address like http://127.0.0.1:8080/healthz");
    }
    let host = url.host().context("the address has no host")?;
    let port = url.port_u16().unwrap_or(80);
    let bare = host.trim_matches(['[', ']']);
    let connecting = TcpStream::connect((bare, port)).await;
    let mut stream = connecting.with_context(|| format!("cannot reach {host}:{port}"))?;
    let path = url.path();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
