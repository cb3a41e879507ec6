//! `botscope accounts`: who may sign in, making and removing accounts, and helping people back in,
//! without a server.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};
use shared::{AccountId, GlobalRole, Role};

use super::{DataDirectory, open};
use crate::auth::{Caller, Email, Passwords, check_password, random_id, read_name};
use crate::http::system_clock;
use crate::store::{AccountRow, AuditRecord, LinkKind, NewAccount, NewLink, Store, StoreError};

/// Show the accounts, make one, help somebody back in, remove one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataDirectory,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the accounts and where they belong.
    Show,
    /// Make an account. Its password is read from standard input; if there is none, a link is
    /// printed to choose it.
    Add {
        /// The e-mail address.
        email: String,
        /// What others see; otherwise the e-mail address.
        #[arg(long)]
        name: Option<String>,
        /// What they may do: administrator, analyst, read_only, ingest_only, api_developer,
        /// enforcer or monitor.
        #[arg(long, default_value = "administrator")]
        role: Role,
        /// Look after the whole installation: every tenant, and which there are.
        #[arg(long)]
        global: bool,
    },
    /// Print a link to choose a new password with. It also lets the account forget its
    /// authenticator app.
    Reset {
        /// The e-mail address.
        email: String,
    },
    /// Remove an account, wherever it belongs.
    Remove {
        /// The e-mail address.
        email: String,
    },
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "use its console (Settings, People), or stop it and run this again";
    let store = open(&args.data, instead).await?;
    match args.command {
        Command::Show => show(&store).await?,
        Command::Add {
            email,
            name,
            role,
            global,
        } => add(&store, &email, name, role, global).await?,
        Command::Reset { email } => {
            let account = find(&store, &email).await?;
            tell_reset(&store, &account).await?;
            record(
                &store,
                AuditRecord::new("account.reset_link", account.email),
            )
            .await?;
        }
        Command::Remove { email } => {
            let account = find(&store, &email).await?;
            remove(&store, &account).await?;
            println!("removed: {}", account.email);
            record(&store, AuditRecord::new("account.remove", account.email)).await?;
        }
    }
    store.close().await?;
    Ok(())
}

async fn remove(store: &Store, account: &AccountRow) -> anyhow::Result<()> {
    match store.remove_account(account.id).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { constraint }) => bail!(
            "{}: {constraint}, in the console or with `botscope accounts add`",
            account.email
        ),
        Err(error) => Err(error.into()),
    }
}

async fn record(store: &Store, record: AuditRecord) -> anyhow::Result<()> {
    let tenant = store.tenant(&Caller::local());
    Ok(tenant.record(record, system_clock()).await?)
}

async fn show(store: &Store) -> anyhow::Result<()> {
    let accounts = store.list_accounts().await?;
    if accounts.is_empty() {
        println!("no accounts yet; `botscope serve` prints a link to make the first one with");
    }
    for account in accounts {
        let memberships = store.list_memberships(&account).await?;
        let roles = memberships.iter().filter_map(|membership| {
            let role = membership.role?;
            Some(format!("{} in {}", role.label(), membership.tenant.name))
        });
        let global = account.global_role.map(|role| role.label().to_owned());
        let roles: Vec<String> = global.into_iter().chain(roles).collect();
        println!("{}  {} · {}", account.id, account.email, roles.join(" · "));
    }
    Ok(())
}

async fn add(
    store: &Store,
    email: &str,
    name: Option<String>,
    role: Role,
    is_global: bool,
) -> anyhow::Result<()> {
    let email = Email::read(email)?;
    let called = match &name {
        Some(name) => read_name(name).map_err(|fault| anyhow::anyhow!("the name: {fault}"))?,
        None => email.as_str(),
    };
    let called = called.to_owned();
    let password = read_password()?;
    let password_hash = match &password {
        Some(password) => {
            check_password(
                password,
                email.as_str(),
                name.as_deref().unwrap_or_default(),
            )
            .map_err(|fault| anyhow::anyhow!("the password: {fault}"))?;
            Some(Passwords::default().hash(password).await?)
        }
        None => None,
    };
    let new = NewAccount {
        id: AccountId(random_id()?),
        name: called,
        email,
        password_hash,
        global_role: is_global.then_some(GlobalRole::Administrator),
        created_at: system_clock(),
    };
    let tenant = Caller::DEFAULT_TENANT;
    store.create_account(&new, Some((tenant, role))).await?;
    let created = AuditRecord::new("member.create", new.email.as_str())
        .with("role", role)
        .field("global_role", None::<GlobalRole>, new.global_role);
    record(store, created).await?;
    println!("{}  {} · {}", new.id, new.email, role.label());
    if password.is_none() {
        let account = find(store, new.email.as_str()).await?;
        tell_reset(store, &account).await?;
    }
    Ok(())
}

/// The first line of standard input, unless somebody sits there.
fn read_password() -> anyhow::Result<Option<String>> {
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut text = String::new();
    std::io::stdin()
        .take(4_096)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    let password = text.lines().next().unwrap_or_default();
    Ok((!password.is_empty()).then(|| password.to_owned()))
}

async fn find(store: &Store, email: &str) -> anyhow::Result<AccountRow> {
    let email = Email::read(email)?;
    match store.find_account_by_email(&email).await? {
        Some(account) => Ok(account),
        None => bail!(
            "there is no account for {email}; `botscope accounts show` prints those there are"
        ),
    }
}

async fn tell_reset(store: &Store, account: &AccountRow) -> anyhow::Result<()> {
    let kind = LinkKind::Recovery;
    let (link, secret) = NewLink::random(kind, Some(account.id), system_clock())?;
    store.create_link(&link).await?;
    println!("A link to choose a password with, below the address of the server, for a day:");
    println!("\n  /reset/{}\n", secret.digits());
    Ok(())
}
