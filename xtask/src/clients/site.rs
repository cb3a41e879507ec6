//! A Botscope that takes traffic, and what is stored of it.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::bench::client::Client;
use crate::kill::make_token;
use crate::place::Place;

/// How long something may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing more must arrive, for it to be all.
const SILENCE: Duration = Duration::from_millis(1_500);

/// A process that ends with this.
pub(super) struct Running(pub(super) Child);

impl Running {
    pub(super) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let name = crate::process::describe(command);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        child.map(Self).with_context(|| format!("starting {name}"))
    }

    /// Asks it to end; fails unless it does so in good order.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        signal("TERM", self.0.id())?;
        let status = self.0.wait()?;
        anyhow::ensure!(status.success(), "it ended with {status}");
        Ok(())
    }

    /// Ends it at once.
    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _waited = self.0.wait();
    }
}

/// Sends a signal.
pub(super) fn signal(name: &str, process: u32) -> anyhow::Result<()> {
    let mut kill = Command::new("kill");
    crate::process::run(kill.args([format!("-{name}"), process.to_string()]))
}

/// A port that nobody has.
pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The same of UDP and TCP.
pub(super) fn free_port_of_both() -> anyhow::Result<u16> {
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    let address = tcp.local_addr()?;
    drop(UdpSocket::bind(address)?);
    Ok(address.port())
}

/// The server.
pub(super) struct Site {
    _server: Running,
    pub(super) address: SocketAddr,
    pub(super) token: String,
}

impl Site {
    /// Starts it; `arguments` are more than where it listens.
    pub(super) fn start(place: &Place, arguments: &[&str]) -> anyhow::Result<Self> {
        let token = make_token(place)?;
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let mut serve = place.botscope("serve");
        serve.args(["--offline", "--listen", &address.to_string()]);
        serve.args(arguments);
        let site = Self {
            _server: Running::start(&mut serve)?,
            address,
            token,
        };
        wait_until("the server answers", || site.count("").is_ok())?;
        Ok(site)
    }

    /// How many requests of an application are stored.
    pub(super) fn count(&self, application: &str) -> anyhow::Result<u64> {
        let mut client = Client::connect_to(self.address, &self.token)?;
        let applications = client.get_json("/api/v1/applications")?;
        let items = applications["items"].as_array();
        let found = items.and_then(|items| items.iter().find(|it| it["name"] == application));
        Ok(found.and_then(|it| it["requests"].as_u64()).unwrap_or(0))
    }

    /// Returns when so many requests of an application are stored, and no more come.
    pub(super) fn expect(&self, application: &str, requests: u64) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut last = (0, started);
        while started.elapsed() < PATIENCE {
            let stored = self.count(application)?;
            if stored != last.0 {
                last = (stored, Instant::now());
            }
            if stored >= requests && last.1.elapsed() > SILENCE {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        if last.0 != requests {
            bail!(
                "{application}: {requests} requests were sent, {} are stored",
                last.0
            );
        }
        Ok(())
    }
}

/// Waits for something.
pub(super) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let patience = Instant::now() + PATIENCE;
    while Instant::now() < patience {
        if is_so() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    bail!("waited in vain until {what}");
}
