//! Measures with PostgreSQL what is measured with SQLite: the import, beside SQLite's in the same
//! run, and the pages; these once more with a thousand other tenants in the store.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::read::MultiGzDecoder;

use super::figures::{Figures, quantile};
use super::{LOGS, import, import_all, latency};
use crate::pages::PAGES;
use crate::place::Place;
use crate::postgres::{Care, Cluster};
use crate::process;
use crate::server::Server;

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

    // Otherwise it tidies up while the pages are measured.
    for place in [&alone, &crowded] {
        cluster.execute(place.database()?, "VACUUM ANALYZE")?;
    }
    cluster.execute(crowded.database()?, "CHECKPOINT")?;

    // Beside one another: what else the machine does concerns both.
    let servers = [Server::start(&alone)?, Server::start(&crowded)?];
    for (server, prefix) in servers.iter().zip(["postgres_", "postgres_crowded_"]) {
        latency::measure(&mut server.client(), figures, prefix)?;
    }
    let mut worst = 0.0_f64;
    for page in PAGES {
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

/// Fills a store with other tenants and what is theirs: one is imported, the others are its
/// copies.
fn crowd(cluster: &Cluster, place: &Place, logs: &Path, folder: &Path) -> anyhow::Result<()> {
    let database = place.database()?;
    let first = "INSERT INTO tenant (id, name, created_at) VALUES (2, 'Tenant 2', 0)";
    cluster.execute(database, first)?;
    let mut import = place.botscope("import");
    import.args(["--tenant", "Tenant 2"]);
    for (_, file) in LOGS {
        import.arg(beginning(&logs.join(file), folder)?);
    }
    process::output(&mut import)?;
    let last = (TENANTS + 1).to_string();
    let others = "INSERT INTO tenant (id, name, created_at)
                  SELECT n, 'Tenant ' || n, 0 FROM generate_series(3, LAST) n";
    cluster.execute(database, &others.replace("LAST", &last))?;
    cluster.execute(database, &COPIES.replace("LAST", &last))?;
    cluster.execute(database, "SELECT botscope_analyze()")
}

/// Copies every row of the second tenant for each of the others. Columns with numbers that are
/// counted over all tenants, or refer to such, get other numbers for each.
const COPIES: &str = r"
DO $$
DECLARE
    stored RECORD;
BEGIN
    FOR stored IN
        SELECT whole.oid::REGCLASS AS name,
               string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns,
               string_agg(CASE
                   WHEN attname = 'tenant_id' THEN 'n'
                   WHEN attname ~ '^(application|judgement|endpoint(_.)?|folded_into|attack)$'
                     OR attname = 'number' AND relname <> 'segment'
                   THEN format('%I + 1000000 * n', attname)
                   ELSE quote_ident(attname)
               END, ', ' ORDER BY attnum) AS copied
        FROM pg_class whole
        JOIN pg_attribute ON attrelid = whole.oid AND attnum > 0 AND NOT attisdropped
        WHERE relnamespace = current_schema()::REGNAMESPACE
          AND relkind IN ('r', 'p') AND NOT relispartition
        GROUP BY whole.oid
        HAVING bool_or(attname = 'tenant_id')
    LOOP
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(3, LAST) n
                        WHERE tenant_id = 2',
                       stored.name, stored.columns, stored.copied, stored.name);
    END LOOP;
END $$";

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
