//! Statements over many rows: one statement for hundreds of them, never one each.

use std::hash::Hash;

use rustc_hash::FxHashMap;
use sqlx::query_builder::Separated;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::store::StoreError;

/// Rows a statement. SQLite takes 32,766 parameters, PostgreSQL 65,535.
pub(super) const ROWS: usize = 256;

/// Runs `head` VALUES (rows) `tail` for all rows, so many at a time.
pub(super) async fn insert<T>(
    connection: &mut SqliteConnection,
    head: &'static str,
    tail: &'static str,
    rows: &[T],
    bind: impl Fn(&mut Separated<'_, Sqlite, &'static str>, &T),
) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS) {
        let mut statement = QueryBuilder::<Sqlite>::new(head);
        statement.push(" ");
        statement.push_values(chunk, |mut values, row| bind(&mut values, row));
        statement.push(" ").push(tail);
        // Full chunks have one text and are worth keeping prepared.
        let keep = chunk.len() == ROWS;
        statement
            .build()
            .persistent(keep)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Runs the statement that `head` begins and that ends in IN (keys), so many keys at a time,
/// and collects what `read` makes of each row.
pub(super) async fn select_in<K: Eq + Hash, V>(
    connection: &mut SqliteConnection,
    head: impl Fn(&mut QueryBuilder<Sqlite>),
    keys: &[i64],
    read: impl Fn(&SqliteRow) -> Result<(K, V), StoreError>,
) -> Result<FxHashMap<K, V>, StoreError> {
    let mut found = FxHashMap::default();
    for chunk in keys.chunks(ROWS) {
        let mut statement = QueryBuilder::<Sqlite>::new("");
        head(&mut statement);
        push_in(&mut statement, chunk);
        let keep = chunk.len() == ROWS;
        let rows = statement
            .build()
            .persistent(keep)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let (key, value) = read(row)?;
            found.insert(key, value);
        }
    }
    Ok(found)
}

/// Appends ` IN (…)` with one parameter each; an empty list takes nothing.
pub(super) fn push_in(statement: &mut QueryBuilder<Sqlite>, keys: &[i64]) {
    if keys.is_empty() {
        statement.push(" IN (NULL)");
        return;
    }
    statement.push(" IN (");
    let mut list = statement.separated(", ");
    for key in keys {
        list.push_bind(*key);
    }
    statement.push(")");
}
