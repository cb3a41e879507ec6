//! A PostgreSQL server of a test's own, to be stopped and started: in the common one the other
//! tests are. It asks for passwords, as a real one does, and logs every statement.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use super::cluster;

const PASSWORD: &str = "of-the-owner";

pub(crate) struct OwnServer {
    programs: PathBuf,
    folder: TempDir,
    running: Option<Child>,
}

impl OwnServer {
    /// Makes one with the programs of the common server, and starts it.
    pub(crate) async fn start_new() -> Self {
        let programs = cluster::programs().await;
        // Short: the path of a socket may have a hundred bytes only.
        let folder = tempfile::Builder::new().prefix("botscope-own-").tempdir();
        let mut server = Self {
            programs,
            folder: folder.unwrap(),
            running: None,
        };
        let password = server.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        if is_root() {
            let mut give = Command::new("chown");
            succeed(give.arg("-R").arg("postgres").arg(server.path()));
        }
        let mut make = server.program("initdb");
        make.arg("--pgdata").arg(server.path().join("data"));
        make.arg("--pwfile").arg(&password);
        make.args(["--username=postgres", "--auth=scram-sha-256", "--no-sync"]);
        succeed(make.args(["--locale=C", "--encoding=UTF8"]));
        server.start().await;
        server
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The address of its superuser.
    pub(crate) fn url(&self) -> String {
        let folder = self.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres:{PASSWORD}@{folder}/postgres")
    }

    /// All that it wrote into its log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap()
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&mut self) {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path().join("log"))
            .unwrap();
        let mut serve = self.program("postgres");
        serve.arg("-D").arg(self.path().join("data"));
        serve.arg("-k").arg(self.path());
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "log_statement=all",
            "max_connections=40",
        ] {
            serve.args(["-c", setting]);
        }
        serve.stdout(Stdio::null()).stderr(log);
        self.running = Some(serve.spawn().unwrap());
        let options: PgConnectOptions = self.url().parse().unwrap();
        for _ in 0..1_000 {
            if let Ok(connection) = options.connect().await {
                return connection.close().await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it does not start: {}", self.log());
    }

    /// Stops it at once, as a failure would: whatever goes on is cut off.
    pub(crate) fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let process = running.id().to_string();
            succeed(Command::new("kill").args(["-QUIT", &process]));
            running.wait().unwrap();
        }
    }

    /// A program of the server, as a user that is not root: as root it refuses to run. It ends
    /// when the test does.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=QUIT").current_dir(self.path());
        if is_root() {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        command.arg(self.programs.join(name)).stdin(Stdio::null());
        command
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

pub(super) fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
