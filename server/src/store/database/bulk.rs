//! Writing many rows by one statement: for SQLite one that has a place for every value of some
//! hundred rows, for PostgreSQL one that takes each column as an array, whatever their number.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::Connection;
use super::query::{Query, Text, query_as};
use super::value::Value;
use crate::store::StoreError;

/// Rows a statement. SQLite takes 32,766 values.
const ROWS: usize = 256;

/// The same where a column is one value: bounded because rows may be large.
const ARRAY_ROWS: usize = 1_024;

/// The values of rows, one row after the other, each in the order of the columns.
#[derive(Debug, Default)]
pub(in crate::store) struct RowValues(Vec<Value>);

impl RowValues {
    pub(in crate::store) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.0.push(value.into());
        self
    }
}

/// Runs `head` VALUES (rows) `tail` for all rows, so many at a time.
pub(in crate::store) async fn insert<T>(
    connection: &mut Connection,
    head: &str,
    tail: &str,
    rows: &[T],
    bind: impl Fn(&mut RowValues, &T),
) -> Result<(), StoreError> {
    for chunk in rows.chunks(rows_of(connection)) {
        let statement = statement(connection, head, tail, chunk, &bind);
        statement.execute(connection).await?;
    }
    Ok(())
}

/// The same, for rows whose `number` the table gives, each with a key: returns keys with numbers.
pub(in crate::store) async fn insert_numbered<T>(
    connection: &mut Connection,
    head: &str,
    rows: &[T],
    bind: impl Fn(&mut RowValues, &T),
    key: impl Fn(&T) -> i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut numbered = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(rows_of(connection)) {
        if connection.takes_arrays() {
            let statement = statement(connection, head, "RETURNING key, number", chunk, &bind);
            let rows: Vec<(i64, i64)> = statement.read_as().fetch_all(connection).await?;
            numbered.extend(rows);
        } else {
            // A row without `number`, its integer primary key, gets one more than the largest. To
            // hand over a row for each would take longer than to add it.
            let statement = statement(connection, head, "", chunk, &bind);
            statement.execute(connection).await?;
            let last = query_as("SELECT last_insert_rowid()");
            let (last,): (i64,) = last.fetch_one(connection).await?;
            let first = last - chunk.len() as i64 + 1;
            numbered.extend(chunk.iter().map(&key).zip(first..));
        }
    }
    Ok(numbered)
}

fn rows_of(connection: &Connection) -> usize {
    if connection.takes_arrays() {
        ARRAY_ROWS
    } else {
        ROWS
    }
}

fn statement<T>(
    connection: &Connection,
    head: &str,
    tail: &str,
    rows: &[T],
    bind: &impl Fn(&mut RowValues, &T),
) -> Query {
    let mut values = RowValues::default();
    for (place, row) in rows.iter().enumerate() {
        bind(&mut values, row);
        if place == 0 {
            values.0.reserve(values.0.len() * (rows.len() - 1));
        }
    }
    debug_assert_eq!(values.0.len() % rows.len(), 0, "each row has all columns");
    if connection.takes_arrays() {
        by_columns(head, tail, values.0, rows.len())
    } else {
        by_rows(head, tail, values.0, rows.len())
    }
}

/// With a place for each value of so many rows.
fn by_rows(head: &str, tail: &str, values: Vec<Value>, rows: usize) -> Query {
    let row = format!("({})", vec!["?"; values.len() / rows].join(", "));
    let places = vec![row.as_str(); rows].join(", ");
    Query {
        text: Text::Numbered(
            AssertSqlSafe(format!("{head} VALUES {places} {tail}")).into_sql_str(),
        ),
        values,
        // Full chunks have one text and are worth keeping prepared.
        persistent: rows == ROWS,
    }
}

/// With an array for each column of so many rows.
fn by_columns(head: &str, tail: &str, values: Vec<Value>, rows: usize) -> Query {
    let width = values.len() / rows;
    let mut columns: Vec<Value> = values[..width].iter().map(empty_column).collect();
    for (place, value) in values.into_iter().enumerate() {
        push(&mut columns[place % width], value);
    }
    let mut sql = format!("{head} SELECT * FROM UNNEST(");
    for (place, column) in columns.iter().enumerate() {
        let kind = match column {
            Value::TextColumn(_) => "text",
            Value::BytesColumn(_) => "bytea",
            _ => "bigint",
        };
        let comma = if place == 0 { "" } else { ", " };
        write!(sql, "{comma}${}::{kind}[]", place + 1).expect("writing to a text cannot fail");
    }
    write!(sql, ") {tail}").expect("writing to a text cannot fail");
    Query {
        text: Text::Numbered(AssertSqlSafe(sql).into_sql_str()),
        values: columns,
        persistent: true,
    }
}

fn empty_column(value: &Value) -> Value {
    match value {
        Value::Text(_) => Value::TextColumn(Vec::new()),
        Value::Bytes(_) => Value::BytesColumn(Vec::new()),
        _ => Value::NumberColumn(Vec::new()),
    }
}

fn push(column: &mut Value, value: Value) {
    match (column, value) {
        (Value::NumberColumn(column), Value::Number(number)) => column.push(number),
        (Value::TextColumn(column), Value::Text(text)) => column.push(text),
        (Value::BytesColumn(column), Value::Bytes(bytes)) => column.push(bytes),
        _ => debug_assert!(false, "a column holds values of one kind"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(query: &Query) -> &str {
        match &query.text {
            Text::Numbered(sql) => sql.as_str(),
            Text::Marked(text) => text,
        }
    }

    #[test]
    fn rows_are_written_side_by_side_or_column_by_column() {
        let rows = || {
            let row = |number: i64, text: &str| [Value::from(number), Value::from(text)];
            [row(1, "a"), row(2, "b")].concat()
        };
        let query = by_rows("INSERT INTO t (a, b)", "RETURNING a", rows(), 2);
        assert_eq!(
            sql(&query),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING a"
        );
        assert_eq!(query.values.len(), 4);
        let query = by_columns("INSERT INTO t (a, b)", "RETURNING a", rows(), 2);
        assert_eq!(
            sql(&query),
            "INSERT INTO t (a, b) SELECT * FROM UNNEST($1::bigint[], $2::text[]) RETURNING a"
        );
        assert_eq!(query.values[0], Value::NumberColumn(vec![Some(1), Some(2)]));
    }
}
