//! The connections of a process: several that read, one that writes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use shared::Timestamp;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use tokio::sync::{Mutex, MutexGuard};

use super::connection::{Connection, Inner, Transaction};
use super::error::is_broken;
use super::postgres::{HeldBy, Partitions, Refused};
use super::{Error, postgres, query, sqlite};
use crate::store::StoreError;
use crate::telemetry::metrics;

/// Whom a transaction is for: whose rows it sees, where the database itself keeps others back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Scope {
    /// One tenant.
    Tenant(i64),
    /// Whoever asks is not known yet, or is an account, which is of no tenant: only of tables
    /// that have a door.
    Door,
    /// One tenant, and all of the tables that have a door.
    DoorOf(i64),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A single statement that reads.
    Look,
    /// A view that stays as it is however many statements read from it.
    Read,
    Write,
}

/// An open database.
#[derive(Debug)]
pub(in crate::store) struct Database {
    pub(super) readers: Pool,
    pub(super) writer: Mutex<Writer>,
    /// How often the connection that writes was made.
    pub(super) connected: Arc<AtomicU64>,
}

/// The one connection that writes. Whoever holds it may begin a transaction.
#[derive(Debug)]
pub(in crate::store) struct Writer {
    pub(super) pool: Pool,
    partitions: Partitions,
    refused: Refused,
    /// How often its connection was made.
    connected: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    /// For a single statement that reads.
    pub(in crate::store) async fn look(&self, scope: Scope) -> Result<Transaction, Error> {
        self.readers.begin(Purpose::Look, scope).await
    }

    /// A view that stays as it is however many statements read from it.
    pub(in crate::store) async fn read(&self, scope: Scope) -> Result<Transaction, Error> {
        self.readers.begin(Purpose::Read, scope).await
    }

    /// Waits until nobody else writes.
    pub(in crate::store) async fn writer(&self) -> MutexGuard<'_, Writer> {
        let started = Instant::now();
        let writer = self.writer.lock().await;
        metrics()
            .store
            .waits
            .observe(started.elapsed().as_secs_f64());
        writer
    }

    /// How many connections that read there are, and how many of them nobody uses.
    pub(in crate::store) fn readers(&self) -> (u32, u32) {
        let (open, idle) = match &self.readers {
            Pool::Sqlite(pool) => (pool.size(), pool.num_idle()),
            Pool::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        (open, idle as u32)
    }

    /// How often the connection that writes was made: more than before, and others may have
    /// written in between.
    pub(in crate::store) fn connections(&self) -> u64 {
        self.connected.load(Ordering::Relaxed)
    }

    /// The writer, if nobody has it.
    pub(in crate::store) fn try_writer(&self) -> Option<MutexGuard<'_, Writer>> {
        self.writer.try_lock().ok()
    }

    /// Has commits to a file be durable only with the next [`Self::compact`].
    pub(in crate::store) async fn defer_sync(&self) -> Result<(), StoreError> {
        let writer = self.writer().await;
        if let Pool::Sqlite(pool) = &writer.pool {
            sqlite::defer_sync(pool).await?;
        }
        Ok(())
    }

    /// Makes files small, where there are any; elsewhere has the database look at what is there
    /// now, by which it plans what is asked.
    pub(in crate::store) async fn compact(&self) -> Result<(), StoreError> {
        let mut writer = self.writer().await;
        if let Pool::Sqlite(pool) = &writer.pool {
            return Ok(sqlite::compact(pool).await?);
        }
        // What was written last counts too.
        for statement in [
            "SELECT pg_stat_force_next_flush()",
            "SELECT botscope_analyze()",
        ] {
            let mut transaction = writer.begin(Scope::Door).await?;
            query(statement).execute(&mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Has nothing be left of what was deleted, where the files are ours: they are written again.
    /// Returns whether they are.
    pub(in crate::store) async fn shred(&self) -> Result<bool, StoreError> {
        let writer = self.writer().await;
        let Pool::Sqlite(pool) = &writer.pool else {
            // What writes tables again is no part of a transaction, and their owner's alone.
            return Ok(false);
        };
        sqlite::shred(pool).await?;
        Ok(true)
    }

    /// Closes everything in good order. Leaving it out loses nothing.
    pub(in crate::store) async fn close(&self) {
        self.readers.close().await;
        self.writer().await.pool.close().await;
    }
}

impl Writer {
    pub(super) fn new(pool: Pool, refused: Refused, connected: Arc<AtomicU64>) -> Self {
        Self {
            pool,
            refused,
            connected,
            partitions: Partitions::default(),
        }
    }

    /// Begins a transaction in which rows of these moments can be written: where tables are
    /// parted by time, what is missing is made first, in a transaction of its own.
    pub(in crate::store) async fn begin_with_room(
        &mut self,
        scope: Scope,
        wanted: &[(&'static str, Timestamp)],
    ) -> Result<Transaction, Error> {
        loop {
            let transaction = self.begin(scope).await?;
            if matches!(self.pool, Pool::Sqlite(_)) {
                return Ok(transaction);
            }
            // While another process had the store, partitions may have gone.
            let connections = self.connected.load(Ordering::Relaxed);
            let missing = self.partitions.missing(connections, wanted);
            if missing.is_empty() {
                return Ok(transaction);
            }
            self.partitions.make(transaction, missing).await?;
        }
    }

    /// Gives back the room of what ended before `since`, as far as nothing is left in it.
    pub(in crate::store) async fn give_back_room(
        &mut self,
        scope: Scope,
        since: Timestamp,
    ) -> Result<(), Error> {
        if matches!(self.pool, Pool::Sqlite(_)) {
            return Ok(());
        }
        let transaction = self.begin(scope).await?;
        self.partitions.drop_empty(transaction, since).await
    }

    /// Begins a transaction that writes.
    pub(in crate::store) async fn begin(&mut self, scope: Scope) -> Result<Transaction, Error> {
        self.begin_for(Purpose::Write, scope).await
    }

    /// For statements that read while nobody writes.
    pub(in crate::store) async fn look(&mut self, scope: Scope) -> Result<Transaction, Error> {
        self.begin_for(Purpose::Look, scope).await
    }

    async fn begin_for(&mut self, purpose: Purpose, scope: Scope) -> Result<Transaction, Error> {
        let begun = self.pool.begin(purpose, scope).await;
        begun.map_err(|error| {
            let holder = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            match &*holder {
                Some(holder) if timed_out(&error) => {
                    Error::Configuration(Box::new(HeldBy(holder.clone())))
                }
                _ => error,
            }
        })
    }
}

impl Pool {
    async fn begin(&self, purpose: Purpose, scope: Scope) -> Result<Transaction, Error> {
        let inner = match self {
            Self::Sqlite(pool) => match purpose {
                Purpose::Look => Inner::Sqlite(pool.acquire().await?),
                Purpose::Read => Inner::SqliteTransaction(pool.begin().await?),
                Purpose::Write => {
                    Inner::SqliteTransaction(pool.begin_with("BEGIN IMMEDIATE").await?)
                }
            },
            Self::Postgres(pool) => {
                Inner::PostgresTransaction(begin_postgres(pool, purpose, scope).await?)
            }
        };
        Ok(Transaction(Connection(inner)))
    }

    async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins on a connection that works. Idle ones may have broken since they were used, which
/// shows when the first statement is sent: nothing is done by then, so another is tried.
async fn begin_postgres(
    pool: &PgPool,
    purpose: Purpose,
    scope: Scope,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, Error> {
    let statement = postgres::begin(purpose, scope);
    let mut tries = pool.options().get_max_connections();
    loop {
        match pool.begin_with(AssertSqlSafe(statement.as_str())).await {
            Err(error) if is_broken(&error) && tries > 0 && !timed_out(&error) => tries -= 1,
            begun => return begun,
        }
    }
}

fn timed_out(error: &Error) -> bool {
    matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
}
