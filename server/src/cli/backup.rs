//! `botscope backup` and `botscope restore`: all of an installation into one file, and back.

use std::path::PathBuf;

use anyhow::Context;

use super::DataDirectory;
use crate::backup::{Manifest, StoredIn, back_up, restore};
use crate::http;
use crate::text::number;

/// Back up everything into one file, while a server runs or not.
#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    data: DataDirectory,
    /// The file; it must not be there yet. Only its owner may read it: every secret is in it.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Restore a backup into an empty data directory.
#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    #[command(flatten)]
    data: DataDirectory,
    /// The backup.
    #[arg(value_name = "FILE")]
    from: PathBuf,
}

pub(super) async fn run_backup(args: BackupArgs) -> anyhow::Result<()> {
    let database = match args.data.store {
        None => StoredIn::Archive,
        Some(_) => StoredIn::Postgres,
    };
    let made = back_up(&args.data.path, database, &args.to, http::system_clock()).await?;
    tell(&made, &format!("in {}", args.to.display()));
    if database == StoredIn::Postgres {
        println!(
            "The database is not in it. Back it up now, after the directory and not before:\n\n  \
             pg_dump --enable-row-security --format=custom --no-owner --file botscope.dump URL"
        );
    }
    Ok(())
}

pub(super) async fn run_restore(args: RestoreArgs) -> anyhow::Result<()> {
    let data = args.data.path;
    let restored = restore(&args.from, &data).await;
    let restored = restored.with_context(|| format!("cannot restore {}", args.from.display()))?;
    tell(&restored, &format!("in {}", data.display()));
    match restored.database {
        StoredIn::Archive => println!("From now on: botscope serve --data {}", data.display()),
        StoredIn::Postgres => println!(
            "The database is not in it. Restore it into an empty one:\n\n  pg_restore --no-owner \
             --dbname URL botscope.dump\n\nFrom then on: botscope serve --data {} --store URL",
            data.display()
        ),
    }
    Ok(())
}

fn tell(manifest: &Manifest, place: &str) {
    println!(
        "{} files, {} bytes, made {} by botscope {}: {place}",
        number(manifest.files.len() as u64),
        number(manifest.bytes()),
        manifest.made_at,
        manifest.botscope
    );
}
