//! `cargo xtask soak`: what takes too long for every test run.

use clap::Args;

use crate::kill;
use crate::place::Place;
use crate::postgres::{Care, Cluster};
use crate::project::{Profile, Project};

#[derive(Args)]
pub(crate) struct SoakArgs {
    /// How often the server is killed while it takes traffic, on each store.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Decides when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Uses the binary that the tests use, which is slower and sooner there.
    #[arg(long)]
    dev: bool,
}

pub(crate) fn soak(project: &Project, args: &SoakArgs) -> anyhow::Result<()> {
    let profile = match args.dev {
        true => Profile::Dev,
        false => Profile::Release,
    };
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
