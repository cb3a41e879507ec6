//! A folder of small logs with what another detector finds in each (`expect.tsv`): whether the
//! sender is flagged where it finds something, and whether every line is read where it says
//! nothing.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use super::Evaluator;

/// What stands for "only that the lines are read".
const NOTHING: &str = "-";

pub(super) fn run(evaluator: &Evaluator, name: &str, folder: &Path) -> anyhow::Result<Value> {
    println!("\n== {name}");
    let table = fs::read_to_string(folder.join("expect.tsv"))?;
    let (mut tests, mut flagged) = (0u64, 0u64);
    let mut unread: BTreeMap<String, u64> = BTreeMap::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [test, _format, file, fires] = cells[..] else {
            continue;
        };
        let log = folder.join(file);
        let text = fs::read(&log).with_context(|| format!("reading {}", log.display()))?;
        let rows: String = addresses(&String::from_utf8_lossy(&text))
            .iter()
            .map(|address| format!("{address}\tattacker\n"))
            .collect();
        let truth = evaluator.write_truth(&rows)?;
        let card = evaluator.card(&truth, &log, &[])?;
        for reason in card["rejected_by_reason"].as_array().into_iter().flatten() {
            let why = reason["reason"].as_str().unwrap_or_default();
            *unread.entry(why.to_owned()).or_default() += reason["lines"].as_u64().unwrap_or(0);
        }
        if fires == NOTHING {
            continue;
        }
        tests += 1;
        if card["classes"]["attacker"]["flagged"].as_u64() > Some(0) {
            flagged += 1;
        } else {
            println!("  not flagged: {test} ({fires})");
        }
    }
    println!("  sender flagged in {flagged} of {tests} tests that fire");
    for (why, lines) in &unread {
        println!("  no request: {lines} lines ({why})");
    }
    Ok(json!({"tests": tests, "flagged": flagged, "no_request": unread}))
}

/// Everything in a text that is an address.
fn addresses(text: &str) -> Vec<IpAddr> {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut found: Vec<IpAddr> = text
        .split(|c| !is_part(c))
        .flat_map(|word| {
            // `192.0.2.7:443` is an address with a port.
            let without_port = word.rsplit_once(':').map_or(word, |(address, _)| address);
            [word, without_port].map(str::parse)
        })
        .filter_map(Result::ok)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        let text = r#"{"ip":"2001:db8::7"} 192.0.2.7:50033 [x] 198.51.100.9 - 1.2.3"#;
        let found: Vec<String> = addresses(text).iter().map(IpAddr::to_string).collect();
        assert_eq!(found, ["192.0.2.7", "198.51.100.9", "2001:db8::7"]);
    }
}
