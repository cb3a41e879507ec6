//! A Botscope that is measured or tried: started on an address that nobody has, stopped at once
//! when dropped. And what is stored of the traffic that it takes.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::Value;

use crate::client::Client;
use crate::place::Place;
use crate::process::Running;

/// How long it may take to answer, or traffic to be stored.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// How long nothing more must arrive, for it to be all.
const SILENCE: Duration = Duration::from_millis(1_500);

/// How often a port of both is looked for.
const TRIES: u32 = 20;

pub(crate) struct Server {
    running: Running,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Server {
    /// Starts it with a token that reads everything.
    pub(crate) fn start(place: &Place) -> anyhow::Result<Self> {
        Self::start_as(place, "read_only", &[])
    }

    /// The same where the token has this role; `arguments` are more than where it listens.
    pub(crate) fn start_as(place: &Place, role: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let token = place.make_token(role)?;
        Self::start_for(place, free_address()?, token, arguments)
    }

    /// Starts it at this address, for whoever has `token`.
    pub(crate) fn start_for(
        place: &Place,
        address: SocketAddr,
        token: String,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let mut serve = place.serve(address);
        let mut server = Self {
            running: Running::start(serve.args(arguments))?,
            address,
            token,
        };
        server.wait()?;
        Ok(server)
    }

    /// Waits until it answers.
    fn wait(&mut self) -> anyhow::Result<()> {
        let mut client = self.client();
        let started = Instant::now();
        loop {
            let Err(error) = client.get("/healthz") else {
                return Ok(());
            };
            self.running.ensure_it_runs()?;
            if started.elapsed() > PATIENCE {
                return Err(error.context("the server does not answer"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Has it end in good order.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.running.stop()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address, &self.token)
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.running.id()
    }

    /// How an application's traffic arrives; null where none came since the start.
    pub(crate) fn health(&self, application: &str) -> anyhow::Result<Value> {
        let mut health = self.client().get_json("/api/v1/ingest/health")?;
        Ok(named(
            &mut health["applications"],
            "application",
            application,
        ))
    }

    /// Whether nothing of an application waits to be stored.
    pub(crate) fn is_drained(&self, application: &str) -> anyhow::Result<bool> {
        let waiting = self.health(application)?["backlog"]["bytes"].as_u64();
        Ok(waiting.unwrap_or(0) == 0)
    }

    /// How many requests of an application are stored.
    fn count(&self, application: &str) -> anyhow::Result<u64> {
        let mut applications = self.client().get_json("/api/v1/applications")?;
        let found = named(&mut applications["items"], "name", application);
        Ok(found["requests"].as_u64().unwrap_or(0))
    }

    /// How many requests of an application are stored once it is so many, nothing waits and no
    /// more come; or when patience ends.
    pub(crate) fn stored(&self, application: &str, sent: u64) -> anyhow::Result<u64> {
        let started = Instant::now();
        let mut last = (0, started);
        while started.elapsed() < PATIENCE {
            let stored = self.count(application)?;
            if stored != last.0 {
                last = (stored, Instant::now());
            }
            if stored >= sent && last.1.elapsed() > SILENCE && self.is_drained(application)? {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(last.0)
    }

    /// Fails unless exactly so many requests of an application are stored.
    pub(crate) fn expect(&self, application: &str, sent: u64) -> anyhow::Result<()> {
        let stored = self.stored(application, sent)?;
        if stored != sent {
            bail!("{application}: {sent} requests were sent, {stored} are stored");
        }
        Ok(())
    }
}

/// The one in a list whose `field` is `name`, or null.
fn named(list: &mut Value, field: &str, name: &str) -> Value {
    let mut all = list.as_array_mut().into_iter().flatten();
    let found = all.find(|item| item[field] == name);
    found.map_or(Value::Null, Value::take)
}

/// An address on this machine that nobody has.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The same of UDP and TCP.
pub(crate) fn free_address_of_both() -> anyhow::Result<SocketAddr> {
    let mut tries = 0;
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0")?;
        let address = tcp.local_addr()?;
        tries += 1;
        // What TCP has free, UDP may have not.
        match UdpSocket::bind(address) {
            Ok(_) => return Ok(address),
            Err(error) if tries == TRIES => return Err(error.into()),
            Err(_) => {}
        }
    }
}
