//! `cargo xtask clients`: programs that people use, as their packages have them, send traffic to a
//! Botscope, and what is stored is counted: all of it, and nothing twice.

mod nginx;

use crate::place::Place;
use crate::project::{Profile, Project};

pub(crate) fn clients(project: &Project) -> anyhow::Result<()> {
    for line in run(project)? {
        println!("{line}");
    }
    Ok(())
}

/// Runs them all; returns what was seen.
pub(crate) fn run(project: &Project) -> anyhow::Result<Vec<String>> {
    let server = project.build_server(Profile::Dev)?;
    let data = tempfile::tempdir()?;
    let place = Place::in_folder(&server, data.path());
    Ok(vec![nginx::send(&place)?])
}
