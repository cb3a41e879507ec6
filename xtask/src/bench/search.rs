//! Measures how long searches take over many attacks and sessions, in a store that is made up
//! for it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::figures::Figures;
use super::latency::time;
use crate::client::{Client, escaped};
use crate::place::Place;
use crate::project::Project;
use crate::server::Server;

const ATTACKS: u64 = 100_000;
const SESSIONS: u64 = 1_000_000;

/// A period that holds everything; the made-up rows lie in the 30 days before 2026-11-01.
const EVER: &str = ">2000-01-01";

/// What is searched for in both lists: frequent and rare things, excluded ones, wildcards,
/// nothing, and several together.
const SEARCHES: &[&str] = &[
    "",
    "statuscode:200",
    "statuscode:500+",
    "scraping",
    "resource_consumption",
    "!scraping",
    "ip:10.0.0.0/8",
    "ip:203.0.113.7",
    "domain:host7.example",
    "domain:*9.example",
    "!domain:host1.example",
    "domain:nowhere.example",
    "/part7/page4907/17",
    "url:page49",
    "/part?/*",
    "method:HEAD",
    "ua:chrome/120",
    "ua:nothing",
    "hits:>1000",
    "detector:request_rate",
    "app:'made up' !statuscode:404 url:page1 ua:chrome !ip:10.0.0.0/8",
];

/// Of sessions only.
const OF_SESSIONS: &[&str] = &["bot", "!bot", "user:user7@mail.example", "user:*99@*"];

/// Keys whose values are asked for.
const KEYS: &[&str] = &["type", "ip", "statuscode", "method", "domain", "url", "ua"];

pub(super) fn measure(
    project: &Project,
    binary: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    make_store(project, data.path())?;
    let server = Server::start(&Place::in_folder(binary, data.path()))?;
    let mut client = server.client().patient(Duration::from_secs(300));
    let ever = escaped(EVER);
    let started = Instant::now();
    let counts = client.get_json(&format!("/api/v1/sessions/counts?q={ever}"))?;
    figures.add("search_first_s", started.elapsed().as_secs_f64(), "s");
    ensure!(
        counts["sessions"] == SESSIONS,
        "not every session is found: {counts}"
    );

    for list in ["attacks", "sessions"] {
        let more = if list == "sessions" { OF_SESSIONS } else { &[] };
        let searches: Vec<String> = SEARCHES
            .iter()
            .chain(more)
            .map(|search| escaped(&format!("{search} {EVER}")))
            .collect();
        let paths = |path: &str| -> Vec<String> {
            let path = format!("/api/v1/{list}{path}");
            searches.iter().map(|q| format!("{path}q={q}")).collect()
        };
        let mut pages = paths("?limit=50&");
        if list == "attacks" {
            pages.extend(paths("?limit=50&sort=-hits&"));
        }
        pages.extend(later_pages(&mut client, &pages)?);
        time(&mut client, figures, &format!("search_{list}"), &pages)?;
        let counts = paths("/counts?");
        time(
            &mut client,
            figures,
            &format!("search_{list}_counts"),
            &counts,
        )?;
        let values = KEYS
            .iter()
            .map(|key| format!("/api/v1/{list}/values?key={key}&q={ever}"));
        let values: Vec<String> = values.collect();
        time(
            &mut client,
            figures,
            &format!("search_{list}_values"),
            &values,
        )?;
    }
    Ok(())
}

/// The second page of each list that has one.
fn later_pages(client: &mut Client, pages: &[String]) -> anyhow::Result<Vec<String>> {
    let mut later = Vec::new();
    for page in pages {
        let list = client.get_json(page)?;
        let next = list["next_cursor"].as_str();
        later.extend(next.map(|cursor| format!("{page}&cursor={cursor}")));
    }
    Ok(later)
}

fn make_store(project: &Project, data: &std::path::Path) -> anyhow::Result<()> {
    let mut build: Command = project.cargo();
    build.args([
        "run",
        "--release",
        "--package",
        "server",
        "--example",
        "made_up_store",
        "--",
    ]);
    build.arg(data);
    build.args([ATTACKS.to_string(), SESSIONS.to_string()]);
    crate::process::run(&mut build)
}
