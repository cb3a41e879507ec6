//! Measures `botscope import`: lines a second, memory, and how much is left on the disk.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use super::figures::{Figures, quantile};
use super::{LOGS, peers};
use crate::place::Place;

/// How often the import is repeated; the median counts.
const RUNS: usize = 5;

/// The log that the slowest of the others reads too.
const ALSO_READ: &str = "blog";

/// How often the memory of the running import is read. What is read is its high-water mark, so
/// only a peak in the last moments could be missed.
const MEMORY_INTERVAL: Duration = Duration::from_millis(5);

/// What `import --json` says in its last line.
#[derive(Deserialize)]
pub(super) struct Summary {
    pub(super) lines: u64,
    pub(super) accepted: u64,
    rejected: u64,
    pub(super) sessions: u64,
    pub(super) attacks: u64,
}

pub(super) struct Run {
    pub(super) summary: Summary,
    pub(super) seconds: f64,
    pub(super) peak_kib: u64,
}

/// Imports all logs together a few times, each into a fresh folder; then each by itself, for what
/// is left on the disk, and as others read them. All read the very same files, unpacked before.
pub(super) fn measure(binary: &Path, logs: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let unpacked = tempfile::tempdir()?;
    let logs = LOGS.iter().map(|(_, file)| logs.join(file));
    let logs = logs.map(|log| unpack(&log, unpacked.path()));
    let logs: Vec<PathBuf> = logs.collect::<anyhow::Result<_>>()?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let data = tempfile::tempdir()?;
        let place = Place::in_folder(binary, data.path());
        runs.push(import_files(&place, &[], &logs)?);
    }
    let mut seconds: Vec<f64> = runs.iter().map(|run| run.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let median = quantile(&seconds, 0.5);
    let peak_kib = runs.iter().map(|run| run.peak_kib).max().unwrap_or(0);
    let summary = &runs.last().context("there was a run")?.summary;
    figures.add("import_lines", summary.lines as f64, "lines");
    figures.add("import_accepted", summary.accepted as f64, "requests");
    figures.add("import_rejected", summary.rejected as f64, "lines");
    figures.add("import_sessions", summary.sessions as f64, "");
    figures.add("import_attacks", summary.attacks as f64, "");
    figures.add("import_seconds", median, "s, median of 5");
    figures.add("import_seconds_best", quantile(&seconds, 0.0), "s");
    figures.add("import_seconds_worst", quantile(&seconds, 1.0), "s");
    let rate = (summary.lines as f64 / median).round();
    figures.add("import_lines_per_second", rate, "lines/s");
    figures.add("import_peak_memory_mib", peak_kib as f64 / 1024.0, "MiB");
    let lines = summary.lines;
    for ((app, _), log) in LOGS.iter().zip(&logs) {
        let data = tempfile::tempdir()?;
        let run = import(&Place::in_folder(binary, data.path()), app, log)?;
        let per_request = size(data.path())? as f64 / run.summary.accepted.max(1) as f64;
        // The first is the one that the product's promise is of.
        let name = match *app {
            "wordpress" => "data_bytes_per_request".to_owned(),
            _ => format!("data_bytes_per_request_{app}"),
        };
        figures.add(&name, per_request, "bytes");
        if *app == ALSO_READ {
            let rate = run.summary.lines as f64 / run.seconds;
            figures.add(
                &format!("import_{app}_lines_per_second"),
                rate.round(),
                "lines/s",
            );
            peers::measure(&logs, log, (lines, run.summary.lines), figures)?;
        }
    }
    Ok(())
}

/// Writes what a compressed log holds into a folder.
fn unpack(log: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let name = log.file_stem().context("a log has a name")?;
    let path = folder.join(name);
    let mut unpacked = File::create(&path)?;
    let mut packed = File::open(log).with_context(|| format!("reading {}", log.display()))?;
    io::copy(&mut MultiGzDecoder::new(&mut packed), &mut unpacked)
        .with_context(|| format!("unpacking {}", log.display()))?;
    Ok(path)
}

/// Imports a log.
pub(super) fn import(place: &Place, app: &str, log: &Path) -> anyhow::Result<Run> {
    import_files(place, &["--app", app], &[log.to_owned()])
}

fn import_files(place: &Place, args: &[&str], logs: &[PathBuf]) -> anyhow::Result<Run> {
    let start = Instant::now();
    let mut child = place
        .botscope("import")
        .arg("--json")
        .args(args)
        .args(logs)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("starting the import")?;
    let mut stdout = child.stdout.take().context("the output was asked for")?;
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(high_water_mark(child.id()).unwrap_or(0));
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(MEMORY_INTERVAL),
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    let mut text = String::new();
    stdout.read_to_string(&mut text)?;
    if !status.success() {
        let logs: Vec<_> = logs.iter().map(|log| log.display().to_string()).collect();
        bail!("importing {} failed ({status})", logs.join(", "));
    }
    let last = text.lines().last().unwrap_or_default();
    let summary = serde_json::from_str(last)
        .with_context(|| format!("the import's last line is no summary: `{last}`"))?;
    Ok(Run {
        summary,
        seconds,
        peak_kib,
    })
}

/// The most memory that a process has held so far, in KiB.
pub(super) fn high_water_mark(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

/// The bytes of all files in a folder.
pub(super) fn size(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            size(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}
