//! Measures traffic as it comes over HTTP: how much is taken and durable in a second, how long a
//! batch takes, how much memory that needs, and how soon it shows at half that rate. Who sends is
//! on the same machine.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::client::Client;
use super::figures::{Figures, quantile};
use super::import::high_water_mark;
use super::server::Server;
use crate::load::{Sender, Sent, Traffic};
use crate::place::Place;

/// Requests of a batch.
const ROWS: usize = 1_000;

/// Connections that send.
const SENDERS: u64 = 4;

/// Actors that are active.
const ACTORS: u64 = 100_000;

/// How long as much as possible is sent, and how long half of that.
const FULL: Duration = Duration::from_secs(40);
const HALF: Duration = Duration::from_secs(30);

/// The rate that is asked for, of which half is sent when it is measured how soon it shows.
const ASKED: f64 = 150_000.0;

/// What was sent.
struct Outcome {
    /// Requests that were acknowledged.
    taken: u64,
    /// How often a sender was asked to come again.
    refused: u64,
    seconds: f64,
    /// How long each batch took, in milliseconds, sorted.
    batches: Vec<f64>,
}

/// `prefix` tells the figures of different stores apart.
pub(super) fn measure(place: &Place, figures: &mut Figures, prefix: &str) -> anyhow::Result<()> {
    let server = Server::start_as(place, "administrator")?;
    let full = send(&server, FULL, None)?;
    let rate = full.taken as f64 / full.seconds;
    let name = |figure: &str| format!("{prefix}ingest_{figure}");
    figures.add(&name("requests_per_second"), rate, "durable over HTTP");
    figures.add(&name("batch_p50_ms"), quantile(&full.batches, 0.5), "ms");
    figures.add(&name("batch_p99_ms"), quantile(&full.batches, 0.99), "ms");
    figures.add(&name("refused"), full.refused as f64, "times");
    let mut client = Client::connect(&server)?;
    let backlog = drain(&mut client)?;
    figures.add(&name("backlog_seconds"), backlog, "s until all showed");
    drop(client);
    drop(server);

    let server = Server::start_as(place, "administrator")?;
    let half = send(&server, HALF, Some(ASKED / 2.0))?;
    let mut client = Client::connect(&server)?;
    let lag = health(&mut client)?["lag"].clone();
    let ms = |of: &str| lag[of].as_f64().context("something was seen");
    figures.add(
        &name("half_per_second"),
        half.taken as f64 / half.seconds,
        "sent",
    );
    figures.add(&name("visible_p50_ms"), ms("median_ms")?, "ms");
    figures.add(&name("visible_p99_ms"), ms("p99_ms")?, "ms");
    let peak = high_water_mark(server.process()).unwrap_or(0);
    figures.add(&name("peak_memory_mib"), peak as f64 / 1024.0, "MiB");
    Ok(())
}

/// Sends for `time`: as much as is taken, or so many requests a second.
fn send(server: &Server, time: Duration, per_second: Option<f64>) -> anyhow::Result<Outcome> {
    let (taken, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let times = Mutex::new(Vec::new());
    let failed = AtomicBool::new(false);
    let started = Instant::now();
    let results: Vec<anyhow::Result<()>> = thread::scope(|scope| {
        let senders = (0..SENDERS).map(|number| {
            let (taken, refused, times, failed) = (&taken, &refused, &times, &failed);
            scope.spawn(move || {
                let mut traffic = Traffic::new(number + 1, 50, ROWS, ACTORS);
                let mut sender = Sender::new(server.address, "/api/v1/ingest/load", &server.token);
                let mut own = Vec::new();
                let pace = per_second.map(|rate| ROWS as f64 * SENDERS as f64 / rate);
                let mut next = Instant::now();
                while started.elapsed() < time && !failed.load(Ordering::Relaxed) {
                    if let Some(pace) = pace {
                        thread::sleep(next.saturating_duration_since(Instant::now()));
                        next += Duration::from_secs_f64(pace);
                    }
                    let body = traffic.next();
                    let began = Instant::now();
                    match sender.send(body, None) {
                        Ok(Sent::Acknowledged) => {
                            taken.fetch_add(ROWS as u64, Ordering::Relaxed);
                            own.push(began.elapsed().as_secs_f64() * 1_000.0);
                        }
                        Ok(Sent::Refused(seconds)) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(Duration::from_secs(seconds));
                        }
                        Ok(Sent::Unknown) => bail!("the server did not answer"),
                        Err(error) => {
                            failed.store(true, Ordering::Relaxed);
                            return Err(error);
                        }
                    }
                }
                let mut times = times
                    .lock()
                    .map_err(|_| anyhow::anyhow!("a sender failed"))?;
                times.extend(own);
                Ok(())
            })
        });
        let senders: Vec<_> = senders.collect();
        let joined = senders.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|result| result.unwrap_or_else(|_| bail!("a sender panicked")))
            .collect()
    });
    results.into_iter().collect::<anyhow::Result<()>>()?;
    let seconds = started.elapsed().as_secs_f64();
    let mut batches = times.into_inner()?;
    batches.sort_by(f64::total_cmp);
    Ok(Outcome {
        taken: taken.into_inner(),
        refused: refused.into_inner(),
        seconds,
        batches,
    })
}

/// Seconds until nothing waits any more.
fn drain(client: &mut Client) -> anyhow::Result<f64> {
    let started = Instant::now();
    while health(client)?["backlog"]["bytes"].as_u64() != Some(0) {
        if started.elapsed() > Duration::from_secs(120) {
            bail!("what was taken does not show");
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(started.elapsed().as_secs_f64())
}

fn health(client: &mut Client) -> anyhow::Result<Value> {
    let health = client.get_json("/api/v1/ingest/health")?;
    let first = health["applications"].get(0).cloned();
    first.context("traffic arrived")
}
