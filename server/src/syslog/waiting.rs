//! Messages on their way from the network to the writer, bounded by their bytes.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::ingest::reject::{RejectReason, Rejects};
use crate::ingest::syslog::Frame;

/// Bytes of messages that may wait.
const WAITING_BYTES: usize = 16 * 1024 * 1024;

/// What a message takes beside its bytes.
const OVERHEAD: usize = 128;

/// A message that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) frame: Frame,
    pub(super) from: IpAddr,
    _room: OwnedSemaphorePermit,
}

/// Where messages are handed in; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    messages: mpsc::UnboundedSender<Waiting>,
    room: Arc<Semaphore>,
    dropped: Arc<AtomicU64>,
}

/// Where they come out.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) messages: mpsc::UnboundedReceiver<Waiting>,
    dropped: Arc<AtomicU64>,
}

pub(super) fn channel() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let dropped = Arc::<AtomicU64>::default();
    let sender = Sender {
        messages: sender,
        room: Arc::new(Semaphore::new(WAITING_BYTES)),
        dropped: Arc::clone(&dropped),
    };
    let receiver = Receiver {
        messages: receiver,
        dropped,
    };
    (sender, receiver)
}

impl Sender {
    /// Hands in a message when there is room. Returns false if nobody takes any more.
    pub(super) async fn send(&self, frame: Frame, from: IpAddr) -> bool {
        let room = Arc::clone(&self.room).acquire_many_owned(size(&frame));
        match room.await {
            Ok(room) => self.push(frame, from, room),
            Err(_closed) => false,
        }
    }

    /// Hands in a message if there is room; drops it and counts it otherwise.
    pub(super) fn send_or_drop(&self, frame: Frame, from: IpAddr) {
        match Arc::clone(&self.room).try_acquire_many_owned(size(&frame)) {
            Ok(room) => {
                self.push(frame, from, room);
            }
            Err(_full) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn push(&self, frame: Frame, from: IpAddr, room: OwnedSemaphorePermit) -> bool {
        let waiting = Waiting {
            frame,
            from,
            _room: room,
        };
        self.messages.send(waiting).is_ok()
    }
}

impl Receiver {
    /// What was dropped since this was asked last.
    pub(super) fn take_dropped(&self) -> Rejects {
        let mut rejects = Rejects::default();
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        rejects.record_unseen(RejectReason::Dropped, dropped);
        rejects
    }
}

fn size(frame: &Frame) -> u32 {
    let (Frame::Message(bytes) | Frame::TooLong(bytes)) = frame;
    u32::try_from(bytes.len() + OVERHEAD).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn datagrams_are_dropped_and_connections_wait_while_there_is_no_room() {
        let (sender, mut receiver) = channel();
        let from = IpAddr::from(Ipv4Addr::LOCALHOST);
        let message = || Frame::Message(vec![b'x'; 64 * 1024]);
        let many = WAITING_BYTES / (64 * 1024) + 7;
        for _ in 0..many {
            sender.send_or_drop(message(), from);
        }
        assert!(receiver.messages.len() < many);
        let dropped = many - receiver.messages.len();
        assert_eq!(receiver.take_dropped().total(), dropped as u64);
        assert_eq!(receiver.take_dropped().total(), 0);
        let mut waits = Box::pin(sender.send(message(), from));
        assert!((&mut waits).now_or_never().is_none());
        drop(receiver.messages.recv().await);
        assert!(waits.await);
    }
}
