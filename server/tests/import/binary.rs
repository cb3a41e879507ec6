//! The binary under test and a directory for it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

/// Logs, and the data directory they are imported into.
pub(crate) struct Directory {
    root: TempDir,
}

/// The last line that `import --json` prints.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) lines: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) sessions: u64,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// Writes a log of these lines.
    pub(crate) fn write(&self, name: &str, lines: &[String]) {
        let mut text = lines.join("\n");
        text.push('\n');
        std::fs::write(self.root.path().join(name), text).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        self.command_of("import", args)
    }

    fn command_of(&self, name: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_botscope"));
        command
            .current_dir(self.root.path())
            .env_remove("BOTSCOPE_DATA")
            .args([name, "--data", "data"])
            .args(args);
        command
    }

    /// `botscope applications …`; its output, and whether it succeeded.
    pub(crate) fn applications(&self, args: &[&str]) -> (String, bool) {
        self.say("applications", args)
    }

    /// `botscope lists …`; its output, and whether it succeeded.
    pub(crate) fn lists(&self, args: &[&str]) -> (String, bool) {
        self.say("lists", args)
    }

    /// `botscope NAME …`; its output, and whether it succeeded.
    pub(crate) fn say(&self, name: &str, args: &[&str]) -> (String, bool) {
        let output = self.command_of(name, args).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).unwrap(), output.status.success())
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Imports to the end.
    pub(crate) fn import(&self, args: &[&str]) -> Line {
        let output = self.command(&["--json"]).args(args).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{errors}");
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }

    /// Imports, and kills the process after `until` if it is not done by then.
    pub(crate) fn import_and_kill(&self, args: &[&str], until: Duration) {
        kill_after(self.command(args), until);
    }

    /// Sets an application, and kills the process after `until` if it is not done by then.
    pub(crate) fn set_and_kill(&self, args: &[&str], until: Duration) {
        kill_after(self.command_of("applications", args), until);
    }
}

fn kill_after(mut command: Command, until: Duration) {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while began.elapsed() < until && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL: the process has no chance to tidy up. It may be done already.
    let _done = child.kill();
    child.wait().unwrap();
}
