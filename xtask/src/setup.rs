//! What the tasks need from outside: the wasm target, LLVM's tools, Node.js, a browser, npm packages,
//! PostgreSQL, the programs that send traffic.
//! Installs what is missing where it may (rustup, npm, Debian packages when root); otherwise
//! the error says exactly what to install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;
use crate::project::{Project, WASM_TARGET};

/// The oldest Node.js that the browser tests run on.
const NODE_MAJOR: u32 = 18;

/// Where systems put a browser that Playwright can drive.
const BROWSERS: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
];

/// Makes sure that Rust can compile for the browser.
pub(crate) fn wasm_target(project: &Project) -> anyhow::Result<()> {
    let libraries = project.rustc_prints(&["target-libdir", "--target", WASM_TARGET]);
    if libraries.is_ok_and(|dir| Path::new(&dir).exists()) {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.current_dir(&project.root);
    add.args(["target", "add", WASM_TARGET]);
    process::run(&mut add).with_context(|| {
        format!("Rust's target {WASM_TARGET} is missing; install it for this toolchain")
    })
}

/// Makes sure that what programs counted of themselves can be made a profile for the compiler, and
/// returns what does that.
pub(crate) fn profile_merger(project: &Project) -> anyhow::Result<PathBuf> {
    let libraries = project.rustc_prints(&["target-libdir"])?;
    let merger = Path::new(&libraries).with_file_name("bin/llvm-profdata");
    if !merger.exists() {
        let mut add = Command::new("rustup");
        add.current_dir(&project.root);
        add.args(["component", "add", "llvm-tools"]);
        process::run(&mut add).context("Rust's llvm-tools are missing; install them")?;
    }
    Ok(merger)
}

/// Makes sure that Node.js can run what is in `end2end`, with its packages.
pub(crate) fn node(project: &Project) -> anyhow::Result<()> {
    let mut missing = Vec::new();
    if node_major().is_none_or(|major| major < NODE_MAJOR) {
        missing.push("nodejs");
    }
    if !process::succeeds(Command::new("npm").arg("--version")) {
        missing.push("npm");
    }
    if !missing.is_empty() {
        let elsewhere = format!("Node.js {NODE_MAJOR} or newer with npm");
        install_debian(&missing, "the tests need Node.js", &elsewhere)?;
    }
    if let Some(major) = node_major().filter(|major| *major < NODE_MAJOR) {
        bail!("Node.js {major} is too old for the tests; {NODE_MAJOR} or newer is needed");
    }
    npm_packages(project)
}

/// Makes sure that the browser tests can run, and returns the browser to run them in; `None`
/// stands for the one that Playwright itself has installed.
pub(crate) fn browser_tests(project: &Project) -> anyhow::Result<Option<PathBuf>> {
    node(project)?;
    if system_browser().is_none() && !playwrights_own_browser(project) {
        let elsewhere = "a browser by `npx --prefix end2end playwright install chromium`";
        install_debian(&["chromium"], "the browser tests need a browser", elsewhere)?;
    }
    Ok(system_browser())
}

/// Makes sure that there is a PostgreSQL to start, and returns the folder of its programs.
pub(crate) fn postgres() -> anyhow::Result<PathBuf> {
    if postgres_programs().is_none() {
        install_debian(
            &["postgresql"],
            "the tests of the store need PostgreSQL 15 or newer",
            "its programs (initdb, postgres) on the PATH",
        )?;
    }
    postgres_programs().context("PostgreSQL is installed, but there is no initdb")
}

/// Programs that send traffic in the tests with real clients.
pub(crate) struct Senders {
    pub(crate) nginx: PathBuf,
    pub(crate) caddy: PathBuf,
    pub(crate) haproxy: PathBuf,
    pub(crate) rsyslog: PathBuf,
}

/// Makes sure that they are there to be started.
pub(crate) fn senders() -> anyhow::Result<Senders> {
    let mut missing = Vec::new();
    for (program, package) in [
        ("nginx", "nginx"),
        ("caddy", "caddy"),
        ("haproxy", "haproxy"),
        ("rsyslogd", "rsyslog"),
    ] {
        if find_program(program).is_none() {
            missing.push(package);
        }
    }
    if !has_rsyslogs_elasticsearch() {
        missing.push("rsyslog-elasticsearch");
    }
    if !missing.is_empty() {
        let elsewhere = "nginx, Caddy, HAProxy and rsyslog with its omelasticsearch";
        install_debian(&missing, "the tests with real clients need more", elsewhere)?;
    }
    let found =
        |name| find_program(name).with_context(|| format!("{name} is installed, but not found"));
    Ok(Senders {
        nginx: found("nginx")?,
        caddy: found("caddy")?,
        haproxy: found("haproxy")?,
        rsyslog: found("rsyslogd")?,
    })
}

/// Whether rsyslog can send to an Elasticsearch. Debian has its modules in a folder of the
/// machine's architecture.
fn has_rsyslogs_elasticsearch() -> bool {
    let below = fs::read_dir("/usr/lib").into_iter().flatten();
    let folders = below.flatten().map(|entry| entry.path());
    let mut folders = folders.chain(["/usr/lib64", "/usr/lib"].map(PathBuf::from));
    folders.any(|folder| folder.join("rsyslog/omelasticsearch.so").exists())
}

/// A program on the path, or where only root has it there.
fn find_program(name: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&on_path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

/// Where Debian puts the programs of its newest version; elsewhere they are on the path.
fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    folders.sort_unstable();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let newest = folders.into_iter().rev().map(|(_, folder)| folder);
    newest
        .chain(std::env::split_paths(&on_path))
        .find(|folder| folder.join("initdb").exists())
}

fn system_browser() -> Option<PathBuf> {
    BROWSERS
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
}

/// Whether Playwright has a browser of its own.
fn playwrights_own_browser(project: &Project) -> bool {
    let script = "const { chromium } = require('@playwright/test');
        process.exit(require('fs').existsSync(chromium.executablePath()) ? 0 : 1);";
    let mut node = Command::new("node");
    node.current_dir(project.end2end()).args(["-e", script]);
    process::succeeds(&mut node)
}

fn node_major() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn install_debian(packages: &[&str], why: &str, elsewhere: &str) -> anyhow::Result<()> {
    let names = packages.join(" ");
    if !is_root() || !process::succeeds(Command::new("apt-get").arg("--version")) {
        bail!("{why}; on Debian: `sudo apt-get install {names}`; elsewhere {elsewhere}");
    }
    println!("installing {names}");
    process::run(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    install.args(["install", "--quiet=2", "--yes", "--no-install-recommends"]);
    process::run(install.args(packages))
}

pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("--user").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs the npm packages unless those of this lock file are there.
fn npm_packages(project: &Project) -> anyhow::Result<()> {
    let folder = project.end2end();
    let lock = fs::read(folder.join("package-lock.json"))?;
    let installed_lock = folder.join("node_modules/.installed-package-lock.json");
    if fs::read(&installed_lock).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut install = Command::new("npm");
    install.current_dir(&folder);
    install.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run(&mut install)?;
    fs::write(installed_lock, lock).context("noting which npm packages are installed")
}
