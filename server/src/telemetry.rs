//! What the process says of itself, on the standard error. Not what commands answer: that goes
//! to the standard output.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Says what is logged, as `tracing` directives, e.g. `server=debug`.
const VARIABLE: &str = "BOTSCOPE_LOG";

/// Starts logging: warnings and errors, unless the environment asks for something else.
pub fn start() {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new("warn"));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    // Only a test process, which may start it twice, has a log already.
    debug_assert!(started.is_ok() || cfg!(test));
}
