//! What others take for the same logs, in the same run: GoAccess, which counts, and CrowdSec, which
//! looks for attacks. Debian's packages of both, where they are installed; nothing is fetched.
//! Not what they find.

mod crowdsec;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;

use super::figures::Figures;
use crate::process;

/// Measures those that are installed: GoAccess with all logs together, CrowdSec with `one` of them,
/// because it takes its time.
pub(super) fn measure(
    logs: &[PathBuf],
    one: &Path,
    lines: (u64, u64),
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut plain = Vec::new();
    for log in logs {
        plain.push(unpack(log, folder.path())?);
    }
    if process::succeeds(Command::new("goaccess").arg("--version")) {
        let seconds = goaccess(&plain, folder.path())?;
        let rate = lines.0 as f64 / seconds;
        figures.add("goaccess_lines_per_second", rate.round(), "lines/s");
    } else {
        println!("  GoAccess is not installed (Debian: goaccess)");
    }
    if crowdsec::is_installed() {
        let log = unpack(one, folder.path())?;
        match crowdsec::measure(&log, folder.path()) {
            Ok(seconds) => {
                let rate = lines.1 as f64 / seconds;
                figures.add("crowdsec_lines_per_second", rate.round(), "lines/s");
            }
            // It is nobody's fault here if another one does not start.
            Err(error) => println!("  CrowdSec could not be measured: {error:#}"),
        }
    } else {
        println!("  CrowdSec is not installed with its hub (Debian: crowdsec)");
    }
    Ok(())
}

/// Writes what a compressed log holds into a folder.
fn unpack(log: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let name = log.file_stem().context("a log has a name")?;
    let path = folder.join(name);
    if !path.exists() {
        let mut unpacked = File::create(&path)?;
        io::copy(&mut MultiGzDecoder::new(File::open(log)?), &mut unpacked)
            .with_context(|| format!("unpacking {}", log.display()))?;
    }
    Ok(path)
}

/// A report of all logs.
fn goaccess(logs: &[PathBuf], folder: &Path) -> anyhow::Result<f64> {
    let report = folder.join("report.html");
    let mut command = Command::new("goaccess");
    command
        .args(logs)
        .args([
            "--log-format=COMBINED",
            "--no-progress",
            "--no-global-config",
            "-o",
        ])
        .arg(&report);
    let seconds = timed(&mut command)?;
    if fs::metadata(&report).map_or(0, |report| report.len()) == 0 {
        bail!("GoAccess wrote no report");
    }
    Ok(seconds)
}

/// The seconds that a command takes, which must succeed. What it says is not shown.
fn timed(command: &mut Command) -> anyhow::Result<f64> {
    let began = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{}`", process::describe(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", process::describe(command));
    }
    Ok(began.elapsed().as_secs_f64())
}
