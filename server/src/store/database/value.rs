//! What can be bound to a statement. Three kinds of values and their absence, and a list of
//! numbers to look among.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

use super::Error;

/// A value on its way into a statement. What is absent still says of which kind it is:
/// PostgreSQL wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    /// Only where the builder asks whether a number is among many.
    Numbers(Vec<i64>),
    /// Only where many rows are written: one column of all of them.
    NumberColumn(Vec<Option<i64>>),
    TextColumn(Vec<Option<String>>),
    BytesColumn(Vec<Option<Vec<u8>>>),
}

impl Value {
    pub(super) fn add_to_sqlite(self, arguments: &mut SqliteArguments) -> Result<(), Error> {
        let added = match self {
            Self::Number(number) => arguments.add(number),
            Self::Text(text) => arguments.add(text),
            Self::Bytes(bytes) => arguments.add(bytes),
            Self::Numbers(numbers) => numbers
                .into_iter()
                .try_for_each(|number| arguments.add(number)),
            Self::NumberColumn(_) | Self::TextColumn(_) | Self::BytesColumn(_) => {
                Err("SQLite has no arrays".into())
            }
        };
        added.map_err(sqlx::Error::Encode)
    }

    pub(super) fn add_to_postgres(self, arguments: &mut PgArguments) -> Result<(), Error> {
        let added = match self {
            Self::Number(number) => arguments.add(number),
            Self::Text(text) => arguments.add(text.map(without_nul)),
            Self::Bytes(bytes) => arguments.add(bytes),
            Self::Numbers(numbers) => arguments.add(numbers),
            Self::NumberColumn(column) => arguments.add(column),
            Self::TextColumn(column) => {
                let column = column.into_iter().map(|text| text.map(without_nul));
                arguments.add(column.collect::<Vec<_>>())
            }
            Self::BytesColumn(column) => arguments.add(column),
        };
        added.map_err(sqlx::Error::Encode)
    }
}

/// PostgreSQL keeps no text with the character U+0000. Logs give none; whoever sends one by
/// the API gets back what is shown for it anyway.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        return text.replace('\0', "\u{fffd}");
    }
    text
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(Some(number.into()))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(Some(number.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_owned()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        Self::Bytes(bytes)
    }
}
