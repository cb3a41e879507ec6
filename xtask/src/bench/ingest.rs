//! Measures traffic as it comes over HTTP: how soon it shows at half of the rate that is asked for,
//! how much is taken and durable in a second when as much as possible is sent, how long a batch
//! takes, and how much memory that needs. Who sends is on the same machine.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::figures::{Figures, quantile};
use super::import::high_water_mark;
use crate::client::{Client, Sent};
use crate::load::Traffic;
use crate::place::Place;
use crate::process::wait_until;
use crate::server::{PATIENCE, Server};

/// The application that is sent to.
const APPLICATION: &str = "load";

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
#[derive(Default)]
struct Outcome {
    /// How long each batch took that was acknowledged, in milliseconds, sorted.
    batches: Vec<f64>,
    /// How often a sender was asked to come again.
    refused: u64,
    seconds: f64,
}

/// `prefix` tells the figures of different stores apart.
pub(super) fn measure(place: &Place, figures: &mut Figures, prefix: &str) -> anyhow::Result<()> {
    let name = |figure: &str| format!("{prefix}ingest_{figure}");
    // How soon it shows first, on a store that holds nothing yet.
    let server = Server::start_as(place, "administrator", &[])?;
    let half = send(&server, HALF, Some(ASKED / 2.0))?;
    let lag = server.health(APPLICATION)?["lag"].take();
    let ms = |of: &str| lag[of].as_f64().context("something was seen");
    figures.add(&name("half_per_second"), half.per_second(), "sent");
    figures.add(&name("visible_p50_ms"), ms("median_ms")?, "ms");
    figures.add(&name("visible_p99_ms"), ms("p99_ms")?, "ms");

    let full = send(&server, FULL, None)?;
    let rate = full.per_second();
    figures.add(&name("requests_per_second"), rate, "durable over HTTP");
    figures.add(&name("batch_p50_ms"), quantile(&full.batches, 0.5), "ms");
    figures.add(&name("batch_p99_ms"), quantile(&full.batches, 0.99), "ms");
    figures.add(&name("refused"), full.refused as f64, "times");
    let sent = Instant::now();
    wait_until("all that was taken shows", PATIENCE, || {
        server.is_drained(APPLICATION)
    })?;
    let backlog = sent.elapsed().as_secs_f64();
    figures.add(&name("backlog_seconds"), backlog, "s until all showed");
    let peak = high_water_mark(server.process()).unwrap_or(0);
    figures.add(&name("peak_memory_mib"), peak as f64 / 1024.0, "MiB");
    Ok(())
}

impl Outcome {
    /// Requests that were acknowledged in a second.
    fn per_second(&self) -> f64 {
        (self.batches.len() * ROWS) as f64 / self.seconds
    }
}

/// Sends for `time`: as much as is taken, or so many requests a second.
fn send(server: &Server, time: Duration, per_second: Option<f64>) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let pace = per_second.map_or(0.0, |rate| ROWS as f64 * SENDERS as f64 / rate);
    let pace = Duration::from_secs_f64(pace);
    let mut all = thread::scope(|scope| {
        let senders = (1..=SENDERS).map(|seed| {
            let client = server.client();
            scope.spawn(move || send_until(client, seed, started + time, pace))
        });
        let senders: Vec<_> = senders.collect();
        let mut all = Outcome::default();
        for sender in senders {
            let sent = sender.join();
            let sent = sent.unwrap_or_else(|_| bail!("a sender panicked"))?;
            all.batches.extend(sent.batches);
            all.refused += sent.refused;
        }
        anyhow::Ok(all)
    })?;
    all.seconds = started.elapsed().as_secs_f64();
    all.batches.sort_by(f64::total_cmp);
    Ok(all)
}

/// Sends one batch after another, each `pace` after the one before or as soon as that is taken.
fn send_until(
    mut client: Client,
    seed: u64,
    end: Instant,
    pace: Duration,
) -> anyhow::Result<Outcome> {
    let path = format!("/api/v1/ingest/{APPLICATION}");
    let mut traffic = Traffic::new(seed, 50, ROWS, ACTORS);
    let mut own = Outcome::default();
    let mut next = Instant::now();
    while Instant::now() < end {
        thread::sleep(next.saturating_duration_since(Instant::now()));
        next += pace;
        let body = traffic.next();
        let began = Instant::now();
        match client.send(&path, body, None)? {
            Sent::Acknowledged => own.batches.push(began.elapsed().as_secs_f64() * 1_000.0),
            Sent::Refused(seconds) => {
                own.refused += 1;
                thread::sleep(Duration::from_secs(seconds));
            }
            // So it looks to whoever is refused while it still sends.
            Sent::Unknown(_) => {
                own.refused += 1;
                thread::sleep(Duration::from_secs(1));
            }
        }
    }
    Ok(own)
}
