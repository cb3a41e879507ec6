//! Drives the Playwright project in `end2end/`: its tests, and the scripts that take pictures
//! and measure. Each starts the real binary by itself.

use std::path::Path;
use std::process::Command;

use crate::project::Project;
use crate::setup;

/// `npx playwright test` with one of the projects of `end2end/playwright.config.ts`.
pub(crate) fn playwright(project: &Project, name: &str, server: &Path) -> anyhow::Result<Command> {
    let browser = setup::browser_tests(project)?;
    let mut command = Command::new("npx");
    command.current_dir(project.end2end());
    command.args(["playwright", "test", "--project", name]);
    command.env("BOTSCOPE_BIN", server);
    if let Some(browser) = browser {
        command.env("BOTSCOPE_BROWSER", browser);
    }
    Ok(command)
}
