//! `botscope explain`: every number of a verdict, and whether the stored requests give it again.

use anyhow::bail;
use shared::{AttackId, ReproductionOutcome, Timestamp};

use super::OfTenant;
use crate::explain::{explain, reproduction, to_text};

/// Show every number of an attack's verdict, and make it again from the stored requests.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    /// Only show what is stored.
    #[arg(long)]
    no_reproduce: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The attack's identifier, as its page shows it.
    attack: AttackId,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "see the attack's page in the console, or stop it and run this again";
    let (store, caller) = args.of.open(instead).await?;
    let tenant = store.tenant(&caller);
    let verdict = tenant.find_verdict(args.attack).await?;
    let Some(verdict) = verdict else {
        bail!(
            "there is no attack {} in {}",
            args.attack,
            args.of.data.place()
        );
    };
    let mut explanation = explain(&verdict.row);
    if !args.no_reproduce {
        let now = Timestamp::from(time::OffsetDateTime::now_utc());
        let found = reproduction(&tenant, &verdict, now, &|| false).await?;
        explanation.reproduction = Some(found);
    }
    drop(tenant);
    store.close().await?;
    if args.json {
        println!("{}", serde_json::to_string(&explanation)?);
    } else {
        print!("{}", to_text(&explanation));
    }
    let outcome = explanation.reproduction.map(|found| found.outcome);
    if outcome == Some(ReproductionOutcome::Differs) {
        bail!("the stored requests give another verdict");
    }
    Ok(())
}
