//! `botscope retention`: how long things are kept, setting that, and removing what is older now,
//! without a server.

use anyhow::bail;
use shared::{Removed, Retention};

use super::OfTenant;
use crate::http::system_clock;
use crate::pipeline::Jobs;
use crate::text::number;

/// Show how long things are kept, change it, remove what is older.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show how long each is kept.
    Show,
    /// Set how long, in whole days. What is not named stays as it is. Nothing is removed yet.
    Set(Set),
    /// Remove what is older, now. A server does that every night by itself.
    Run,
}

#[derive(Debug, clap::Args)]
struct Set {
    /// Sessions, and requests that no attack needs: 1 to 7.
    #[arg(long, value_name = "DAYS")]
    sessions: Option<u16>,
    /// Of attacks the detectors, heatmaps and hits: 1 to 31.
    #[arg(long, value_name = "DAYS")]
    detail: Option<u16>,
    /// Attacks: 1 to 183.
    #[arg(long, value_name = "DAYS")]
    attacks: Option<u16>,
    /// What the IP lists were: 1 to 90.
    #[arg(long, value_name = "DAYS")]
    lists: Option<u16>,
    /// The audit log: 1 to 183.
    #[arg(long, value_name = "DAYS")]
    audit: Option<u16>,
    /// Whether imported history goes likewise, or is kept whole.
    #[arg(long, value_name = "true|false")]
    imported: Option<bool>,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "use Settings, Privacy, or its API (PUT /api/v1/retention); it removes what is \
                   older every night by itself";
    let (store, caller) = args.of.open(instead).await?;
    let tenant = store.tenant(&caller);
    let before = tenant.find_retention().await?;
    match args.command {
        Command::Show => show(&before),
        Command::Set(set) => {
            let retention = Retention {
                session_days: set.sessions.unwrap_or(before.session_days),
                detail_days: set.detail.unwrap_or(before.detail_days),
                attack_days: set.attacks.unwrap_or(before.attack_days),
                list_days: set.lists.unwrap_or(before.list_days),
                audit_days: set.audit.unwrap_or(before.audit_days),
                includes_imported: set.imported.unwrap_or(before.includes_imported),
            };
            if let Some((field, why)) = retention.fault() {
                bail!("{field}: {why}");
            }
            tenant.set_retention(&retention, system_clock()).await?;
            show(&retention);
        }
        Command::Run => {
            let jobs = Jobs::default();
            let run = jobs.keep_to_retention(&tenant, system_clock).await;
            tell(&run.removed);
            if let Some(reason) = run.reason {
                bail!("{reason}");
            }
            store.compact().await?;
        }
    }
    drop(tenant);
    store.close().await?;
    Ok(())
}

fn show(retention: &Retention) {
    let lines = [
        ("sessions", retention.session_days),
        ("detail of attacks", retention.detail_days),
        ("attacks", retention.attack_days),
        ("history of the IP lists", retention.list_days),
        ("audit log", retention.audit_days),
    ];
    for (what, days) in lines {
        println!("{what:<24} {days:>4} days");
    }
    let imported = if retention.includes_imported {
        "likewise"
    } else {
        "kept whole"
    };
    println!("{:<24} {imported}", "imported history");
}

fn tell(removed: &Removed) {
    println!(
        "removed: {} sessions, requests of {} segments, the detail of {} attacks, {} attacks",
        number(removed.sessions),
        number(removed.segments),
        number(removed.details),
        number(removed.attacks)
    );
}
