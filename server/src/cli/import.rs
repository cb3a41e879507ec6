//! `botscope import`: logs into a data directory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use futures::{StreamExt, TryStreamExt, stream};
use shared::Timestamp;

use super::key::tenant_key;
use super::progress::Progress;
use super::summary::Totals;
use super::{DataDirectory, OfTenant};
use crate::ingest::decode::{FieldMap, FormatChoice, SourceConfig};
use crate::ingest::normalize::Protection;
use crate::ingest::source::Source;
use crate::pipeline::{self, Meter, Options, Summary};
use crate::store::{AuditRecord, StoreError, TenantStore};

/// Import access logs; importing a file again adds only what is new.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    /// The application that the requests belong to; otherwise each file's name says it.
    #[arg(long)]
    app: Option<String>,
    /// The log format: auto, or one of combined, common, json, w3c, haproxy, envoy, alb, npm.
    #[arg(long, default_value = "auto")]
    format: FormatChoice,
    /// What the fields of JSON and W3C lines are called, e.g. ip=client.addr,time=at.
    #[arg(long, default_value = "", hide_default_value = true)]
    map: FieldMap,
    /// Remove sessions and requests older than this many days afterwards.
    #[arg(long, value_name = "DAYS")]
    retention: Option<u32>,
    /// Print a line of JSON last; everything else goes to the standard error.
    #[arg(long)]
    json: bool,
    /// Log files, plain, .gz or .zst; - for the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let started = Instant::now();
    // Meanwhile the store is opened.
    std::thread::spawn(engine::attribute::prepare);
    let meter = Arc::new(Meter::default());
    let config = SourceConfig {
        format: args.format,
        fields: args.map.clone(),
    };
    let applications = open_sources(&args, &config, &meter)?;
    let total = total_size(&applications);
    let instead = format!(
        "stop it, import again, and start it anew (botscope serve {0}), or import into \
         another directory with --data",
        args.of.data.options()
    );
    let (store, caller) = args.of.open(&instead).await?;
    store.defer_sync().await?;
    let tenant = store.tenant(&caller);
    let key = tenant_key(&args.of.data.path, caller.tenant())
        .with_context(|| format!("the secret in {}", args.of.data.path.display()))?;
    let options = Options {
        fields: args.map.clone(),
        protection: Protection::new(key, &*tenant.find_privacy().await?),
        now: Timestamp::from(time::OffsetDateTime::now_utc()),
    };
    let mut totals = Totals::default();
    let progress = Progress::start(meter.clone(), total);
    // Applications share nothing, so that several are imported at a time, those that take longest
    // first: two for each processor, because each waits for its commits in between.
    let side_by_side = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    let mut applications: Vec<(String, Vec<Source>)> = applications.into_iter().collect();
    applications.sort_by_key(|(_, sources)| Reverse(size(sources)));
    let imports = applications.into_iter().map(|(application, sources)| {
        let (args, tenant, options, meter) = (&args, &tenant, &options, &meter);
        async move {
            let summary = import_one(args, tenant, &application, sources, options, meter).await?;
            Ok::<_, anyhow::Error>((application, summary))
        }
    });
    let imported = stream::iter(imports).buffer_unordered(side_by_side);
    let imported: BTreeMap<String, Summary> = imported.try_collect().await?;
    for (application, summary) in imported {
        for (name, outcome) in summary.sources {
            totals.add(name, outcome);
        }
        if summary.judged_again {
            totals.judged_again.push(application.clone());
        }
        totals.applications.push(application);
    }
    store.compact().await?;
    drop(progress);
    count(&tenant, &mut totals).await?;
    totals.seconds = started.elapsed().as_secs_f64();
    drop(tenant);
    store.close().await?;
    tell(&totals, &args.of.data, args.json)
}

/// Imports what is new of one application.
async fn import_one(
    args: &Args,
    tenant: &TenantStore,
    application: &str,
    sources: Vec<Source>,
    options: &Options,
    meter: &Arc<Meter>,
) -> anyhow::Result<Summary> {
    let summary = pipeline::import(tenant, application, sources, options, meter).await?;
    let mut record = AuditRecord::new("requests.import", application);
    if let Some(days) = args.retention {
        let since = options.now.plus(-i64::from(days) * Timestamp::DAY);
        let state = tenant.find_or_create_application(application).await?;
        tenant.remove_before(state.judgement, since).await?;
        record = record.with("removed_before", since);
    }
    tenant.record(record, options.now).await?;
    Ok(summary)
}

/// Opens all files before anything is imported: by application, then by their first request.
fn open_sources(
    args: &Args,
    config: &SourceConfig,
    meter: &Meter,
) -> anyhow::Result<BTreeMap<String, Vec<Source>>> {
    let mut applications = BTreeMap::<String, Vec<Source>>::new();
    for file in &args.files {
        let source = Source::open(file, config, meter.bytes.clone())?;
        let application = args
            .app
            .clone()
            .unwrap_or_else(|| source.application.clone());
        applications.entry(application).or_default().push(source);
    }
    for sources in applications.values_mut() {
        sources.sort_by_key(|source| source.sample.first_at.unwrap_or(i64::MAX));
    }
    Ok(applications)
}

/// Bytes of all sources; 0 if one of them does not know.
fn total_size(applications: &BTreeMap<String, Vec<Source>>) -> u64 {
    let sizes = || applications.values().flatten().map(|source| source.size);
    if sizes().any(|size| size == 0) {
        return 0;
    }
    sizes().sum()
}

/// Bytes of these sources, as far as they know.
fn size(sources: &[Source]) -> u64 {
    sources.iter().map(|source| source.size).sum()
}

/// What is stored of the applications that were imported into.
async fn count(tenant: &TenantStore, totals: &mut Totals) -> Result<(), StoreError> {
    for application in tenant.list_applications().await? {
        if totals.applications.contains(&application.name) {
            totals.sessions += application.sessions;
            totals.attacks += application.attacks;
        }
    }
    totals.by_type = tenant.count_attacks_by_type(&totals.applications).await?;
    Ok(())
}

fn tell(totals: &Totals, data: &DataDirectory, is_json: bool) -> anyhow::Result<()> {
    let text = totals.to_text(&data.options());
    if is_json {
        eprint!("{text}");
        println!("{}", totals.to_json());
    } else {
        print!("{text}");
    }
    let is_unreadable = totals.lines > 0 && totals.accepted == 0 && totals.known == 0;
    if is_unreadable && totals.rejects.total() > 0 {
        bail!(
            "no line could be read as a request; formats that can be read: Common and Combined \
             (Apache, nginx), JSON lines (nginx, Caddy, Traefik, Envoy, Cloudflare; others with \
             --map), HAProxy, Envoy, W3C (IIS, CloudFront), AWS load balancers, Nginx Proxy Manager"
        );
    }
    Ok(())
}
