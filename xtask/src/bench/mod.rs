//! `cargo xtask bench`: measures what the product promises, and prints each figure with the
//! conditions it was measured under. Reads real logs from a folder that is not part of the
//! project; without them there is nothing to measure.

mod browser;
mod conditions;
mod cost;
mod crowd;
mod figures;
mod found;
mod import;
mod ingest;
mod latency;
mod long;
mod peers;
mod postgres;
mod scale;
mod search;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::console;
use crate::guided::{self, Built};
use crate::place::Place;
use crate::project::Project;
use crate::server::Server;
use figures::Figures;

/// The logs measured with, and the application each becomes.
const LOGS: &[(&str, &str)] = &[
    ("wordpress", "wordpress-2016.log.gz"),
    ("blog", "blog-2015.log.gz"),
    ("rentals", "rentals-2005-2018.log.gz"),
];

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Writes the figures as one JSON object of numbers by name.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the real logs are; `../shared/data/real` beside the project unless given.
    #[arg(long, value_name = "DIR")]
    logs: Option<PathBuf>,
    /// Measures only these parts, e.g. `--only import,postgres`.
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Measures a server that is built once, without counting first what runs how often: sooner
    /// there, and not what people are given.
    #[arg(long)]
    unguided: bool,
    /// How many requests are stored to see whether cost is linear; 10⁸ need some ten gigabytes.
    #[arg(
        long,
        value_name = "REQUESTS",
        default_value_t = 10_000_000,
        value_parser = clap::value_parser!(u64).range(2..)
    )]
    scale: u64,
}

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// How large the console is.
    Console,
    /// What judging costs.
    Engine,
    /// Importing logs, and what GoAccess and CrowdSec take for them.
    Import,
    /// Traffic over HTTP.
    Ingest,
    /// What each page asks for, what was found, and a long session.
    Pages,
    /// Searching in a large store.
    Search,
    /// Whether a million more requests, and a page, cost the same where very many are stored.
    Scale,
    /// What a browser takes to draw.
    Browser,
    /// The same pages and the import with PostgreSQL, and with many tenants in it.
    Postgres,
}

pub(crate) fn bench(project: &Project, args: &BenchArgs) -> anyhow::Result<()> {
    let logs = match &args.logs {
        Some(logs) => logs.clone(),
        None => project.root.join("../shared/data/real"),
    };
    let logs = logs
        .canonicalize()
        .with_context(|| format!("no logs to measure with in {}", logs.display()))?;
    let wants = |part: Part| args.only.is_empty() || args.only.contains(&part);
    let sizes = console::build(project)?;
    let Built { binary, guided } = guided::build_unless(project, args.unguided)?;
    conditions::print(&project.root, &logs, guided);

    let mut figures = Figures::default();
    if wants(Part::Console) {
        for size in sizes {
            let name = format!("{}_wasm_brotli_kib", size.program);
            figures.add(&name, size.bytes.div_ceil(1024) as f64, "KiB");
        }
    }
    if wants(Part::Engine) {
        cost::measure(project, &mut figures)?;
    }
    if wants(Part::Import) {
        import::measure(&binary, &logs, &mut figures)?;
    }
    if wants(Part::Ingest) {
        let data = tempfile::tempdir()?;
        ingest::measure(&Place::in_folder(&binary, data.path()), &mut figures, "")?;
    }
    let data = tempfile::tempdir()?;
    let place = Place::in_folder(&binary, data.path());
    if wants(Part::Pages) || wants(Part::Browser) {
        import_all(&place, &logs)?;
    }
    if wants(Part::Pages) {
        pages(&place, &logs, &mut figures)?;
        long::measure(&place, &mut figures)?;
    }
    if wants(Part::Search) {
        search::measure(project, &binary, &mut figures)?;
    }
    if wants(Part::Scale) {
        scale::measure(&binary, args.scale, &mut figures)?;
    }
    if wants(Part::Browser) {
        crowd::import(&place)?;
        browser::measure(project, &place, &mut figures)?;
    }
    if wants(Part::Postgres) {
        postgres::measure(&binary, &logs, &mut figures)?;
    }
    if let Some(path) = &args.json {
        fs::write(path, figures.to_json())
            .with_context(|| format!("writing {}", path.display()))?;
        println!("\nfigures: {}", path.display());
    }
    Ok(())
}

/// Imports the logs, each as an application of its own.
fn import_all(place: &Place, logs: &Path) -> anyhow::Result<()> {
    for (app, file) in LOGS {
        import::import(place, app, &logs.join(file))?;
    }
    Ok(())
}

/// What is found in the logs, and how soon it is shown.
fn pages(place: &Place, logs: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let server = Server::start(place)?;
    let mut client = server.client();
    latency::measure(&mut client, figures, "")?;
    for (app, file) in LOGS {
        found::attacks_by_type(&mut client, app, figures)?;
        match *app {
            "wordpress" => found::guessers(&mut client, app, &logs.join(file), figures)?,
            "blog" => found::browsers(&mut client, app, &logs.join(file), figures)?,
            _ => {}
        }
    }
    found::top_of_the_list(&mut client, LOGS[0].0, figures)
}
