//! What was found in the real logs, against what the logs themselves say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::figures::Figures;
use crate::client::{Client, escaped};
use crate::scorecard::{for_each_line, is_browser};

/// Whoever tries this often is a guesser of passwords.
const GUESSER_ATTEMPTS: u32 = 10;

/// Attacks of an application by their primary type.
pub(super) fn attacks_by_type(
    client: &mut Client,
    app: &str,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut by_type = BTreeMap::new();
    for attack in attacks(client, app, "")? {
        let bot_type = attack["bot_type"].as_str().unwrap_or_default().to_owned();
        *by_type.entry(bot_type).or_insert(0) += 1;
    }
    for (bot_type, count) in by_type {
        figures.add(&format!("{app}_{bot_type}"), f64::from(count), "attacks");
    }
    Ok(())
}

/// The addresses that post to WordPress's sign-in ten times or more, and how many of them are
/// part of an attack of type account takeover.
pub(super) fn guessers(
    client: &mut Client,
    app: &str,
    log: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut attempts = BTreeMap::new();
    for_each_line(log, |line| {
        if line.method == "POST"
            && (line.path.contains("wp-login.php") || line.path.contains("xmlrpc.php"))
        {
            *attempts.entry(line.ip.to_owned()).or_insert(0) += 1;
        }
    })?;
    attempts.retain(|_, attempts| *attempts >= GUESSER_ATTEMPTS);

    let mut found = 0;
    let mut seen = BTreeSet::new();
    let mut most = 0;
    let mut missed = Vec::new();
    for ip in attempts.keys() {
        let attacks = attacks(client, app, &format!("account_takeover ip:{ip}"))?;
        if attacks.is_empty() {
            missed.push(ip.as_str());
        } else {
            found += 1;
            most = most.max(attacks.len());
            seen.extend(attacks.iter().map(|attack| attack["id"].to_string()));
        }
    }
    figures.add(
        &format!("{app}_guessers"),
        attempts.len() as f64,
        "addresses",
    );
    figures.add(
        &format!("{app}_guessers_found"),
        f64::from(found),
        "addresses",
    );
    figures.add(
        &format!("{app}_guesser_attacks"),
        seen.len() as f64,
        "attacks",
    );
    figures.add(
        &format!("{app}_guesser_attacks_most"),
        most as f64,
        "of one address",
    );
    if !missed.is_empty() {
        println!("    not found: {}", missed.join(" "));
    }
    Ok(())
}

/// The actors with a browser's user agent, and the share of them that is part of an attack.
pub(super) fn browsers(
    client: &mut Client,
    app: &str,
    log: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut actors = BTreeSet::new();
    for_each_line(log, |line| {
        if is_browser(line.agent) {
            actors.insert((line.ip.to_owned(), line.agent.to_owned()));
        }
    })?;
    let mut flagged = BTreeSet::new();
    for attack in attacks(client, app, "")? {
        let id = attack["id"].as_str().context("an attack has an id")?;
        let detail = client.get_json(&format!("/api/v1/attacks/{id}"))?;
        for ip in names(&detail["ips"]) {
            for agent in names(&detail["user_agents"]) {
                let actor = (ip.to_owned(), agent.to_owned());
                if actors.contains(&actor) {
                    flagged.insert(actor);
                }
            }
        }
    }
    let share = 100.0 * flagged.len() as f64 / actors.len().max(1) as f64;
    figures.add(&format!("{app}_browser_actors"), actors.len() as f64, "");
    figures.add(
        &format!("{app}_browser_actors_flagged"),
        flagged.len() as f64,
        "",
    );
    figures.add(&format!("{app}_browser_actors_flagged_percent"), share, "%");
    for (ip, agent) in flagged {
        println!("    flagged: {ip} {}", printable(&agent));
    }
    Ok(())
}

/// The ten attacks with the most hits; the site's own scheduler and its uptime monitor should
/// not be among them.
pub(super) fn top_of_the_list(
    client: &mut Client,
    app: &str,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let search = escaped(&format!("app:'{app}' >2000-01-01"));
    let mut harmless = 0;
    for sort in ["-hits", "-confidence"] {
        println!("    top of {app} by {sort}:");
        let path = format!("/api/v1/attacks?q={search}&sort={sort}&limit=10");
        let page = client.get_json(&path)?;
        for attack in page["items"].as_array().into_iter().flatten() {
            let agent = attack["user_agent"].as_str().unwrap_or_default();
            let path = attack["path"].as_str().unwrap_or_default();
            if path.contains("wp-cron") || agent.starts_with("jetmon") {
                harmless += 1;
            }
            println!(
                "      {:>6} hits {:>3}% {:<20} {:<16} {} {}",
                attack["hits"],
                attack["confidence"],
                attack["bot_type"].as_str().unwrap_or_default(),
                printable(attack["top_ip"].as_str().unwrap_or_default()),
                printable(path),
                printable(agent)
            );
        }
    }
    figures.add(
        &format!("{app}_harmless_at_the_top"),
        f64::from(harmless),
        "attacks",
    );
    Ok(())
}

/// All attacks of an application at any time that a search finds.
fn attacks(client: &mut Client, app: &str, search: &str) -> anyhow::Result<Vec<Value>> {
    let search = escaped(&format!("{search} app:'{app}' >2000-01-01"));
    client.get_all(&format!("/api/v1/attacks?q={search}&limit=200"))
}

fn names(counts: &Value) -> impl Iterator<Item = &str> {
    let counts = counts.as_array().into_iter().flatten();
    counts.filter_map(|count| count["name"].as_str())
}

/// Text out of a log, for a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
