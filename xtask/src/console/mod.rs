//! Builds the console into `dist/`: of each of its two programs WASM, JavaScript glue and page,
//! one stylesheet and fonts, under names that carry a hash of the content (but for the pages),
//! each with its brotli twin.
//! Serving them is the server's work (`server/src/http/assets.rs`).

mod css;
mod files;
mod fingerprint;
mod fold;
mod names;
mod order;
mod page;
mod renumber;
mod wasm;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::project::Project;
pub(crate) use css::without_comments;
use files::{Files, Names};

/// The largest `.wasm` after brotli that `test` lets pass, of each program.
pub(crate) const WASM_BUDGET: u64 = 400 * 1024;

/// The programs by their binaries, each with the page that starts it.
const PROGRAMS: [(&str, &str); 2] = [("explorer", "index.html"), ("settings", "settings.html")];

/// The size of a program's WASM after brotli, in bytes.
pub(crate) struct Size {
    pub(crate) program: &'static str,
    pub(crate) bytes: u64,
}

/// Builds the console unless `dist/` already holds the one that the sources describe. Returns
/// how large its programs are.
pub(crate) fn build(project: &Project) -> anyhow::Result<Vec<Size>> {
    let fingerprint = fingerprint::of_sources(&project.root)?;
    let dist = project.dist();
    if !fingerprint::matches(&dist, &fingerprint) {
        let files = assemble(&project.root, compile(project)?, &fingerprint)?;
        replace(&dist, &files)?;
    }
    println!("console: in {}, wasm after brotli:", dist.display());
    let mut sizes = Vec::new();
    for (program, _) in PROGRAMS {
        let bytes = wasm_size(&dist, program)?;
        println!("  {program} {}", kib(bytes));
        sizes.push(Size { program, bytes });
    }
    Ok(sizes)
}

/// Builds the console and fails if a program's WASM is over the budget.
pub(crate) fn build_within_budget(project: &Project) -> anyhow::Result<()> {
    for size in build(project)? {
        if size.bytes > WASM_BUDGET {
            bail!(
                "the wasm of {} is {} after brotli, the budget is {}",
                size.program,
                kib(size.bytes),
                kib(WASM_BUDGET)
            );
        }
    }
    Ok(())
}

fn compile(project: &Project) -> anyhow::Result<Vec<wasm::Program>> {
    crate::setup::wasm_target(project)?;
    wasm::compile(project, &PROGRAMS.map(|(program, _)| program))
}

/// Gives every file its name and ties them together.
fn assemble(root: &Path, programs: Vec<wasm::Program>, fingerprint: &str) -> anyhow::Result<Files> {
    let style = root.join("style");
    let app = root.join("app");
    let mut files = Files::default();
    let mut names = Names::default();

    for name in css::fonts(&style)? {
        let bytes = fs::read(style.join(&name)).with_context(|| format!("reading {name}"))?;
        names.insert(&name, files.add_hashed(&name, bytes));
    }
    let stylesheet = css::bundle(&style, &names)?;
    let stylesheet = files.add_hashed("main.css", stylesheet.into_bytes());
    names.insert("main.css", stylesheet);

    let template = fs::read_to_string(app.join("index.html")).context("reading app/index.html")?;
    for (program, (_, page_name)) in programs.into_iter().zip(PROGRAMS) {
        // In the page both programs go by the same name.
        let wasm = files.add_hashed(&format!("{}_bg.wasm", program.name), program.wasm);
        let glue = wasm::start(&program.glue, &wasm);
        let glue = files.add_hashed(&format!("{}.js", program.name), glue.into_bytes());
        names.insert("app_bg.wasm", wasm);
        names.insert("app.js", glue);
        for reference in page::local_references(&template) {
            let name = reference.trim_start_matches('/').to_owned();
            if !names.contains(&name) {
                let bytes = fs::read(app.join(&name)).with_context(|| {
                    format!("app/index.html refers to `{name}`, which is not there")
                })?;
                names.insert(&name, files.add_hashed(&name, bytes));
            }
        }
        let page = page::fill(&template, &names, fingerprint)?;
        files.add(page_name, page.into_bytes());
    }
    files.compress()?;
    Ok(files)
}

/// Puts the files in place of whatever `dist/` held; an interrupted build leaves the old one.
fn replace(dist: &Path, files: &Files) -> anyhow::Result<()> {
    let fresh = dist.with_extension("new");
    remove(&fresh)?;
    files.write(&fresh)?;
    remove(dist)?;
    fs::rename(&fresh, dist).with_context(|| format!("moving into {}", dist.display()))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The size of a program's WASM after brotli in a built console.
fn wasm_size(dist: &Path, program: &str) -> anyhow::Result<u64> {
    let start = format!("{program}_bg-");
    for entry in fs::read_dir(dist)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&start) && name.ends_with(".wasm.br") {
            return Ok(entry.metadata()?.len());
        }
    }
    bail!("no wasm of {program} in {}", dist.display())
}

fn kib(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
