//! `cargo xtask clients`: programs and libraries that people use, as their packages have them, send
//! traffic to a Botscope, by the text that its console has to copy where it has one, and what is
//! stored is counted: all of it, and nothing twice.

mod caddy;
mod haproxy;
mod libraries;
mod nginx;
mod rsyslog;

use std::collections::HashMap;
use std::fmt::Display;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};
use shared::connect::{Filling, find_tool};
use tempfile::TempDir;

use crate::client::escaped;
use crate::place::Place;
use crate::process::{Running, wait_until};
use crate::project::{Profile, Project};
use crate::server::{PATIENCE, Server};
use crate::setup;

/// Requests that a site answers.
const REQUESTS: u64 = 1_000;

/// Who asks; behind it stands what needs care in a log.
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64)";

pub(crate) fn clients(project: &Project) -> anyhow::Result<()> {
    for line in run(project)? {
        println!("{line}");
    }
    Ok(())
}

/// Runs them all; returns what was seen.
pub(crate) fn run(project: &Project) -> anyhow::Result<Vec<String>> {
    let server = project.build_server(Profile::Dev)?;
    let senders = setup::senders()?;
    setup::node(project)?;
    Ok(vec![
        timed(|| nginx::send(&senders, &server))?,
        timed(|| caddy::send(&senders.caddy, &server))?,
        timed(|| haproxy::send(&senders.haproxy, &server))?,
        timed(|| libraries::send(project, &server))?,
    ])
}

/// What was sent, and how long that took.
fn timed(send: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<String> {
    let started = Instant::now();
    let sent = send()?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(format!("{sent}; each stored once, in {seconds:.1} s"))
}

/// A Botscope that takes traffic, and a folder for whoever sends it.
struct Fixture {
    place: Place,
    server: Server,
    folder: TempDir,
    _data: TempDir,
}

impl Fixture {
    /// Starts the server; `arguments` are more than where it listens.
    fn start(binary: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let place = Place::in_folder(binary, data.path());
        Ok(Self {
            server: Server::start_as(&place, "administrator", arguments)?,
            place,
            folder: tempfile::tempdir()?,
            _data: data,
        })
    }

    /// Where the server is asked.
    fn address(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The secret of a token for a new application and nothing else.
    fn make_application(&self, name: &str) -> anyhow::Result<String> {
        let mut client = self.server.client();
        let application = client.post_json("/api/v1/applications", &json!({"name": name}))?;
        let token = client.post_json(
            "/api/v1/tokens",
            &json!({"name": name, "role": "ingest_only", "application_id": application["id"]}),
        )?;
        let secret = token["secret"].as_str();
        secret.map(str::to_owned).context("no token was made")
    }

    /// The text to copy that the console has for this step of a tool; where it says of this
    /// machine what holds elsewhere, `said`, it is what holds here, `meant`.
    fn text(
        &self,
        tool: &str,
        step: usize,
        token: &str,
        (said, meant): (&str, impl Display),
    ) -> anyhow::Result<String> {
        let tool = find_tool(tool).with_context(|| format!("{tool} is no tool"))?;
        let filling = Filling {
            address: self.address(),
            token: token.to_owned(),
            application: String::new(),
        };
        let text = filling.fill(tool.steps[step].snippet);
        anyhow::ensure!(text.contains(said), "{}: no {said}", tool.name);
        Ok(text.replace(said, &meant.to_string()))
    }

    /// Fails unless exactly so many requests of an application are stored: those that [`request`]
    /// makes, each of so many `different` ones as often as any other, with its method, its query,
    /// its status and who asked.
    fn expect(&self, application: &str, sent: u64, different: u64) -> anyhow::Result<()> {
        self.server.expect(application, sent)?;
        let mut client = self.server.client();
        let mut times = HashMap::<String, u64>::new();
        let search = escaped(&format!("app:{application} >2000-01-01"));
        for session in client.get_all(&format!("/api/v1/sessions?q={search}"))? {
            let id = session["id"]
                .as_str()
                .context("a session has an identifier")?;
            let requests = format!("/api/v1/sessions/{id}/requests?limit=100");
            for stored in client.get_all(&requests)? {
                let path = path_of(&stored);
                let path = path.with_context(|| format!("{application}: {stored}"))?;
                *times.entry(path).or_default() += 1;
            }
        }
        let each = sent / different;
        anyhow::ensure!(
            times.len() as u64 == different && times.values().all(|times| *times == each),
            "{application}: not every one of {different} requests is stored {each} times"
        );
        Ok(())
    }

    /// Follows a log with `botscope tail`, from where it was left.
    fn follow(&self, log: &Path, token: &str) -> anyhow::Result<Running> {
        let kept = self.folder.path().join("token");
        let state = self.folder.path().join("tail.json");
        fs::write(&kept, token)?;
        let mut tail = self.place.botscope("tail");
        tail.arg(format!("--to={}", self.address()));
        tail.arg("--token-file").arg(kept);
        tail.arg("--state").arg(&state);
        let tail = Running::start(tail.arg(log).stderr(Stdio::null()))?;
        // What it has not seen by the time it is killed, it cannot know of. Started again it knows
        // where it was.
        wait_until("tail follows", PATIENCE, || Ok(state.exists()))?;
        Ok(tail)
    }
}

/// The path of a request that is stored, if it says the rest of what [`request`] does.
fn path_of(stored: &Value) -> Option<String> {
    let text = |field: &str| stored[field].as_str();
    let says_rest = text("method") == Some("GET")
        && text("query")?.starts_with("q=")
        && text("user_agent")?.starts_with(USER_AGENT)
        && stored["status"] == 200;
    let path = text("path").filter(|path| path.starts_with("/products/"));
    path.filter(|_| says_rest).map(str::to_owned)
}

/// Starts a program that answers requests at `web`, and waits until it does.
fn serve(program: &mut Command, web: SocketAddr) -> anyhow::Result<Running> {
    let mut running = Running::start(program)?;
    wait_until("the program answers", PATIENCE, || {
        running.ensure_it_runs()?;
        Ok(TcpStream::connect(web).is_ok())
    })?;
    Ok(running)
}

/// Asks a site so many times, over one connection, and not faster than a busy one is asked. It
/// answers `ok`.
fn request(web: SocketAddr, count: u64) -> anyhow::Result<()> {
    let mut connection = TcpStream::connect(web)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut answer = Vec::new();
    let mut part = [0; 4_096];
    for number in 0..count {
        let request = format!(
            "GET /products/{number}?q=\"x\" HTTP/1.1\r\nhost: shop.example\r\n\
             user-agent: {USER_AGENT} \\ \u{fc}\r\n\r\n"
        );
        connection.write_all(request.as_bytes())?;
        answer.clear();
        while !answer.ends_with(b"\r\n\r\nok") {
            match connection.read(&mut part) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => {
                    let length = read.context("the site did not answer `ok`")?;
                    anyhow::ensure!(length > 0, "the site hung up");
                    answer.extend_from_slice(&part[..length]);
                }
            }
        }
        if number % 10 == 9 {
            // What UDP carries must find room.
            thread::sleep(Duration::from_millis(10));
        }
    }
    Ok(())
}
