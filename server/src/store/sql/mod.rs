//! What the store writes and reads, in SQL that every database it can live in understands: an
//! aggregate in each file beside this one. Here are opening it and whom it is read for. What
//! the databases do not share is in `database`.

mod account_links;
mod accounts;
mod admission;
mod applications;
mod attacks;
mod audit;
mod bulk;
mod changes;
mod commit;
mod crawlers;
mod effects;
mod erasing;
mod erasures;
mod identities;
mod index;
mod invitations;
mod journey;
mod judgements;
mod lists;
mod logins;
mod members;
mod moving;
mod numbers;
mod privacy;
mod removal;
mod request_index;
mod requests;
mod retention;
mod search;
mod second_factor;
mod segments;
mod session_blocks;
mod sessions;
mod settings;
mod slices;
mod snapshot;
mod tenants;
mod texts;
mod tokens;
mod traces;
mod verdict;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use shared::TenantId;
use tokio::sync::{Mutex, watch};

use super::bytes::Malformed;
use super::cache::Cache;
use super::database::{Database, Error, Scope, Transaction, query};
use super::index::Indexes;
use super::lock::DirectoryLock;
use super::news::News;
use super::request_index::RequestIndex;
use super::segment::Segment;
use super::{Author, JudgementKey, StoreError};
use crate::address::AddressBook;
use crate::auth::Caller;
use applications::SessionCounts;
#[cfg(test)]
pub(in crate::store) use commit::CommitMark;
pub use erasing::{AnyApplication, ErasedPart};
pub use erasures::OpenErasure;
pub use invitations::Invited;
pub use moving::MovedTable;
use request_index::IndexKey;
pub use retention::Retained;
use settings::JudgedBy;
pub use tenants::Tenants;

/// Memory for decoded segments.
const SEGMENT_BYTES: usize = 48 << 20;

/// Memory for indexes of sessions: 40 bytes a request.
const INDEX_BYTES: usize = 24 << 20;

/// Memory for what searches read of judgements; the one used last stays, however large.
const SEARCHED_BYTES: usize = 256 << 20;

/// The one store of a process.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    database: Database,
    /// Which connection what is kept in memory was read by.
    connections_seen: AtomicU64,
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
    privacy: privacy::KnownPrivacy,
    /// What searches read; changed only by whoever holds the writer.
    searched: Indexes,
    numbers: numbers::KnownNumbers,
    /// Who waits for something to be written.
    news: News,
    /// Keeps other processes out while this one has the store open.
    _lock: Option<DirectoryLock>,
}

impl Shared {
    fn addresses(&self) -> Arc<AddressBook> {
        let known = self.addresses.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For a single statement that reads.
    async fn look(&self, scope: Scope) -> Result<Transaction, Error> {
        self.mind_connection();
        self.database.look(scope).await
    }

    /// Makes durable what was written. If nobody can say whether it is, nothing is believed of
    /// what is kept in memory.
    async fn settle(&self, transaction: Transaction) -> Result<(), StoreError> {
        let settled = transaction.commit().await;
        if settled.is_err() {
            self.forget_everything();
        }
        Ok(settled?)
    }

    /// Forgets what is kept in memory if others may have written since it was read.
    fn mind_connection(&self) {
        let now = self.database.connections();
        if self.connections_seen.swap(now, Ordering::Relaxed) != now {
            self.forget_everything();
        }
    }

    /// Forgets what is kept in memory of what is stored; the next one who asks reads it. (Numbers
    /// are good for one commit alone.)
    fn forget_everything(&self) {
        self.segments.forget(|_| true);
        self.indexes.forget(|_| true);
        self.session_counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.lapses.forget_all();
        settings::forget_all(&self.judged_by);
        privacy::forget_all(&self.privacy);
        self.searched.forget_all();
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
        let database = Database::open_file(directory).await?;
        Ok(Self::of(database, addresses, Some(lock)))
    }

    /// Opens the store in the PostgreSQL database at `url`, and brings its tables up to date if
    /// the role of that address may. Fails with [`StoreError::Locked`] while another process
    /// has it open.
    pub async fn open_url(url: &str, addresses: AddressBook) -> Result<Self, StoreError> {
        let database = Database::open_url(url).await?;
        Ok(Self::of(database, addresses, None))
    }

    fn of(database: Database, addresses: AddressBook, lock: Option<DirectoryLock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                connections_seen: AtomicU64::new(database.connections()),
                database,
                segments: Cache::new(SEGMENT_BYTES),
                indexes: Cache::new(INDEX_BYTES),
                making_index: Mutex::default(),
                session_counts: SessionCounts::default(),
                addresses: RwLock::new(Arc::new(addresses)),
                lapses: lists::Lapses::default(),
                judged_by: JudgedBy::default(),
                privacy: privacy::KnownPrivacy::default(),
                searched: Indexes::new(SEARCHED_BYTES),
                numbers: numbers::KnownNumbers::default(),
                news: News::default(),
                _lock: lock,
            }),
        }
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
        let writer = self.shared.database.writer().await;
        let known = self.shared.addresses.write();
        *known.unwrap_or_else(PoisonError::into_inner) = Arc::new(addresses);
        self.shared.searched.forget_all();
        drop(writer);
    }

    /// Has commits to a file not wait for the disk until [`Store::compact`]: for an import, which
    /// says that it is done after that. When the power fails before, or soon after an import that
    /// failed, the last commits may be undone, each as a whole.
    pub async fn defer_sync(&self) -> Result<(), StoreError> {
        self.shared.database.defer_sync().await
    }

    /// Makes the files small: a file that can be written again in a moment is, a larger one
    /// gives back what deletions freed, if that is more than a quarter. Durable when it returns,
    /// with all that was committed before. PostgreSQL gathers statistics instead. For the end of an
    /// import; it takes the writer for as long as that takes.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.shared.database.compact().await
    }

    /// Fails unless the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        query("SELECT 1").execute(&mut *self.look().await?).await?;
        Ok(())
    }

    /// How many connections that read there are, and how many of them nobody uses.
    #[must_use]
    pub fn connections(&self) -> (u32, u32) {
        self.shared.database.readers()
    }

    /// For what is asked before a tenant is known, or of accounts, which are of no tenant.
    fn scope(&self) -> Scope {
        Scope::Door
    }

    /// For a single statement that reads.
    async fn look(&self) -> Result<Transaction, Error> {
        self.shared.look(self.scope()).await
    }

    /// Makes durable what was written.
    async fn settle(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.shared.settle(transaction).await
    }

    /// Runs a statement that no caller of the store can, as somebody with the file in hand.
    #[cfg(test)]
    pub(crate) async fn run(&self, statement: &'static str) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(Scope::Tenant(1)).await?;
        query(statement).execute(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Closes the files in good order. Leaving it out loses nothing.
    pub async fn close(self) -> Result<(), StoreError> {
        self.shared.database.close().await;
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

    /// Whom the database lets see what is asked for here.
    fn scope(&self) -> Scope {
        Scope::Tenant(self.tenant)
    }

    /// For a single statement that reads.
    async fn look(&self) -> Result<Transaction, Error> {
        self.shared.look(self.scope()).await
    }

    /// A view that stays as it is however many statements read from it.
    async fn read(&self) -> Result<Transaction, Error> {
        self.shared.mind_connection();
        self.shared.database.read(self.scope()).await
    }

    /// Changes whenever something of the tenant may have been written by this process.
    #[must_use]
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.shared.news.listen(self.tenant)
    }

    /// The same for what concerns an account in other tenants, too.
    fn door(&self) -> Scope {
        Scope::DoorOf(self.tenant)
    }

    /// Makes durable what was written, and tells whoever waits for it.
    async fn settle(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.shared.settle(transaction).await?;
        self.shared.news.tell(self.tenant);
        Ok(())
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
