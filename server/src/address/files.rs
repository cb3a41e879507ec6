//! The operator's files of address data: which there are, and what each is by its name. What is
//! in them is read beside: [`super::list`], [`super::csv`], [`super::maxmind`].

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::list::LineError;
use super::maxmind::DatabaseError;
use super::published::Shelf;
use super::{AddressBook, BookBuilder, Checks, csv, list, maxmind};

/// The folder of the data directory where files are found without being named.
const FOLDER: &str = "address-data";

/// The largest file that is read.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Why address data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AddressDataError {
    /// There is no such file, or it cannot be read.
    #[error("cannot read the address data {path}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not what its name says.
    #[error("the address data {path}: {message}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        message: String,
    },
}

/// A book of what is built in, of the files and folders `given`, of the folder `address-data` in
/// the data directory, if there is one, and of the last copies of what others publish.
pub fn open(data: &Path, given: &[PathBuf]) -> Result<AddressBook, AddressDataError> {
    let mut book = BookBuilder::default();
    let shelf = Shelf::open(data);
    book.add_published(&shelf, true)
        .map_err(|full| content(data, &full.to_string()))?;
    let found = data.join(FOLDER);
    let found = found.is_dir().then_some(found);
    for path in found.iter().chain(given) {
        if path.is_dir() {
            for file in files_of(path)? {
                add_file(&file, &mut book)?;
            }
        } else if is_known(path) {
            add_file(path, &mut book)?;
        } else {
            return Err(content(path, "its name must end in .mmdb, .csv or .txt"));
        }
    }
    Ok(book.finish().with_checks(Checks::open(data)))
}

/// A book that knows where crawlers come from and which countries are built in, and nothing
/// more: what judging needs, without what takes time to read.
pub fn open_origins(data: &Path) -> Result<AddressBook, AddressDataError> {
    let mut book = BookBuilder::default();
    book.add_published(&Shelf::open(data), false)
        .map_err(|full| content(data, &full.to_string()))?;
    let folder = data.join(FOLDER);
    if folder.is_dir() {
        for file in files_of(&folder)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("crawler-") {
                add_file(&file, &mut book)?;
            }
        }
    }
    Ok(book.finish().with_checks(Checks::open(data)))
}

/// The files of a folder that can be read, by name: the order decides nothing but ties.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, AddressDataError> {
    let failed = |source| AddressDataError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && is_known(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_lowercase()
}

fn is_known(path: &Path) -> bool {
    matches!(extension(path).as_str(), "mmdb" | "csv" | "txt")
}

fn add_file(path: &Path, book: &mut BookBuilder) -> Result<(), AddressDataError> {
    let failed = |source| AddressDataError::Read {
        path: path.to_owned(),
        source,
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.len() > MAX_BYTES {
        return Err(content(path, "it has more than 512 MB"));
    }
    let bytes = fs::read(path).map_err(failed)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let origin = match extension(path).as_str() {
        "mmdb" => maxmind::read(bytes, book)
            .map_err(|error: DatabaseError| content(path, &error.to_string()))?,
        kind => {
            let text = String::from_utf8_lossy(&bytes);
            let read = match kind {
                "csv" => csv::read(&text, book),
                _ => list::read(&stem, &text, book),
            };
            read.map_err(|error: LineError| content(path, &error.to_string()))?;
            let changed_at = metadata.modified().map(time::OffsetDateTime::from);
            let changed_at = changed_at.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // Two versions of one file may be of one day: its size tells them apart, mostly.
            format!("{name} of {}, {} bytes", changed_at.date(), bytes.len())
        }
    };
    book.versions.push(origin);
    Ok(())
}

fn content(path: &Path, message: &str) -> AddressDataError {
    AddressDataError::Content {
        path: path.to_owned(),
        message: message.to_owned(),
    }
}
