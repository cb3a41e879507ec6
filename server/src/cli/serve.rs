//! `botscope serve`: the console and the API over a data directory.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::builder::FalseyValueParser;

use super::DataDirectory;
use crate::address::published::{Fetcher, Mirror};
use crate::address::{self, Keeper};
use crate::auth::Caller;
use crate::http;
use crate::store::Store;

/// Serve the console and the API.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataDirectory,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// What is known of addresses: .mmdb databases, .csv tables, .txt lists, or folders of them,
    /// beside the folder address-data of the data directory.
    #[arg(long, value_name = "PATH")]
    address_data: Vec<PathBuf>,
    /// Ask nobody: neither for lists of addresses nor for names of crawlers. What is there already
    /// is used.
    #[arg(long, env = "BOTSCOPE_OFFLINE", value_parser = FalseyValueParser::new())]
    offline: bool,
    /// Fetch lists from this address, each by its name, rather than from who publishes them.
    #[arg(long, value_name = "URL", env = "BOTSCOPE_LISTS_FROM")]
    lists_from: Option<Mirror>,
    /// Listen on an address that other machines reach, although nobody has to sign in.
    #[arg(long)]
    insecure_listen: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let addresses = address::open(&args.data.path, &args.address_data)?;
    tracing::info!(version = addresses.version(), "address data");
    let store = args.data.open(addresses).await;
    let store = store.with_context(|| format!("cannot serve {}", args.data.place()))?;
    let options = http::Options {
        insecure_listen: args.insecure_listen,
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
    store.close().await?;
    Ok(())
}

/// Serves until the process is asked to end; says where once it does.
pub(super) async fn until_stopped(
    store: Store,
    listen: SocketAddr,
    options: http::Options,
) -> Result<(), http::ServeError> {
    let tenant = store.tenant(&Caller::local());
    tokio::spawn(async move {
        if let Err(error) = tenant.warm_index().await {
            tracing::warn!(%error, "the first search will read the index");
        }
    });
    let stop = options.stop.clone();
    tokio::spawn(async move {
        stopped().await;
        stop.cancel();
    });
    let options = http::Options {
        ready: Some(Box::new(|address| {
            println!("Botscope is at http://{address}");
        })),
        ..options
    };
    http::serve(store, listen, options).await
}

/// Returns when the process is asked to end.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _interrupted = tokio::signal::ctrl_c().await;
}
