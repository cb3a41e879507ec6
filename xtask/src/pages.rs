//! What each page of the console asks for, of everything that is stored. Not who asks, nor what for.

use anyhow::ensure;

use crate::client::{Client, escaped};

/// A search that finds everything.
const EVER: &str = ">2000-01-01";

/// The pages.
pub(crate) const PAGES: &[&str] = &[
    "attack_list",
    "attack_counts",
    "attack_detail",
    "heatmaps",
    "hits",
    "session_list",
    "session_detail",
    "session_facets",
    "session_requests",
    "session_hits",
];

/// What each page asks for, of all attacks and of the sessions behind them.
pub(crate) fn pages(client: &mut Client) -> anyhow::Result<Vec<(&'static str, Vec<String>)>> {
    let ever = escaped(EVER);
    let attacks = client.get_all(&format!("/api/v1/attacks?q={ever}&limit=200"))?;
    ensure!(!attacks.is_empty(), "nothing is stored that has an attack");
    let attacks: Vec<&str> = attacks
        .iter()
        .filter_map(|attack| attack["id"].as_str())
        .collect();

    // The sessions behind attacks are the ones that people open.
    let mut sessions = Vec::new();
    for attack in &attacks {
        let detail = client.get_json(&format!("/api/v1/attacks/{attack}"))?;
        let session = detail["sessions"][0]["id"].as_str().map(str::to_owned);
        sessions.extend(session.map(|session| (session, (*attack).to_owned())));
    }
    ensure!(!sessions.is_empty(), "no attack has a stored session");

    let of_attacks = |suffix: &str| -> Vec<String> {
        let path = |id: &&str| format!("/api/v1/attacks/{id}{suffix}");
        attacks.iter().map(path).collect()
    };
    let of_sessions = |suffix: &str| -> Vec<String> {
        let path = |(id, _): &(String, String)| format!("/api/v1/sessions/{id}{suffix}");
        sessions.iter().map(path).collect()
    };
    let paths = |page: &str| match page {
        "attack_list" => vec![format!("/api/v1/attacks?q={ever}&limit=50")],
        "attack_counts" => vec![format!("/api/v1/attacks/counts?q={ever}")],
        "attack_detail" => of_attacks(""),
        "heatmaps" => of_attacks("/heatmaps"),
        "hits" => of_attacks("/hits"),
        "session_list" => vec![format!("/api/v1/sessions?q={ever}&limit=50")],
        "session_detail" => of_sessions(""),
        "session_facets" => of_sessions("/facets"),
        "session_requests" => of_sessions("/requests"),
        _ => {
            let hits = |(id, attack): &(String, String)| {
                format!("/api/v1/sessions/{id}/requests?attack={attack}&malicious=true")
            };
            sessions.iter().map(hits).collect()
        }
    };
    Ok(PAGES.iter().map(|page| (*page, paths(page))).collect())
}
