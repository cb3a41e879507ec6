//! `botscope lists`: who is on the deny list and the exception list, and changing that without a
//! server. What may go on a list is checked by `lists`, as for the API.

use anyhow::bail;
use serde::Serialize;
use shared::{ListEntry, ListKind, ListResult, Network, NewListEntries, Timestamp};

use super::OfTenant;
use crate::auth::Caller;
use crate::lists::{self, Refused, shown};
use crate::store::{ListRow, TenantStore};
use crate::text::{count, number};

/// Show who is on the deny list and the exception list, add to them, remove from them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfTenant,
    /// Print JSON, as the API answers.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the entries in force.
    Show {
        /// deny or exception; otherwise both.
        #[arg(value_parser = lists::read_list)]
        list: Option<ListKind>,
    },
    /// Put addresses and subnets on a list.
    Add(AddArgs),
    /// Take addresses and subnets off a list.
    Remove {
        /// deny or exception.
        #[arg(value_parser = lists::read_list)]
        list: ListKind,
        /// Addresses and subnets, as they are on the list.
        #[arg(required = true, value_name = "OBJECT")]
        objects: Vec<Network>,
    },
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// deny or exception.
    list: String,
    /// Addresses and subnets.
    #[arg(required = true, value_name = "OBJECT")]
    objects: Vec<String>,
    /// Only on this application; may be given several times.
    #[arg(long, value_name = "NAME")]
    app: Vec<String>,
    /// Why.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    /// 5m to 3650d, or forever; otherwise 24h on the deny list, forever on the exception list.
    #[arg(long = "for", value_name = "DURATION")]
    duration: Option<String>,
    /// Add also what is asked about first: a huge subnet, addresses of this machine.
    #[arg(long)]
    yes: bool,
}

/// Entries as a page of the API has them.
#[derive(Serialize)]
struct Entries {
    items: Vec<ListEntry>,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let instead = "change its lists in the console or by its API (/api/docs), or stop it and run \
                   this again";
    let (store, caller) = args.of.open(instead).await?;
    let tenant = store.tenant(&caller);
    let now = Timestamp::from(time::OffsetDateTime::now_utc());
    let done = match args.command {
        Command::Show { list } => show(&tenant, list, now, args.json).await,
        Command::Add(add) => self::add(&tenant, &caller, add, now, args.json).await,
        Command::Remove { list, objects } => {
            remove(&tenant, &caller, list, &objects, now, args.json).await
        }
    };
    drop(tenant);
    store.close().await?;
    done
}

/// Prints entries: a page of JSON, or a line for each after `head`.
fn tell(entries: &[ListRow], now: Timestamp, is_json: bool, head: &str) -> anyhow::Result<()> {
    if is_json {
        let items = entries.iter().map(|row| shown::entry(row, now)).collect();
        println!("{}", serde_json::to_string(&Entries { items })?);
        return Ok(());
    }
    println!("{head}");
    for row in entries {
        println!("  {}", line(row));
    }
    Ok(())
}

/// An entry on a line.
fn line(row: &ListRow) -> String {
    let until = match row.expires_at {
        Some(at) => format!("until {at}"),
        None => "forever".to_owned(),
    };
    let applications = match &row.applications {
        Some(some) => {
            let names: Vec<&str> = some.iter().map(|(_, name)| name.as_str()).collect();
            format!("on {}", names.join(", "))
        }
        None => "on every application".to_owned(),
    };
    let object = row.object.to_string();
    let mut line = format!("{object:<18}  {until}  {applications}  by {}", row.author);
    if !row.reason.is_empty() {
        line.push_str("  ");
        line.push_str(&row.reason);
    }
    line
}

async fn show(
    tenant: &TenantStore,
    list: Option<ListKind>,
    now: Timestamp,
    is_json: bool,
) -> anyhow::Result<()> {
    let lists = list.map_or_else(
        || vec![ListKind::Deny, ListKind::Exception],
        |one| vec![one],
    );
    let mut all = Vec::new();
    for list in lists {
        let entries = tenant.list_in_force(list, now).await?;
        if is_json {
            all.extend(entries);
            continue;
        }
        let head = match entries.len() {
            0 => format!("{}: empty", list.label()),
            1 => format!("{}: 1 entry", list.label()),
            n => format!("{}: {} entries", list.label(), number(n as u64)),
        };
        tell(&entries, now, false, &head)?;
    }
    if is_json {
        tell(&all, now, true, "")?;
    }
    Ok(())
}

async fn add(
    tenant: &TenantStore,
    caller: &Caller,
    args: AddArgs,
    now: Timestamp,
    is_json: bool,
) -> anyhow::Result<()> {
    let new = NewListEntries {
        list: args.list,
        objects: args.objects,
        applications: (!args.app.is_empty()).then_some(args.app),
        reason: args.reason,
        duration: args.duration,
        expires_at: None,
        confirm: args.yes,
    };
    let known = tenant.list_application_names().await?;
    let entries = match lists::check(&new, &known, None, now) {
        Ok(entries) => entries,
        Err(Refused::Wrong(fault)) => bail!("{}: {}", option(&fault.field), fault.message),
        Err(Refused::Asked(asked)) => {
            let asked: Vec<String> = asked.into_iter().map(|fault| fault.message).collect();
            bail!("{}\nNothing was stored; --yes says yes", asked.join("\n"))
        }
    };
    let added = tenant
        .create_list_entries(&entries, lists::author(caller, now))
        .await?;
    let result: ListResult = shown::result(&added, now);
    if is_json {
        println!("{}", serde_json::to_string(&result)?);
        return Ok(());
    }
    for (added, addition) in added.iter().zip(&result.entries) {
        println!("{}", line(&added.row));
        for note in &addition.notes {
            println!("  {note}");
        }
    }
    println!(
        "{}: {} new, {} changed, {} as they were",
        count(added.len() as u64, "object"),
        result.created,
        result.changed,
        result.unchanged
    );
    Ok(())
}

/// What a field of the API is called here.
fn option(field: &str) -> &str {
    match field {
        "applications" => "--app",
        "reason" => "--reason",
        "duration" => "--for",
        "objects" => "OBJECT",
        other => other,
    }
}

/// Nothing is removed unless everything is there.
async fn remove(
    tenant: &TenantStore,
    caller: &Caller,
    list: ListKind,
    objects: &[Network],
    now: Timestamp,
    is_json: bool,
) -> anyhow::Result<()> {
    let in_force = tenant.list_in_force(list, now).await?;
    let name = list.label().to_lowercase();
    let mut ids = Vec::with_capacity(objects.len());
    for object in objects {
        let Some(row) = in_force.iter().find(|row| row.object == *object) else {
            let covering = in_force.iter().find(|row| row.object.covers(*object));
            let covering = covering.map_or_else(String::new, |row| {
                format!("; {}, which covers it, is", row.object)
            });
            bail!("{object} is not on the {name}{covering}. Nothing was removed");
        };
        ids.push(row.id);
    }
    ids.sort_unstable();
    ids.dedup();
    let mut removed = Vec::with_capacity(ids.len());
    for id in ids {
        let gone = tenant.remove_list_entry(id, lists::author(caller, now));
        removed.extend(gone.await?.map(|gone| gone.row));
    }
    let head = format!("taken off the {name}:");
    tell(&removed, now, is_json, &head)
}
