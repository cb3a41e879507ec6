//! What real logs say of their senders by themselves: who has nothing but browsers' user agents
//! and sends no credentials, and how often others send credentials to WordPress. No truth, but
//! what is flagged of the former is to be looked at, and of the latter little should be missed.

use std::collections::BTreeMap;
use std::path::Path;

use super::log::{for_each_line, is_browser};

#[derive(Default)]
struct Sender {
    attempts: u32,
    is_other: bool,
    is_automation: bool,
}

/// The rows of a truth: `browser`, `other`, and by number of attempts to sign in.
pub(super) fn truth(log: &Path) -> anyhow::Result<String> {
    let mut senders: BTreeMap<String, Sender> = BTreeMap::new();
    for_each_line(log, |line| {
        let sender = senders.entry(line.ip.to_owned()).or_default();
        let signs_in = line.path.contains("wp-login.php") || line.path.contains("xmlrpc.php");
        sender.attempts += u32::from(line.method == "POST" && signs_in);
        sender.is_other |= !is_browser(line.agent);
        // The publisher's own service, which signs its calls.
        sender.is_automation |= line.path.contains("for=jetpack");
    })?;
    let row = |(ip, sender): (&String, &Sender)| {
        let class = match sender.attempts {
            _ if sender.is_automation => "benign_automation",
            10.. => "guesser_10",
            3..=9 => "guesser_3_to_9",
            1..=2 => "guesser_1_to_2",
            0 if sender.is_other => "other",
            0 => "user_browser",
        };
        format!("{ip}\t{class}\n")
    };
    Ok(senders.iter().map(row).collect())
}
