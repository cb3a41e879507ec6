//! What can go wrong with stored data. Absence is not an error but `None`.

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The stored state does not allow it.
    #[error("the stored state does not allow this: {constraint}")]
    Conflict {
        /// Which rule.
        constraint: &'static str,
    },
    /// A stored value cannot be read.
    #[error("{table}.{column} of {id} cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What names the row.
        id: String,
    },
    /// Another process writes into the data directory.
    #[error("the data directory {directory} is in use by {holder}")]
    Locked {
        /// The directory.
        directory: String,
        /// The process that holds it.
        holder: String,
    },
    /// The data directory cannot be used now.
    #[error("the data directory {directory} cannot be used")]
    Unavailable {
        /// The directory.
        directory: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The data were written by a version that this one does not know.
    #[error("the data were written by another version of botscope")]
    Version(#[from] sqlx::migrate::MigrateError),
    /// The database failed.
    #[error("the database failed")]
    Backend(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(fault) if fault.is_unique_violation() => Self::Conflict {
                constraint: "what is added is not there yet",
            },
            _ => Self::Backend(error),
        }
    }
}
