//! Measures how long the server takes to answer what each page asks for.

use std::time::Instant;

use anyhow::Context;

use super::figures::{Figures, quantile};
use crate::client::Client;
use crate::pages::pages;

/// Requests per figure, after a tenth of it to warm up.
const REQUESTS: usize = 500;

/// What each page takes; what the figures are called begins with `prefix`.
pub(super) fn measure(
    client: &mut Client,
    figures: &mut Figures,
    prefix: &str,
) -> anyhow::Result<()> {
    for (page, paths) in pages(client)? {
        time(client, figures, &format!("{prefix}{page}"), &paths)?;
    }
    Ok(())
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
