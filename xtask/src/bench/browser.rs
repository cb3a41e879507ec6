//! Measures in a browser (`end2end/bench/`): how soon the first heatmap is there, and how
//! evenly it follows the mouse.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Context;

use super::figures::Figures;
use crate::browser;
use crate::place::Place;
use crate::process;
use crate::project::Project;

pub(super) fn measure(
    project: &Project,
    place: &Place,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let measured = folder.path().join("browser.json");
    let mut command = browser::playwright(project, "bench", &place.binary)?;
    command.env("BOTSCOPE_DATA", &place.data);
    command.env("BENCH_OUT", &measured);
    process::run(&mut command)?;
    let text = fs::read_to_string(&measured).context("the browser measured nothing")?;
    let measured: BTreeMap<String, f64> = serde_json::from_str(&text)?;
    for (name, value) in measured {
        let unit = if name.ends_with("_ms") { "ms" } else { "" };
        figures.add(&name, value, unit);
    }
    Ok(())
}
