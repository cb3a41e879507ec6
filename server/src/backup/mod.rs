//! All of an installation in one file, and back: the data directory, and the database if that is
//! a file in it. Taken while a server runs there or not. A database elsewhere has its own tools,
//! and an export of a tenant is another thing: that is `http`'s.
//!
//! Order is what makes it whole: each is copied before what its content moves into. First the
//! folder, in it how far `tail` has read; then the log of what was admitted and not stored yet; then
//! the database. Whatever was acknowledged when the backup began is in the log or, if it was gone
//! from there, in the database; what is in both is recognised by its position. The other way
//! round, what was committed in between would be in neither.

mod archive;
mod manifest;
mod restore;
mod stage;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

pub use archive::back_up;
pub use manifest::{Manifest, StoredIn};
pub use restore::restore;

use crate::store::StoreError;

/// What every archive begins with.
const MANIFEST: &str = "manifest.json";

/// Why there is no backup, or nothing was restored. What was begun is gone again.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing there to back up.
    #[error("{0} is no data directory with something in it")]
    Empty(PathBuf),
    /// Something is in the way.
    #[error("{0} is there already and is left as it is")]
    Taken(PathBuf),
    /// A backup in what it is a backup of would be in the next one.
    #[error("{0} is in the data directory, and a backup is kept elsewhere")]
    Inside(PathBuf),
    /// Something is where a backup is to be restored.
    #[error("{0} is not empty, and a backup is restored into an empty directory only")]
    NotEmpty(PathBuf),
    /// It is no backup, or of a version to come.
    #[error("this is no backup that this version of botscope can restore: {0}")]
    Unsuitable(String),
    /// What is there is not what was written.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says which file failed.
fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}
