//! `cargo xtask dist --out FILE`: one self-contained release binary, console inside.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::console;
use crate::project::{Profile, Project};

pub(crate) fn dist(project: &Project, out: &Path) -> anyhow::Result<()> {
    console::build_within_budget(project)?;
    let server = project.build_server(Profile::Release)?;
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    let bytes = fs::copy(&server, out).with_context(|| format!("writing {}", out.display()))?;
    let mib = bytes as f64 / f64::from(1 << 20);
    println!("{}: {mib:.1} MiB", out.display());
    Ok(())
}
