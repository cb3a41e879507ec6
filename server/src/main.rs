//! The botscope binary.

use std::process::ExitCode;

/// A log is many small texts and actors that come and go on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match server::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("botscope: {error:#}");
            ExitCode::FAILURE
        }
    }
}
