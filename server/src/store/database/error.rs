//! What a database's failures mean to the store: the same for both.

use super::postgres::HeldBy;
use crate::store::StoreError;

/// A failure as the driver tells it.
pub(in crate::store) type Error = sqlx::Error;

/// SQLSTATE of PostgreSQL: the server goes, is gone, or is not there yet.
const GONE: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "25P03", "53300"];

/// SQLSTATE of PostgreSQL: what was asked took too long, or had to give way to another; SQLite
/// says the latter by numbers (5: busy, 6: locked, with more in the upper bits).
const GAVE_WAY: [&str; 4] = ["57014", "55P03", "40001", "40P01"];

/// Whether the connection is gone, so that nobody knows what became of the last statement.
pub(super) fn is_broken(error: &Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(fault) => fault
            .code()
            .is_some_and(|code| GONE.contains(&&*code) || code.starts_with("08")),
        _ => false,
    }
}

fn gave_way(error: &Error) -> bool {
    let fault = error.as_database_error();
    let code = fault.and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| {
        GAVE_WAY.contains(&&*code)
            || code.len() < 5
                && code
                    .parse()
                    .is_ok_and(|code: u32| matches!(code & 0xff, 5 | 6))
    })
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if let sqlx::Error::Configuration(cause) = &error
            && let Some(HeldBy(holder)) = cause.downcast_ref()
        {
            return Self::Locked {
                place: "the database".to_owned(),
                holder: holder.clone(),
            };
        }
        if is_broken(&error) {
            return Self::Unreachable(error);
        }
        if gave_way(&error) {
            return Self::Busy(error);
        }
        match error.as_database_error() {
            Some(fault) if fault.is_unique_violation() => Self::Conflict {
                constraint: "what is added is not there yet",
            },
            _ => Self::Backend(error),
        }
    }
}
