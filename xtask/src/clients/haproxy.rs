//! HAProxy: sends its log by syslog as its console text has it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Fixture, REQUESTS, request, serve};
use crate::server::{free_address, free_address_of_both};

pub(super) fn send(haproxy: &Path, binary: &Path) -> anyhow::Result<String> {
    let listener = free_address_of_both()?;
    let fixture = Fixture::start(binary, &[&format!("--syslog=udp+tcp://{listener}=haproxy")])?;
    let web = free_address()?;
    let frontend = fixture.text("haproxy", 1, "", ("127.0.0.1:5514", listener))?;
    let configuration = fixture.folder.path().join("haproxy.cfg");
    fs::write(
        &configuration,
        format!(
            "defaults\n    mode http\n    option dontlognull\n    timeout client 30s\n{frontend}\n    \
             bind {web}\n    http-request return status 200 content-type text/plain string ok\n"
        ),
    )?;
    let mut start = Command::new(haproxy);
    let site = serve(start.arg("-f").arg(&configuration), web)?;
    request(web, REQUESTS)?;
    fixture.expect("haproxy", REQUESTS, REQUESTS)?;
    // Asked to end, it waits for whoever is connected and says that it was ended.
    site.kill()?;
    Ok(format!("HAProxy: {REQUESTS} requests by syslog over UDP"))
}
