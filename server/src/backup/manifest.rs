//! What a backup says of itself: what is in it, and of which version.

use serde::{Deserialize, Serialize};

/// The form of the archive. Another number is another form.
pub(super) const FORM: u32 = 1;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub form: u32,
    /// The version of botscope that wrote it.
    pub botscope: String,
    /// When, as RFC 3339 says it.
    pub made_at: String,
    /// Where the database is.
    pub database: StoredIn,
    /// Every other file, in the order of the archive.
    pub files: Vec<Listed>,
}

/// Where the database of an installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredIn {
    /// In a file of the archive.
    Archive,
    /// In PostgreSQL, whose own tools back it up.
    Postgres,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Where it is in the data directory, with `/` between folders.
    pub path: String,
    /// How large it is.
    pub bytes: u64,
    /// The SHA-256 of what is in it, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// How large the files are together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}
