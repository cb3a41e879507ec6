//! `cargo xtask run [FILE...]`: from a fresh checkout to the console in a browser.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::console;
use crate::process;
use crate::project::{Profile, Project};

/// Where the server listens.
const LISTEN: &str = "127.0.0.1:8080";

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Access logs to import first; .gz and .zst may stay compressed. Without any, and with
    /// nothing stored yet, demo traffic.
    files: Vec<PathBuf>,
    /// Where the data live.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Store in this PostgreSQL database rather than in a file.
    #[arg(
        long,
        value_name = "URL",
        env = "BOTSCOPE_STORE",
        hide_env_values = true
    )]
    store: Option<String>,
}

pub(crate) fn run(project: &Project, args: &RunArgs) -> anyhow::Result<()> {
    console::build(project)?;
    // A release build takes two minutes longer, once. But the first thing that somebody does is
    // to import a log, and without optimisation that takes ten times as long, every time.
    let server = project.build_server(Profile::Release)?;
    let has_data = args.store.is_some() || args.data.join("botscope.db").exists();
    // By the environment: a command line shows itself to everybody on the machine.
    let with_store = |command: &mut Command| {
        if let Some(url) = &args.store {
            command.env("BOTSCOPE_STORE", url);
        }
    };
    if args.files.is_empty() {
        println!("To look at an access log of yours: cargo xtask run /var/log/nginx/access.log");
    } else {
        let mut import = Command::new(&server);
        with_store(import.arg("import").arg("--data").arg(&args.data));
        process::run(import.args(&args.files))?;
    }
    // With nothing at all to look at, made-up traffic.
    let command = if args.files.is_empty() && !has_data {
        "demo"
    } else {
        "serve"
    };
    println!("Ctrl+C stops it");
    let mut serve = Command::new(&server);
    with_store(serve.arg(command).arg("--data").arg(&args.data));
    process::run(serve.args(["--listen", LISTEN]))
}
