//! The server as people are given it: built twice. The first build counts what runs how often, and
//! is made to work on made-up traffic; the second is built by what it counted, so that the compiler
//! knows which code is worth its space (rustc: profile-guided optimization). Not the tests' server,
//! and not that of `cargo xtask run`, where the first build is what one waits for.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::bench::latency;
use crate::client::Sent;
use crate::load::Traffic;
use crate::place::Place;
use crate::process;
use crate::project::{Profile, Project};
use crate::server::Server;
use crate::setup;
use crate::shop::{Form, ShopLog};

/// The logs that are imported, with how many requests.
const LOGS: &[(Form, u64)] = &[
    (Form::Combined, 200_000),
    (Form::Json, 60_000),
    (Form::W3c, 30_000),
    (Form::Alb, 30_000),
];

/// Hours of made-up traffic that are judged, and how many times as busy as usual they are: more
/// kinds of bots than the logs have.
const DEMO: [&str; 4] = ["--hours", "24", "--speed", "5"];

/// What is sent over HTTP: batches, requests of each, actors.
const BATCHES: usize = 150;
const ROWS: usize = 1_000;
const ACTORS: u64 = 20_000;

/// The application that it is sent to.
const SENT_TO: &str = "sent";

/// Builds the server, once if `unguided`, and returns the path of its binary.
pub(crate) fn build_unless(project: &Project, unguided: bool) -> anyhow::Result<PathBuf> {
    if unguided {
        project.build_server(Profile::Release)
    } else {
        build(project)
    }
}

fn build(project: &Project) -> anyhow::Result<PathBuf> {
    let merger = setup::profile_merger(project)?;
    let folder = project.target.join("guided");
    let (counts, profile) = (folder.join("counts"), folder.join("server.profdata"));
    let compile = |flag: &str, path: &Path| compile(project, &folder, flag, path);

    println!("a server that counts what runs how often");
    let counting = compile("profile-generate", &counts)?;
    // The same program would count the same again.
    if modified(&profile) <= modified(&counting) {
        println!("made-up traffic for it");
        if counts.exists() {
            fs::remove_dir_all(&counts)?;
        }
        train(&counting).context("giving it made-up traffic")?;
        let mut merge = Command::new(merger);
        merge.arg("merge").arg("--output").arg(&profile);
        process::run(merge.arg(&counts))?;
    }
    println!("the server, by what was counted");
    compile("profile-use", &profile)
}

fn compile(project: &Project, folder: &Path, flag: &str, path: &Path) -> anyhow::Result<PathBuf> {
    let path = path
        .to_str()
        .context("the path of the project is no text")?;
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    let guided = format!("-C{flag}={path}");
    let flags: Vec<&str> = flags.split_whitespace().chain([guided.as_str()]).collect();
    // What runs while it is built is built without: that is what a named target is for.
    let host = host(project)?;
    let mut build = project.cargo();
    build.args([
        "build",
        "--package",
        "server",
        "--release",
        "--target",
        &host,
    ]);
    // A folder for each: in one, each would compile everything again.
    let target = folder.join(flag);
    build.arg("--target-dir").arg(&target);
    build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    process::run(&mut build)?;
    let name = format!("botscope{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join(host).join("release").join(name))
}

/// What this machine is called as a target.
fn host(project: &Project) -> anyhow::Result<String> {
    let mut version = Command::new("rustc");
    version
        .current_dir(&project.root)
        .args(["--verbose", "--version"]);
    let said = process::output(&mut version)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say where it runs")
}

/// When a file changed; long ago if there is none.
fn modified(path: &Path) -> SystemTime {
    let changed = fs::metadata(path).and_then(|file| file.modified());
    changed.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Has the server do what it does most: import logs, take traffic, judge it, show it.
fn train(binary: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place::in_folder(binary, &folder.path().join("data"));
    import(&place, folder.path())?;
    let mut demo = place.botscope("demo");
    process::run(demo.arg("--history-only").args(DEMO))?;
    let server = Server::start_as(&place, "administrator", &[])?;
    send(&server)?;
    let mut client = server.client();
    for (_, paths) in latency::pages(&mut client)? {
        for path in paths {
            client.get(&path)?;
        }
    }
    drop(client);
    server.stop()
}

/// Imports logs, all at once as people do, the first of them compressed.
fn import(place: &Place, folder: &Path) -> anyhow::Result<()> {
    let mut import = place.botscope("import");
    for (form, requests) in LOGS {
        let name = format!("{form:?}").to_lowercase();
        let path = folder.join(format!("{name}.log.gz"));
        let file = File::create(&path).context("making up a log")?;
        ShopLog::new(*form).write(*requests, GzEncoder::new(file, Compression::fast()))?;
        import.arg(path);
    }
    let said = process::output(import.arg("--json"))?;
    let summary: serde_json::Value = serde_json::from_str(said.trim())?;
    let all: u64 = LOGS.iter().map(|(_, requests)| requests).sum();
    ensure!(
        summary["accepted"] == all,
        "a log was not taken whole: {said}"
    );
    Ok(())
}

/// Sends traffic, as much as is taken, and waits until it is judged.
fn send(server: &Server) -> anyhow::Result<()> {
    let path = format!("/api/v1/ingest/{SENT_TO}");
    let (mut client, mut traffic) = (server.client(), Traffic::new(1, 50, ROWS, ACTORS));
    let mut sent = 0;
    for _ in 0..BATCHES {
        if let Sent::Acknowledged = client.send(&path, traffic.next(), None)? {
            sent += ROWS as u64;
        }
    }
    server.expect(SENT_TO, sent)
}
