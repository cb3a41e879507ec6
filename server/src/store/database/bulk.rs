//! Writing many rows by one statement: for SQLite one that has a place for every value of some
//! hundred rows, for PostgreSQL one that takes each column as an array, whatever their number.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::Connection;
use super::query::{Query, Text};
use super::row::FromRow;
use super::value::Value;
use crate::store::StoreError;

/// Rows a statement. SQLite takes 32,766 values.
const ROWS: usize = 256;

/// The same where a column is one value: bounded because rows may be large.
const ARRAY_ROWS: usize = 1_024;

/// The values of one row, in the order of the columns.
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

/// The same, reading what `tail` says to return of each row.
pub(in crate::store) async fn insert_returning<T, R: FromRow>(
    connection: &mut Connection,
    head: &str,
    tail: &str,
    rows: &[T],
    bind: impl Fn(&mut RowValues, &T),
) -> Result<Vec<R>, StoreError> {
    let mut returned = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(rows_of(connection)) {
        let statement = statement(connection, head, tail, chunk, &bind);
        returned.extend(statement.read_as().fetch_all(connection).await?);
    }
    Ok(returned)
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
    let values = rows.iter().map(|row| {
        let mut values = RowValues::default();
        bind(&mut values, row);
        values.0
    });
    if connection.takes_arrays() {
        by_columns(head, tail, values)
    } else {
        by_rows(head, tail, values)
    }
}

fn by_rows(head: &str, tail: &str, rows: impl ExactSizeIterator<Item = Vec<Value>>) -> Query {
    // Full chunks have one text and are worth keeping prepared.
    let persistent = rows.len() == ROWS;
    let mut sql = format!("{head} VALUES ");
    let mut all = Vec::new();
    for (place, values) in rows.enumerate() {
        sql.push_str(if place == 0 { "(?" } else { ", (?" });
        sql.extend(std::iter::repeat_n(", ?", values.len() - 1));
        sql.push(')');
        all.extend(values);
    }
    sql.push(' ');
    sql.push_str(tail);
    Query {
        text: Text::Numbered(AssertSqlSafe(sql).into_sql_str()),
        values: all,
        persistent,
    }
}

fn by_columns(head: &str, tail: &str, rows: impl Iterator<Item = Vec<Value>>) -> Query {
    let mut columns: Vec<Value> = Vec::new();
    for values in rows {
        if columns.is_empty() {
            columns = values.iter().map(empty_column).collect();
        }
        for (column, value) in columns.iter_mut().zip(values) {
            push(column, value);
        }
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
            let row = |number: i64, text: &str| vec![Value::from(number), Value::from(text)];
            vec![row(1, "a"), row(2, "b")].into_iter()
        };
        let query = by_rows("INSERT INTO t (a, b)", "RETURNING a", rows());
        assert_eq!(
            sql(&query),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING a"
        );
        assert_eq!(query.values.len(), 4);
        let query = by_columns("INSERT INTO t (a, b)", "RETURNING a", rows());
        assert_eq!(
            sql(&query),
            "INSERT INTO t (a, b) SELECT * FROM UNNEST($1::bigint[], $2::text[]) RETURNING a"
        );
        assert_eq!(query.values[0], Value::NumberColumn(vec![Some(1), Some(2)]));
    }
}
