//! `cargo xtask api-fuzz`: schemathesis makes up requests from the server's own OpenAPI document
//! and sends them to a server on each database, with a token of each role and as somebody who has
//! signed in. It needs Python and the network, so it is no part of the tests. Who asks is made in
//! `callers`.

mod callers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::place::Place;
use crate::postgres::{Care, Cluster};
use crate::process;
use crate::project::{Profile, Project};
use crate::server::Server;
use crate::steps::seconds;
use callers::{CALLERS, Caller};

/// What must hold of every answer: no fault of the server, nothing that the document does not say.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

/// What would take from the caller the very credential that it asks with.
const LEFT_OUT: [&str; 3] = [
    "/api/v1/tokens/{id}",
    "/api/v1/me/logins/{id}",
    "/api/v1/me/tenant",
];

#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// How many requests are made up for each route, by each caller, besides those that try the
    /// edges of every parameter.
    #[arg(long, default_value_t = 50)]
    examples: u32,
    /// The seed; the same makes up the same.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// A schemathesis that is installed already (`st`); otherwise it is installed into `target/`.
    #[arg(long, value_name = "FILE")]
    schemathesis: Option<PathBuf>,
    /// Only with a token of this role, or as somebody who has signed in.
    #[arg(long, value_name = "ROLE", value_parser = clap::builder::PossibleValuesParser::new(CALLERS))]
    role: Option<String>,
    /// Only on this database.
    #[arg(long, value_enum)]
    store: Option<Database>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What one caller's requests came to.
struct Run {
    what: String,
    cases: u64,
    time: String,
    succeeded: bool,
}

pub(crate) fn fuzz(project: &Project, args: &FuzzArgs) -> anyhow::Result<()> {
    let server = project.build_server(Profile::Dev)?;
    let tool = match &args.schemathesis {
        Some(tool) => tool.clone(),
        None => install(project)?,
    };
    let mut runs = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        if args.store.is_none_or(|wanted| wanted == database) {
            runs.extend(fuzz_on(database, project, args, &server, &tool)?);
        }
    }
    println!();
    for run in &runs {
        let found = if run.succeeded { "" } else { ", FAILED" };
        println!("{}: {} cases in {}{found}", run.what, run.cases, run.time);
    }
    let failed: Vec<&str> = runs
        .iter()
        .filter(|run| !run.succeeded)
        .map(|run| run.what.as_str())
        .collect();
    if !failed.is_empty() {
        bail!("schemathesis found something: {}", failed.join("; "));
    }
    Ok(())
}

fn fuzz_on(
    database: Database,
    project: &Project,
    args: &FuzzArgs,
    binary: &Path,
    tool: &Path,
) -> anyhow::Result<Vec<Run>> {
    let cluster = match database {
        Database::Sqlite => None,
        Database::Postgres => Some(Cluster::start(Care::None)?),
    };
    let data = project.target.join(format!("api-fuzz-{}", database.name()));
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let place = match &cluster {
        Some(cluster) => Place::in_database(binary, &data, cluster.url()),
        None => Place::in_folder(binary, &data),
    };
    process::run(
        place
            .botscope("demo")
            .args(["--history-only", "--hours", "3"]),
    )?;
    let mut callers = callers::with_tokens(&place)?;
    callers::add_account(&place)?;
    let server = Server::start(&place)?;
    let address = format!("http://{}", server.address);
    callers.push(callers::sign_in(&address)?);
    // Not all of them may read the document.
    let document = data.join("openapi.json");
    fs::write(&document, server.client().get("/api/v1/openapi.json")?)?;
    let mut runs = Vec::new();
    for Caller { name, header } in &callers {
        if args.role.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let what = format!("{}, {name}", database.name());
        println!("\n=== {what}");
        let mut run = Command::new(tool);
        run.arg("run").arg(&document);
        run.args(["--url", &address, "--checks", CHECKS]);
        run.args(["--phases", "examples,coverage,fuzzing"]);
        // A debug build has its time; the server itself gives up after half a minute.
        run.args(["--request-timeout", "60"]);
        run.args(["--continue-on-failure", "--no-color", "--warnings", "off"]);
        run.args(LEFT_OUT.iter().flat_map(|path| ["--exclude-path", path]));
        run.args(["--header", header]);
        run.args(["--max-examples", &args.examples.to_string()]);
        run.args(["--seed", &args.seed.to_string()]);
        run.current_dir(&data);
        let started = Instant::now();
        let mut cases = 0;
        let succeeded = process::watch(&mut run, |line| {
            cases = generated(line).unwrap_or(cases);
        })?;
        runs.push(Run {
            what,
            cases,
            time: seconds(started.elapsed()),
            succeeded,
        });
    }
    Ok(runs)
}

/// How many cases there were, if the line says so: `  1234 generated, ...`.
fn generated(line: &str) -> Option<u64> {
    let (count, _) = line.trim().split_once(" generated")?;
    count.replace(',', "").parse().ok()
}

/// Installs schemathesis where nothing else is; once.
fn install(project: &Project) -> anyhow::Result<PathBuf> {
    let place = project.target.join("schemathesis");
    let tool = place.join("bin/st");
    if !tool.exists() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
        let pip: &Path = &place.join("bin/pip");
        process::run(Command::new(pip).args(["install", "--quiet", "schemathesis>=4,<5"]))?;
    }
    Ok(tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_cases_is_read_from_what_schemathesis_says() {
        assert_eq!(generated("  1,234 generated, 1,200 passed"), Some(1_234));
        assert_eq!(generated("Test cases:"), None);
    }
}
