//! Measures how long the server takes to answer what each page asks for.

use std::time::Instant;

use anyhow::{Context, ensure};

use super::client::{Client, escaped};
use super::figures::{Figures, quantile};

/// Requests per figure, after a tenth of it to warm up.
const REQUESTS: usize = 500;

/// A search that finds everything.
const EVER: &str = ">2000-01-01";

pub(super) fn measure(client: &mut Client, figures: &mut Figures) -> anyhow::Result<()> {
    let ever = escaped(EVER);
    let attacks = client.get_all(&format!("/api/v1/attacks?q={ever}&limit=200"))?;
    ensure!(
        !attacks.is_empty(),
        "the logs hold no attack to measure with"
    );
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

    let list = vec![format!("/api/v1/attacks?q={ever}&limit=50")];
    time(client, figures, "attack_list", &list)?;
    let counts = vec![format!("/api/v1/attacks/counts?q={ever}")];
    time(client, figures, "attack_counts", &counts)?;
    for (name, suffix) in [
        ("attack_detail", ""),
        ("heatmaps", "/heatmaps"),
        ("hits", "/hits"),
    ] {
        let paths = attacks
            .iter()
            .map(|id| format!("/api/v1/attacks/{id}{suffix}"));
        time(client, figures, name, &paths.collect::<Vec<_>>())?;
    }
    let list = vec![format!("/api/v1/sessions?q={ever}&limit=50")];
    time(client, figures, "session_list", &list)?;
    for (name, suffix) in [
        ("session_detail", ""),
        ("session_facets", "/facets"),
        ("session_requests", "/requests"),
    ] {
        let paths = sessions
            .iter()
            .map(|(id, _)| format!("/api/v1/sessions/{id}{suffix}"));
        time(client, figures, name, &paths.collect::<Vec<_>>())?;
    }
    let hits_only = sessions.iter().map(|(id, attack)| {
        format!("/api/v1/sessions/{id}/requests?attack={attack}&malicious=true")
    });
    time(
        client,
        figures,
        "session_hits",
        &hits_only.collect::<Vec<_>>(),
    )
}

/// Asks for the paths in turn and adds the median and the 99th percentile in milliseconds.
pub(super) fn time(
    client: &mut Client,
    figures: &mut Figures,
    name: &str,
    paths: &[String],
) -> anyhow::Result<()> {
    let mut taken = Vec::with_capacity(REQUESTS);
    for (round, path) in paths.iter().cycle().take(REQUESTS * 11 / 10).enumerate() {
        let start = Instant::now();
        client
            .get(path)
            .with_context(|| format!("measuring {name}"))?;
        if round >= REQUESTS / 10 {
            taken.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    taken.sort_by(f64::total_cmp);
    figures.add(&format!("{name}_p50_ms"), quantile(&taken, 0.5), "ms");
    figures.add(&format!("{name}_p99_ms"), quantile(&taken, 0.99), "ms");
    Ok(())
}
