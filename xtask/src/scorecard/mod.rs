//! `cargo xtask scorecard`: how good the judgement is on labelled data, by `botscope evaluate`
//! with its default settings, and on real logs of which something is known. The data are not
//! part of the project; nothing here is tuned to them.

mod log;
mod real;
mod suite;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Map, Value};

use crate::process;
use crate::project::{Profile, Project};
pub(crate) use log::{for_each_line, is_browser};

#[derive(Args)]
pub(crate) struct ScorecardArgs {
    /// Where the folders `labelled` and `real` are; `../shared/data` beside the project unless
    /// given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Writes all figures as one JSON object, by what was evaluated.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(crate) fn scorecard(project: &Project, args: &ScorecardArgs) -> anyhow::Result<()> {
    let data = match &args.data {
        Some(data) => data.clone(),
        None => project.root.join("../shared/data"),
    };
    let labelled = data.join("labelled");
    let folders = folders(&labelled)?;
    let evaluator = Evaluator {
        binary: project.build_server(Profile::Dev)?,
        scratch: tempfile::tempdir()?,
    };
    let mut cards = Map::new();
    for folder in &folders {
        let name = name_of(folder);
        if folder.join("truth.tsv").is_file() {
            for log in logs(folder)? {
                let title = format!("{name}/{}", name_of(&log));
                let card = evaluator.show(&title, &folder.join("truth.tsv"), &log)?;
                cards.insert(title, card);
            }
        }
        if folder.join("expect.tsv").is_file() {
            cards.insert(name.clone(), suite::run(&evaluator, &name, folder)?);
        }
    }
    for log in logs(&data.join("real")).unwrap_or_default() {
        let title = format!("real/{}", name_of(&log));
        let truth = evaluator.write_truth(&real::truth(&log)?)?;
        cards.insert(title.clone(), evaluator.show(&title, &truth, &log)?);
    }
    if let Some(path) = &args.json {
        let text = format!("{:#}\n", Value::Object(cards));
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// Runs `botscope evaluate`.
struct Evaluator {
    binary: PathBuf,
    scratch: tempfile::TempDir,
}

impl Evaluator {
    /// Prints the scorecard of one log and returns it.
    fn show(&self, title: &str, truth: &Path, log: &Path) -> anyhow::Result<Value> {
        println!("\n== {title}");
        process::run(&mut self.command(truth, log))?;
        self.card(truth, log, &[])
    }

    /// The scorecard of one log.
    fn card(&self, truth: &Path, log: &Path, more: &[&str]) -> anyhow::Result<Value> {
        let text = process::output(self.command(truth, log).arg("--json").args(more))?;
        Ok(serde_json::from_str(&text)?)
    }

    fn command(&self, truth: &Path, log: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("evaluate").arg("--truth").arg(truth).arg(log);
        command
    }

    /// A truth for the next evaluation.
    fn write_truth(&self, rows: &str) -> anyhow::Result<PathBuf> {
        let path = self.scratch.path().join("truth.tsv");
        fs::write(&path, format!("actor\tclass\n{rows}"))?;
        Ok(path)
    }
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let found = entries(folder)?;
    let found: Vec<PathBuf> = found.into_iter().filter(|path| path.is_dir()).collect();
    if found.is_empty() {
        bail!(
            "no labelled data in {}; name a folder with --data",
            folder.display()
        );
    }
    Ok(found)
}

/// The logs of a folder, by name.
fn logs(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = entries(folder)?;
    found.retain(|path| name_of(path).ends_with(".log.gz"));
    Ok(found)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("no data in {}; name a folder with --data", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        found.push(entry?.path());
    }
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
