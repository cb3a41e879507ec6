//! `botscope serve`: the console and the API over a data directory.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::builder::FalseyValueParser;
use ipnet::IpNet;
use shared::TenantId;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{DataDirectory, key, single_sign_on};
use crate::address::published::{Fetcher, Mirror};
use crate::address::{self, Keeper};
use crate::auth::Caller;
use crate::http::{self, PublicUrl};
use crate::mail::{Mailer, SmtpUrl};
use crate::store::Store;
use crate::syslog::{Listen, Listening};

/// Serve the console and the API.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataDirectory,
    /// The address to listen on.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        env = "BOTSCOPE_LISTEN"
    )]
    listen: SocketAddr,
    /// Take traffic on this address too, where nothing else is served: for senders in another
    /// network than those who look.
    #[arg(long, value_name = "ADDRESS", env = "BOTSCOPE_INGEST_LISTEN")]
    ingest_listen: Option<SocketAddr>,
    /// How much traffic may wait to be stored, in MiB; who sends more is asked to wait.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 48,
        env = "BOTSCOPE_INGEST_MEMORY",
        value_parser = clap::value_parser!(u32).range(8..=65_536)
    )]
    ingest_memory: u32,
    /// What is known of addresses: .mmdb databases, .csv tables, .txt lists, or folders of them,
    /// beside the folder address-data of the data directory.
    #[arg(
        long,
        value_name = "PATH",
        env = "BOTSCOPE_ADDRESS_DATA",
        value_delimiter = ','
    )]
    address_data: Vec<PathBuf>,
    /// Ask nobody: neither for lists of addresses nor for names of crawlers. What is there already
    /// is used.
    #[arg(long, env = "BOTSCOPE_OFFLINE", value_parser = FalseyValueParser::new())]
    offline: bool,
    /// Fetch lists from this address, each by its name, rather than from who publishes them.
    #[arg(long, value_name = "URL", env = "BOTSCOPE_LISTS_FROM")]
    lists_from: Option<Mirror>,
    /// The address that people use, if it is not the one listened on: that of the reverse proxy in
    /// front, like https://botscope.example.
    #[arg(long, value_name = "URL", env = "BOTSCOPE_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// Serve a public address without TLS: passwords can be read on their way.
    #[arg(long, env = "BOTSCOPE_ALLOW_HTTP", value_parser = FalseyValueParser::new())]
    allow_http: bool,
    /// A reverse proxy, by its address or network: whom it names in X-Forwarded-For is who asks.
    /// With --public-url, those on this machine unless others are named.
    #[arg(
        long,
        value_name = "NETWORK",
        env = "BOTSCOPE_PROXY",
        value_delimiter = ','
    )]
    proxy: Vec<Network>,
    /// Where mail goes, for links to new passwords: smtp://user:password@host:port, or smtps://.
    #[arg(
        long,
        value_name = "URL",
        env = "BOTSCOPE_SMTP",
        hide_env_values = true
    )]
    smtp: Option<SmtpUrl>,
    /// Who the mail is from; otherwise botscope at the public address.
    #[arg(long, value_name = "ADDRESS", env = "BOTSCOPE_MAIL_FROM")]
    mail_from: Option<String>,
    /// Take logs by syslog too: udp+tcp://ADDRESS:PORT=APPLICATION, also udp:// or tcp://, also
    /// =TENANT/APPLICATION. Syslog has no credential: whoever reaches the address is believed.
    #[arg(
        long,
        value_name = "LISTEN",
        env = "BOTSCOPE_SYSLOG",
        value_delimiter = ','
    )]
    syslog: Vec<Listen>,
    #[command(flatten)]
    single_sign_on: single_sign_on::Args,
    /// Tell metrics and health on this address too, to whoever reaches it and without a
    /// credential: for Prometheus on another machine, in a network that you trust.
    #[arg(long, value_name = "ADDRESS", env = "BOTSCOPE_METRICS_LISTEN")]
    metrics_listen: Option<SocketAddr>,
    /// For how long after SIGTERM connections are still taken, while /readyz says that it is
    /// draining: what your load balancer needs to notice.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 1,
        env = "BOTSCOPE_DRAIN_GRACE",
        value_parser = clap::value_parser!(u64).range(..=600)
    )]
    drain_grace: u64,
    /// Print every option as it holds, and where that comes from; serve nothing.
    #[arg(long)]
    pub(super) print_config: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let addresses = address::open(&args.data.path, &args.address_data)?;
    tracing::info!(version = addresses.version(), "address data");
    let store = args.data.open(addresses).await;
    let store = store.with_context(|| format!("cannot serve {}", args.data.place()))?;
    let single_sign_on = args.single_sign_on.config()?;
    if let Some(config) = &single_sign_on {
        find_tenant(&store, config.tenant).await?;
    }
    let mut listening = Vec::new();
    for listen in &args.syslog {
        listening.push(listen_for_syslog(&store, listen).await?);
    }
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let (stop_syslog, syslog) = (stop.clone(), tasks.clone());
    let options = http::Options {
        taking: Some(Box::new(move |intake| {
            for (tenant, listening) in listening {
                listening.start(tenant, intake.clone(), &stop_syslog, &syslog);
            }
        })),
        stop,
        proxies: proxies(&args),
        mailer: mailer(&args)?,
        single_sign_on,
        secret: key::secret(&args.data.path)?,
        data: Some(args.data.path.clone()),
        ingest_listen: args.ingest_listen,
        pending_bytes: args.ingest_memory as usize * 1024 * 1024,
        public_url: args.public_url,
        allow_http: args.allow_http,
        metrics_listen: args.metrics_listen,
        grace: Duration::from_secs(args.drain_grace),
        ..http::Options::default()
    };
    if !args.offline {
        let keeper = Keeper {
            store: store.clone(),
            data: args.data.path,
            given: args.address_data,
            fetcher: Fetcher::new(args.lists_from),
            clock: http::system_clock,
        };
        tokio::spawn(keeper.run(options.stop.clone()));
    }
    until_stopped(store.clone(), args.listen, options).await?;
    tasks.close();
    tasks.wait().await;
    store.close().await?;
    Ok(())
}

/// Begins to listen, so that a mistake is said before anything else is done.
async fn listen_for_syslog(
    store: &Store,
    listen: &Listen,
) -> anyhow::Result<(TenantId, Listening)> {
    let tenant = match &listen.tenant {
        None => Caller::DEFAULT_TENANT,
        Some(name) => {
            let found = store.tenants().find_by_name(name).await?;
            found
                .with_context(|| format!("--syslog: there is no tenant `{name}`"))?
                .id
        }
    };
    let listening = Listening::bind(listen).await;
    let listening =
        listening.with_context(|| format!("cannot listen on {} for syslog", listen.address))?;
    Ok((tenant, listening))
}

/// Fails unless there is a tenant that people come to from the provider.
async fn find_tenant(store: &Store, id: TenantId) -> anyhow::Result<()> {
    let found = store.tenants().find(id).await?;
    let missing = format!("--oidc-tenant {}: there is no such tenant", id.0);
    found.map(drop).context(missing)
}

fn proxies(args: &Args) -> Vec<IpNet> {
    if args.proxy.is_empty() && args.public_url.is_some() {
        let here = ["127.0.0.0/8", "::1/128"];
        return here.iter().filter_map(|net| net.parse().ok()).collect();
    }
    args.proxy.iter().map(|network| network.0).collect()
}

fn mailer(args: &Args) -> anyhow::Result<Option<Mailer>> {
    let Some(url) = &args.smtp else {
        return Ok(None);
    };
    let host = args
        .public_url
        .as_ref()
        .map_or("localhost", PublicUrl::host);
    let from = match &args.mail_from {
        Some(from) => from.clone(),
        None => format!("Botscope <botscope@{host}>"),
    };
    Ok(Some(Mailer::new(url, &from, host)?))
}

/// An address, or a network.
#[derive(Debug, Clone, Copy)]
struct Network(IpNet);

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        let net = address.or_else(|_| text.parse());
        net.map(Self)
            .map_err(|_| "expected an address, or a network like 10.0.0.0/8")
    }
}

/// Serves until the process is asked to end; says where once it does.
pub(super) async fn until_stopped(
    store: Store,
    listen: SocketAddr,
    options: http::Options,
) -> Result<(), http::ServeError> {
    let warmed = store.clone();
    tokio::spawn(async move {
        for caller in http::callers(&warmed).await {
            if let Err(error) = warmed.tenant(&caller).warm_index().await {
                tracing::warn!(%error, "the first search will read the index");
            }
        }
    });
    let (stop, hurry) = (options.stop.clone(), options.hurry.clone());
    tokio::spawn(async move {
        // Who is at the machine does not wait, and who asks twice neither.
        if asked_to_end().await == Asked::Terminate {
            stop.cancel();
            asked_to_end().await;
        }
        hurry.cancel();
        stop.cancel();
    });
    let options = http::Options {
        ready: Some(Box::new(|ready| {
            let mut out = std::io::stdout();
            // It serves, whether somebody reads this or not.
            let _ = writeln!(out, "Botscope is at {}", ready.url);
            if let Some(set_up) = ready.set_up {
                let _ = writeln!(out, "Set up your account: {set_up}");
            }
        })),
        ..options
    };
    http::serve(store, listen, options).await
}

/// Returns when the process is asked to end.
pub(super) async fn stopped() {
    asked_to_end().await;
}

/// How the process is asked to end.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// By whoever looks after it.
    Terminate,
    /// By whoever is in front of it.
    Interrupt,
}

/// Returns how the process is asked to end, once it is.
async fn asked_to_end() -> Asked {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = terminate.recv() => Asked::Terminate,
                _ = tokio::signal::ctrl_c() => Asked::Interrupt,
            };
        }
    }
    let _interrupted = tokio::signal::ctrl_c().await;
    Asked::Interrupt
}
