//! One process owns the store: whoever holds an advisory lock of the database, on the
//! connection that writes. When that breaks the lock is gone with it, which the next writer
//! notices: it connects again and must get the lock again.

use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::{PgConnection, Row};

use crate::store::database::Error;

/// The name of the lock, two numbers that nobody else uses by chance: "bots", "cope".
const STORE: (i32, i32) = (0x626f_7473, 0x636f_7065);
/// The lock of whoever sets up.
const SETUP: (i32, i32) = (0x626f_7473, 0x7365_7475);

/// How often and how long to wait for one that is about to be let go of.
const TRIES: usize = 10;
const WAIT: Duration = Duration::from_millis(100);

/// Somebody else has the store.
#[derive(Debug, thiserror::Error)]
#[error("the database is in use by {0}")]
pub(in crate::store::database) struct HeldBy(pub(in crate::store::database) String);

/// What is known of the lock's connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Ownership {
    /// The number of the server's process that last held the lock for us; 0 for none.
    held_by: Arc<AtomicI32>,
    /// How often the lock was taken.
    pub(super) taken: Arc<AtomicU64>,
    /// Who had it when it was last refused; the pool tries again and says only that it is late.
    pub(super) refused: Refused,
}

/// Who else has the store, if somebody has.
pub(in crate::store::database) type Refused = Arc<Mutex<Option<String>>>;

impl Ownership {
    fn note(&self, holder: Option<String>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = holder;
    }

    /// Takes the lock for as long as the connection lasts.
    pub(super) async fn take(&self, connection: &mut PgConnection) -> Result<(), Error> {
        for attempt in 0.. {
            if try_lock(connection, STORE).await? {
                break;
            }
            let holder = holder(connection).await?;
            if attempt == TRIES {
                let holder = holder.map_or_else(|| "another process".to_owned(), |it| it.name);
                self.note(Some(holder.clone()));
                return Err(Error::Configuration(Box::new(HeldBy(holder))));
            }
            // A connection of ours that broke, and the server did not notice yet.
            let broken = self.held_by.load(Ordering::Relaxed);
            if holder.is_some_and(|holder| broken != 0 && holder.process == broken) {
                sqlx::query("SELECT pg_terminate_backend($1)")
                    .bind(broken)
                    .execute(&mut *connection)
                    .await?;
            }
            tokio::time::sleep(WAIT).await;
        }
        let (process,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()")
            .fetch_one(connection)
            .await?;
        self.note(None);
        self.held_by.store(process, Ordering::Relaxed);
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Fails if another process has the store.
pub(super) async fn ensure_free(connection: &mut PgConnection) -> Result<(), Error> {
    Ownership::default().take(connection).await?;
    sqlx::query("SELECT pg_advisory_unlock($1, $2)")
        .bind(STORE.0)
        .bind(STORE.1)
        .execute(connection)
        .await?;
    Ok(())
}

/// Waits until nobody else sets up; until the connection ends nobody does.
pub(super) async fn begin_setup(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_lock($1, $2)")
        .bind(SETUP.0)
        .bind(SETUP.1)
        .execute(connection)
        .await?;
    Ok(())
}

async fn try_lock(connection: &mut PgConnection, (one, two): (i32, i32)) -> Result<bool, Error> {
    let row = sqlx::query("SELECT pg_try_advisory_lock($1, $2)")
        .bind(one)
        .bind(two)
        .fetch_one(connection)
        .await?;
    row.try_get(0)
}

struct Holder {
    process: i32,
    name: String,
}

async fn holder(connection: &mut PgConnection) -> Result<Option<Holder>, Error> {
    let row = sqlx::query(
        "SELECT l.pid, COALESCE(host(a.client_addr), 'this machine')
         FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = $1
           AND l.objid::bigint = $2
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .bind(i64::from(STORE.0))
    .bind(i64::from(STORE.1))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (process, from): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Some(Holder {
        process,
        name: format!("a process on {from} (session {process} of PostgreSQL)"),
    }))
}
