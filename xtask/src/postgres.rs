//! A PostgreSQL to throw away: made new in a folder of its own, without a port, gone when the
//! task ends however that ends. Nothing of it survives, so for tests it is not careful with disks.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;

use crate::process;
use crate::setup;

/// Where the tests are told that one runs: the address of its superuser.
const VARIABLE: &str = "BOTSCOPE_TEST_POSTGRES";

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Args)]
pub(crate) struct PostgresArgs {
    /// What to run beside it; the environment variable BOTSCOPE_TEST_POSTGRES names it.
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// `cargo xtask postgres COMMAND`: runs a command, e.g. single tests, beside a database.
pub(crate) fn beside(args: &PostgresArgs) -> anyhow::Result<()> {
    let cluster = Cluster::start(Care::None)?;
    let mut command = Command::new(&args.command[0]);
    command.args(&args.command[1..]);
    cluster.announce(&mut command);
    process::run(&mut command)
}

/// A running server.
pub(crate) struct Cluster {
    server: Child,
    folder: Folder,
    /// Where PostgreSQL's own programs are.
    programs: PathBuf,
}

/// What a server does for what it was told to keep.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// What is said to be stored is on the disk.
    Durable,
    /// Nothing; tests throw it away.
    None,
}

impl Cluster {
    pub(crate) fn start(care: Care) -> anyhow::Result<Self> {
        let programs = setup::postgres()?;
        // Not below the project: whom it runs as need not be able to read that. Short, because
        // the path of a socket may have a hundred bytes only.
        let path = std::env::temp_dir().join(format!("botscope-pg-{}", std::process::id()));
        let owned = Folder::make(path)?;
        let folder = &owned.path;
        if setup::is_root() {
            process::run(Command::new("chown").arg("postgres").arg(folder))?;
        }
        let data = folder.join("data");
        let mut make = as_server(&programs.join("initdb"));
        make.current_dir(folder).arg("--pgdata").arg(&data);
        make.args(["--username=postgres", "--auth=trust", "--no-sync"]);
        make.args(["--locale=C", "--encoding=UTF8"]);
        process::output(&mut make)?;
        let log = fs::File::create(folder.join("log"))?;
        let mut serve = as_server(&programs.join("postgres"));
        serve.current_dir(folder).arg("-D").arg(&data).arg("-k");
        serve.arg(folder);
        // Whoever gets to its socket is its superuser, without a password.
        serve.args(["-c", "unix_socket_permissions=0700"]);
        serve.args(["-c", "listen_addresses=", "-c", "max_connections=400"]);
        if care == Care::None {
            serve.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }
        let server = serve
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting PostgreSQL")?;
        let mut cluster = Self {
            server,
            folder: owned,
            programs,
        };
        cluster.wait()?;
        Ok(cluster)
    }

    /// Tells a command where it is.
    pub(crate) fn announce(&self, command: &mut Command) {
        command.env(VARIABLE, self.url());
    }

    /// The address of its superuser.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }

    /// Makes an empty database and returns its address.
    pub(crate) fn create_database(&self, name: &str) -> anyhow::Result<String> {
        let mut create = Command::new(self.programs.join("createdb"));
        create
            .arg(format!("--maintenance-db={}", self.url()))
            .arg(name);
        process::output(&mut create)?;
        let url = self.url();
        let place = url
            .strip_suffix("postgres")
            .context("a database has a name")?;
        Ok(format!("{place}{name}"))
    }

    /// Runs statements, as its superuser.
    pub(crate) fn execute(&self, database: &str, statements: &str) -> anyhow::Result<()> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "--no-psqlrc",
            "--set=ON_ERROR_STOP=1",
            "--command",
            statements,
        ]);
        process::output(psql.arg(database)).map(|_| ())
    }

    fn wait(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let mut ask = Command::new(self.programs.join("pg_isready"));
            ask.arg("--host").arg(&self.folder.path);
            if process::succeeds(&mut ask) {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.folder.path.join("log")).unwrap_or_default();
                bail!("PostgreSQL does not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What it holds is thrown away: it need not end in good order.
        let process = self.server.id().to_string();
        process::succeeds(Command::new("kill").args(["-QUIT", &process]));
        let _waited = self.server.wait();
    }
}

/// A folder that is gone when this process is, however that ends: a process of its own waits for
/// that and removes it. Ctrl-C ends this process before it could do so itself.
struct Folder {
    path: PathBuf,
    /// Says that this process is there.
    presence: Option<ChildStdin>,
    remover: Child,
}

impl Folder {
    fn make(path: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir(&path).context("making a folder for PostgreSQL")?;
        // A server that still ends may write a file while the others are removed.
        let script = "trap '' INT TERM HUP
                      read -r _
                      for _ in 1 2 3 4 5 6 7 8 9 10; do
                          rm -rf -- \"$0\" && exit
                          sleep 0.2
                      done";
        let mut remove = Command::new("sh");
        remove.args(["-c", script]).arg(&path).current_dir("/");
        let remover = remove.stdin(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut remover = remover.context("starting what removes the folder again")?;
        Ok(Self {
            path,
            presence: remover.stdin.take(),
            remover,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.presence.take());
        let _waited = self.remover.wait();
    }
}

/// A program of the server, as a user that is not root: as root it refuses to run. It ends
/// when this process does, even if that is killed.
fn as_server(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=QUIT");
    if setup::is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_whoever_made_it() {
        let parent = tempfile::tempdir().unwrap();
        let mut folder = Folder::make(parent.path().join("data")).unwrap();
        fs::write(folder.path.join("file"), "x").unwrap();
        // As when the process is killed: nothing of it runs any more, and its pipe closes.
        drop(folder.presence.take());
        folder.remover.wait().unwrap();
        assert!(!folder.path.exists());
    }
}
