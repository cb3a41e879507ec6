//! Reads connections: so many, each as long as something comes, none while there is no room.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::waiting::Sender;
use crate::ingest::syslog::Framer;

/// Connections held at one time; more wait until one ends.
const MAX_CONNECTIONS: usize = 256;

/// How long nothing has to come for a connection to be ended. Senders keep theirs open, and lose
/// what they say into one that was ended.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

pub(super) async fn accept(listener: TcpListener, sender: Sender, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = async { (place.await, listener.accept().await) } => next,
        };
        match accepted {
            Ok((stream, from)) => {
                let (sender, stop) = (sender.clone(), stop.clone());
                connections.spawn(async move {
                    read(stream, from.ip(), sender, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: trying again at once would not help.
                tracing::warn!(%error, "a connection for syslog could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
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
    // What has arrived already, if the server stops.
    while let Ok(length @ 1..) = stream.try_read(&mut buffer) {
        for frame in framer.push(&buffer[..length]) {
            sender.send_or_drop(frame, from);
        }
    }
    // A last message without its end; whether it is whole, its decoder sees.
    if let Some(frame) = framer.finish() {
        sender.send_or_drop(frame, from);
    }
}
