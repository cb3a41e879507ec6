//! A statement with what is bound to it: written by hand ([`query`], [`query_as`]) or put
//! together by the builder.

use std::marker::PhantomData;

use sqlx::{SqlSafeStr, SqlStr};

use super::row::FromRow;
use super::value::Value;
use super::{Connection, Error, Row};

/// A statement to be run.
#[must_use]
pub(in crate::store) struct Query {
    pub(super) text: Text,
    pub(super) values: Vec<Value>,
    pub(super) persistent: bool,
}

/// How a statement's places for values are written.
pub(super) enum Text {
    /// `$1`, `$2`: as both databases take them.
    Numbered(SqlStr),
    /// Marked, to be written as the database wants it.
    Marked(String),
}

/// What a statement did.
pub(in crate::store) struct Done(pub(super) u64);

impl Done {
    pub(in crate::store) fn rows_affected(&self) -> u64 {
        self.0
    }
}

/// A statement of which rows are not read, or column by column.
pub(in crate::store) fn query(sql: impl SqlSafeStr) -> Query {
    Query {
        text: Text::Numbered(sql.into_sql_str()),
        values: Vec::new(),
        persistent: true,
    }
}

/// A statement of which every row is read as a tuple.
pub(in crate::store) fn query_as<T: FromRow>(sql: impl SqlSafeStr) -> QueryAs<T> {
    query(sql).read_as()
}

impl Query {
    /// Binds the next value.
    pub(in crate::store) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Whether the statement is worth keeping prepared; if nobody says, it is.
    pub(in crate::store) fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = persistent;
        self
    }

    pub(super) fn read_as<T>(self) -> QueryAs<T> {
        QueryAs(self, PhantomData)
    }

    pub(in crate::store) async fn execute(
        self,
        connection: &mut Connection,
    ) -> Result<Done, Error> {
        connection.execute(self).await.map(Done)
    }

    pub(in crate::store) async fn fetch_all(
        self,
        connection: &mut Connection,
    ) -> Result<Vec<Row>, Error> {
        connection.fetch_all(self).await
    }

    pub(in crate::store) async fn fetch_optional(
        self,
        connection: &mut Connection,
    ) -> Result<Option<Row>, Error> {
        connection.fetch_optional(self).await
    }
}

/// A statement whose rows are read as `T`.
#[must_use]
pub(in crate::store) struct QueryAs<T>(Query, PhantomData<fn() -> T>);

impl<T: FromRow> QueryAs<T> {
    /// Binds the next value.
    pub(in crate::store) fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value), PhantomData)
    }

    pub(in crate::store) async fn fetch_all(
        self,
        connection: &mut Connection,
    ) -> Result<Vec<T>, Error> {
        let rows = connection.fetch_all(self.0).await?;
        rows.iter().map(T::from_row).collect()
    }

    pub(in crate::store) async fn fetch_optional(
        self,
        connection: &mut Connection,
    ) -> Result<Option<T>, Error> {
        let row = connection.fetch_optional(self.0).await?;
        row.as_ref().map(T::from_row).transpose()
    }

    pub(in crate::store) async fn fetch_one(self, connection: &mut Connection) -> Result<T, Error> {
        let row = self.fetch_optional(connection).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }
}
