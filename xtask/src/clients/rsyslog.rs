//! rsyslog: follows a log and sends it on as its console text has it, in the way that Elasticsearch
//! is sent to.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::{Scene, USER_AGENT};
use crate::process::Running;

/// Lines of the log.
const LINES: u64 = 1_000;

pub(super) fn send(rsyslog: &Path, binary: &Path) -> anyhow::Result<String> {
    let started = Instant::now();
    let scene = Scene::start(binary, &[])?;
    let folder = &*scene.folder;
    let token = scene.make_application("rsyslog")?;
    let log = folder.join("access.log");
    fs::write(&log, made_up())?;
    let own_log = log.to_string_lossy();
    let sending = scene.text(
        "rsyslog",
        0,
        &token,
        &[("/var/log/nginx/access.log", &own_log)],
    )?;
    let configuration = folder.join("rsyslog.conf");
    let own = folder.display();
    fs::write(
        &configuration,
        format!("global(workDirectory=\"{own}\")\n{sending}\n"),
    )?;
    let mut start = Command::new(rsyslog);
    start.arg("-n").arg("-f").arg(&configuration);
    let sender = Running::start(start.arg("-i").arg(folder.join("pid")))?;
    scene.expect("rsyslog", LINES, LINES)?;
    sender.stop()?;
    Ok(format!(
        "rsyslog: {LINES} lines by Elasticsearch's bulk requests, each stored once, in {:.1} s",
        started.elapsed().as_secs_f64()
    ))
}

/// A log of a web server, in the common format with its additions.
fn made_up() -> String {
    let mut log = String::new();
    for number in 0..LINES {
        // Batches may arrive in another order: what is within a minute is not late.
        let second = number * 60 / LINES;
        let written = writeln!(
            log,
            "192.0.2.{} - - [02/Feb/2026:10:00:{second:02} +0000] \
             \"GET /products/{number}?q=%22 HTTP/1.1\" 200 2 \"-\" \
             \"{USER_AGENT} \\\"quoted\\\" \\\\ \u{fc}\"",
            number % 200
        );
        written.expect("a string takes everything");
    }
    log
}
