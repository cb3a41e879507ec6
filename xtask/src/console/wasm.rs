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

/// One compiled program of the console.
pub(super) struct Program {
    /// Its name, and that of its binary.
    pub(super) name: &'static str,
    pub(super) wasm: Vec<u8>,
    /// The JavaScript module that loads the WASM and calls between the two.
    pub(super) glue: String,
}

/// Compiles the programs of these names.
pub(super) fn compile(project: &Project, names: &[&'static str]) -> anyhow::Result<Vec<Program>> {
    let mut build = project.cargo();
    build.args(["build", "--package", "app", "--bins"]);
    build.args(["--target", WASM_TARGET, "--profile", "wasm-release"]);
    build.env(RUSTFLAGS, ERASED);
    process::run(&mut build)?;
    names.iter().map(|name| bind(project, name)).collect()
}

/// Binds a compiled program to the browser.
fn bind(project: &Project, name: &'static str) -> anyhow::Result<Program> {
    let module = project
        .target
        .join(WASM_TARGET)
        .join(format!("wasm-release/{name}.wasm"));
    let bound = project.target.join("console").join(name);
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
        .with_context(|| format!("binding {name} to the browser"))?;
    if bound.join("snippets").exists() {
        bail!("a dependency of the console brings JavaScript snippets, which dist/ can't hold");
    }
    let wasm = fs::read(bound.join(format!("{name}_bg.wasm")))?;
    let glue = fs::read_to_string(bound.join(format!("{name}.js")))?;
    let (wasm, glue) = shorten(&wasm, &glue)?;
    Ok(Program {
        name,
        wasm: order(&fold(&wasm)?)?,
        glue,
    })
}

/// The glue with its own start at the end: the page may hold no script of its own (its
/// content security policy), and one module less is one request less.
pub(super) fn start(glue: &str, wasm: &str) -> String {
    format!("{glue}\nawait __wbg_init({{ module_or_path: \"/{wasm}\" }});\n")
}
