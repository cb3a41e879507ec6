//! The botscope binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    match server::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("botscope: {error:#}");
            ExitCode::FAILURE
        }
    }
}
