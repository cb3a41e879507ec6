//! The commands of the binary: what they take, and what they say. Work is done elsewhere.

mod accounts;
mod applications;
mod audit;
mod backup;
mod broken_pipe;
mod config;
mod demo;
mod evaluate;
mod explain;
mod health;
mod import;
mod key;
mod lists;
mod migrate;
mod progress;
mod retention;
mod serve;
mod single_sign_on;
mod sources;
mod summary;
mod tail;
mod tokens;

use std::fmt;
use std::fs::DirBuilder;
use std::path::PathBuf;

use clap::{FromArgMatches, Parser, Subcommand};

use crate::address::{self, AddressBook};
use crate::auth::Caller;
use crate::store::{Store, StoreError};
use crate::telemetry::{self, LogFilter, LogFormat};

/// Finds the bots in the traffic of web APIs.
#[derive(Debug, Parser)]
#[command(name = "botscope", version, about)]
struct Cli {
    /// Read options from this file: TOML, described in docs/configuration.md. The environment and
    /// the command line come before it.
    #[arg(long, value_name = "FILE", env = "BOTSCOPE_CONFIG", global = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

/// What the process says of itself, on the standard error.
#[derive(Debug, clap::Args)]
struct LogArgs {
    /// What is logged: off, error, warn, info or debug, also of a part only: warn,server=debug.
    #[arg(
        id = "log",
        long = "log",
        value_name = "FILTER",
        default_value = "warn",
        env = "BOTSCOPE_LOG",
        global = true
    )]
    filter: LogFilter,
    /// In which form: for people, or a JSON object a line.
    #[arg(
        id = "log-format",
        long = "log-format",
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        env = "BOTSCOPE_LOG_FORMAT",
        global = true
    )]
    format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    Accounts(accounts::Args),
    Applications(applications::Args),
    Audit(audit::Args),
    Backup(backup::BackupArgs),
    Import(import::Args),
    Serve(Box<serve::Args>),
    Demo(demo::Args),
    Evaluate(evaluate::Args),
    Explain(explain::Args),
    Health(health::Args),
    /// Print the version of the engine: another one may judge the same requests differently.
    EngineVersion,
    Lists(lists::Args),
    MigrateStore(migrate::Args),
    Restore(backup::RestoreArgs),
    Retention(retention::Args),
    Sources(sources::Args),
    Tail(Box<tail::Args>),
    Tokens(tokens::Args),
}

/// Runs the command that the process was started with.
///
/// # Errors
/// What went wrong, where, and what to do about it.
pub fn run() -> anyhow::Result<()> {
    let read = config::read(std::env::args_os().collect())?;
    let read = read.unwrap_or_else(|error| error.exit());
    let cli = Cli::from_arg_matches(&read.matches).unwrap_or_else(|error| error.exit());
    if let Command::Serve(args) = &cli.command
        && args.print_config
    {
        print!("{}", read.describe());
        return Ok(());
    }
    telemetry::start(telemetry::LogOptions {
        filter: cli.log.filter,
        format: cli.log.format,
    });
    broken_pipe::end_quietly();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Accounts(args) => accounts::run(args).await,
            Command::Applications(args) => applications::run(args).await,
            Command::Audit(args) => audit::run(args).await,
            Command::Backup(args) => backup::run_backup(args).await,
            Command::Import(args) => import::run(args).await,
            Command::Serve(args) => serve::run(*args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Evaluate(args) => evaluate::run(&args),
            Command::Explain(args) => explain::run(args).await,
            Command::EngineVersion => {
                println!("{}", engine::VERSION);
                Ok(())
            }
            Command::Health(args) => health::run(args).await,
            Command::Lists(args) => lists::run(args).await,
            Command::MigrateStore(args) => migrate::run(args).await,
            Command::Restore(args) => backup::run_restore(args).await,
            Command::Retention(args) => retention::run(args).await,
            Command::Sources(args) => sources::run(args).await,
            Command::Tail(args) => tail::run(*args).await,
            Command::Tokens(args) => tokens::run(args).await,
        }
    });
    // What must last was waited for, and the rest is whole or not at all. The system takes memory
    // back faster than threads give it that are waited for.
    runtime.shutdown_background();
    done
}

/// What every command takes that works on what is stored.
#[derive(Clone, clap::Args)]
struct DataDirectory {
    /// The data directory; made if it is not there.
    #[arg(
        id = "data",
        long,
        value_name = "DIR",
        default_value = "./data",
        env = "BOTSCOPE_DATA",
        global = true
    )]
    path: PathBuf,
    /// Store in this PostgreSQL database rather than in a file: postgres://USER:PASSWORD@HOST/NAME.
    /// The data directory keeps the secret and what is known of addresses.
    #[arg(
        id = "store",
        long,
        value_name = "URL",
        env = "BOTSCOPE_STORE",
        hide_env_values = true,
        global = true
    )]
    store: Option<String>,
}

impl fmt::Debug for DataDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a database holds a password.
        f.debug_struct("DataDirectory")
            .field("path", &self.path)
            .field("store", &self.place())
            .finish()
    }
}

impl DataDirectory {
    /// Where things are stored, as one may say it aloud.
    fn place(&self) -> String {
        match &self.store {
            None => self.path.display().to_string(),
            Some(url) => {
                let host = url.rsplit_once('@').map_or("", |(_, host)| host);
                let host = host.split('?').next().unwrap_or_default();
                format!("the database at {host}")
            }
        }
    }

    /// The options by which another command works on the same.
    fn options(&self) -> String {
        let data = self.path.display();
        match self.store {
            None => format!("--data {data}"),
            Some(_) => format!("--data {data} --store URL"),
        }
    }

    /// Opens what is stored.
    async fn open(&self, addresses: AddressBook) -> Result<Store, StoreError> {
        self.make().map_err(|source| StoreError::Unavailable {
            directory: self.path.display().to_string(),
            source,
        })?;
        match &self.store {
            None => Store::open_knowing(&self.path, addresses).await,
            Some(url) => Store::open_url(url, addresses).await,
        }
    }

    /// Makes the directory if it is not there, for its owner alone: secrets are in it.
    fn make(&self) -> std::io::Result<()> {
        let mut make = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
        make.recursive(true).create(&self.path)
    }
}

/// Whose what is worked on is.
#[derive(Debug, clap::Args)]
struct TenantChoice {
    /// The tenant, by its name; otherwise the first.
    #[arg(id = "tenant", long = "tenant", value_name = "NAME", global = true)]
    name: Option<String>,
}

impl TenantChoice {
    /// The person at the machine, in that tenant.
    async fn caller(&self, store: &Store) -> anyhow::Result<Caller> {
        let Some(name) = &self.name else {
            return Ok(Caller::local());
        };
        match store.tenants().find_by_name(name).await? {
            Some(tenant) => Ok(Caller::local_in(tenant.id)),
            None => anyhow::bail!("there is no tenant `{name}`"),
        }
    }
}

/// What every command takes that works on one tenant of a data directory.
#[derive(Debug, clap::Args)]
struct OfTenant {
    #[command(flatten)]
    data: DataDirectory,
    #[command(flatten)]
    tenant: TenantChoice,
}

impl OfTenant {
    /// Opens it, as [`open`] does, for the person at the machine in that tenant.
    async fn open(&self, instead: &str) -> anyhow::Result<(Store, Caller)> {
        let store = open(&self.data, instead).await?;
        let caller = self.tenant.caller(&store).await?;
        Ok((store, caller))
    }
}

/// Opens a data directory for a command that writes there by itself. `instead` is what to do if
/// a server has it open.
async fn open(data: &DataDirectory, instead: &str) -> anyhow::Result<Store> {
    let addresses = address::open_origins(&data.path)?;
    let opened = data.open(addresses).await;
    opened.map_err(|error| match error {
        StoreError::Locked { .. } => anyhow::anyhow!(
            "{error}, and one process at a time can write there. If that is a server, {instead}; \
             if it is an import, wait until it is done"
        ),
        error => anyhow::Error::from(error).context(format!("cannot open {}", data.place())),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_options_of_no_command_contradict_one_another() {
        super::Cli::command().debug_assert();
    }
}
