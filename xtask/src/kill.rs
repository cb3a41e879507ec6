//! Kills a server that takes traffic, again and again and at any moment, and counts afterwards:
//! what was acknowledged is stored, and nothing is stored twice. Senders do what real ones do:
//! they send a batch again, under the same name, until somebody says that it is taken.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::bench::client::Client;
use crate::load::{Random, Sender, Sent, Traffic};
use crate::place::Place;
use crate::process;

/// Requests of a batch.
const ROWS: usize = 200;

/// Connections that send.
const SENDERS: u64 = 2;

/// The longest time between two kills, in milliseconds.
const LONGEST_MS: u64 = 1_500;

/// What was counted.
pub(crate) struct Counted {
    kills: u32,
    /// Requests that were acknowledged.
    acknowledged: u64,
    /// Requests that are stored.
    stored: u64,
    /// Batches that were sent more than once.
    repeated: u64,
}

impl Counted {
    /// What was counted, in words.
    ///
    /// # Errors
    /// If something was lost or doubled, or nothing was tried.
    pub(crate) fn check(&self) -> anyhow::Result<String> {
        let Self {
            kills,
            acknowledged,
            stored,
            repeated,
        } = self;
        let text = format!(
            "killed {kills} times: {acknowledged} requests acknowledged, {stored} stored, \
             {repeated} batches sent again"
        );
        if acknowledged != stored {
            bail!("{text}");
        }
        if *acknowledged == 0 || *repeated == 0 {
            bail!("{text}: nothing was tried");
        }
        Ok(text)
    }
}

/// Kills so many times; the moments are those of `seed`.
pub(crate) fn kill(place: &Place, kills: u32, seed: u64) -> anyhow::Result<Counted> {
    let token = make_token(place)?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let (acknowledged, repeated) = (AtomicU64::new(0), AtomicU64::new(0));
    let is_over = AtomicBool::new(false);
    let mut random = Random(seed | 1);
    let mut server = start(place, address)?;
    let sent = thread::scope(|scope| -> anyhow::Result<()> {
        let senders: Vec<_> = (0..SENDERS)
            .map(|number| {
                let (acknowledged, repeated) = (&acknowledged, &repeated);
                let (is_over, token) = (&is_over, &token);
                scope.spawn(move || -> anyhow::Result<()> {
                    let mut traffic = Traffic::new(seed + number, 20, ROWS, 5_000);
                    let mut sender = Sender::new(address, "/api/v1/ingest/shop", token);
                    for batch in 0.. {
                        if is_over.load(Ordering::Relaxed) {
                            break;
                        }
                        let name = format!("{number}-{batch}");
                        let body = traffic.next();
                        let mut tries = 0;
                        while sender.send(body, Some(&name))? != Sent::Acknowledged {
                            tries += 1;
                            thread::sleep(Duration::from_millis(20));
                        }
                        acknowledged.fetch_add(ROWS as u64, Ordering::Relaxed);
                        repeated.fetch_add(u64::from(tries > 0), Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        let result = (0..kills).try_for_each(|_| {
            // Also while it starts, and while it takes up what the last one left.
            thread::sleep(Duration::from_millis(random.below(LONGEST_MS)));
            server.kill()?;
            server.wait()?;
            server = start(place, address)?;
            anyhow::Ok(())
        });
        is_over.store(true, Ordering::Relaxed);
        for sender in senders {
            sender
                .join()
                .unwrap_or_else(|_| bail!("a sender panicked"))?;
        }
        result
    });
    let counted = sent.and_then(|()| count(address, &token));
    let _ended = server.kill();
    let _ended = server.wait();
    Ok(Counted {
        kills,
        acknowledged: acknowledged.into_inner(),
        stored: counted?,
        repeated: repeated.into_inner(),
    })
}

fn start(place: &Place, address: SocketAddr) -> anyhow::Result<Child> {
    place
        .botscope("serve")
        .args(["--offline", "--listen", &address.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("starting the server")
}

/// How many requests are stored once nothing waits any more.
fn count(address: SocketAddr, token: &str) -> anyhow::Result<u64> {
    let patience = Instant::now() + Duration::from_secs(120);
    let (mut last, mut same) = (0, 0);
    while Instant::now() < patience {
        thread::sleep(Duration::from_millis(200));
        let Ok(mut client) = Client::connect_to(address, token) else {
            continue;
        };
        let applications = client.get_json("/api/v1/applications")?;
        let requests = applications["items"][0]["requests"].as_u64().unwrap_or(0);
        let health = client.get_json("/api/v1/ingest/health")?;
        let waiting = health["applications"][0]["backlog"]["bytes"].as_u64();
        let is_done = waiting.unwrap_or(0) == 0 && requests == last;
        same = if is_done { same + 1 } else { 0 };
        last = requests;
        if same > 10 {
            return Ok(requests);
        }
    }
    bail!("what was taken is not stored")
}

/// Makes a token that sends and looks.
pub(crate) fn make_token(place: &Place) -> anyhow::Result<String> {
    let mut make = place.botscope("tokens");
    make.args(["add", "sender", "--role", "administrator", "--for", "12h"]);
    let said = process::output(&mut make)?;
    let mut lines = said.lines().map(str::trim);
    let secret = lines.find(|line| line.starts_with("botscope_"));
    secret.map(str::to_owned).context("no token was made")
}
