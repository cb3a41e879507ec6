//! Rows as they come back, and their columns as what the store reads from them.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo};

use super::Error;
use super::catalog::Kind;
use super::value::Value;

/// One row of an answer.
pub(in crate::store) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The column at `place`, counted from 0.
    pub(in crate::store) fn try_get<'r, T: Column<'r>>(&'r self, place: usize) -> Result<T, Error> {
        T::read(self, place)
    }

    /// The column at `place`, whatever it holds.
    pub(in crate::store) fn value(&self, place: usize, kind: Kind) -> Result<Value, Error> {
        Ok(match kind {
            Kind::Number => Value::Number(self.try_get(place)?),
            Kind::Text => Value::Text(self.try_get(place)?),
            Kind::Bytes => Value::Bytes(self.try_get(place)?),
        })
    }
}

/// What a column can be read as.
pub(in crate::store) trait Column<'r>: Sized {
    fn read(row: &'r Row, place: usize) -> Result<Self, Error>;
}

/// Kinds that both databases give alike.
macro_rules! alike {
    ($($kind:ty),*) => {$(
        impl<'r> Column<'r> for $kind {
            fn read(row: &'r Row, place: usize) -> Result<Self, Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(place),
                    Row::Postgres(row) => row.try_get(place),
                }
            }
        }
    )*};
}

alike!(
    String,
    Option<String>,
    Vec<u8>,
    Option<Vec<u8>>,
    &'r str,
    &'r [u8]
);

/// Numbers are 64 bits where they are stored, and may be 32 where PostgreSQL works them out.
impl<'r> Column<'r> for Option<i64> {
    fn read(row: &'r Row, place: usize) -> Result<Self, Error> {
        match row {
            Row::Sqlite(row) => row.try_get(place),
            Row::Postgres(row) if row.try_column(place)?.type_info().name() == "INT4" => {
                Ok(row.try_get::<Option<i32>, _>(place)?.map(i64::from))
            }
            Row::Postgres(row) => row.try_get(place),
        }
    }
}

impl<'r> Column<'r> for i64 {
    fn read(row: &'r Row, place: usize) -> Result<Self, Error> {
        match row {
            Row::Sqlite(row) => row.try_get(place),
            Row::Postgres(_) => Option::<Self>::read(row, place)?.ok_or_else(|| {
                let source = sqlx::error::UnexpectedNullError.into();
                let index = place.to_string();
                sqlx::Error::ColumnDecode { index, source }
            }),
        }
    }
}

/// Truth is a number where it is stored, and PostgreSQL's own kind where it is worked out.
impl<'r> Column<'r> for bool {
    fn read(row: &'r Row, place: usize) -> Result<Self, Error> {
        match row {
            Row::Sqlite(row) => row.try_get(place),
            Row::Postgres(row) if row.try_column(place)?.type_info().name() == "BOOL" => {
                row.try_get(place)
            }
            Row::Postgres(row) => Ok(row.try_get::<i64, _>(place)? != 0),
        }
    }
}

/// Several columns at once, from the first on.
pub(in crate::store) trait FromRow: Sized {
    fn from_row(row: &Row) -> Result<Self, Error>;
}

macro_rules! tuples {
    ($($kind:ident $place:tt),+) => {
        impl<$($kind: for<'r> Column<'r>),+> FromRow for ($($kind,)+) {
            fn from_row(row: &Row) -> Result<Self, Error> {
                Ok(($(row.try_get::<$kind>($place)?,)+))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
