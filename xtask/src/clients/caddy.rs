//! Caddy: writes its log as its console text has it, and `botscope tail` follows that.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::{Fixture, REQUESTS, request, serve};
use crate::server::free_address;

pub(super) fn send(caddy: &Path, binary: &Path) -> anyhow::Result<String> {
    let fixture = Fixture::start(binary, &[])?;
    let folder = fixture.folder.path();
    let token = fixture.make_application("caddy")?;
    let web = free_address()?;
    let log = folder.join("access.json");
    let with_log = fixture.text(
        "caddy",
        0,
        "",
        ("/var/log/caddy/access.json", log.display()),
    )?;
    let configuration = folder.join("Caddyfile");
    // It is asked by any name, asks nobody and takes no orders.
    let (ip, port) = (web.ip(), web.port());
    fs::write(
        &configuration,
        format!(
            "{{\n\tadmin off\n\tauto_https off\n\tlog {{\n\t\tlevel ERROR\n\t}}\n}}\n\
             http://:{port} {{\n\tbind {ip}\n{with_log}\n\
             \trespond ok\n}}\n"
        ),
    )?;
    let mut start = Command::new(caddy);
    start.args(["run", "--adapter", "caddyfile", "--config"]);
    start.arg(&configuration).env("HOME", folder);
    start.envs([("XDG_CONFIG_HOME", folder), ("XDG_DATA_HOME", folder)]);
    let site = serve(&mut start, web)?;
    request(web, REQUESTS / 2)?;
    let tail = fixture.follow(&log, &token)?;
    request(web, REQUESTS / 2)?;
    fixture.expect("caddy", REQUESTS, REQUESTS / 2)?;
    tail.stop().context("botscope tail")?;
    site.stop()?;
    Ok(format!("Caddy: {REQUESTS} requests by its file"))
}
