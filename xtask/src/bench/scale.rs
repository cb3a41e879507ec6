//! Measures whether cost is linear: how fast a million more requests are imported where a million
//! is stored and where very many are, and how soon pages are there then. The log is made up part
//! by part and each part is gone once it is imported, so that only what is stored grows.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::figures::{Figures, quantile};
use super::{import, latency};
use crate::place::Place;
use crate::server::Server;
use crate::shop::{Form, ShopLog};

/// The application that the log becomes.
const APPLICATION: &str = "scale";

/// Requests of a part.
const PART: u64 = 1_000_000;

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
    let mut traffic = ShopLog::new(Form::Json);
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
