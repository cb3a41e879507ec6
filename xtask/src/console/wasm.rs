//! Compiles the console to WASM and binds it to the browser.

use std::fs;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::fold::fold;
use super::names::shorten;
use super::order::order;
use crate::process;
use crate::project::{Project, WASM_TARGET};

/// Compiler flags for the console alone.
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Leptos hides the type of each component's view behind a pointer, in place of a type made of
/// all views inside it. The console gets a third smaller.
const ERASED: &str = "--cfg erase_components";

/// The compiled console.
pub(super) struct Console {
    pub(super) wasm: Vec<u8>,
    /// The JavaScript module that loads the WASM and calls between the two.
    pub(super) glue: String,
}

pub(super) fn compile(project: &Project) -> anyhow::Result<Console> {
    let mut build = project.cargo();
    build.args(["build", "--package", "app", "--lib"]);
    build.args(["--target", WASM_TARGET, "--profile", "wasm-release"]);
    build.env(RUSTFLAGS, ERASED);
    process::run(&mut build)?;

    let module = project
        .target
        .join(WASM_TARGET)
        .join("wasm-release/app.wasm");
    let bound = project.target.join("console");
    if bound.exists() {
        fs::remove_dir_all(&bound)?;
    }
    Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&bound)
        .context("binding the console to the browser")?;
    if bound.join("snippets").exists() {
        bail!("a dependency of the console brings JavaScript snippets, which dist/ can't hold");
    }
    let wasm = fs::read(bound.join("app_bg.wasm"))?;
    let glue = fs::read_to_string(bound.join("app.js"))?;
    let (wasm, glue) = shorten(&wasm, &glue)?;
    Ok(Console {
        wasm: order(&fold(&wasm)?)?,
        glue,
    })
}

/// The glue with its own start at the end: the page may hold no script of its own (its
/// content security policy), and one module less is one request less.
pub(super) fn start(glue: &str, wasm: &str) -> String {
    format!("{glue}\nawait __wbg_init({{ module_or_path: \"/{wasm}\" }});\n")
}
