//! `botscope migrate-store`: everything that is stored in a data directory into a PostgreSQL
//! database, once.

use std::path::PathBuf;

use anyhow::Context;

use crate::address::AddressBook;
use crate::store::{DATABASE, Store};
use crate::text::number;

/// Move everything that is stored in a data directory into an empty PostgreSQL database.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The data directory. It stays as it is, and is still needed: its secret and its lists of
    /// addresses stay there.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The database: postgres://USER:PASSWORD@HOST/NAME.
    #[arg(
        long,
        value_name = "URL",
        env = "BOTSCOPE_STORE",
        hide_env_values = true
    )]
    to: String,
}

impl std::fmt::Debug for Args {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address of a database holds a password.
        f.debug_struct("Args").field("from", &self.from).finish()
    }
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let directory = args.from.display();
    anyhow::ensure!(
        args.from.join(DATABASE).exists(),
        "{directory} is no data directory with something in it"
    );
    let source = Store::open(&args.from).await;
    let source = source.with_context(|| format!("cannot open {directory}"))?;
    let target = Store::open_url(&args.to, AddressBook::built_in()).await;
    let target = target.context("cannot open the database")?;
    let (mut tables, mut rows) = (0, 0);
    let moved = source.move_into(&target, |table| {
        println!(
            "{:<20} {:>12} rows  checksum {:016x}",
            table.name,
            number(table.rows),
            table.checksum
        );
        tables += 1;
        rows += table.rows;
    });
    moved
        .await
        .context("nothing was moved; the database is as it was")?;
    target
        .compact()
        .await
        .context("everything was moved, but no statistics of it were gathered")?;
    target.close().await?;
    source.close().await?;
    println!(
        "{} rows of {tables} tables are there, each read back and compared. From now on: botscope \
         serve --data {directory} --store URL",
        number(rows)
    );
    Ok(())
}
