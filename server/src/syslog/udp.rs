//! Reads datagrams: as fast as it can, for the system drops what nobody reads.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::read_last;
use super::waiting::Sender;
use crate::ingest::syslog::{Frame, MAX_MESSAGE_BYTES};

/// How long to wait after a failure.
const RETRY: Duration = Duration::from_millis(100);

pub(super) async fn read(socket: UdpSocket, sender: Sender, stop: CancellationToken) {
    // One more tells that there was more.
    let mut buffer = vec![0; MAX_MESSAGE_BYTES + 1];
    let hand_in = |datagram: &[u8], from: SocketAddr| {
        if let Some(frame) = Frame::of_datagram(datagram) {
            sender.send_or_drop(frame, from.ip());
        }
    };
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => break,
            received = socket.recv_from(&mut buffer) => received,
        };
        match received {
            Ok((length, from)) => hand_in(&buffer[..length], from),
            Err(error) => {
                tracing::warn!(%error, "a datagram could not be read");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    read_last(|| {
        let (length, from) = socket.try_recv_from(&mut buffer).ok()?;
        hand_in(&buffer[..length], from);
        Some(length)
    });
}
