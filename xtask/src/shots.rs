//! `cargo xtask shots --out DIR`: pictures of every page and panel, both themes, both widths.
//! Which there are is a table in `end2end/shots/scenes.ts`.

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
    /// Only pictures whose names match, e.g. `attack-.* dark 1440`.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
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
    if let Some(pattern) = &args.only {
        command.args(["--grep", pattern]);
    }
    process::run(&mut command)
}
