//! `cargo xtask test`: everything that continuous integration checks, on a bare machine too.

use std::process::Command;

use crate::browser;
use crate::check;
use crate::clients;
use crate::console;
use crate::kill;
use crate::postgres::{Care, Cluster};
use crate::process;
use crate::project::{NATIVE, Profile, Project};
use crate::steps::{Report, Steps, Tally};

pub(crate) fn test(project: &Project) -> anyhow::Result<()> {
    // Its last part keeps one core busy and the other waiting, so it is built beside what comes
    // before it is needed.
    std::thread::scope(|scope| {
        let console = scope.spawn(|| console::build_within_budget(project));
        take_steps(project, || match console.join() {
            Ok(built) => built,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

/// The steps; `console` returns when the console is there.
fn take_steps(
    project: &Project,
    console: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    check::take_steps(project, &mut steps);
    steps.take("Rust tests, server", || {
        let postgres = Cluster::start(Care::None)?;
        cargo_test(project, NATIVE, |command| postgres.announce(command))
    });
    steps.take("Rust tests, console", || {
        cargo_test(project, &["--package", "app", "--lib"], |_| {})
    });
    let console_built = steps.take("console, within its size budget", || {
        console()?;
        Ok(Report::default())
    });
    steps.take("server, killed while it takes traffic", || killed(project));
    steps.take("traffic of programs that people use", || {
        let summary = clients::run(project)?;
        Ok(Report {
            summary,
            ..Report::default()
        })
    });
    if console_built {
        steps.take("browser tests", || browser_tests(project));
    } else {
        steps.skip("browser tests", "there is no console to test");
    }
    steps.finish()
}

fn cargo_test(
    project: &Project,
    packages: &[&str],
    prepare: impl FnOnce(&mut Command),
) -> anyhow::Result<Report> {
    let mut command = project.cargo();
    prepare(&mut command);
    command.arg("test").args(packages).arg("--no-fail-fast");
    let mut report = Report::default();
    let mut tally = Tally::default();
    let succeeded = process::watch(&mut command, |line| {
        if let Some(counts) = line.strip_prefix("test result: ") {
            let passed = count_before(counts, " passed").unwrap_or(0);
            let failed = count_before(counts, " failed").unwrap_or(0);
            tally.passed += passed;
            tally.failed += failed;
            if passed + failed > 0 {
                report.summary.push(line.to_owned());
            }
        }
    })?;
    close(report, tally, succeeded, &command)
}

/// How often the server is killed on each store; `soak` does it longer.
const KILLS: u32 = 4;

fn killed(project: &Project) -> anyhow::Result<Report> {
    let server = project.build_server(Profile::Dev)?;
    let cluster = Cluster::start(Care::None)?;
    let summary = kill::on_both(&server, &cluster, KILLS, 1)?;
    Ok(Report {
        summary,
        ..Report::default()
    })
}

fn browser_tests(project: &Project) -> anyhow::Result<Report> {
    let server = project.build_server(Profile::Dev)?;
    let mut command = browser::playwright(project, "tests", &server)?;
    process::run(
        Command::new("npx")
            .args(["tsc"])
            .current_dir(project.end2end()),
    )?;
    let mut report = Report::default();
    let mut tally = Tally::default();
    let succeeded = process::watch(&mut command, |line| {
        // Playwright closes with lines such as `  12 passed (34.5s)` and `  1 flaky`.
        let line = line.trim();
        let passed = leading_count(line, " passed");
        let failed = [" failed", " flaky", " did not run"]
            .iter()
            .find_map(|word| leading_count(line, word));
        tally.passed += passed.unwrap_or(0);
        tally.failed += failed.unwrap_or(0);
        if passed.or(failed).is_some() {
            report.summary.push(line.to_owned());
        }
    })?;
    close(report, tally, succeeded, &command)
}

/// A runner that fails without saying which test did so has failed as a whole.
fn close(
    mut report: Report,
    tally: Tally,
    succeeded: bool,
    command: &Command,
) -> anyhow::Result<Report> {
    if !succeeded && tally.failed == 0 {
        anyhow::bail!("`{}` failed", process::describe(command));
    }
    report.tally = Some(tally);
    Ok(report)
}

/// The number right before `word` in `text`.
fn count_before(text: &str, word: &str) -> Option<u64> {
    let (before, _) = text.split_once(word)?;
    before.rsplit(' ').next()?.parse().ok()
}

/// The number that `line` begins with, if `word` follows it.
fn leading_count(line: &str, word: &str) -> Option<u64> {
    let (count, rest) = line.split_at(line.find(' ')?);
    let is_whole_word = rest == word || rest.starts_with(&format!("{word} "));
    is_whole_word.then(|| count.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_cargo_is_understood() {
        let line = "ok. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(count_before(line, " passed"), Some(12));
        assert_eq!(count_before(line, " failed"), Some(3));
    }

    #[test]
    fn the_summary_of_playwright_is_understood() {
        assert_eq!(leading_count("12 passed (3.4s)", " passed"), Some(12));
        assert_eq!(leading_count("12 tests have passed", " passed"), None);
        assert_eq!(leading_count("1 did not run", " did not run"), Some(1));
    }
}
