//! What judging costs: time a request and memory an active actor, of 10⁴, 10⁵ and 10⁶ actors.
//! Measured by the engine's own example, on made-up traffic and the processor's time.

use anyhow::Context;

use super::figures::Figures;
use crate::process;
use crate::project::Project;

const ACTORS: &[(u32, &str)] = &[(10_000, "1e4"), (100_000, "1e5"), (1_000_000, "1e6")];
/// They come within this time, half of what one is remembered for …
const DAY: u32 = 720;
/// … or within this one, so that nearly all their sessions are open: the most that they can hold.
const CROWD: u32 = 25;

/// Measures each number of actors in a process of its own.
pub(super) fn measure(project: &Project, figures: &mut Figures) -> anyhow::Result<()> {
    let example = ["--package", "engine", "--example", "cost", "--release"];
    process::run(project.cargo().arg("build").args(example))?;
    for (actors, name) in ACTORS {
        for minutes in [DAY, CROWD] {
            let mut run = project.cargo();
            run.args(["run", "--quiet"]).args(example).arg("--");
            run.args([actors.to_string(), minutes.to_string()]);
            let found: serde_json::Value = serde_json::from_str(&process::output(&mut run)?)?;
            let number = |name: &str| found[name].as_f64().context("a figure of the example");
            let of = match minutes {
                DAY => (*name).to_owned(),
                _ => format!("{name}_in_session"),
            };
            let us = number("us_per_request")?;
            figures.add(&format!("judge_us_per_request_{of}"), us, "µs");
            let bytes = number("bytes_per_actor")?;
            figures.add(&format!("judge_bytes_per_actor_{of}"), bytes, "bytes");
        }
    }
    Ok(())
}
