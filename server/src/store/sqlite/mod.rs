//! The store in an SQLite file: opening it, the one writer, the readers. What is written and
//! read stands in the files beside this one, an aggregate each.

mod account_links;
mod accounts;
mod applications;
mod attacks;
mod audit;
mod bulk;
mod changes;
mod commit;
mod crawlers;
mod effects;
mod identities;
mod index;
mod invitations;
mod journey;
mod judgements;
mod lists;
mod logins;
mod members;
mod removal;
mod request_index;
mod requests;
mod retention;
mod search;
mod segments;
mod sessions;
mod settings;
mod slices;
mod texts;
mod tokens;
mod verdict;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use shared::TenantId;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::Mutex;

use super::bytes::Malformed;
use super::cache::Cache;
use super::index::Indexes;
use super::lock::DirectoryLock;
use super::request_index::RequestIndex;
use super::segment::Segment;
use super::{Author, JudgementKey, StoreError};
use crate::address::AddressBook;
use crate::auth::Caller;
use applications::SessionCounts;
pub use invitations::Invited;
use request_index::IndexKey;
use settings::JudgedBy;

/// Memory for decoded segments.
const SEGMENT_BYTES: usize = 48 << 20;

/// Memory for indexes of sessions: 40 bytes a request.
const INDEX_BYTES: usize = 24 << 20;

/// Memory for what searches read of judgements; the one used last stays, however large.
const SEARCHED_BYTES: usize = 256 << 20;

/// Up to how many pages (of 4 KB) [`Store::compact`] writes the whole file again.
const REWRITTEN_PAGES: i64 = 16_384;

/// The one store of a process.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The only connection that writes; whoever holds it may begin a transaction.
    writer: Mutex<SqliteConnection>,
    /// Connections that cannot write.
    readers: SqlitePool,
    /// By tenant, judgement (by whose settings it was read) and number.
    segments: Cache<(i64, JudgementKey, u64), Segment>,
    indexes: Cache<IndexKey, RequestIndex>,
    /// Held while an index is made, so that it is made once and one at a time.
    making_index: Mutex<()>,
    session_counts: SessionCounts,
    /// Replaced as a whole, by whoever holds the writer.
    addresses: RwLock<Arc<AddressBook>>,
    lapses: lists::Lapses,
    judged_by: JudgedBy,
    /// What searches read; changed only by whoever holds the writer.
    searched: Indexes,
    /// Keeps other processes out while this one has the store open.
    _lock: DirectoryLock,
}

impl Shared {
    fn addresses(&self) -> Arc<AddressBook> {
        let known = self.addresses.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The data of one tenant, and nothing else.
#[derive(Debug, Clone)]
pub struct TenantStore {
    shared: Arc<Shared>,
    tenant: i64,
    /// In whose name it is changed.
    author: Author,
}

impl Store {
    /// Opens the store in `directory`, which is made if it is not there, and brings its tables
    /// up to date. Fails with [`StoreError::Locked`] while another process has it open.
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        Self::open_knowing(directory, AddressBook::built_in()).await
    }

    /// The same with `addresses` as what is known of addresses. None of it is stored.
    pub async fn open_knowing(
        directory: &Path,
        addresses: AddressBook,
    ) -> Result<Self, StoreError> {
        std::fs::create_dir_all(directory).map_err(|source| StoreError::Unavailable {
            directory: directory.display().to_string(),
            source,
        })?;
        let lock = DirectoryLock::acquire(directory)?;
        let options = SqliteConnectOptions::new()
            .filename(directory.join("botscope.db"))
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(200)
            // A page of rows, or the answer to a full IN list, without stopping in between.
            .row_buffer_size(512)
            .pragma("temp_store", "memory");
        let mut writer = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .pragma("cache_size", "-16384")
            .connect()
            .await?;
        sqlx::migrate!("src/store/sqlite/migrations")
            .run(&mut writer)
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true).pragma("cache_size", "-8192"))
            .await?;
        Ok(Self {
            shared: Arc::new(Shared {
                writer: Mutex::new(writer),
                readers,
                segments: Cache::new(SEGMENT_BYTES),
                indexes: Cache::new(INDEX_BYTES),
                making_index: Mutex::default(),
                session_counts: SessionCounts::default(),
                addresses: RwLock::new(Arc::new(addresses)),
                lapses: lists::Lapses::default(),
                judged_by: JudgedBy::default(),
                searched: Indexes::new(SEARCHED_BYTES),
                _lock: lock,
            }),
        })
    }

    /// What `caller` may see.
    #[must_use]
    pub fn tenant(&self, caller: &Caller) -> TenantStore {
        let TenantId(tenant) = caller.tenant();
        TenantStore {
            shared: self.shared.clone(),
            tenant: tenant as i64,
            author: caller.author(),
        }
    }

    /// Replaces what is known of addresses. What searches keep of it is forgotten.
    pub async fn know(&self, addresses: AddressBook) {
        // Whoever reads for searches holds the writer.
        let writer = self.shared.writer.lock().await;
        let known = self.shared.addresses.write();
        *known.unwrap_or_else(PoisonError::into_inner) = Arc::new(addresses);
        self.shared.searched.forget_all();
        drop(writer);
    }

    /// Makes the files small: a file that can be written again in a moment is, a larger one
    /// gives back what deletions freed. For the end of an import; it takes the writer for as
    /// long as that takes.
    pub async fn compact(&self) -> Result<(), StoreError> {
        let mut writer = self.shared.writer.lock().await;
        let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count")
            .fetch_one(&mut *writer)
            .await?;
        // Rows that came out of order leave a tenth of the space unused in their pages.
        let statement = if pages <= REWRITTEN_PAGES {
            "VACUUM"
        } else {
            "PRAGMA incremental_vacuum"
        };
        sqlx::query(statement).execute(&mut *writer).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// Runs a statement that no caller of the store can, as somebody with the file in hand.
    #[cfg(test)]
    pub(crate) async fn run(&self, statement: &'static str) -> Result<(), StoreError> {
        let mut writer = self.shared.writer.lock().await;
        sqlx::query(statement).execute(&mut *writer).await?;
        Ok(())
    }

    /// Closes the files in good order. Leaving it out loses nothing.
    pub async fn close(self) -> Result<(), StoreError> {
        self.shared.readers.close().await;
        if let Some(shared) = Arc::into_inner(self.shared) {
            shared.writer.into_inner().close().await?;
        }
        Ok(())
    }
}

impl TenantStore {
    /// What is known of addresses now.
    #[must_use]
    pub fn addresses(&self) -> Arc<AddressBook> {
        self.shared.addresses()
    }

    /// Whose data it is.
    #[must_use]
    pub fn id(&self) -> TenantId {
        TenantId(self.tenant as u64)
    }

    /// A view that stays as it is however many statements read from it.
    async fn read(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.shared.readers.begin().await?)
    }
}

/// An identifier as the database keeps it.
fn stored(id: u64) -> i64 {
    id as i64
}

/// A count as the database keeps it.
fn stored_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A stored count; never negative unless the file was tampered with.
fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

/// A stored count that was 32 bits when it was written.
fn small(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

/// Says which stored value was malformed.
fn corrupt(
    table: &'static str,
    column: &'static str,
    id: impl std::fmt::Display,
) -> impl FnOnce(Malformed) -> StoreError {
    move |Malformed| StoreError::Corrupt {
        table,
        column,
        id: id.to_string(),
    }
}
