//! Measures whether cost is linear: how fast a million more requests are imported where a million
//! is stored and where very many are, and how soon pages are there then. The log is made up part
//! by part and each part is gone once it is imported, so that only what is stored grows.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::figures::{Figures, quantile};
use super::{import, latency};
use crate::load::{PATHS, Random, USER_AGENTS};
use crate::place::Place;
use crate::server::Server;

/// The application that the log becomes.
const APPLICATION: &str = "scale";

/// Requests of a part.
const PART: u64 = 1_000_000;

/// Requests of a day: ten million are four days of a busy shop.
const A_DAY: u64 = 2_500_000;

const DAY_MS: u64 = 86_400_000;

/// 2026-03-01T00:00:00Z.
const START_MS: u64 = 1_772_323_200_000;

/// Visits that go on at a time. A visit asks every half minute or so.
const VISITS: usize = 900;

/// Addresses that people come from.
const ADDRESSES: u64 = 2_000_000;

/// One in so many requests is a bot's.
const BOTS_SHARE: u64 = 25;

/// Bots at work at a time.
const BOTS: usize = 4;

/// Requests of a bot before another one comes in its place.
const OF_A_BOT: u64 = 4_000;

/// Reading what the first search asks for takes long where much is stored.
const PATIENCE: Duration = Duration::from_secs(600);

/// How many parts the end is. Each is timed beside the same early one: the machine may be faster
/// or slower than when that was stored.
const LATE: u64 = 5;

/// Stores `requests` and measures at a million of them and at the end.
pub(super) fn measure(binary: &Path, requests: u64, figures: &mut Figures) -> anyhow::Result<()> {
    // Fewer are for trying this out.
    let part = PART.min(requests / 2).max(1);
    let parts = requests / part;
    let folder = tempfile::tempdir()?;
    let (log, data) = (folder.path().join("part.log"), folder.path().join("data"));
    let place = Place::in_folder(binary, &data);
    let early = Early {
        place: Place::in_folder(binary, &folder.path().join("again")),
        data: folder.path().join("early"),
        log: folder.path().join("early.log"),
    };
    let mut traffic = Traffic::new();
    let (mut pairs, mut last) = (Vec::new(), None);
    for number in 1..=parts {
        let file = File::create(&log).context("making a part of the log")?;
        traffic.write(part, file)?;
        if number == 2 {
            copy_folder(&data, &early.data).context("keeping what is stored early")?;
            fs::copy(&log, &early.log).context("keeping an early part")?;
        }
        let is_late = number > 1 && number + LATE > parts;
        let early_rate = is_late.then(|| early.import(part)).transpose()?;
        let run = import_part(&place, &log, part)?;
        let (stored, rate) = (number * part, part as f64 / run.seconds);
        println!("  {stored} stored, the last {part} at {rate:.0} requests/s");
        if let Some(early_rate) = early_rate {
            println!("  the early {part} once more: {early_rate:.0} requests/s");
            pairs.push((early_rate, rate));
        }
        last = Some(run);
    }
    let last = last.context("there are parts")?;
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = pairs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        quantile(&all, 0.5)
    };
    let runs = pairs.len();
    figures.add("scale_requests", (parts * part) as f64, "requests");
    figures.add("scale_sessions", last.summary.sessions as f64, "");
    figures.add("scale_attacks", last.summary.attacks as f64, "");
    let of_early = format!("requests/s, {part} stored before; median of {runs}");
    figures.add("scale_import_early", median(|(early, _)| *early), &of_early);
    let of_late = format!("requests/s, the median of the last {runs}, in turn with early ones");
    figures.add("scale_import_late", median(|(_, late)| *late), &of_late);
    let kept = median(|(early, late)| late / early);
    figures.add("scale_import_kept", kept, "of the early speed");
    let peak = last.peak_kib as f64 / 1024.0;
    figures.add("scale_import_peak_memory_mib", peak, "MiB");
    let bytes = import::size(&data)? as f64 / (parts * part) as f64;
    figures.add("scale_data_bytes_per_request", bytes, "bytes");

    let server = Server::start(&place)?;
    let mut client = server.client().patient(PATIENCE);
    latency::measure(&mut client, figures, "scale_")?;
    let peak = import::high_water_mark(server.process()).unwrap_or(0);
    figures.add("scale_serve_peak_memory_mib", peak as f64 / 1024.0, "MiB");
    Ok(())
}

/// What the end is compared with.
struct Early {
    /// Where it is stored again.
    place: Place,
    /// What was stored before it.
    data: PathBuf,
    log: PathBuf,
}

impl Early {
    /// Imports it once more. Returns requests a second.
    fn import(&self, requests: u64) -> anyhow::Result<f64> {
        copy_folder(&self.data, &self.place.data).context("storing what was stored early")?;
        let run = import_part(&self.place, &self.log, requests)?;
        fs::remove_dir_all(&self.place.data)?;
        Ok(requests as f64 / run.seconds)
    }
}

/// Imports a part of the log.
fn import_part(place: &Place, log: &Path, requests: u64) -> anyhow::Result<import::Run> {
    let run = import::import(place, APPLICATION, log)?;
    ensure!(
        run.summary.accepted == requests,
        "a part was not taken whole"
    );
    Ok(run)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &to)?,
            false => {
                fs::copy(entry.path(), &to)?;
                // Not at the expense of who writes there next.
                File::open(to)?.sync_all()?;
            }
        }
    }
    Ok(())
}

/// A log that goes on from part to part, the same each time.
struct Traffic {
    random: Random,
    /// Requests written so far.
    written: u64,
    /// People's ways through the shop.
    visits: Vec<Turn>,
    /// Programs at work, a kind each.
    bots: [Turn; BOTS],
}

/// A place in the traffic that one after another has.
#[derive(Clone, Copy, Default)]
struct Turn {
    /// Whose it is.
    address: u64,
    /// Requests that are still to come.
    left: u64,
}

impl Traffic {
    fn new() -> Self {
        Self {
            random: Random(1),
            written: 0,
            visits: vec![Turn::default(); VISITS],
            bots: [Turn::default(); BOTS],
        }
    }

    /// Writes the next requests, in order of time.
    fn write(&mut self, requests: u64, to: impl Write) -> io::Result<()> {
        let mut to = BufWriter::new(to);
        for _ in 0..requests {
            let at = START_MS + self.written * DAY_MS / A_DAY;
            self.written += 1;
            match self.random.below(BOTS_SHARE) {
                0 => self.write_bot(at, &mut to)?,
                _ => self.write_visit(at, &mut to)?,
            }
        }
        to.flush()
    }

    fn write_visit(&mut self, at: u64, to: &mut impl Write) -> io::Result<()> {
        let random = &mut self.random;
        let visit = &mut self.visits[random.below(VISITS as u64) as usize];
        if visit.left == 0 {
            visit.address = random.below(ADDRESSES);
            visit.left = 2 + random.below(36);
        }
        visit.left -= 1;
        let path = PATHS[random.below(PATHS.len() as u64) as usize];
        let request = Request {
            at,
            network: 10 << 24,
            address: visit.address,
            method: "GET",
            path: path.replace('#', &random.below(5_000).to_string()),
            status: [200, 200, 200, 200, 304, 302, 200, 200][random.below(8) as usize],
            bytes: random.below(40_000),
            agent: USER_AGENTS[(visit.address % 5) as usize],
        };
        request.write(to)
    }

    /// One guesses passwords, one looks for what is not for everybody, one copies the catalogue,
    /// one repeats an expensive search.
    fn write_bot(&mut self, at: u64, to: &mut impl Write) -> io::Result<()> {
        let kind = self.random.below(BOTS as u64) as usize;
        let bot = &mut self.bots[kind];
        if bot.left == 0 {
            bot.address += 1;
            bot.left = OF_A_BOT;
        }
        bot.left -= 1;
        let number = bot.left;
        let (method, path, status, agent) = match kind {
            0 => ("POST", "/login".to_owned(), 401, "python-requests/2.32.3"),
            1 => ("GET", format!("/.git/objects/{number}"), 404, "curl/8.5.0"),
            2 => ("GET", format!("/products/{number}"), 200, "Scrapy/2.11"),
            _ => (
                "GET",
                format!("/search?q=word{}", number % 7),
                200,
                "okhttp/4.12.0",
            ),
        };
        let request = Request {
            at,
            network: (198 << 24) | (18 << 16) | ((kind as u64) << 14),
            address: bot.address,
            method,
            path,
            status,
            bytes: 512,
            agent,
        };
        request.write(to)
    }
}

/// One request of the log.
struct Request {
    at: u64,
    network: u64,
    /// Within the network.
    address: u64,
    method: &'static str,
    path: String,
    status: u16,
    bytes: u64,
    agent: &'static str,
}

impl Request {
    /// Writes it as nginx does to JSON.
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let address = std::net::Ipv4Addr::from((self.network + self.address) as u32);
        writeln!(
            to,
            "{{\"time\":{},\"remote_addr\":\"{address}\",\"host\":\"shop.example\",\
             \"request_method\":\"{}\",\"request_uri\":\"{}\",\"status\":{},\
             \"body_bytes_sent\":{},\"http_user_agent\":\"{}\"}}",
            self.at, self.method, self.path, self.status, self.bytes, self.agent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_goes_on_where_a_part_ended_and_is_the_same_each_time() {
        let parts = |sizes: &[u64]| {
            let (mut traffic, mut log) = (Traffic::new(), Vec::new());
            for size in sizes {
                traffic.write(*size, &mut log).unwrap();
            }
            String::from_utf8(log).unwrap()
        };
        let whole = parts(&[3_000]);
        assert_eq!(parts(&[1_000, 2_000]), whole);
        assert_eq!(whole.lines().count(), 3_000);
        assert!(whole.contains(r#""request_uri":"/login","status":401"#));
    }
}
