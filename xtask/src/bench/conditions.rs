//! What the figures were measured on.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Prints the machine, the toolchain, the commit and the load.
pub(super) fn print(root: &Path, logs: &Path, guided: bool) {
    println!("\nMeasured on");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    println!("  {cores} cores of {cpu}");
    if let Some(memory) = field("/proc/meminfo", "MemTotal") {
        println!("  memory {memory}");
    }
    if let Ok(load) = fs::read_to_string("/proc/loadavg") {
        println!("  load before {}", load.trim());
    }
    for (what, program, args) in [
        ("kernel", "uname", &["-sr"][..]),
        ("compiler", "rustc", &["--version"]),
        ("commit", "git", &["describe", "--always", "--dirty"]),
    ] {
        let output = Command::new(program).args(args).current_dir(root).output();
        if let Ok(output) = output {
            println!(
                "  {what} {}",
                String::from_utf8_lossy(&output.stdout).trim()
            );
        }
    }
    let build = match guided {
        true => "by a profile of made-up traffic, as `cargo xtask dist` does",
        false => "once, as `cargo xtask run` does",
    };
    println!("  server built {build}; the engine alone as a plain release");
    println!("  logs in {}", logs.display());
    println!("\nFigures");
}

/// The value of the first `name : value` in a file of /proc.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
