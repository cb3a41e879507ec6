//! `botscope tokens`: which API tokens there are, making and revoking them without a server.

use anyhow::bail;
use shared::{ApplicationId, NewToken, Role, Timestamp, Token, TokenId};

use super::OfTenant;
use crate::auth::issue;
use crate::store::TenantStore;

/// Show the API tokens, make one, revoke one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the tokens, without their secrets.
    Show,
    /// Make a token and print its secret, this once.
    Add {
        /// What it is for.
        name: String,
        /// administrator, analyst, read_only, ingest_only, api_developer, enforcer or monitor.
        #[arg(long)]
        role: Role,
        /// The only application that it is for, by its identifier.
        #[arg(long = "app", value_name = "ID")]
        application_id: Option<ApplicationId>,
        /// 5m to 3650d, or forever; otherwise 90d.
        #[arg(long = "for", value_name = "DURATION")]
        duration: Option<String>,
    },
    /// Revoke a token: its secret opens nothing any more.
    Revoke {
        /// Its identifier, as `tokens show` prints it.
        id: TokenId,
    },
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "use its API (POST and DELETE /api/v1/tokens), or stop it and run this again";
    let (store, caller) = args.of.open(instead).await?;
    let tenant = store.tenant(&caller);
    let now = Timestamp::from(time::OffsetDateTime::now_utc());
    match args.command {
        Command::Show => show(&tenant).await?,
        Command::Add {
            name,
            role,
            application_id,
            duration,
        } => {
            let new = NewToken {
                name,
                role,
                application_id,
                duration,
            };
            let (token, secret) = issue(&new, None, &caller, now)?;
            if let Some(id) = token.application_id
                && tenant.find_application(id).await?.is_none()
            {
                bail!("there is no application {id}");
            }
            tenant.create_token(&token, &secret.hash()).await?;
            tell(&token);
            println!("\n  {}\n", secret.reveal());
            println!("Keep it now: only its hash is stored. Send it as `Authorization: Bearer`.");
        }
        Command::Revoke { id } => match tenant.revoke_token(id, None, now).await? {
            Some(token) => println!("revoked: {}", token.name),
            None => bail!("there is no token {id}; `botscope tokens show` prints those there are"),
        },
    }
    drop(tenant);
    store.close().await?;
    Ok(())
}

async fn show(tenant: &TenantStore) -> anyhow::Result<()> {
    let tokens = tenant.list_tokens(None).await?;
    if tokens.is_empty() {
        println!("no tokens yet; botscope tokens add NAME --role read_only makes one");
    }
    for token in tokens {
        tell(&token);
    }
    Ok(())
}

fn tell(token: &Token) {
    let ends = token.expires_at.map(|at| format!("until {at}"));
    let used = token.last_used_at.map(|at| format!("used {at}"));
    println!(
        "{}  {} · {} · {} · {}",
        token.id,
        token.name,
        token.role.label(),
        ends.as_deref().unwrap_or("forever"),
        used.as_deref().unwrap_or("never used"),
    );
}
