//! The botscope binary.

use std::process::ExitCode;

/// A log is many small texts and actors that come and go on several threads. Of the database and
/// zstd, too; how it is set is in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match server::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("botscope: {error:#}");
            ExitCode::FAILURE
        }
    }
}
