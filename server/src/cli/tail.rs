//! `botscope tail`: follows log files, and sends what comes to a server or into a data directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use tokio_util::sync::CancellationToken;

use super::serve::stopped;
use super::single_sign_on::certificates;
use super::{DataDirectory, TenantChoice, key, open};
use crate::auth::Caller;
use crate::http::system_clock;
use crate::https;
use crate::ingest::admit::BatchId;
use crate::ingest::health::IngestCounters;
use crate::ingest::source::application_name;
use crate::ingest::tail::{
    Answer, Delivery, Destination, Pauses, Received, Rejected, Remote, ServerAddress, StateFile,
    Tail,
};
use crate::pipeline::{Intake, IntakeError, IntakeOptions, Lanes, Sent};
use crate::store::Store;

/// The secret of a token, where none is in a file.
const TOKEN: &str = "BOTSCOPE_TOKEN";

/// Follow log files and send what comes, through rotation and restarts, each line once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataDirectory,
    #[command(flatten)]
    tenant: TenantChoice,
    /// Where to: the address of a server, like https://botscope.example, or local for the data
    /// directory where no server runs.
    #[arg(long, value_name = "URL|local")]
    to: Target,
    /// The application that the requests belong to; otherwise the one that the token is for, or
    /// with local what each file's name says.
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// A file with the secret of an ingest token; otherwise it is taken from the environment
    /// variable BOTSCOPE_TOKEN.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Trust the certificates in this file too, for a server with an authority of its own.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Where it is written down how far the logs were sent; otherwise botscope-tail.json, with
    /// local in the data directory.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Of files that were never followed before, send only what comes from now on.
    #[arg(long)]
    from_end: bool,
    /// The log files. Those that are not there yet are waited for.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Where what comes goes.
#[derive(Debug, Clone)]
enum Target {
    Local,
    Server(ServerAddress),
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "local" {
            return Ok(Self::Local);
        }
        let address = text.parse().map(Self::Server);
        address.map_err(
            |_| "expected the address of a server, like https://botscope.example, or local",
        )
    }
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let files: Vec<PathBuf> = args
        .files
        .iter()
        .map(std::path::absolute)
        .collect::<Result<_, _>>()?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        stopped().await;
        stopping.cancel();
    });
    match args.to.clone() {
        Target::Local => send_locally(&args, &files, &stop).await,
        Target::Server(address) => send_to(address, &args, &files, &stop).await,
    }
}

async fn send_to(
    address: ServerAddress,
    args: &Args,
    files: &[PathBuf],
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if address.is_open() {
        tracing::warn!("the token and the logs can be read on their way to {address}; use https");
    }
    let more = match &args.ca_file {
        None => Vec::new(),
        Some(path) => certificates(path)?,
    };
    let tls = https::connector(&more).context("a certificate cannot be used")?;
    let token = token(args)?;
    let mut remote = Remote::new(address, args.app.as_deref(), &token, tls)
        .context("the address or the token cannot be used")?;
    let usual = || PathBuf::from("botscope-tail.json");
    let state = args.state.clone().unwrap_or_else(usual);
    let to = remote.ingest();
    let state = StateFile::open(&state, &to)?;
    match remote.check().await {
        Answer::Refused(why) => bail!("{why}"),
        // It is sent again as often as it takes.
        Answer::Later(_, why) => tracing::warn!("{why}"),
        Answer::Taken(_) | Answer::TooLarge => {}
    }
    follow(args, files, state, remote, &to, stop).await
}

async fn send_locally(
    args: &Args,
    files: &[PathBuf],
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let instead = "send to it: --to with its address, and a token (botscope tail --help)";
    let store = open(&args.data, instead).await?;
    let caller = args.tenant.caller(&store).await?;
    let usual = || args.data.path.join("tail.json");
    let state = args.state.clone().unwrap_or_else(usual);
    let place = args.data.place();
    let state = StateFile::open(&state, "local")?;
    let options = IntakeOptions {
        secret: key::secret(&args.data.path)?,
        counters: IngestCounters::new(system_clock()),
        ..IntakeOptions::default()
    };
    // What was sent is stored after nothing more is.
    let stop_writers = CancellationToken::new();
    let intake = open_intake(&store, &args.data.path, options, &stop_writers).await?;
    let local = Local {
        intake: intake.clone(),
        caller,
        app: args.app.clone(),
    };
    let followed = follow(args, files, state, local, &place, stop).await;
    stop_writers.cancel();
    intake.wait().await;
    drop(intake);
    store.close().await?;
    followed
}

async fn open_intake(
    store: &Store,
    data: &Path,
    options: IntakeOptions,
    stop: &CancellationToken,
) -> anyhow::Result<Intake> {
    let lanes = Lanes::default();
    let opened = Intake::open(
        store.clone(),
        data,
        lanes,
        system_clock,
        options,
        stop.clone(),
    );
    Ok(opened.await?)
}

async fn follow<D: Destination>(
    args: &Args,
    files: &[PathBuf],
    state: StateFile,
    destination: D,
    place: &str,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let pauses = Pauses::default();
    let mut tail = Tail::open(files, state, destination, args.from_end, pauses)?;
    let followed = match files {
        [one] => one.display().to_string(),
        many => format!("{} files", many.len()),
    };
    let waiting = tail.waiting();
    eprintln!("following {followed}, {waiting} bytes to read, sending to {place}");
    tail.run(stop).await?;
    let (accepted, rejected) = tail.totals();
    eprintln!("sent {accepted} requests, and {rejected} lines that are none");
    Ok(())
}

fn token(args: &Args) -> anyhow::Result<String> {
    let token = match &args.token_file {
        Some(path) => {
            let read = fs::read_to_string(path);
            read.with_context(|| format!("the token in {}", path.display()))?
        }
        None => std::env::var(TOKEN).unwrap_or_default(),
    };
    let token = token.trim();
    if token.is_empty() {
        bail!(
            "a server needs a token: make one with botscope tokens add NAME --role ingest_only, or \
             in the console, and say --token-file FILE or set {TOKEN}"
        );
    }
    Ok(token.to_owned())
}

/// A data directory.
struct Local {
    intake: Intake,
    caller: Caller,
    app: Option<String>,
}

impl Destination for Local {
    async fn send(&mut self, delivery: Delivery<'_>) -> Answer {
        match self.take(delivery).await {
            Ok(received) => Answer::Taken(received),
            Err(error) => understand(&error),
        }
    }
}

impl Local {
    async fn take(&self, delivery: Delivery<'_>) -> Result<Received, IntakeError> {
        let named = || application_name(&delivery.path.to_string_lossy());
        let application = self.app.clone().unwrap_or_else(named);
        let inlet = self.intake.find(&self.caller, Some(&application)).await?;
        let name = HEXLOWER.decode(delivery.name.as_bytes()).ok();
        let sent = Sent {
            sender: "tail".to_owned(),
            address: None,
            protocol: Some("tail"),
            name: name.and_then(|name| name.try_into().ok()).map(BatchId),
            lost: Default::default(),
            bytes: delivery.body().into(),
            encoding: None,
            arrived: self.intake.now(),
        };
        let taken = self.intake.take_lines(&inlet, sent).await?;
        let errors = taken.errors.into_iter().map(|error| Rejected {
            reason: error.reason.to_string(),
            example: error.example,
        });
        Ok(Received {
            accepted: taken.accepted,
            rejected: taken.rejected,
            errors: errors.collect(),
        })
    }
}

fn understand(error: &IntakeError) -> Answer {
    let why = error.to_string();
    match error {
        IntakeError::Full(pause) | IntakeError::Busy(pause) => Answer::Later(Some(*pause), why),
        // Fewer lines may be taken, until it is known which one cannot.
        IntakeError::TooLarge | IntakeError::Body(_) | IntakeError::Fault(_) => Answer::TooLarge,
        IntakeError::NoApplication | IntakeError::Unnamed(_) => Answer::Refused(why),
        IntakeError::Failed | IntakeError::Admit(_) | IntakeError::Store(_) => {
            Answer::Later(None, why)
        }
    }
}
