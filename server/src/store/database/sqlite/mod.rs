//! The store in one SQLite file: opening it, its migrations, making it small. Not who may open
//! it: the data directory is locked before.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::pool::{Pool, Writer};
use super::{Database, Error};
use crate::store::StoreError;

/// The file, in the data directory.
pub const DATABASE: &str = "botscope.db";

/// What a connection keeps of the file in memory, in KiB below zero. Most of a commit is new, and
/// the system keeps the file too.
const CACHE: &str = "-4096";

/// Connections that read.
const READERS: u32 = 4;

/// Up to how many pages (of 4 KB) [`compact`] writes the whole file again.
const REWRITTEN_PAGES: i64 = 16_384;

/// One in so many pages may be free: the next to write use them, such as the engine's state, which
/// is written anew each time. To give them back, as many at the end are moved.
const FREE_PAGES: i64 = 4;

/// What brings the tables of any earlier version up to date.
static MIGRATIONS: Migrator = sqlx::migrate!("src/store/database/sqlite/migrations");

/// The tables that they leave. SQLite reads all tables again for nearly each step of a migration,
/// which a new file need not wait for.
const TABLES: &str = include_str!("tables.sql");

impl Database {
    /// Opens the file in `directory`, made if it is not there, and brings its tables up to date.
    pub(in crate::store) async fn open_file(directory: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(directory.join(DATABASE))
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(200)
            // A page of rows, or the answer to a full IN list, without stopping in between.
            .row_buffer_size(512)
            .pragma("temp_store", "memory")
            .pragma("cache_size", CACHE);
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .auto_vacuum(SqliteAutoVacuum::Incremental);
        let writer = pool(1).connect_with(writing).await?;
        // All that are missing are there as a whole or not at all, and wait for the disk once.
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        bring_up_to_date(&mut transaction).await?;
        transaction.commit().await?;
        let reading = options.read_only(true);
        let readers = pool(READERS).connect_with(reading).await?;
        Ok(Self {
            readers: Pool::Sqlite(readers),
            writer: Mutex::new(Writer::new(
                Pool::Sqlite(writer),
                Arc::default(),
                Arc::default(),
            )),
            connected: Arc::default(),
        })
    }
}

/// Gives a file the tables of this version, whatever it has.
async fn bring_up_to_date(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let (there,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM sqlite_schema")
        .fetch_one(&mut *connection)
        .await?;
    if there > 0 {
        return Ok(MIGRATIONS.run(connection).await?);
    }
    sqlx::raw_sql(TABLES).execute(&mut *connection).await?;
    Ok(MIGRATIONS.skip(connection, None).await?)
}

/// Copies the database in `directory` into the file `to`, as it is at one moment, whether somebody
/// else works with it or not. The copy is one file and has no unused parts.
///
/// # Errors
/// If it cannot be read or written.
pub async fn copy_database(directory: &Path, to: &Path) -> Result<(), StoreError> {
    // Waits for nobody who writes, and nobody waits for it.
    let options = SqliteConnectOptions::new()
        .filename(directory.join(DATABASE))
        .busy_timeout(Duration::from_secs(30));
    let mut connection = options.connect().await?;
    sqlx::query("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// Connections to a file do not break, and what they keep in memory is worth keeping.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Has commits not wait for the disk until [`compact`] does, so that the last of them may be undone
/// when the power fails.
pub(super) async fn defer_sync(writer: &SqlitePool) -> Result<(), Error> {
    let mut writer = writer.acquire().await?;
    sqlx::query("PRAGMA synchronous = NORMAL")
        .execute(&mut *writer)
        .await?;
    Ok(())
}

/// A file that can be written again in a moment is, a larger one gives back what deletions freed,
/// if that is much.
pub(super) async fn compact(writer: &SqlitePool) -> Result<(), Error> {
    let mut writer = writer.acquire().await?;
    // Whatever is committed waits for the disk again, and for what was committed before.
    sqlx::query("PRAGMA synchronous = FULL")
        .execute(&mut *writer)
        .await?;
    let (pages, free): (i64, i64) = sqlx::query_as(
        "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count",
    )
    .fetch_one(&mut *writer)
    .await?;
    // Rows that came out of order leave a tenth of the space unused in their pages.
    if pages <= REWRITTEN_PAGES {
        sqlx::query("VACUUM").execute(&mut *writer).await?;
    } else {
        if free > pages / FREE_PAGES {
            sqlx::query("PRAGMA incremental_vacuum")
                .execute(&mut *writer)
                .await?;
        }
        // The smallest commit: the checkpoint alone may have to leave it to whoever reads.
        sqlx::query("PRAGMA user_version = 0")
            .execute(&mut *writer)
            .await?;
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut *writer)
        .await?;
    Ok(())
}

/// Writes the file again, so that nothing deleted is left in its unused parts.
pub(super) async fn shred(writer: &SqlitePool) -> Result<(), Error> {
    let mut writer = writer.acquire().await?;
    for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        sqlx::query(statement).execute(&mut *writer).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sqlite_is_compiled_without_locks_that_all_connections_share() {
        let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
        let options: Vec<(String,)> = sqlx::query_as("PRAGMA compile_options")
            .fetch_all(&pool)
            .await
            .unwrap();
        let has = |wanted: &str| options.iter().any(|(option,)| option == wanted);
        // Set for the compiler in `.cargo/config.toml`.
        assert!(has("DEFAULT_MEMSTATUS=0"));
        assert!(!has("ENABLE_MEMORY_MANAGEMENT"));
    }

    /// Each table and index with what makes it, however that is laid out, and what is in them.
    async fn content(connection: &mut SqliteConnection) -> Vec<String> {
        let made: Vec<(String, String)> =
            sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
                .fetch_all(&mut *connection)
                .await
                .unwrap();
        let made = made.into_iter().map(|(name, sql)| {
            let lines = sql.lines().map(|line| line.split("--").next().unwrap());
            let text: String = lines.flat_map(str::split_whitespace).collect();
            format!("{name}: {text}")
        });
        let mut content: Vec<String> = made.collect();
        let tenants: Vec<(i64, String, i64, String)> =
            sqlx::query_as("SELECT id, name, created_at, second_factor_of FROM tenant")
                .fetch_all(&mut *connection)
                .await
                .unwrap();
        content.extend(tenants.iter().map(|tenant| format!("{tenant:?}")));
        let applied: Vec<(i64, String, Vec<u8>)> =
            sqlx::query_as("SELECT version, description, checksum FROM _sqlx_migrations")
                .fetch_all(connection)
                .await
                .unwrap();
        content.extend(applied.iter().map(|migration| format!("{migration:?}")));
        content.sort_unstable();
        content
    }

    #[tokio::test]
    async fn a_new_file_is_what_the_migrations_make_of_an_empty_one() {
        let connect = || SqliteConnection::connect("sqlite::memory:");
        let mut migrated = connect().await.unwrap();
        MIGRATIONS.run(&mut migrated).await.unwrap();
        let mut new = connect().await.unwrap();
        bring_up_to_date(&mut new).await.unwrap();
        assert_eq!(content(&mut new).await, content(&mut migrated).await);
    }

    #[tokio::test]
    async fn the_tables_of_every_earlier_version_are_brought_up_to_date() {
        for earlier in MIGRATIONS.iter() {
            let directory = tempfile::tempdir().unwrap();
            let options = SqliteConnectOptions::new()
                .filename(directory.path().join(DATABASE))
                .create_if_missing(true);
            let mut connection = options.connect().await.unwrap();
            MIGRATIONS
                .run_to(earlier.version, &mut connection)
                .await
                .unwrap();
            connection.close().await.unwrap();

            Database::open_file(directory.path())
                .await
                .unwrap()
                .close()
                .await;
            let mut connection = options.connect().await.unwrap();
            let (applied,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM _sqlx_migrations")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(applied as usize, MIGRATIONS.iter().count());
        }
    }
}
