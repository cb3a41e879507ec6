//! Where we stopped, on the disk: a small file that is replaced as a whole.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::position::Position;

/// How the file is written.
const VERSION: u32 = 1;

/// Why it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Reading or writing failed.
    #[error("{0}, which says how far the logs were sent: {1}")]
    File(String, #[source] io::Error),
    /// It is not what was written.
    #[error("{0} does not say how far the logs were sent: {1}")]
    Malformed(String, String),
    /// It is about another place.
    #[error(
        "{path} says how far the logs were sent to {to}, not to where they go now. Name another \
         file with --state; or, if that is the same Botscope, write its new address into the file"
    )]
    Elsewhere {
        /// The file.
        path: String,
        /// Where they were sent.
        to: String,
    },
    /// Another process follows with it.
    #[error("{0} is used by another botscope tail; name another file with --state")]
    Locked(String),
}

/// What is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    version: u32,
    /// Tells the batches of this file from those of others.
    id: String,
    to: String,
    files: BTreeMap<String, Vec<Position>>,
}

/// The file. It is this process's alone while it is open.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    content: Content,
    _lock: File,
}

impl StateFile {
    /// Opens the file at `path`, or begins one, for what is sent to `to`.
    ///
    /// # Errors
    /// If it cannot be read or written, is in use, or is about another place.
    pub fn open(path: &Path, to: &str) -> Result<Self, StateError> {
        let name = path.display().to_string();
        let failed = |error| StateError::File(name.clone(), error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options.open(beside(path, ".lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StateError::Locked(name)),
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        let content = match fs::read(path) {
            Ok(bytes) => read(&bytes).map_err(|why| StateError::Malformed(name.clone(), why))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => begin(to).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        };
        if content.to != to {
            let to = content.to;
            return Err(StateError::Elsewhere { path: name, to });
        }
        Ok(Self {
            path: path.to_owned(),
            content,
            _lock: lock,
        })
    }

    /// Tells batches of this file from those of others.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.content.id
    }

    /// Where we stopped in what `path` led to, the oldest first.
    #[must_use]
    pub fn positions(&self, path: &Path) -> Vec<Position> {
        let key = path.to_string_lossy();
        let known = self.content.files.get(key.as_ref());
        known.cloned().unwrap_or_default()
    }

    /// Replaces what is known of `path`; written with the next [`StateFile::save`].
    pub fn set<'p>(&mut self, path: &Path, positions: impl Iterator<Item = &'p Position>) {
        let key = path.to_string_lossy().into_owned();
        self.content.files.insert(key, positions.cloned().collect());
    }

    /// Writes it; durable when it returns.
    ///
    /// # Errors
    /// If it cannot be written; what was written before is there then.
    pub fn save(&self) -> Result<(), StateError> {
        let failed = |error| StateError::File(self.path.display().to_string(), error);
        self.write().map_err(failed)
    }

    fn write(&self) -> io::Result<()> {
        let partial = beside(&self.path, ".new");
        let mut file = File::create(&partial)?;
        let mut bytes = serde_json::to_vec_pretty(&self.content)?;
        bytes.push(b'\n');
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&partial, &self.path)?;
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn begin(to: &str) -> io::Result<Content> {
    let mut id = [0; 8];
    getrandom::fill(&mut id).map_err(io::Error::other)?;
    Ok(Content {
        version: VERSION,
        id: HEXLOWER.encode(&id),
        to: to.to_owned(),
        files: BTreeMap::new(),
    })
}

fn read(bytes: &[u8]) -> Result<Content, String> {
    let content: Content = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if content.version != VERSION {
        return Err(format!("version {} is not known", content.version));
    }
    Ok(content)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_there_again_and_is_one_process_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/tail.json");
        let mut state = StateFile::open(&path, "local").unwrap();
        let log = Path::new("/var/log/access.log");
        assert!(state.positions(log).is_empty());
        let position = Position {
            inode: 7,
            offset: 12,
            ..Position::default()
        };
        state.set(log, [&position].into_iter());
        state.save().unwrap();
        let second = StateFile::open(&path, "local");
        assert!(matches!(second, Err(StateError::Locked(_))), "{second:?}");
        let id = state.id().to_owned();
        drop(state);
        let again = StateFile::open(&path, "local").unwrap();
        assert_eq!(again.positions(log), [position]);
        assert_eq!(again.id(), id);
        drop(again);
        let other = StateFile::open(&path, "https://botscope.example");
        assert!(matches!(other, Err(StateError::Elsewhere { .. })));
    }

    #[test]
    fn what_is_no_state_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tail.json");
        for content in ["", "{}", r#"{"version":2,"id":"","to":"local","files":{}}"#] {
            fs::write(&path, content).unwrap();
            let opened = StateFile::open(&path, "local");
            assert!(
                matches!(opened, Err(StateError::Malformed(..))),
                "{content}"
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}
