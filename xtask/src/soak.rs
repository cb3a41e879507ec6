//! `cargo xtask soak`: what takes too long for every test run.

use clap::Args;

use crate::kill;
use crate::postgres::{Care, Cluster};
use crate::process;
use crate::project::{NATIVE, Profile, Project};
use crate::steps::{Report, Steps};

#[derive(Args)]
pub(crate) struct SoakArgs {
    /// How often the server is killed while it takes traffic, on each store; not at all with 0.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Decides when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many made-up inputs each decoder of what strangers send is given; none with 0.
    #[arg(long, default_value_t = 10_000_000)]
    fuzz: u64,
    /// Uses the binary that the tests use, which is slower and sooner there.
    #[arg(long)]
    dev: bool,
}

pub(crate) fn soak(project: &Project, args: &SoakArgs) -> anyhow::Result<()> {
    let profile = match args.dev {
        true => Profile::Dev,
        false => Profile::Release,
    };
    let mut steps = Steps::default();
    if args.fuzz > 0 {
        steps.take("decoders, given what is made up", || {
            fuzz_decoders(project, profile, args.fuzz)
        });
    }
    if args.kills > 0 {
        steps.take("server, killed while it takes traffic", || {
            let server = project.build_server(profile)?;
            let cluster = Cluster::start(Care::Durable)?;
            let summary = kill::on_both(&server, &cluster, args.kills, args.seed)?;
            Ok(Report {
                summary,
                ..Report::default()
            })
        });
    }
    steps.finish()
}

/// The tests do the same with fewer inputs.
fn fuzz_decoders(project: &Project, profile: Profile, inputs: u64) -> anyhow::Result<Report> {
    let mut command = project.cargo();
    command.arg("test");
    match profile {
        Profile::Dev => command.args(NATIVE),
        Profile::Release => command.args(["--package", "server", "--lib", "--release"]),
    };
    command
        .args(["ingest::fuzz", "--", "--nocapture"])
        .env("BOTSCOPE_FUZZ_INPUTS", inputs.to_string());
    let mut report = Report::default();
    let succeeded = process::watch(&mut command, |line| {
        if line.contains("the slowest took") {
            report.summary.push(line.to_owned());
        }
    })?;
    anyhow::ensure!(succeeded, "`{}` failed", process::describe(&command));
    anyhow::ensure!(!report.summary.is_empty(), "no decoder was given anything");
    Ok(report)
}
