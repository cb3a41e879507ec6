//! The server under measurement: started on a free port, stopped when dropped.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::client::Client;
use crate::place::Place;
use crate::process;

pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// The secret of a token that reads everything.
    pub(super) token: String,
}

impl Server {
    pub(super) fn start(place: &Place) -> anyhow::Result<Self> {
        Self::start_as(place, "read_only")
    }

    /// The same where the token has this role.
    pub(super) fn start_as(place: &Place, role: &str) -> anyhow::Result<Self> {
        let token = make_token(place, role)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = place
            .botscope("serve")
            .args(["--offline", "--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting the server")?;
        let mut server = Self {
            child,
            address,
            token,
        };
        server.wait_until_it_answers()?;
        Ok(server)
    }

    /// The number of its process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_it_answers(&mut self) -> anyhow::Result<()> {
        let patience = Instant::now() + Duration::from_secs(30);
        while Instant::now() < patience {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server stopped ({status})");
            }
            let answer =
                Client::connect(self).and_then(|mut client| client.get("/api/v1/overview"));
            if answer.is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server does not answer");
    }
}

/// Makes a token for the time of a measurement; its secret is the line that looks like one.
fn make_token(place: &Place, role: &str) -> anyhow::Result<String> {
    let mut make = place.botscope("tokens");
    make.args(["add", "measurement", "--role", role, "--for", "12h"]);
    let said = process::output(&mut make)?;
    let secret = said
        .lines()
        .find(|line| line.trim().starts_with("botscope_"));
    secret
        .map(|line| line.trim().to_owned())
        .context("no token was made")
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is only read from; nothing is lost by stopping it at once.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
