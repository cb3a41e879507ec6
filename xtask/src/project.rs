//! Where things are: the project's root, the target directory, and cargo itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The native crates. In the dev profile always selected in the same way: another selection
/// would unify features differently and compile every dependency again.
pub(crate) const NATIVE: &[&str] = &["--workspace", "--exclude", "app"];

/// The server alone, as people run it.
pub(crate) const SERVER: &[&str] = &["--package", "server", "--release"];

/// The target the console is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A checkout of the project.
pub(crate) struct Project {
    /// The folder that holds `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
}

/// A profile that the server is built with.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// What the tests use; the engine is optimised in it.
    Dev,
    /// What people build who try it. What they are given is built by a profile too: see `guided`.
    Release,
}

impl Project {
    /// Finds the checkout that this program was compiled from.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in the project's root")?
            .to_path_buf();
        let metadata = metadata(&root)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target directory")?
            .into();
        Ok(Self { root, target })
    }

    /// Cargo, started in the project's root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// What `rustc --print` says, by the project's toolchain.
    pub(crate) fn rustc_prints(&self, args: &[&str]) -> anyhow::Result<String> {
        let mut print = Command::new("rustc");
        print.current_dir(&self.root).arg("--print").args(args);
        let printed = crate::process::output(&mut print)?;
        Ok(printed.trim().to_owned())
    }

    /// What cargo knows of the project's own crates.
    pub(crate) fn metadata(&self) -> anyhow::Result<serde_json::Value> {
        metadata(&self.root)
    }

    /// The folder of the browser tests.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// The built console.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Builds the server and returns the path of its binary.
    pub(crate) fn build_server(&self, profile: Profile) -> anyhow::Result<PathBuf> {
        let mut build = self.cargo();
        build.arg("build");
        let folder = match profile {
            Profile::Dev => {
                build.args(NATIVE);
                "debug"
            }
            Profile::Release => {
                build.args(SERVER);
                "release"
            }
        };
        crate::process::run(&mut build)?;
        Ok(server_in(&self.target.join(folder)))
    }
}

/// The server's binary in a folder that it was built into.
pub(crate) fn server_in(folder: &Path) -> PathBuf {
    folder.join(format!("botscope{}", std::env::consts::EXE_SUFFIX))
}

/// The cargo that started this program, or the one on the path.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn metadata(root: &Path) -> anyhow::Result<serde_json::Value> {
    let mut command = cargo();
    command
        .current_dir(root)
        .args(["metadata", "--no-deps", "--format-version=1"]);
    let text = crate::process::output(&mut command)?;
    serde_json::from_str(&text).context("cargo metadata does not speak JSON")
}
