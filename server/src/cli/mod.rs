//! The commands of the binary: what they take, and what they say. Work is done elsewhere.

mod applications;
mod audit;
mod demo;
mod evaluate;
mod explain;
mod import;
mod key;
mod lists;
mod progress;
mod serve;
mod sources;
mod summary;
mod tokens;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::address;
use crate::store::{Store, StoreError};

/// Finds the bots in the traffic of web APIs.
#[derive(Debug, Parser)]
#[command(name = "botscope", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Applications(applications::Args),
    Audit(audit::Args),
    Import(import::Args),
    Serve(serve::Args),
    Demo(demo::Args),
    Evaluate(evaluate::Args),
    Explain(explain::Args),
    /// Print the version of the engine: another one may judge the same requests differently.
    EngineVersion,
    Lists(lists::Args),
    Sources(sources::Args),
    Tokens(tokens::Args),
}

/// Runs the command that the process was started with.
///
/// # Errors
/// What went wrong, where, and what to do about it.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    crate::telemetry::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Applications(args) => applications::run(args).await,
            Command::Audit(args) => audit::run(args).await,
            Command::Import(args) => import::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Evaluate(args) => evaluate::run(&args),
            Command::Explain(args) => explain::run(args).await,
            Command::EngineVersion => {
                println!("{}", engine::VERSION);
                Ok(())
            }
            Command::Lists(args) => lists::run(args).await,
            Command::Sources(args) => sources::run(args).await,
            Command::Tokens(args) => tokens::run(args).await,
        }
    })
}

/// What every command takes that works on what is stored.
#[derive(Debug, clap::Args)]
struct DataDirectory {
    /// The data directory; made if it is not there.
    #[arg(
        id = "data",
        long,
        value_name = "DIR",
        default_value = "./data",
        env = "BOTSCOPE_DATA",
        global = true
    )]
    path: PathBuf,
}

/// Opens a data directory for a command that writes there by itself. `instead` is what to do if
/// a server has it open.
async fn open(data: &Path, instead: &str) -> anyhow::Result<Store> {
    let addresses = address::open_origins(data)?;
    let opened = Store::open_knowing(data, addresses).await;
    opened.map_err(|error| match error {
        StoreError::Locked { .. } => anyhow::anyhow!(
            "{error}, and one process at a time can write there. If that is a server, {instead}; \
             if it is an import, wait until it is done"
        ),
        error => anyhow::Error::from(error).context(format!("cannot open {}", data.display())),
    })
}
