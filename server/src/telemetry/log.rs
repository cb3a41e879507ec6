//! The log: which lines are written, and in which form.

use std::fmt;
use std::io::IsTerminal;
use std::panic;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;

/// How the process logs.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// What is logged, as `tracing` directives, e.g. `info` or `server=debug`.
    pub filter: LogFilter,
    /// In which form.
    pub format: LogFormat,
}

/// What is logged: directives that were read.
#[derive(Clone)]
pub struct LogFilter(EnvFilter);

/// In which form lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

impl Default for LogFilter {
    fn default() -> Self {
        Self(EnvFilter::new("warn"))
    }
}

impl fmt::Debug for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let filter = EnvFilter::try_new(text);
        filter.map(Self).map_err(|error| error.to_string())
    }
}

/// Starts logging.
pub fn start(options: LogOptions) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(options.filter.0)
        .with_writer(std::io::stderr);
    let started = match options.format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => {
            log_panics();
            // What belongs to a request stands in its span: that is said with every line.
            let log = log.json().flatten_event(true);
            log.with_current_span(true).with_span_list(false).try_init()
        }
    };
    // Only a test process, which may start it twice, has a log already.
    debug_assert!(started.is_ok() || cfg!(test));
}

/// Has a panic be a line like any other, for whoever reads them by program.
fn log_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        let message = info.payload_as_str().unwrap_or("no message");
        tracing::error!(message, place, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_is_read_or_refused() {
        for known in ["warn", "info", "server=debug,warn", "off"] {
            assert!(known.parse::<LogFilter>().is_ok(), "{known}");
        }
        assert!("server=loud".parse::<LogFilter>().is_err());
    }
}
