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
    /// Another process writes there.
    #[error("{place} is in use by {holder}")]
    Locked {
        /// The data directory, or the database.
        place: String,
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
    /// The database is none that the store can live in as it is.
    #[error("the database cannot be used: {0}")]
    Unsuitable(String),
    /// The data were written by a version that this one does not know.
    #[error("the data were written by another version of botscope")]
    Version(#[from] sqlx::migrate::MigrateError),
    /// The database cannot be reached, or the connection broke.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The database took too long, or let others go first.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] getrandom::Error),
    /// The database failed.
    #[error("the database failed")]
    Backend(#[source] sqlx::Error),
}
