//! Builds the console into `dist/`: WASM and its JavaScript glue, one stylesheet, fonts and
//! `index.html`, under names that carry a hash of the content, each with its brotli twin.
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

/// The largest `.wasm` after brotli that `test` lets pass.
pub(crate) const WASM_BUDGET: u64 = 400 * 1024;

/// Builds the console unless `dist/` already holds the one that the sources describe. Returns
/// the size of its WASM after brotli, in bytes.
pub(crate) fn build(project: &Project) -> anyhow::Result<u64> {
    let fingerprint = fingerprint::of_sources(&project.root)?;
    let dist = project.dist();
    if !fingerprint::matches(&dist, &fingerprint) {
        let console = compile(project)?;
        let files = assemble(&project.root, console, &fingerprint)?;
        replace(&dist, &files)?;
    }
    let size = wasm_size(&dist)?;
    println!(
        "console: {} of wasm after brotli, in {}",
        kib(size),
        dist.display()
    );
    Ok(size)
}

/// Builds the console and fails if its WASM is over the budget.
pub(crate) fn build_within_budget(project: &Project) -> anyhow::Result<u64> {
    let size = build(project)?;
    if size > WASM_BUDGET {
        bail!(
            "the console's wasm is {} after brotli, the budget is {}",
            kib(size),
            kib(WASM_BUDGET)
        );
    }
    Ok(size)
}

fn compile(project: &Project) -> anyhow::Result<wasm::Console> {
    crate::setup::wasm_target(project)?;
    wasm::compile(project)
}

/// Gives every file its name and ties them together.
fn assemble(root: &Path, console: wasm::Console, fingerprint: &str) -> anyhow::Result<Files> {
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

    let wasm = files.add_hashed("app_bg.wasm", console.wasm);
    let glue = wasm::start(&console.glue, &wasm);
    names.insert("app_bg.wasm", wasm);
    names.insert("app.js", files.add_hashed("app.js", glue.into_bytes()));

    let template = fs::read_to_string(app.join("index.html")).context("reading app/index.html")?;
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
    files.add("index.html", page.into_bytes());
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

/// The size of the WASM after brotli in a built console.
fn wasm_size(dist: &Path) -> anyhow::Result<u64> {
    for entry in fs::read_dir(dist)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(".wasm.br") {
            return Ok(entry.metadata()?.len());
        }
    }
    bail!("no wasm in {}", dist.display())
}

fn kib(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
