//! Measures a session of a hundred thousand requests, which no real log here has: how soon any
//! page of it is there, its facets, and its first page after a start of the server.

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use anyhow::Context;

use super::figures::{Figures, quantile};
use super::import;
use crate::client::{Client, escaped};
use crate::place::Place;
use crate::server::Server;

/// The application that its log becomes.
pub(super) const APPLICATION: &str = "long";

const REQUESTS: u32 = 100_000;
/// Between two of them, in milliseconds: they fill a day of whole seconds.
const STEP_MS: u32 = 860;

/// Pages that are asked for.
const PAGES: u64 = 1_000;
const PAGE: u64 = 100;

pub(super) fn measure(place: &Place, figures: &mut Figures) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("long.log");
    fs::write(&log, generated()).context("writing the generated log")?;
    import::import(place, APPLICATION, &log)?;

    let server = Server::start(place)?;
    let mut client = server.client();
    let search = escaped(&format!("app:{APPLICATION} >2000-01-01"));
    let found = client.get_all(&format!("/api/v1/sessions?q={search}"))?;
    let id = found
        .iter()
        .max_by_key(|session| session["requests"].as_u64())
        .and_then(|session| session["id"].as_str())
        .context("the generated log gave no session")?;
    let path = format!("/api/v1/sessions/{id}");

    let begun = Instant::now();
    let first = client.get_json(&format!("{path}/requests?limit={PAGE}"))?;
    figures.add("long_session_first_page_ms", milliseconds(begun), "ms");
    let total = first["total"].as_u64().context("a page tells the total")?;
    figures.add("long_session_requests", total as f64, "");

    // All over the session, in an order that jumps.
    let starts = (0..PAGES).map(|page| page * 7_919 % total);
    let pages = starts.map(|start| format!("{path}/requests?limit={PAGE}&start={start}"));
    time(&mut client, figures, "long_session_page", pages)?;
    let narrowed = (0..PAGES).map(|page| {
        let start = page * 7_919 % (total / 2);
        format!("{path}/requests?limit={PAGE}&start={start}&not_status=503&method=GET")
    });
    time(&mut client, figures, "long_session_narrowed_page", narrowed)?;
    let facets = (0..PAGES / 10).map(|_| format!("{path}/facets?not_status=503"));
    time(&mut client, figures, "long_session_facets", facets)
}

fn time(
    client: &mut Client,
    figures: &mut Figures,
    name: &str,
    paths: impl Iterator<Item = String>,
) -> anyhow::Result<()> {
    let mut taken = Vec::new();
    for path in paths {
        let begun = Instant::now();
        client
            .get(&path)
            .with_context(|| format!("measuring {name}"))?;
        taken.push(milliseconds(begun));
    }
    taken.sort_by(f64::total_cmp);
    figures.add(&format!("{name}_p50_ms"), quantile(&taken, 0.5), "ms");
    figures.add(&format!("{name}_p99_ms"), quantile(&taken, 0.99), "ms");
    Ok(())
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

/// One program's day as an access log.
fn generated() -> String {
    let mut log = String::new();
    for index in 0..REQUESTS {
        let second = u64::from(index) * u64::from(STEP_MS) / 1_000;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let path = match index % 10 {
            3 => format!("/api/items/{}", index % 997),
            7 => "/api/status".to_owned(),
            _ => "/health".to_owned(),
        };
        let status = if index % 100 == 99 { 503 } else { 200 };
        let bytes = 200 + index % 613;
        writeln!(
            log,
            "203.0.113.5 - - [02/Mar/2026:{hour:02}:{minute:02}:{second:02} +0000] \
             \"GET {path} HTTP/1.1\" {status} {bytes} \"-\" \"uptime-check/1.4\""
        )
        .expect("a text takes everything");
    }
    log
}
