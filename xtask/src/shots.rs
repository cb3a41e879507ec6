//! `cargo xtask shots --out DIR`: pictures of every page, both themes, both widths.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::browser;
use crate::console;
use crate::process;
use crate::project::{Profile, Project};

#[derive(Args)]
pub(crate) struct ShotsArgs {
    /// Where the pictures go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// An existing store to look at, not in use by a running server; the traffic of the tests
    /// unless given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(crate) fn shots(project: &Project, args: &ShotsArgs) -> anyhow::Result<()> {
    console::build(project)?;
    let server = project.build_server(Profile::Dev)?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("creating {}", args.out.display()))?;
    let mut command = browser::playwright(project, "shots", &server)?;
    command.env("SHOTS_OUT", args.out.canonicalize()?);
    if let Some(data) = &args.data {
        let data = data
            .canonicalize()
            .with_context(|| format!("no store in {}", data.display()))?;
        command.env("BOTSCOPE_DATA", data);
    }
    process::run(&mut command)
}
