//! `botscope applications`: what is stored of each, and where session key, user and role stand
//! in its requests.

use std::str::FromStr;
use std::sync::Arc;

use anyhow::bail;
use shared::{ApplicationSettings, KeySource, Timestamp};

use super::OfTenant;
use super::progress::Progress;
use crate::ingest::decode::{FieldMap, InvalidFieldMap};
use crate::pipeline::{Meter, judge_again};
use crate::store::{ApplicationState, TenantStore};

/// List applications, or set where session key, user and role stand in their requests.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the applications and their settings.
    List,
    /// Set where session key, user and role stand, and judge everything stored again.
    Set(SetArgs),
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    /// The application's name.
    name: String,
    /// Sources of the session key, the first that a request has counts: auto, user, bearer,
    /// field:NAME, header:NAME, cookie:NAME, query:NAME; none for address and user agent.
    #[arg(long, value_name = "SOURCES")]
    session_key: Option<Sources>,
    /// Sources of the signed-in user.
    #[arg(long, value_name = "SOURCES")]
    user: Option<Sources>,
    /// Sources of the user's role.
    #[arg(long, value_name = "SOURCES")]
    role: Option<Sources>,
    /// What fields of JSON and W3C lines that are sent for it are called, as import takes it:
    /// ip=client.addr,time=at; empty for the usual names.
    #[arg(long, value_name = "FIELD=NAME,...", value_parser = read_map)]
    map: Option<String>,
    /// Make the application if there is none of this name.
    #[arg(long)]
    new: bool,
}

fn read_map(text: &str) -> Result<String, InvalidFieldMap> {
    text.parse::<FieldMap>().map(|_| text.to_owned())
}

/// `cookie:sid,field:sid`, or `none`.
#[derive(Debug, Clone)]
struct Sources(Vec<KeySource>);

impl FromStr for Sources {
    type Err = shared::InvalidSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text.trim(), "" | "none") {
            return Ok(Self(Vec::new()));
        }
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "see and set this in the console's settings, or stop it and run this again";
    let (store, caller) = args.of.open(instead).await?;
    let tenant = store.tenant(&caller);
    match args.command {
        Command::List => list(&tenant).await?,
        Command::Set(set) => {
            apply(&tenant, set).await?;
            store.compact().await?;
        }
    }
    drop(tenant);
    store.close().await?;
    Ok(())
}

async fn list(tenant: &TenantStore) -> anyhow::Result<()> {
    let applications = tenant.list_applications().await?;
    if applications.is_empty() {
        println!("no applications yet; botscope import FILE makes one");
    }
    for application in applications {
        println!("{}", application.name);
        println!(
            "  {} requests · {} sessions · {} attacks",
            application.requests, application.sessions, application.attacks
        );
        if let Some(state) = tenant.find_application_state(&application.name).await? {
            tell(&state);
        }
    }
    Ok(())
}

fn tell(state: &ApplicationState) {
    for (purpose, sources) in state.settings.lists() {
        println!("  {:<12} {}", purpose.label(), to_text(sources));
    }
    if !state.kept.is_empty() {
        println!("  {:<12} {}", "also kept", to_text(&state.kept));
    }
    if !state.field_map.is_empty() {
        println!("  {:<12} {}", "fields", state.field_map);
    }
    if state.settings != state.judged_by {
        println!(
            "  not judged by these settings yet: `applications set`, `import` or `serve` does it"
        );
    }
}

fn to_text(sources: &[KeySource]) -> String {
    if sources.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<String> = sources.iter().map(ToString::to_string).collect();
    texts.join(",")
}

async fn apply(tenant: &TenantStore, args: SetArgs) -> anyhow::Result<()> {
    let state = match tenant.find_application_state(&args.name).await? {
        Some(state) => state,
        None if args.new => tenant.find_or_create_application(&args.name).await?,
        None => {
            let applications = tenant.list_applications().await?;
            let names: Vec<&str> = applications.iter().map(|known| &*known.name).collect();
            bail!(
                "there is no application `{}`; there are: {}; --new makes it",
                args.name,
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                },
            );
        }
    };
    let choose = |given: Option<Sources>, set: &[KeySource]| match given {
        Some(Sources(sources)) => sources,
        None => set.to_vec(),
    };
    let settings = ApplicationSettings {
        session_key: choose(args.session_key, &state.settings.session_key),
        user: choose(args.user, &state.settings.user),
        role: choose(args.role, &state.settings.role),
    };
    if let Some((purpose, why)) = settings.fault() {
        bail!("{}: {why}", purpose.label());
    }
    let now = Timestamp::from(time::OffsetDateTime::now_utc());
    tenant.set_settings(state.id, &settings, now).await?;
    if let Some(map) = &args.map {
        tenant.set_field_map(state.id, map, now).await?;
    }
    let state = tenant.find_or_create_application(&state.name).await?;
    if state.is_due_again() {
        let meter = Arc::new(Meter::default());
        let progress = Progress::start_again(meter.clone());
        judge_again(tenant, &state.name, now, &meter, &|| false).await?;
        drop(progress);
    }
    let state = tenant.find_or_create_application(&state.name).await?;
    println!("{}", state.name);
    tell(&state);
    let applications = tenant.list_applications().await?;
    if let Some(found) = applications.iter().find(|found| found.id == state.id) {
        println!("  {} sessions · {} attacks", found.sessions, found.attacks);
    }
    Ok(())
}
