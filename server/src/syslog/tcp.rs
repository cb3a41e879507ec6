//! Reads connections: so many, each as long as something comes, none while there is no room.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::read_last;
use super::waiting::Sender;
use crate::connections;
use crate::ingest::syslog::Framer;

/// Connections held at one time; more wait until one ends.
const MAX_CONNECTIONS: usize = 256;

/// How long nothing has to come for a connection to be ended. Senders keep theirs open, and lose
/// what they say into one that was ended.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

pub(super) async fn accept(listener: TcpListener, sender: Sender, stop: CancellationToken) {
    let run = |stream, from: SocketAddr| read(stream, from.ip(), sender.clone(), stop.clone());
    let open = connections::take(listener, MAX_CONNECTIONS, &stop, run).await;
    open.wait().await;
}

/// One connection, until it ends, or `stop` ends it.
async fn read(mut stream: TcpStream, from: IpAddr, sender: Sender, stop: CancellationToken) {
    let mut framer = Framer::default();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = tokio::select! {
            () = stop.cancelled() => break,
            read = tokio::time::timeout(IDLE, stream.read(&mut buffer)) => read,
        };
        let length = match read {
            Ok(Ok(length)) if length > 0 => length,
            _ => break,
        };
        for frame in framer.push(&buffer[..length]) {
            let is_taken = tokio::select! {
                () = stop.cancelled() => false,
                is_taken = sender.send(frame, from) => is_taken,
            };
            if !is_taken {
                return;
            }
        }
    }
    read_last(|| {
        let length = stream.try_read(&mut buffer).ok().filter(|it| *it > 0)?;
        for frame in framer.push(&buffer[..length]) {
            sender.send_or_drop(frame, from);
        }
        Some(length)
    });
    // A last message without its end; whether it is whole, its decoder sees.
    if let Some(frame) = framer.finish() {
        sender.send_or_drop(frame, from);
    }
}
