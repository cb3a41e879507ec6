//! What others take for the same logs, in the same run: GoAccess, which counts, and CrowdSec, which
//! looks for attacks. Debian's packages of both, where they are installed; nothing is fetched.
//! Not what they find.

mod crowdsec;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use super::figures::Figures;
use crate::process;

/// Measures those that are installed, with logs that are not packed: GoAccess with all together, CrowdSec with `one` of them,
/// because it takes its time.
pub(super) fn measure(
    logs: &[PathBuf],
    one: &Path,
    lines: (u64, u64),
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    if process::succeeds(Command::new("goaccess").arg("--version")) {
        let seconds = goaccess(logs, folder.path())?;
        let rate = lines.0 as f64 / seconds;
        figures.add("goaccess_lines_per_second", rate.round(), "lines/s");
    } else {
        println!("  GoAccess is not installed (Debian: goaccess)");
    }
    if crowdsec::is_installed() {
        match crowdsec::measure(one, folder.path()) {
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
