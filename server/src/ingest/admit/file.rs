//! One file of the log: made, appended to, read whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::record::Record;

const MAGIC: &[u8; 8] = b"BSADMIT1";

/// Magic and the log's name.
const HEAD: usize = 16;

/// A file that is appended to.
#[derive(Debug)]
pub(super) struct LogFile {
    file: File,
    path: PathBuf,
    size: u64,
}

impl LogFile {
    /// A new one for records from `first` on. One of that name holds nothing that was
    /// acknowledged, and is written anew.
    pub(super) fn create(directory: &Path, id: u64, first: u64) -> io::Result<Self> {
        let path = directory.join(format!("{first:020}.log"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        file.write_all(MAGIC)?;
        file.write_all(&id.to_le_bytes())?;
        file.sync_all()?;
        // Its name must survive too.
        File::open(directory)?.sync_all()?;
        Ok(Self {
            file,
            path,
            size: HEAD as u64,
        })
    }

    /// One on a disk that has no room left.
    #[cfg(test)]
    pub(super) fn full() -> Self {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().write(true).open(&path);
        Self {
            file: file.expect("Linux has this"),
            path,
            size: HEAD as u64,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn is_empty(&self) -> bool {
        self.size == HEAD as u64
    }

    /// Appends `bytes` durably. After an error nothing of them is there, as far as the disk
    /// still does what it is told.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes);
        let written = written.and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            if let Err(error) = self.file.set_len(self.size) {
                tracing::error!(%error, path = %self.path.display(), "a log cannot be cut back");
            }
            let _failed_before = self.file.sync_data();
            return Err(error);
        }
        self.size += bytes.len() as u64;
        Ok(())
    }
}

/// What a file holds.
pub(super) struct Contents {
    /// The log that it belongs to.
    pub(super) id: u64,
    /// Each record with its position.
    pub(super) records: Vec<(u64, Record)>,
    /// Whether something follows that is none.
    pub(super) is_damaged: bool,
}

/// The files in `directory` by the position of their first record, in order.
pub(super) fn list(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let first = name.and_then(|name| name.strip_suffix(".log")?.parse().ok());
        found.extend(first.map(|first| (first, path)));
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads all of a file; `None` if it ends before its first record could begin.
pub(super) fn read(path: &Path) -> io::Result<Option<Contents>> {
    let bytes = fs::read(path)?;
    let head = bytes.strip_prefix(MAGIC);
    let Some((id, mut rest)) = head.and_then(|head| head.split_first_chunk::<8>()) else {
        // Cut off while it was made.
        if bytes.len() < HEAD && MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())]) {
            return Ok(None);
        }
        let text = format!("{} is no log of admitted requests", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    };
    let mut records = Vec::new();
    while let Some((position, record, size)) = Record::read(rest) {
        records.push((position, record));
        rest = &rest[size..];
    }
    Ok(Some(Contents {
        id: u64::from_le_bytes(*id),
        records,
        is_damaged: !rest.is_empty(),
    }))
}
