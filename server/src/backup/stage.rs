//! Taking copies of a data directory's files while somebody works in it: what is put into an
//! archive must not change meanwhile. Not the database, which copies itself.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::Listed;
use super::{BackupError, at};
use crate::ingest::admit::DIRECTORY as ADMITTED;
use crate::store::{DATABASE, LOCK};

/// How deep folders may lie: deeper than any of ours.
const MAX_DEPTH: usize = 8;

/// The copies, in the order in which they were taken.
pub(super) struct Stage {
    folder: PathBuf,
    pub(super) files: Vec<Listed>,
}

impl Stage {
    /// Nothing yet; copies go into `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            files: Vec::new(),
        }
    }

    /// Where a copy is, or is to be.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Copies everything of `data` but the database: what was admitted last.
    pub(super) fn copy_directory(&mut self, data: &Path) -> Result<(), BackupError> {
        let mut names = names(data)?;
        names.retain(|name| is_wanted(name) && name != ADMITTED);
        for name in names {
            self.copy(data, &name, 0)?;
        }
        self.copy_folder(data, ADMITTED, 0)
    }

    fn copy(&mut self, data: &Path, path: &str, depth: usize) -> Result<(), BackupError> {
        let from = data.join(path);
        // What a link leads to is not ours.
        let kind = match fs::symlink_metadata(&from) {
            Ok(found) => found.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(at(&from)(error)),
        };
        if kind.is_dir() {
            return self.copy_folder(data, path, depth + 1);
        }
        if kind.is_file() {
            return self.copy_file(data, path);
        }
        tracing::warn!(path, "left out: neither a file nor a folder");
        Ok(())
    }

    fn copy_folder(&mut self, data: &Path, path: &str, depth: usize) -> Result<(), BackupError> {
        let from = data.join(path);
        if depth > MAX_DEPTH || !from.is_dir() {
            return Ok(());
        }
        let to = self.place(path);
        fs::create_dir_all(&to).map_err(at(&to))?;
        for name in names(&from)? {
            if is_whole(&name) {
                self.copy(data, &format!("{path}/{name}"), depth)?;
            }
        }
        Ok(())
    }

    /// Copies as much of a file as there is. One that has gone meanwhile was judged, so what it
    /// said is in the database.
    fn copy_file(&mut self, data: &Path, path: &str) -> Result<(), BackupError> {
        let from = data.join(path);
        let source = match File::open(&from) {
            Ok(source) => source,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(at(&from)(error)),
        };
        let to = self.place(path);
        let mut copy = File::create(&to).map_err(at(&to))?;
        let (bytes, sha256) = copy_hashed(source, &mut copy).map_err(at(&from))?;
        self.add(path, bytes, sha256);
        Ok(())
    }

    /// Takes up a file that is in its place already.
    pub(super) fn take_up(&mut self, path: &str) -> Result<(), BackupError> {
        let place = self.place(path);
        let file = File::open(&place).map_err(at(&place))?;
        let (bytes, sha256) = copy_hashed(file, &mut io::sink()).map_err(at(&place))?;
        self.add(path, bytes, sha256);
        Ok(())
    }

    fn add(&mut self, path: &str, bytes: u64, sha256: String) {
        self.files.push(Listed {
            path: path.to_owned(),
            bytes,
            sha256,
        });
    }
}

/// Copies all that comes; returns how much that was, and its SHA-256.
pub(super) fn copy_hashed(mut from: impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut room = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut room)?;
        if read == 0 {
            return Ok((bytes, data_encoding::HEXLOWER.encode(&hash.finalize())));
        }
        hash.update(&room[..read]);
        to.write_all(&room[..read])?;
        bytes += read as u64;
    }
}

/// What a folder holds, by name. Names that are no text are none of ours.
fn names(folder: &Path) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let name = entry.map_err(at(folder))?.file_name();
        names.extend(name.into_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether it belongs into a backup: not the database's files, which are copied otherwise, nor the
/// lock, which is a process's.
fn is_wanted(name: &str) -> bool {
    !name.starts_with(DATABASE) && name != LOCK && name != "lost+found" && is_whole(name)
}

/// Whether it is what it will be: what is being written has another name until it is.
fn is_whole(name: &str) -> bool {
    let is_partial = [".new", ".tmp", ".partial"];
    !name.starts_with('.') && !is_partial.iter().any(|end| name.ends_with(end))
}
