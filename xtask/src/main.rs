//! Project tasks, run as `cargo xtask TASK`: the only task runner of the project. Nothing of
//! the product itself lives here.

mod bench;
mod browser;
mod check;
mod client;
mod clients;
mod console;
mod direction;
mod dist;
mod fuzz;
mod guided;
mod kill;
mod load;
mod pages;
mod place;
mod postgres;
mod process;
mod project;
mod run;
mod scorecard;
mod server;
mod setup;
mod shop;
mod shots;
mod soak;
mod steps;
mod style;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use project::Project;

/// Project tasks of Botscope.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds everything, imports the given logs (or makes up traffic) and starts on
    /// http://127.0.0.1:8080.
    Run(run::RunArgs),
    /// Checks and tests everything, the browser included, as continuous integration does.
    Test,
    /// Formatting, clippy for the server and the console, direction of dependencies, classes
    /// of the style sheet.
    Check,
    /// Builds the console into `dist/`.
    Ui,
    /// Builds one self-contained release binary, console inside.
    Dist {
        /// Where to write the binary.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Build it once, without counting first what runs how often: in half the time, and what
        /// is built takes a tenth less traffic.
        #[arg(long)]
        unguided: bool,
    },
    /// Measures import, latencies and the console, and prints the figures.
    Bench(bench::BenchArgs),
    /// Runs a command beside a PostgreSQL to throw away, e.g. single tests.
    Postgres(postgres::PostgresArgs),
    /// How good the judgement is on labelled data; builds the server and prints a table each.
    Scorecard(scorecard::ScorecardArgs),
    /// Sends made-up requests to every route of the API, with a token of each role.
    ApiFuzz(fuzz::FuzzArgs),
    /// Gives every decoder of traffic what is made up, and kills a server that takes traffic, again
    /// and again, and counts what is stored afterwards.
    Soak(soak::SoakArgs),
    /// Has programs that people use send their traffic, and counts what is stored.
    Clients,
    /// Takes pictures of every page, both themes, both widths.
    Shots(shots::ShotsArgs),
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<()> {
    let project = Project::find()?;
    match task {
        Task::Run(args) => run::run(&project, &args),
        Task::Test => test::test(&project),
        Task::Check => check::check(&project),
        Task::Ui => console::build(&project).map(|_| ()),
        Task::Dist { out, unguided } => dist::dist(&project, &out, unguided),
        Task::Bench(args) => bench::bench(&project, &args),
        Task::Postgres(args) => postgres::beside(&args),
        Task::Scorecard(args) => scorecard::scorecard(&project, &args),
        Task::ApiFuzz(args) => fuzz::fuzz(&project, &args),
        Task::Soak(args) => soak::soak(&project, &args),
        Task::Clients => clients::clients(&project),
        Task::Shots(args) => shots::shots(&project, &args),
    }
}
