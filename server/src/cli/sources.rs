//! `botscope sources`: the lists of addresses that crawlers, clouds and Tor publish, how old the
//! copies are, and fetching them. Works beside a running server, which takes up what came.

use anyhow::bail;
use shared::{AddressList, Timestamp};

use super::DataDirectory;
use crate::address::published::{Fetcher, LISTS, List, Mirror, Shelf, refresh, standing};
use crate::text::{count, number};

/// Show the lists of addresses that crawlers, clouds and Tor publish, and fetch them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataDirectory,
    /// Fetch the lists now; all of them, or those named.
    #[arg(long)]
    refresh: bool,
    /// Fetch lists from this address, each by its name, rather than from who publishes them.
    #[arg(long, value_name = "URL", env = "BOTSCOPE_LISTS_FROM")]
    lists_from: Option<Mirror>,
    /// Print JSON, as the API answers.
    #[arg(long)]
    json: bool,
    /// Only these lists.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let lists = chosen(&args.names)?;
    let mut shelf = Shelf::open(&args.data.path);
    let now = Timestamp::from(time::OffsetDateTime::now_utc());
    if args.refresh {
        let fetcher = Fetcher::new(args.lists_from);
        let done = refresh(&mut shelf, &fetcher, &lists, now).await;
        eprintln!(
            "{} fetched, {} changed, {} failed",
            count(done.fetched as u64, "list"),
            number(done.changed as u64),
            number(done.failed as u64)
        );
    }
    let mut all = standing(&shelf);
    all.retain(|list| lists.iter().any(|chosen| chosen.name == list.name));
    if args.json {
        println!("{}", serde_json::to_string(&all)?);
        return Ok(());
    }
    for list in &all {
        println!("{}", line(list, now));
    }
    Ok(())
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static List>> {
    if names.is_empty() {
        return Ok(LISTS.iter().collect());
    }
    let mut lists = Vec::new();
    for name in names {
        match LISTS.iter().find(|list| list.name == name) {
            Some(list) => lists.push(list),
            None => {
                let known: Vec<&str> = LISTS.iter().map(|list| list.name).collect();
                bail!("there is no list {name}; one of: {}", known.join(", "));
            }
        }
    }
    Ok(lists)
}

/// A list on a line.
fn line(list: &AddressList, now: Timestamp) -> String {
    let kind = if list.crawlers.is_empty() {
        "place"
    } else {
        "crawler"
    };
    let age = match list.fetched_at {
        Some(at) => age(now.since(at)),
        None => "never fetched".to_owned(),
    };
    let networks = count(list.networks, "network");
    let mut line = format!(
        "{:<18} {kind:<8} {networks:>15}  {age:<14}  {}",
        list.name, list.url
    );
    if let Some(error) = &list.error {
        line.push_str("\n                   the last try failed: ");
        line.push_str(error);
    }
    line
}

fn age(ms: i64) -> String {
    match ms.max(0) {
        young if young < 2 * Timestamp::HOUR => count((young / Timestamp::MINUTE) as u64, "minute"),
        hours if hours < 2 * Timestamp::DAY => count((hours / Timestamp::HOUR) as u64, "hour"),
        days => count((days / Timestamp::DAY) as u64, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_how_old_its_copy_is_and_what_went_wrong() {
        let now = Timestamp(1_790_000_000_000);
        let list = AddressList {
            name: "googlebot".to_owned(),
            crawlers: vec!["Googlebot".to_owned()],
            url: "https://lists.example/googlebot.json".to_owned(),
            fetched_at: Some(now.plus(-3 * Timestamp::DAY)),
            networks: 1_268,
            error: Some("no answer in time".to_owned()),
        };
        let line = line(&list, now);
        assert!(line.contains("1,268 networks  3 days"), "{line}");
        assert!(
            line.ends_with("the last try failed: no answer in time"),
            "{line}"
        );
        assert_eq!(age(90 * Timestamp::MINUTE), "90 minutes");
        assert_eq!(age(2 * Timestamp::HOUR), "2 hours");
    }

    #[test]
    fn an_unknown_list_is_answered_with_the_known_ones() {
        let error = chosen(&["googelbot".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("googelbot") && error.contains("bingbot"),
            "{error}"
        );
    }
}
