//! nginx: writes JSON to a file that `botscope tail` follows while the file is rotated and while
//! tail is killed, and its usual format to syslog by one line of its configuration. And `logger`
//! of util-linux, which says the same log again by syslog over TCP.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::place::Place;
use crate::process::{self, Running, signal, wait_until};
use crate::server::{PATIENCE, Server, free_address, free_address_of_both};
use crate::setup;

/// Requests that nginx answers.
const REQUESTS: u64 = 2_400;

/// The same in parts; between them something happens to the log.
const PARTS: u64 = 4;

pub(super) fn send(place: &Place) -> anyhow::Result<String> {
    let started = Instant::now();
    let program = setup::nginx()?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let (by_udp, by_tcp) = (free_address_of_both()?, free_address()?);
    let server = Server::start_as(
        place,
        "administrator",
        &[
            &format!("--syslog=udp+tcp://{by_udp}=by-syslog"),
            &format!("--syslog=tcp://{by_tcp}=by-logger"),
        ],
    )?;
    fs::write(folder.join("token"), &server.token)?;

    let web = free_address()?;
    let configuration = folder.join("nginx.conf");
    fs::write(&configuration, configure(folder, web, by_udp))?;
    let mut serve = Command::new(program);
    serve
        .arg("-c")
        .arg(&configuration)
        .arg("-e")
        .arg(folder.join("error.log"));
    let nginx = Running::start(&mut serve)?;
    wait_until("nginx answers", PATIENCE, || {
        Ok(TcpStream::connect(web).is_ok())
    })?;

    let log = folder.join("access.log");
    let rotate = |number: u32| -> anyhow::Result<()> {
        fs::rename(&log, folder.join(format!("access.log.{number}")))?;
        // In between nginx writes to what was renamed.
        thread::sleep(Duration::from_millis(50));
        signal("USR1", nginx.id())
    };
    let follow = || follow(place, &server, folder, &log);
    let mut tail = follow()?;
    // What it has not seen by the time it is killed, it cannot know of.
    wait_until("tail follows", PATIENCE, || {
        Ok(folder.join("tail.json").exists())
    })?;
    for part in 0..PARTS {
        let sending = thread::spawn(move || request(web, REQUESTS / PARTS));
        thread::sleep(Duration::from_millis(150));
        match part {
            0 => rotate(1)?,
            1 => {
                tail.kill()?;
                tail = follow()?;
            }
            2 => {
                tail.kill()?;
                rotate(2)?;
                thread::sleep(Duration::from_millis(150));
                tail = follow()?;
            }
            _ => {}
        }
        sending
            .join()
            .unwrap_or_else(|_| anyhow::bail!("the client panicked"))?;
    }
    server.expect("by-file", REQUESTS)?;
    tail.stop().context("botscope tail")?;
    server.expect("by-syslog", REQUESTS)?;
    let said = say_again(folder, by_tcp)?;
    server.expect("by-logger", said)?;
    Ok(format!(
        "nginx: {REQUESTS} requests by a file rotated twice and tail killed twice, {REQUESTS} by \
         syslog over UDP; logger: {said} by syslog over TCP; each stored once, in {:.1} s",
        started.elapsed().as_secs_f64()
    ))
}

fn follow(place: &Place, server: &Server, folder: &Path, log: &Path) -> anyhow::Result<Running> {
    let mut tail = place.botscope("tail");
    tail.arg(format!("--to=http://{}", server.address));
    tail.args(["--app", "by-file", "--token-file"]);
    tail.arg(folder.join("token"));
    tail.arg("--state").arg(folder.join("tail.json"));
    Running::start(tail.arg(log).stderr(Stdio::null()))
}

fn configure(folder: &Path, web: SocketAddr, syslog: SocketAddr) -> String {
    let folder = folder.display();
    // Whoever starts it can write where it writes.
    let user = if setup::is_root() { "user root;" } else { "" };
    format!(
        r#"daemon off; {user} worker_processes 2; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    log_format json escape=json '{{"time":"$time_iso8601","remote_addr":"$remote_addr",'
        '"host":"$host","request_method":"$request_method","request_uri":"$request_uri",'
        '"server_protocol":"$server_protocol","status":$status,'
        '"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,'
        '"http_referer":"$http_referer","http_user_agent":"$http_user_agent"}}';
    access_log {folder}/access.log json;
    access_log {folder}/combined.log;
    access_log syslog:server={syslog};
    keepalive_requests 100000;
    server {{ listen {web}; location / {{ return 200 "ok"; }} }}
}}
"#
    )
}

/// Asks nginx so many times, over one connection, and not faster than a busy site is asked.
fn request(web: SocketAddr, count: u64) -> anyhow::Result<()> {
    let mut connection = TcpStream::connect(web)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut answer = [0; 4_096];
    for number in 0..count {
        let request = format!(
            "GET /products/{number}?q=\"x\" HTTP/1.1\r\nhost: shop.example\r\n\
             user-agent: Mozilla/5.0 (X11; Linux x86_64) \\ \u{fc}\r\n\r\n"
        );
        connection.write_all(request.as_bytes())?;
        let length = loop {
            match connection.read(&mut answer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        anyhow::ensure!(
            answer[..length].ends_with(b"ok"),
            "nginx answered otherwise"
        );
        if number % 10 == 9 {
            thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(())
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
