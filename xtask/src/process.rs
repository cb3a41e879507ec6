//! Starting other programs: run, capture, watch line by line, or go on beside them. An error
//! always names the command that failed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// Runs a command with its output on ours; fails if it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{}`", describe(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", describe(command));
    }
    Ok(())
}

/// Runs a command and returns what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{}`", describe(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", describe(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` does not write UTF-8", describe(command)))
}

/// Whether a command can be started and succeeds; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command, passes its standard output on and shows every line to `watch`; returns
/// whether the command succeeded.
pub(crate) fn watch(command: &mut Command, mut watch: impl FnMut(&str)) -> anyhow::Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", describe(command)))?;
    let stdout = child.stdout.take().expect("the output was asked for");
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.with_context(|| format!("reading from `{}`", describe(command)))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        watch(&line);
    }
    Ok(child.wait()?.success())
}

/// How long a program may take to end.
const LONGEST_END: Duration = Duration::from_secs(60);

/// A program that runs beside this one, and is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    what: String,
}

impl Running {
    /// Starts it; what it says of itself is on our standard error.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let what = describe(command);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.with_context(|| format!("cannot start `{what}`"))?;
        Ok(Self { child, what })
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails if it ended by itself.
    pub(crate) fn ensure_it_runs(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("`{}` ended ({status})", self.what),
        }
    }

    /// Asks it to end; fails unless it does so in good order, and soon.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        signal("TERM", self.id())?;
        let mut ended = None;
        wait_until(&format!("`{}` ends", self.what), LONGEST_END, || {
            ended = self.child.try_wait()?;
            Ok(ended.is_some())
        })?;
        let succeeded = ended.is_some_and(|status| status.success());
        anyhow::ensure!(succeeded, "`{}` ended ({ended:?})", self.what);
        Ok(())
    }

    /// Ends it at once.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// Sends a signal.
pub(crate) fn signal(name: &str, process: u32) -> anyhow::Result<()> {
    run(Command::new("kill").args([format!("-{name}"), process.to_string()]))
}

/// Waits for something.
pub(crate) fn wait_until(
    what: &str,
    patience: Duration,
    mut is_so: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    while !is_so()? {
        if started.elapsed() > patience {
            bail!("waited in vain until {what}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The command as one would type it.
pub(crate) fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut text = program
        .file_name()
        .unwrap_or_else(|| command.get_program())
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
