//! One connection, and a transaction on it: the only things that statements are run on.

use std::fmt;
use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, SqlSafeStr, Sqlite, SqliteConnection};

use super::query::{Query, Text};
use super::{Error, Row, builder};

/// What statements are run on.
pub(in crate::store) struct Connection(pub(super) Inner);

/// Whose connection it is, and whether it is in a transaction.
pub(super) enum Inner {
    /// For a single look: SQLite needs no transaction for that.
    Sqlite(PoolConnection<Sqlite>),
    SqliteTransaction(sqlx::Transaction<'static, Sqlite>),
    PostgresTransaction(sqlx::Transaction<'static, Postgres>),
}

enum Open<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl Connection {
    fn open(&mut self) -> Open<'_> {
        match &mut self.0 {
            Inner::Sqlite(connection) => Open::Sqlite(connection),
            Inner::SqliteTransaction(transaction) => Open::Sqlite(transaction),
            Inner::PostgresTransaction(transaction) => Open::Postgres(transaction),
        }
    }

    /// Whether sessions are parted by the month in which they ended.
    pub(in crate::store) fn parts_by_month(&self) -> bool {
        matches!(self.0, Inner::PostgresTransaction(_))
    }

    /// Whether rows are best sent as one array a column.
    pub(super) fn takes_arrays(&self) -> bool {
        matches!(self.0, Inner::PostgresTransaction(_))
    }

    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, Error> {
        match self.open() {
            Open::Sqlite(connection) => {
                Ok(sqlite(query)?.execute(connection).await?.rows_affected())
            }
            Open::Postgres(connection) => {
                Ok(postgres(query)?.execute(connection).await?.rows_affected())
            }
        }
    }

    pub(super) async fn fetch_all(&mut self, query: Query) -> Result<Vec<Row>, Error> {
        match self.open() {
            Open::Sqlite(connection) => {
                let rows = sqlite(query)?.fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Open::Postgres(connection) => {
                let rows = postgres(query)?.fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    pub(super) async fn fetch_optional(&mut self, query: Query) -> Result<Option<Row>, Error> {
        match self.open() {
            Open::Sqlite(connection) => Ok(sqlite(query)?
                .fetch_optional(connection)
                .await?
                .map(Row::Sqlite)),
            Open::Postgres(connection) => Ok(postgres(query)?
                .fetch_optional(connection)
                .await?
                .map(Row::Postgres)),
        }
    }
}

fn sqlite(query: Query) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>, Error> {
    let sql = match query.text {
        Text::Numbered(sql) => sql,
        Text::Marked(text) => {
            AssertSqlSafe(builder::for_sqlite(&text, &query.values)).into_sql_str()
        }
    };
    let mut arguments = SqliteArguments::default();
    for value in query.values {
        value.add_to_sqlite(&mut arguments)?;
    }
    Ok(sqlx::query_with(sql, arguments).persistent(query.persistent))
}

fn postgres(query: Query) -> Result<sqlx::query::Query<'static, Postgres, PgArguments>, Error> {
    let (sql, persistent) = match query.text {
        Text::Numbered(sql) => (sql, query.persistent),
        // The same however many values a list has.
        Text::Marked(text) => (
            AssertSqlSafe(builder::for_postgres(&text)).into_sql_str(),
            true,
        ),
    };
    let mut arguments = PgArguments::default();
    for value in query.values {
        value.add_to_postgres(&mut arguments)?;
    }
    Ok(sqlx::query_with(sql, arguments).persistent(persistent))
}

/// Statements that belong together. Undone unless [`Transaction::commit`] is called.
#[derive(Debug)]
pub(in crate::store) struct Transaction(pub(super) Connection);

impl Transaction {
    /// Makes what was written durable. An error may leave open whether it was:
    /// [`Error`]s of a broken connection do.
    pub(in crate::store) async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Inner::Sqlite(_) => Ok(()),
            Inner::SqliteTransaction(transaction) => transaction.commit().await,
            Inner::PostgresTransaction(transaction) => transaction.commit().await,
        }
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}
