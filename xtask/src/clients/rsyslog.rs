//! rsyslog: follows a log and sends it on as its console text has it, in the way that Elasticsearch
//! is sent to.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Fixture;
use crate::process::Running;

/// Starts it on a log.
pub(super) fn follow(
    rsyslog: &Path,
    fixture: &Fixture,
    log: &Path,
    token: &str,
) -> anyhow::Result<Running> {
    let folder = fixture.folder.path().join("rsyslog");
    fs::create_dir(&folder)?;
    let said = ("/var/log/nginx/access.log", log.display());
    let sending = fixture.text("rsyslog", 0, token, said)?;
    let own = format!("global(workDirectory=\"{}\")", folder.display());
    let configuration = folder.join("rsyslog.conf");
    fs::write(&configuration, format!("{own}\n{sending}\n"))?;
    let mut start = Command::new(rsyslog);
    start.arg("-n").arg("-f").arg(&configuration);
    Running::start(start.arg("-i").arg(folder.join("pid")))
}
