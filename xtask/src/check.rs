//! `cargo xtask check`: what can be said about the sources without running them.

use crate::direction;
use crate::process;
use crate::project::{NATIVE, Project, WASM_TARGET};
use crate::setup;
use crate::steps::{Report, Steps};
use crate::style;

pub(crate) fn check(project: &Project) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    take_steps(project, &mut steps);
    steps.finish()
}

/// The steps of the check, also the first ones of the tests.
pub(crate) fn take_steps(project: &Project, steps: &mut Steps) {
    steps.take("formatting", || {
        process::run(project.cargo().args(["fmt", "--all", "--check"]))?;
        Ok(Report::default())
    });
    steps.take("direction of dependencies", || {
        direction::check(project)?;
        Ok(Report::default())
    });
    steps.take("classes of the style sheet", || {
        style::check(project)?;
        Ok(Report::default())
    });
    steps.take("clippy, server", || {
        let mut clippy = project.cargo();
        clippy.arg("clippy").args(NATIVE).arg("--all-targets");
        process::run(clippy.args(["--", "--deny", "warnings"]))?;
        Ok(Report::default())
    });
    steps.take("clippy, console", || {
        setup::wasm_target(project)?;
        let mut clippy = project.cargo();
        clippy.args(["clippy", "--package", "app", "--target", WASM_TARGET]);
        process::run(clippy.args(["--", "--deny", "warnings"]))?;
        Ok(Report::default())
    });
}
