//! Measures with PostgreSQL what is measured with SQLite: the import, beside SQLite's in the same
//! run, and the pages; these once more with a thousand other tenants in the store.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::read::MultiGzDecoder;

use super::client::Client;
use super::figures::{Figures, quantile};
use super::place::Place;
use super::server::Server;
use super::{LOGS, import, import_all, latency};
use crate::postgres::{Care, Cluster};
use crate::process;

/// Imports into each store; the medians count.
const RUNS: usize = 3;

/// The tenants beside the one that is looked at, each with an application for each log.
const TENANTS: u32 = 1_000;

/// Lines of each log that an application of theirs holds.
const LINES: usize = 300;

pub(super) fn measure(binary: &Path, logs: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let cluster = Cluster::start(Care::Durable)?;
    imports(&cluster, binary, &logs.join(LOGS[0].1), figures)?;

    let folder = tempfile::tempdir()?;
    let place = |name: &str| -> anyhow::Result<Place> {
        let data = folder.path().join(name);
        Ok(Place::in_database(
            binary,
            &data,
            cluster.create_database(name)?,
        ))
    };
    let alone = place("alone")?;
    import_all(&alone, logs)?;
    let crowded = place("crowded")?;
    import_all(&crowded, logs)?;
    crowd(&cluster, &crowded, logs, folder.path())?;

    // Beside one another: what else the machine does concerns both.
    let servers = [Server::start(&alone)?, Server::start(&crowded)?];
    for (server, prefix) in servers.iter().zip(["postgres_", "postgres_crowded_"]) {
        latency::measure(&mut Client::connect(server)?, figures, prefix)?;
    }
    let mut worst = 0.0_f64;
    for page in latency::PAGES {
        let median = |prefix: &str| figures.get(&format!("{prefix}{page}_p50_ms"));
        let pair = median("postgres_crowded_").zip(median("postgres_"));
        let (crowded, alone) = pair.context("every page was measured")?;
        worst = worst.max(crowded / alone);
    }
    figures.add("postgres_crowded_worst_ratio", worst, "times as long");
    Ok(())
}

/// Imports one log into both stores in turn.
fn imports(
    cluster: &Cluster,
    binary: &Path,
    log: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut sqlite = Vec::new();
    let mut postgres = Vec::new();
    for run in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let place = Place::in_folder(binary, &folder.path().join("sqlite"));
        sqlite.push(import::import(&place, LOGS[0].0, log)?.seconds);
        let database = cluster.create_database(&format!("import_{run}"))?;
        let place = Place::in_database(binary, &folder.path().join("postgres"), database);
        postgres.push(import::import(&place, LOGS[0].0, log)?.seconds);
    }
    sqlite.sort_by(f64::total_cmp);
    postgres.sort_by(f64::total_cmp);
    let (sqlite, postgres) = (quantile(&sqlite, 0.5), quantile(&postgres, 0.5));
    figures.add("postgres_import_seconds", postgres, "s, median of 3");
    figures.add(
        "postgres_import_of_sqlite",
        sqlite / postgres,
        "of SQLite's speed",
    );
    Ok(())
}

/// Fills a store with other tenants and what is theirs.
fn crowd(cluster: &Cluster, place: &Place, logs: &Path, folder: &Path) -> anyhow::Result<()> {
    let database = place.store.as_deref().context("it is in a database")?;
    cluster.execute(
        database,
        &format!(
            "INSERT INTO tenant (id, name, created_at) SELECT n, 'Tenant ' || n, 0
             FROM generate_series(2, {}) n",
            TENANTS + 1
        ),
    )?;
    let files = LOGS
        .iter()
        .map(|(_, file)| beginning(&logs.join(file), folder))
        .collect::<anyhow::Result<Vec<_>>>()?;
    for tenant in 2..=TENANTS + 1 {
        let mut import = place.botscope("import");
        import.args(["--tenant", &format!("Tenant {tenant}")]);
        process::output(import.args(&files))?;
    }
    Ok(())
}

/// The first lines of a log, as a file of the same name.
fn beginning(log: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let open =
        || -> anyhow::Result<_> { Ok(BufReader::new(MultiGzDecoder::new(File::open(log)?))) };
    let reader = open().with_context(|| format!("opening {}", log.display()))?;
    let name = log.file_stem().context("a log has a name")?;
    let file = folder.join(name);
    let mut text = Vec::new();
    for line in reader.split(b'\n').take(LINES) {
        text.write_all(&line?)?;
        text.push(b'\n');
    }
    fs::write(&file, text)?;
    Ok(file)
}
