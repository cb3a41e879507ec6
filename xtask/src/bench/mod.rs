//! `cargo xtask bench`: measures what the product promises, and prints each figure with the
//! conditions it was measured under. Reads real logs from a folder that is not part of the
//! project; without them there is nothing to measure.

mod browser;
mod client;
mod conditions;
mod cost;
mod crowd;
mod figures;
mod found;
mod import;
mod latency;
mod long;
mod search;
mod server;

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::console;
use crate::project::{Profile, Project};
use client::Client;
use figures::Figures;
use server::Server;

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
    /// Leaves out what needs a browser.
    #[arg(long)]
    no_browser: bool,
}

pub(crate) fn bench(project: &Project, args: &BenchArgs) -> anyhow::Result<()> {
    let logs = match &args.logs {
        Some(logs) => logs.clone(),
        None => project.root.join("../shared/data/real"),
    };
    let logs = logs
        .canonicalize()
        .with_context(|| format!("no logs to measure with in {}", logs.display()))?;
    let sizes = console::build(project)?;
    let binary = project.build_server(Profile::Release)?;
    conditions::print(&project.root, &logs);

    let mut figures = Figures::default();
    for size in sizes {
        let name = format!("{}_wasm_brotli_kib", size.program);
        figures.add(&name, size.bytes.div_ceil(1024) as f64, "KiB");
    }
    cost::measure(project, &mut figures)?;
    import::measure(&binary, &logs.join(LOGS[0].1), &mut figures)?;

    let data = tempfile::tempdir()?;
    for (app, file) in LOGS {
        import::import(&binary, data.path(), app, &logs.join(file))?;
    }
    {
        let server = Server::start(&binary, data.path())?;
        let mut client = Client::connect(&server)?;
        latency::measure(&mut client, &mut figures)?;
        for (app, file) in LOGS {
            found::attacks_by_type(&mut client, app, &mut figures)?;
            match *app {
                "wordpress" => found::guessers(&mut client, app, &logs.join(file), &mut figures)?,
                "blog" => found::browsers(&mut client, app, &logs.join(file), &mut figures)?,
                _ => {}
            }
        }
        found::top_of_the_list(&mut client, LOGS[0].0, &mut figures)?;
    }
    long::measure(&binary, data.path(), &mut figures)?;
    search::measure(project, &mut figures)?;
    if !args.no_browser {
        crowd::import(&binary, data.path())?;
        browser::measure(project, &binary, data.path(), &mut figures)?;
    }
    if let Some(path) = &args.json {
        fs::write(path, figures.to_json())
            .with_context(|| format!("writing {}", path.display()))?;
        println!("\nfigures: {}", path.display());
    }
    Ok(())
}
