//! nginx: writes JSON to a file that `botscope tail` follows while the file is rotated and while
//! tail is killed, and its usual format to syslog by one line of its configuration. And `logger`
//! of util-linux and rsyslog, which say the same log again by syslog over TCP and as to an
//! Elasticsearch.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::Context;

use super::{Fixture, request, rsyslog, serve};
use crate::process::{self, Running, signal};
use crate::server::{free_address, free_address_of_both};
use crate::setup::{self, Senders};

/// Requests that nginx answers.
const REQUESTS: u64 = 2_400;

/// The same in parts; between them something happens to the log.
const PARTS: u64 = 4;

pub(super) fn send(senders: &Senders, binary: &Path) -> anyhow::Result<String> {
    let (by_udp, by_tcp) = (free_address_of_both()?, free_address()?);
    let fixture = Fixture::start(
        binary,
        &[
            &format!("--syslog=udp+tcp://{by_udp}=by-syslog"),
            &format!("--syslog=tcp://{by_tcp}=by-logger"),
        ],
    )?;
    let folder = fixture.folder.path();
    let token = fixture.make_application("by-file")?;

    let web = free_address()?;
    let log = folder.join("access.log");
    let with_log = fixture.text(
        "nginx",
        0,
        "",
        ("/var/log/nginx/botscope.json", log.display()),
    )?;
    let configuration = folder.join("nginx.conf");
    fs::write(&configuration, configure(folder, web, by_udp, &with_log))?;
    let mut start = Command::new(&senders.nginx);
    start.arg("-c").arg(&configuration);
    let nginx = serve(start.arg("-e").arg(folder.join("error.log")), web)?;

    let sent = send_through(&fixture, &nginx, web, &log, &token);
    // Also if that failed: killed, it leaves behind who works for it.
    let stopped = nginx.stop();
    sent?;
    stopped?;
    fixture.expect("by-syslog", REQUESTS, REQUESTS / PARTS)?;
    let said = say_again(folder, by_tcp)?;
    fixture.expect("by-logger", said, REQUESTS / PARTS)?;
    let token = fixture.make_application("by-rsyslog")?;
    let combined = folder.join("combined.log");
    let rsyslog = rsyslog::follow(&senders.rsyslog, &fixture, &combined, &token)?;
    fixture.expect("by-rsyslog", REQUESTS, REQUESTS / PARTS)?;
    rsyslog.stop()?;
    Ok(format!(
        "nginx: {REQUESTS} requests by a file rotated twice and tail killed twice, {REQUESTS} by \
         syslog over UDP; logger: {said} by syslog over TCP; rsyslog: {REQUESTS} by \
         Elasticsearch's bulk requests"
    ))
}

/// Asks nginx for everything while its log is rotated and who follows it is killed.
fn send_through(
    fixture: &Fixture,
    nginx: &Running,
    web: SocketAddr,
    log: &Path,
    token: &str,
) -> anyhow::Result<()> {
    let rotate = |number: u32| -> anyhow::Result<()> {
        fs::rename(
            log,
            fixture.folder.path().join(format!("access.log.{number}")),
        )?;
        // In between nginx writes to what was renamed.
        thread::sleep(Duration::from_millis(50));
        signal("USR1", nginx.id())
    };
    let mut tail = fixture.follow(log, token)?;
    for part in 0..PARTS {
        let sending = thread::spawn(move || request(web, REQUESTS / PARTS));
        thread::sleep(Duration::from_millis(150));
        match part {
            0 => rotate(1)?,
            1 => {
                tail.kill()?;
                tail = fixture.follow(log, token)?;
            }
            2 => {
                tail.kill()?;
                rotate(2)?;
                thread::sleep(Duration::from_millis(150));
                tail = fixture.follow(log, token)?;
            }
            _ => {}
        }
        sending
            .join()
            .unwrap_or_else(|_| anyhow::bail!("the client panicked"))?;
    }
    fixture.expect("by-file", REQUESTS, REQUESTS / PARTS)?;
    tail.stop().context("botscope tail")
}

fn configure(folder: &Path, web: SocketAddr, syslog: SocketAddr, with_log: &str) -> String {
    let folder = folder.display();
    // Whoever starts it can write where it writes.
    let user = if setup::is_root() { "user root;" } else { "" };
    format!(
        r#"daemon off; {user} worker_processes 2; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    {with_log}
    access_log {folder}/combined.log;
    access_log syslog:server={syslog};
    keepalive_requests 100000;
    server {{ listen {web}; location / {{ return 200 "ok"; }} }}
}}
"#
    )
}

/// Says nginx's log by syslog over TCP, its lines counted as RFC 6587 has it, and the last of them
/// the old way; returns how many.
fn say_again(folder: &Path, to: SocketAddr) -> anyhow::Result<u64> {
    let combined = fs::read_to_string(folder.join("combined.log"))?;
    let lines: Vec<&str> = combined.lines().collect();
    let (counted, plain) = lines.split_at(lines.len() / 2);
    for (name, lines, how) in [
        (
            "counted",
            counted,
            ["--octet-count", "--rfc5424"].as_slice(),
        ),
        ("plain", plain, ["--rfc3164"].as_slice()),
    ] {
        let file = folder.join(name);
        fs::write(&file, lines.join("\n"))?;
        let mut say = Command::new("logger");
        say.args(["--tcp", "--server", &to.ip().to_string()]);
        say.args(["--port", &to.port().to_string()]);
        say.args(how)
            .args(["--size", "8192", "--tag", "nginx", "--file"])
            .arg(file);
        process::run(&mut say)?;
    }
    Ok(lines.len() as u64)
}
