//! `botscope audit`: whether the audit log is as it was written, without a server.

use anyhow::bail;

use super::OfTenant;
use crate::text::number;

/// Check the audit log.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say whether an entry was changed or is missing; fails if so.
    Verify,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "ask its API (GET /api/v1/audit/chain), or stop it and run this again";
    let (store, caller) = args.of.open(instead).await?;
    let Command::Verify = args.command;
    let tenant = store.tenant(&caller);
    let chain = tenant.verify_audit().await?;
    drop(tenant);
    store.close().await?;
    if let Some(at) = chain.broken_at {
        bail!("entry {at} was changed or is missing");
    }
    let entries = (chain.last + 1).saturating_sub(chain.first);
    match entries {
        0 => println!("the audit log is empty"),
        1 => println!("1 entry, as it was written"),
        _ => println!(
            "{} entries, {} to {}, as they were written",
            number(entries),
            number(chain.first),
            number(chain.last)
        ),
    }
    println!("last hash: {}", chain.hash);
    Ok(())
}
