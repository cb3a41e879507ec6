//! What the operating system knows of this process. Linux only: elsewhere nothing is said.

use std::fs;

/// What was read, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Usage {
    /// Memory that is held, in bytes.
    pub(super) resident_bytes: Option<i64>,
    /// Address space, in bytes.
    pub(super) virtual_bytes: Option<i64>,
    /// Time that processors worked for it.
    pub(super) cpu_seconds: Option<f64>,
    /// Open files and sockets.
    pub(super) open_files: Option<i64>,
}

/// Ticks of a second in `/proc`: the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// Reads it now.
pub(super) fn usage() -> Usage {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let files = fs::read_dir("/proc/self/fd").ok();
    Usage {
        resident_bytes: kilobytes(&status, "VmRSS:"),
        virtual_bytes: kilobytes(&status, "VmSize:"),
        cpu_seconds: cpu_seconds(&stat),
        open_files: files.map(|files| files.count() as i64),
    }
}

fn kilobytes(status: &str, name: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let number = line.split_whitespace().next()?;
    number
        .parse::<i64>()
        .ok()
        .map(|kilobytes| kilobytes * 1_024)
}

/// Of the process's line: its name, which may hold anything, is in brackets, so what counts
/// comes after the last of them.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_whatever_the_process_is_called() {
        let stat = "12 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        let status = "Name:\tx\nVmSize:\t  200 kB\nVmRSS:\t  100 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(102_400));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
        assert_eq!(cpu_seconds(""), None);
    }
}
