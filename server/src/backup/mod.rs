//! All of an installation in one file, and back: the data directory, and the database if that is
//! a file in it. Taken while a server runs there or not. A database elsewhere has its own tools,
//! and an export of a tenant is another thing: that is `http`'s.
//!
//! Order is what makes it whole. First what was admitted and not judged yet (`admitted`), then the
//! database: whatever was acknowledged when the backup began is in one of them, and what is in both
//! is recognised by its position.

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

/// The database, in the archive as in the directory.
const DATABASE: &str = "botscope.db";

/// What was admitted and not judged yet.
const ADMITTED: &str = "admitted";

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
