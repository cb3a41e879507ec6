//! Statements of which parts depend on what is asked. Places for values are marks in the text,
//! written as the database wants them when the statement is run: SQLite is slow to tell
//! hundreds of numbered ones apart, and PostgreSQL takes a list of numbers as one value.

use std::fmt::{Display, Write};

use super::query::{Query, QueryAs, Text};
use super::row::FromRow;
use super::value::Value;

/// Stands in the text for one value.
const VALUE: char = '\u{1}';
/// Stands in the text for `IN (…)`, a list of numbers.
const AMONG: char = '\u{2}';

/// A statement that is being put together.
#[derive(Debug, Default)]
pub(in crate::store) struct QueryBuilder {
    text: String,
    values: Vec<Value>,
}

impl QueryBuilder {
    pub(in crate::store) fn new(head: &str) -> Self {
        Self {
            text: head.to_owned(),
            values: Vec::new(),
        }
    }

    /// Appends SQL, never anything from outside.
    pub(in crate::store) fn push(&mut self, sql: impl Display) -> &mut Self {
        write!(self.text, "{sql}").expect("writing to a text cannot fail");
        self
    }

    /// Appends a place for a value and binds the value to it.
    pub(in crate::store) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push(VALUE);
        self.values.push(value.into());
        self
    }

    /// Appends that what stands before is one of these; of none nothing is.
    pub(in crate::store) fn push_in(&mut self, numbers: &[i64]) -> &mut Self {
        self.text.push(AMONG);
        self.values.push(Value::Numbers(numbers.to_owned()));
        self
    }

    pub(in crate::store) fn build(self) -> Query {
        Query {
            text: Text::Marked(self.text),
            values: self.values,
            persistent: true,
        }
    }

    pub(in crate::store) fn build_query_as<T: FromRow>(self) -> QueryAs<T> {
        self.build().read_as()
    }
}

/// The text for SQLite: a place for each value, in their order.
pub(super) fn for_sqlite(text: &str, values: &[Value]) -> String {
    let mut sql = String::with_capacity(text.len() + 64);
    let mut values = values.iter();
    for character in text.chars() {
        if character != VALUE && character != AMONG {
            sql.push(character);
            continue;
        }
        match values.next() {
            Some(Value::Numbers(numbers)) if numbers.is_empty() => sql.push_str(" IN (NULL)"),
            Some(Value::Numbers(numbers)) => {
                sql.push_str(" IN (?");
                sql.extend(std::iter::repeat_n(", ?", numbers.len() - 1));
                sql.push(')');
            }
            _ => sql.push('?'),
        }
    }
    sql
}

/// The text for PostgreSQL: numbered places, a list as one array.
pub(super) fn for_postgres(text: &str) -> String {
    let mut sql = String::with_capacity(text.len() + 64);
    let mut place = 0;
    for character in text.chars() {
        let around = match character {
            VALUE => ("", ""),
            AMONG => (" = ANY(", ")"),
            _ => {
                sql.push(character);
                continue;
            }
        };
        place += 1;
        write!(sql, "{}${place}{}", around.0, around.1).expect("writing to a text cannot fail");
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_written_as_each_database_wants_it() {
        let mut statement = QueryBuilder::new("SELECT a FROM t WHERE b = ");
        statement.push_bind(7).push(" AND c").push_in(&[1, 2, 3]);
        statement.push(" AND d").push_in(&[]);
        assert_eq!(
            for_sqlite(&statement.text, &statement.values),
            "SELECT a FROM t WHERE b = ? AND c IN (?, ?, ?) AND d IN (NULL)"
        );
        assert_eq!(
            for_postgres(&statement.text),
            "SELECT a FROM t WHERE b = $1 AND c = ANY($2) AND d = ANY($3)"
        );
    }
}
