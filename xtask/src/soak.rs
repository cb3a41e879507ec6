//! `cargo xtask soak`: what takes too long for every test run.

use clap::Args;

use crate::kill;
use crate::place::Place;
use crate::postgres::{Care, Cluster};
use crate::process;
use crate::project::{NATIVE, Profile, Project};

#[derive(Args)]
pub(crate) struct SoakArgs {
    /// How often the server is killed while it takes traffic, on each store.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Decides when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many made-up inputs each decoder of what strangers send is given.
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
    /// Uses the binary that the tests use, which is slower and sooner there.
    #[arg(long)]
    dev: bool,
}

pub(crate) fn soak(project: &Project, args: &SoakArgs) -> anyhow::Result<()> {
    let profile = match args.dev {
        true => Profile::Dev,
        false => Profile::Release,
    };
    fuzz_decoders(project, profile, args.inputs)?;
    let binary = project.build_server(profile)?;
    let data = tempfile::tempdir()?;
    let place = Place::in_folder(&binary, data.path());
    println!("{}", kill::kill(&place, args.kills, args.seed)?.check()?);

    let cluster = Cluster::start(Care::Durable)?;
    let data = tempfile::tempdir()?;
    let database = cluster.create_database("soak")?;
    let place = Place::in_database(&binary, data.path(), database);
    println!("{}", kill::kill(&place, args.kills, args.seed)?.check()?);
    Ok(())
}

/// The tests do the same with fewer inputs.
fn fuzz_decoders(project: &Project, profile: Profile, inputs: u64) -> anyhow::Result<()> {
    let mut command = project.cargo();
    command.arg("test");
    match profile {
        Profile::Dev => command.args(NATIVE),
        Profile::Release => command.args(["--package", "server", "--release"]),
    };
    command
        .args(["--lib", "ingest::fuzz", "--", "--nocapture"])
        .env("BOTSCOPE_FUZZ_INPUTS", inputs.to_string());
    process::run(&mut command)
}
