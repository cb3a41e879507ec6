//! `botscope demo`: the console over the traffic of a shop that does not exist, a day of it at
//! once and then as time goes by.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Context;

use super::serve;
use super::{DataDirectory, key};
use crate::address::AddressBook;
use crate::auth::Caller;
use crate::http;
use crate::ingest::demo::{BUSY_PERCENT, DEFAULT_SEED};
use crate::pipeline::{DEMO_NAME, Demo, DemoOptions};
use crate::store::{AuditRecord, TenantStore};

/// Try Botscope without a log: made-up traffic, a day of it at once and then live.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Another seed makes other traffic; the same makes the same.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u32,
    #[command(flatten)]
    data: DataDirectory,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many hours of the past are made up, at most.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    hours: u32,
    /// How many times as busy as usual the shop is, from 0.1 to 50.
    #[arg(long, default_value_t = 1.0, value_name = "TIMES")]
    speed: f64,
    /// Make up the past and end; serve nothing.
    #[arg(long)]
    history_only: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let started = Instant::now();
    let busy_percent = (args.speed * 100.0).round() as u64;
    anyhow::ensure!(
        BUSY_PERCENT.contains(&busy_percent),
        "--speed is a number from 0.1 to 50"
    );
    let store = args.data.open(AddressBook::built_in()).await;
    let store = store.with_context(|| format!("cannot write into {}", args.data.place()))?;
    let caller = Caller::local();
    let options = http::Options {
        secret: key::secret(&args.data.path)?,
        data: Some(args.data.path.clone()),
        ..http::Options::default()
    };
    let demo = Demo::new(store.clone(), options.lanes.clone(), http::system_clock);
    let traffic = DemoOptions {
        seed: args.seed,
        hours: args.hours,
        busy_percent,
    };
    demo.start(&caller, &traffic).await?;
    let record = AuditRecord::new("demo.start", DEMO_NAME).with("seed", args.seed);
    store
        .tenant(&caller)
        .record(record, http::system_clock())
        .await?;
    demo.caught_up(&caller)
        .await
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    tell(&store.tenant(&caller), args.seed, started).await?;
    if !args.history_only {
        let options = http::Options {
            demo: Some(demo.clone()),
            ..options
        };
        serve::until_stopped(store.clone(), args.listen, options).await?;
    }
    demo.stop_all();
    store.close().await?;
    Ok(())
}

async fn tell(tenant: &TenantStore, seed: u32, started: Instant) -> anyhow::Result<()> {
    let applications = tenant.list_applications().await?;
    if let Some(shop) = applications.iter().find(|shop| shop.name == DEMO_NAME) {
        println!(
            "{DEMO_NAME}, made up from seed {seed}: {} requests, {} sessions, {} attacks ({:.1} s)",
            shop.requests,
            shop.sessions,
            shop.attacks,
            started.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
