//! Kills a server that takes traffic, again and again and at any moment, and counts afterwards:
//! what was acknowledged is stored, and nothing is stored twice. Senders do what real ones do:
//! they send a batch again, under the same name, until somebody says that it is taken.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::client::{Client, Sent};
use crate::load::{Random, Traffic};
use crate::place::Place;
use crate::postgres::Cluster;
use crate::process::Running;
use crate::server::{PATIENCE, Server, free_address};

/// Requests of a batch.
const ROWS: usize = 200;

/// Connections that send.
const SENDERS: u64 = 2;

/// The application that they send to.
const APPLICATION: &str = "shop";

/// The longest time between two kills, in milliseconds.
const LONGEST_MS: u64 = 1_500;

/// How many kills are told of once.
const TOLD: u32 = 20;

/// What a sender did.
#[derive(Default)]
struct Delivered {
    /// Requests that were acknowledged.
    acknowledged: u64,
    /// Batches that were sent more than once.
    repeated: u64,
}

/// Kills a server on each store so many times; the moments are those of `seed`. Returns what was
/// counted.
///
/// # Errors
/// If something was lost or doubled, or nothing was tried.
pub(crate) fn on_both(
    binary: &Path,
    cluster: &Cluster,
    kills: u32,
    seed: u64,
) -> anyhow::Result<Vec<String>> {
    let data = [tempfile::tempdir()?, tempfile::tempdir()?];
    let in_folder = Place::in_folder(binary, data[0].path());
    let database = cluster.create_database("killed")?;
    let in_database = Place::in_database(binary, data[1].path(), database);
    Ok(vec![
        format!("SQLite: {}", kill(&in_folder, kills, seed)?),
        format!("PostgreSQL: {}", kill(&in_database, kills, seed)?),
    ])
}

fn kill(place: &Place, kills: u32, seed: u64) -> anyhow::Result<String> {
    let (token, address) = (place.make_token("administrator")?, free_address()?);
    let is_over = AtomicBool::new(false);
    let (all, server) = thread::scope(|scope| {
        let sending = (0..SENDERS).map(|number| {
            let (client, is_over) = (Client::new(address, &token), &is_over);
            scope.spawn(move || {
                let sent = send(client, number, seed, is_over);
                // Without one of them there is nothing more to try.
                is_over.store(true, Ordering::Relaxed);
                sent
            })
        });
        let sending: Vec<_> = sending.collect();
        let killed = kill_until(place, address, kills, seed, &is_over);
        is_over.store(true, Ordering::Relaxed);
        // What they have in hand they still deliver, to the last one.
        let server = killed.and_then(|()| Server::start_for(place, address, token.clone(), &[]));
        let mut all = Delivered::default();
        for sent in sending.into_iter().map(join) {
            let sent = sent?;
            all.acknowledged += sent.acknowledged;
            all.repeated += sent.repeated;
        }
        anyhow::Ok((all, server?))
    })?;
    let Delivered {
        acknowledged,
        repeated,
    } = all;
    let stored = server.stored(APPLICATION, acknowledged)?;
    let text = format!(
        "killed {kills} times: {acknowledged} requests acknowledged, {stored} stored, \
         {repeated} batches sent again"
    );
    if acknowledged != stored {
        bail!("{text}");
    }
    if acknowledged == 0 || repeated == 0 {
        bail!("{text}: nothing was tried");
    }
    Ok(text)
}

/// Starts and kills one after another.
fn kill_until(
    place: &Place,
    address: SocketAddr,
    kills: u32,
    seed: u64,
    is_over: &AtomicBool,
) -> anyhow::Result<()> {
    let mut random = Random(seed | 1);
    for killed in 1..=kills {
        let server = Running::start(&mut place.serve(address))?;
        // Also while it starts, and while it takes up what the last one left.
        thread::sleep(Duration::from_millis(random.below(LONGEST_MS)));
        server.kill()?;
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        if killed % TOLD == 0 {
            println!("killed {killed} of {kills} times");
        }
    }
    Ok(())
}

/// Sends one batch after another until it is over.
fn send(
    mut client: Client,
    number: u64,
    seed: u64,
    is_over: &AtomicBool,
) -> anyhow::Result<Delivered> {
    let mut traffic = Traffic::new(seed + number, 20, ROWS, 5_000);
    let mut all = Delivered::default();
    for batch in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let tries = deliver(&mut client, traffic.next(), &format!("{number}-{batch}"))?;
        all.acknowledged += ROWS as u64;
        all.repeated += u64::from(tries > 1);
    }
    Ok(all)
}

/// Sends a batch until it is taken; returns how often that was.
fn deliver(client: &mut Client, body: &[u8], name: &str) -> anyhow::Result<u32> {
    let path = format!("/api/v1/ingest/{APPLICATION}");
    let started = Instant::now();
    let mut tries = 0;
    loop {
        tries += 1;
        let seen = match client.send(&path, body, Some(name))? {
            Sent::Acknowledged => return Ok(tries),
            Sent::Refused(seconds) => format!("come again in {seconds} s"),
            Sent::Unknown(why) => why,
        };
        if started.elapsed() > PATIENCE {
            bail!("batch {name} was not taken in {tries} tries; the last was told: {seen}");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn join<T>(thread: ScopedJoinHandle<'_, anyhow::Result<T>>) -> anyhow::Result<T> {
    thread.join().unwrap_or_else(|_| bail!("a sender panicked"))
}
