//! Takes logs by syslog, over UDP and TCP, into one application for each address that is listened
//! on. Syslog has no credential: whoever reaches the address is believed. What a message is, is in
//! `ingest::syslog`; what is kept of it, elsewhere.
//!
//! Bounded: messages that wait are counted in bytes. While there is no room TCP is not read, and
//! what comes by UDP is dropped and counted.

mod address;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;
mod waiting;
mod writer;

use std::io;
use std::net::SocketAddr;

use shared::{Role, TenantId};
use socket2::SockRef;
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use address::{InvalidListen, Listen};

use crate::auth::Caller;
use crate::pipeline::Intake;
use writer::Writer;

/// Bytes of datagrams that the system is asked to keep until they are read; it may keep fewer.
const RECEIVE_BYTES: usize = 4 * 1024 * 1024;

/// Bytes that are read once the server stops, at most: more than the system keeps.
const LAST_BYTES: usize = 2 * RECEIVE_BYTES;

/// What the system keeps with what it reads at once, at least.
const OVERHEAD: usize = 256;

/// An address that is listened on.
#[derive(Debug)]
pub struct Listening {
    udp: Option<UdpSocket>,
    tcp: Option<TcpListener>,
    application: String,
}

impl Listening {
    /// Begins to listen; nothing is taken yet.
    ///
    /// # Errors
    /// If the address is taken, or none of this machine.
    pub async fn bind(listen: &Listen) -> io::Result<Self> {
        let tcp = match listen.tcp {
            true => Some(TcpListener::bind(listen.address).await?),
            false => None,
        };
        // The same port, also where any would do.
        let address = match &tcp {
            Some(tcp) => tcp.local_addr()?,
            None => listen.address,
        };
        let udp = match listen.udp {
            true => Some(bind_datagrams(address).await?),
            false => None,
        };
        Ok(Self {
            udp,
            tcp,
            application: listen.application.clone(),
        })
    }

    /// Where.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        match (&self.tcp, &self.udp) {
            (Some(tcp), _) => tcp.local_addr(),
            (None, Some(udp)) => udp.local_addr(),
            (None, None) => Err(io::Error::other("nothing is listened on")),
        }
    }

    /// Takes what comes for `tenant` until `stop`; `tasks` ends when all of it was handed on.
    pub fn start(
        self,
        tenant: TenantId,
        intake: Intake,
        stop: &CancellationToken,
        tasks: &TaskTracker,
    ) {
        let may = Role::IngestOnly.permissions();
        let caller = Caller::with_token(tenant, "syslog", may, None, None);
        let (sender, receiver) = waiting::channel();
        let writer = Writer::new(intake, caller, self.application, stop.clone());
        tasks.spawn(writer.run(receiver));
        if let Some(socket) = self.udp {
            tasks.spawn(udp::read(socket, sender.clone(), stop.clone()));
        }
        if let Some(listener) = self.tcp {
            tasks.spawn(tcp::accept(listener, sender, stop.clone()));
        }
    }
}

async fn bind_datagrams(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address).await?;
    SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BYTES)?;
    Ok(socket)
}

/// Reads what has arrived already, once the server stops: no more than that, though more comes.
/// `read` returns how many bytes it read, or that there are none.
fn read_last(mut read: impl FnMut() -> Option<usize>) {
    let mut left = LAST_BYTES;
    while left > 0
        && let Some(length) = read()
    {
        left = left.saturating_sub(length + OVERHEAD);
    }
}
