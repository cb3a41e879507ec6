//! `cargo xtask dist --out FILE`: one self-contained release binary, console inside.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::console;
use crate::guided;
use crate::project::Project;

pub(crate) fn dist(project: &Project, out: &Path, unguided: bool) -> anyhow::Result<()> {
    console::build_within_budget(project)?;
    let server = guided::build_unless(project, unguided)?.binary;
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    let bytes = fs::copy(&server, out).with_context(|| format!("writing {}", out.display()))?;
    let mib = bytes as f64 / f64::from(1 << 20);
    println!("{}: {mib:.1} MiB", out.display());
    Ok(())
}
