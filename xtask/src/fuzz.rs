//! `cargo xtask api-fuzz`: schemathesis makes up requests from the server's own OpenAPI document and
//! sends them with a token of each role. It needs Python and the network, so it is no part of the
//! tests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;

use crate::process;
use crate::project::{Profile, Project};

/// Whom the API lets in.
const ROLES: &[&str] = &[
    "administrator",
    "analyst",
    "read_only",
    "ingest_only",
    "api_developer",
    "enforcer",
];

/// What must hold of every answer: no fault of the server, nothing that the document does not say.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// How many requests are made up for each route, by each role.
    #[arg(long, default_value_t = 50)]
    examples: u32,
    /// The seed; the same makes up the same.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// A schemathesis that is installed already (`st`); otherwise it is installed into `target/`.
    #[arg(long, value_name = "FILE")]
    schemathesis: Option<PathBuf>,
    /// Only this role.
    #[arg(long)]
    role: Option<String>,
}

pub(crate) fn fuzz(project: &Project, args: &FuzzArgs) -> anyhow::Result<()> {
    let server = project.build_server(Profile::Dev)?;
    let tool = match &args.schemathesis {
        Some(tool) => tool.clone(),
        None => install(project)?,
    };
    let data = project.target.join("api-fuzz");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let botscope = || {
        let mut command = Command::new(&server);
        command.env("BOTSCOPE_DATA", &data);
        command
    };
    process::run(botscope().args(["demo", "--history-only", "--hours", "3"]))?;
    let mut tokens = Vec::new();
    for role in ROLES {
        let told = process::output(botscope().args(["tokens", "add", role, "--role", role]))?;
        let secret = told
            .split_whitespace()
            .find(|word| word.starts_with("botscope_"));
        let secret = secret.context("`tokens add` prints the secret")?;
        tokens.push((*role, secret.to_owned()));
    }
    let (serving, address) =
        serve(botscope().args(["serve", "--offline", "--listen", "127.0.0.1:0"]))?;
    // Not all of the roles may read the document.
    let document = data.join("openapi.json");
    let (_, administrator) = &tokens[0];
    let header = format!("Authorization: Bearer {administrator}");
    let place = format!("{address}/api/v1/openapi.json");
    process::run(
        Command::new("curl")
            .args(["-fsS", "-H", &header, &place, "-o"])
            .arg(&document),
    )?;
    let mut failed = Vec::new();
    for (role, secret) in tokens {
        if args.role.as_deref().is_some_and(|wanted| wanted != role) {
            continue;
        }
        println!("\n=== {role}");
        let mut run = Command::new(&tool);
        run.arg("run").arg(&document);
        // Otherwise it revokes the token that it asks with.
        run.args(["--exclude-path", "/api/v1/tokens/{id}"]);
        run.args([
            "--url",
            &address,
            "--checks",
            CHECKS,
            "--continue-on-failure",
        ]);
        run.args([
            "--phases",
            "examples,coverage,fuzzing",
            "--no-color",
            "--warnings",
            "off",
        ]);
        run.args(["--header", &format!("Authorization: Bearer {secret}")]);
        run.args(["--max-examples", &args.examples.to_string()]);
        run.args(["--seed", &args.seed.to_string()]);
        run.current_dir(&data);
        if process::run(&mut run).is_err() {
            failed.push(role);
        }
    }
    drop(serving);
    if !failed.is_empty() {
        bail!("schemathesis found something as {}", failed.join(", "));
    }
    Ok(())
}

/// A server that ends with this.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server; returns it with its address.
fn serve(command: &mut Command) -> anyhow::Result<(Serving, String)> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut serving = Serving(child.context("cannot start the server")?);
    let stdout = serving
        .0
        .stdout
        .take()
        .context("the output was asked for")?;
    for line in BufReader::new(stdout).lines() {
        if let Some((_, address)) = line?.split_once(" is at ") {
            return Ok((serving, address.trim().to_owned()));
        }
    }
    bail!("the server ended before it listened")
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
