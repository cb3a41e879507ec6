//! The server as people are given it: built twice. The first build counts what runs how often, and
//! is made to work on made-up traffic; the second is built by what it counted, so that the compiler
//! knows which code is worth its space (rustc: profile-guided optimization). Not the tests' server,
//! and not that of `cargo xtask run`, where the first build is what one waits for. What does not run
//! meanwhile is built to be small: PostgreSQL's side of the store, and formats that are not here.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::client::Sent;
use crate::load::Traffic;
use crate::pages::pages;
use crate::place::Place;
use crate::process;
use crate::project::{Profile, Project, SERVER, server_in};
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

/// A server that was built.
pub(crate) struct Built {
    pub(crate) binary: PathBuf,
    /// Whether by a profile.
    pub(crate) guided: bool,
}

/// Builds the server, by a profile unless `unguided`, or unless there is nothing to make one with.
pub(crate) fn build_unless(project: &Project, unguided: bool) -> anyhow::Result<Built> {
    let merger = match unguided {
        true => None,
        false => setup::profile_merger(project)
            .inspect_err(|error| println!("built once, without a profile: {error:#}"))
            .ok(),
    };
    let binary = match &merger {
        Some(merger) => build(project, merger)?,
        None => project.build_server(Profile::Release)?,
    };
    Ok(Built {
        binary,
        guided: merger.is_some(),
    })
}

fn build(project: &Project, merger: &Path) -> anyhow::Result<PathBuf> {
    let folder = project.target.join("guided");
    let (counts, profile) = (folder.join("counts"), folder.join("server.profdata"));
    println!("a server that counts what runs how often");
    let counting = compile(project, &folder, "profile-generate", &counts)?;
    // The same program, given the same, would count the same again.
    let made = modified(&profile);
    if made <= modified(&counting) || made <= modified(&std::env::current_exe()?) {
        println!("made-up traffic for it");
        if counts.exists() {
            fs::remove_dir_all(&counts)?;
        }
        train(&counting).context("giving it made-up traffic")?;
        let mut merge = Command::new(merger);
        merge.arg("merge").arg("--output").arg(&profile);
        process::run(merge.arg(&counts))?;
    }
    // Cargo builds what changes with the project by a new profile; what comes from elsewhere stays
    // as an earlier one had it.
    println!("the server, by what was counted");
    compile(project, &folder, "profile-use", &profile)
}

/// Builds the server with a flag that takes a path. What the environment has rustc be told holds
/// too.
fn compile(project: &Project, folder: &Path, flag: &str, path: &Path) -> anyhow::Result<PathBuf> {
    let path = path
        .to_str()
        .context("the path of the project is no text")?;
    let mut flags: Vec<String> = match std::env::var("CARGO_ENCODED_RUSTFLAGS") {
        Ok(flags) => flags.split('\x1f').map(str::to_owned).collect(),
        Err(_) => {
            let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
            flags.split_whitespace().map(str::to_owned).collect()
        }
    };
    flags.push(format!("-C{flag}={path}"));
    // A folder for each flag: in one, each would compile everything again. And a target by name:
    // what runs while it is built is built without the flag.
    let (target, host) = (folder.join(flag), project.rustc_prints(&["host-tuple"])?);
    let mut build = project.cargo();
    build
        .arg("build")
        .args(SERVER)
        .args(["--target", &host])
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    process::run(&mut build)?;
    Ok(server_in(&target.join(host).join("release")))
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
    for (_, paths) in pages(&mut client)? {
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
    for (number, (form, requests)) in LOGS.iter().enumerate() {
        let name = format!("{form:?}.log").to_lowercase();
        let mut log = ShopLog::new(*form);
        let path = if number == 0 {
            let path = folder.join(name + ".gz");
            let mut file = GzEncoder::new(File::create(&path)?, Compression::fast());
            log.write(*requests, &mut file)?;
            file.finish()?;
            path
        } else {
            let path = folder.join(name);
            log.write(*requests, File::create(&path)?)?;
            path
        };
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
    while sent < BATCHES {
        match client.send(&path, traffic.next(), None)? {
            Sent::Acknowledged => sent += 1,
            Sent::Refused(seconds) => thread::sleep(Duration::from_secs(seconds)),
            Sent::Unknown(why) => bail!("a batch was not answered: {why}"),
        }
    }
    server.expect(SENT_TO, (sent * ROWS) as u64)
}
