//! Which tables there are, as the database itself tells it, and what only whoever moves all of
//! them needs.

use super::connection::{Connection, Inner, Transaction};
use super::{Error, query, query_as};

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Described {
    pub(in crate::store) table: String,
    pub(in crate::store) column: String,
    /// Its place among the columns of the primary key, from 1; 0 if it is not one of them.
    pub(in crate::store) key: i64,
    pub(in crate::store) kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Kind {
    Number,
    Text,
    Bytes,
}

impl Kind {
    fn of(declared: &str) -> Self {
        match declared {
            "TEXT" | "text" => Self::Text,
            "BLOB" | "bytea" => Self::Bytes,
            _ => Self::Number,
        }
    }
}

impl Connection {
    /// The columns of all tables of the store, by table and in their order.
    pub(in crate::store) async fn list_columns(&mut self) -> Result<Vec<Described>, Error> {
        let statement = match self.0 {
            Inner::Sqlite(_) | Inner::SqliteTransaction(_) => {
                "SELECT m.name, c.name, c.pk, c.type FROM sqlite_master m
                 JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_%' ESCAPE '\\'
                 ORDER BY m.name, c.cid"
            }
            Inner::PostgresTransaction(_) => {
                "SELECT t.relname::text, a.attname::text,
                     COALESCE(array_position(i.indkey::int2[], a.attnum), -1)::bigint + 1,
                     format_type(a.atttypid, NULL)
                 FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
                 LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
                 WHERE t.relnamespace = current_schema()::regnamespace
                   AND t.relkind IN ('r', 'p') AND NOT t.relispartition
                   AND t.relname !~ '^(_|botscope_)' AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY t.relname COLLATE \"C\", a.attnum"
            }
        };
        let rows: Vec<(String, String, i64, String)> = query_as(statement).fetch_all(self).await?;
        let described = rows
            .into_iter()
            .map(|(table, column, key, declared)| Described {
                table,
                column,
                key,
                kind: Kind::of(&declared),
            });
        Ok(described.collect())
    }
}

impl Transaction {
    /// Whom what follows is for, until something else is said.
    pub(in crate::store) async fn turn_to(&mut self, tenant: i64) -> Result<(), Error> {
        if self.takes_arrays() {
            query("SELECT set_config('botscope.tenant', $1, true)")
                .bind(tenant.to_string())
                .execute(self)
                .await?;
        }
        Ok(())
    }

    /// Whether nothing is stored yet but what every store begins with. A file never counts as
    /// empty: nothing is moved into one.
    pub(in crate::store) async fn is_empty(&mut self) -> Result<bool, Error> {
        if !self.takes_arrays() {
            return Ok(false);
        }
        let (is_empty,): (bool,) = query_as("SELECT botscope_is_empty()")
            .fetch_one(self)
            .await?;
        Ok(is_empty)
    }

    /// Rows of `table` that are added from now on get numbers above `last`, if it numbers them.
    pub(in crate::store) async fn number_from(
        &mut self,
        table: &str,
        last: i64,
    ) -> Result<(), Error> {
        let identity = "SELECT setval(pg_get_serial_sequence(c.relname::text, a.attname::text), $2)
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.oid = to_regclass($1) AND a.attidentity <> ''";
        if self.takes_arrays() && last > 0 {
            query(identity).bind(table).bind(last).execute(self).await?;
        }
        Ok(())
    }
}
