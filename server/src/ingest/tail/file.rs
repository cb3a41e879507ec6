//! One open file: ranges of whole lines from where we stopped. Nothing is kept of what was read,
//! so that a range that is read again, also after a restart, is the same.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::position::{Fingerprint, InFlight, Position, read_head, read_range};
use super::{BATCH_BYTES, BATCH_LINES};

/// How much of a file is looked at for what its lines mean, where its lines are not sent.
const HEAD_BYTES: usize = 64 * 1024;

/// Whole lines of a file.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Where they begin.
    pub start: u64,
    /// Where they end.
    pub end: u64,
    /// What goes in front of them, to be understood.
    pub head: Vec<u8>,
    /// The lines.
    pub bytes: Vec<u8>,
    /// What they were called when they, or more than they, were sent before.
    pub name: Option<String>,
    /// Of which file they are: its device, its number, and how often it was begun anew.
    pub(super) file: (u64, u64, u32),
}

impl Chunk {
    /// The first half of its lines; `None` if there is but one.
    #[must_use]
    pub fn halve(&self) -> Option<Self> {
        let middle = self.bytes.len() / 2;
        let after = memchr::memchr(b'\n', &self.bytes[middle..]).map(|at| middle + at + 1);
        let before = || memchr::memrchr(b'\n', &self.bytes[..middle]).map(|at| at + 1);
        let is_less = |end: &usize| *end < self.bytes.len();
        let end = after.filter(is_less).or_else(before)?;
        Some(Self {
            end: self.start + end as u64,
            bytes: self.bytes[..end].to_vec(),
            head: self.head.clone(),
            name: self.name.clone(),
            ..*self
        })
    }
}

/// A file that is read.
#[derive(Debug)]
pub(super) struct Tracked {
    file: File,
    pub(super) position: Position,
    /// The size up to which nothing more can be read: no line ends there.
    looked_at: u64,
    /// The size at which its beginning was compared last.
    checked_at: Option<u64>,
    /// Since when it has not grown, once another has its name.
    pub(super) quiet: Option<(Instant, u64)>,
}

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// It was emptied and written anew.
    Emptied,
}

impl Tracked {
    pub(super) fn new(file: File, position: Position) -> Self {
        Self {
            file,
            position,
            looked_at: 0,
            checked_at: None,
            quiet: None,
        }
    }

    /// From the beginning of a file.
    pub(super) fn begin(file: File) -> io::Result<Self> {
        let position = Position::begin(&file.metadata()?);
        let mut tracked = Self::new(file, position);
        tracked.check()?;
        Ok(tracked)
    }

    /// Passes over what is there.
    pub(super) fn skip_to_end(&mut self) -> io::Result<()> {
        let size = self.size()?;
        let head = read_range(&self.file, 0, HEAD_BYTES)?;
        self.position.columns.learn(&head);
        self.position.offset = size;
        let last = size.checked_sub(1).map(|at| read_range(&self.file, at, 1));
        let last = last.transpose()?;
        self.position.is_within_line = last.is_some_and(|last| last != b"\n");
        Ok(())
    }

    pub(super) fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// How it begins.
    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        read_head(&self.file)
    }

    /// Whether it has that number. While it is open no other file gets it.
    pub(super) fn is(&self, metadata: &Metadata) -> bool {
        self.position.has_number_of(metadata)
    }

    /// Looks whether it is still the file that it was.
    pub(super) fn check(&mut self) -> io::Result<Change> {
        let size = self.size()?;
        if self.checked_at == Some(size) {
            return Ok(Change::None);
        }
        let head = read_head(&self.file)?;
        let is_same = self.position.fingerprint.is_of(&head);
        if is_same && size >= self.position.offset {
            self.position.fingerprint = Fingerprint::of(&head);
            self.checked_at = Some(size);
            return Ok(Change::None);
        }
        Ok(Change::Emptied)
    }

    /// Goes back to the beginning of what was emptied; returns where it stood.
    pub(super) fn restart(&mut self) -> io::Result<Position> {
        let begin = Position {
            generation: self.position.generation + 1,
            ..Position::begin(&self.file.metadata()?)
        };
        self.looked_at = 0;
        self.checked_at = None;
        let stood = std::mem::replace(&mut self.position, begin);
        self.check()?;
        Ok(stood)
    }

    /// Whether there is nothing more in it, not even a part of a line.
    pub(super) fn is_at_end(&self) -> io::Result<bool> {
        Ok(self.position.in_flight.is_none() && self.size()? <= self.position.offset)
    }

    /// What comes next: first what was in flight. `is_last` says that no more will be written,
    /// so that its last line needs no line break. `name` is what the file is called.
    pub(super) fn next(&mut self, is_last: bool, name: &Path) -> io::Result<Option<Chunk>> {
        if let Some(sent) = self.position.in_flight.clone() {
            let start = self.position.offset;
            let length = usize::try_from(sent.end.saturating_sub(start)).unwrap_or(usize::MAX);
            let bytes = read_range(&self.file, start, length.min(2 * BATCH_BYTES))?;
            if bytes.len() == length {
                return Ok(Some(self.chunk(bytes, Some(sent.name))));
            }
            tracing::warn!(file = %name.display(), "what was sent last is gone from the file");
            self.position.in_flight = None;
        }
        loop {
            let size = self.size()?;
            if size <= self.position.offset || size <= self.looked_at && !is_last {
                return Ok(None);
            }
            let left = usize::try_from(size - self.position.offset).unwrap_or(usize::MAX);
            let mut bytes = read_range(&self.file, self.position.offset, left.min(BATCH_BYTES))?;
            if self.position.is_within_line {
                let end = memchr::memchr(b'\n', &bytes);
                self.position.offset += end.map_or(bytes.len(), |at| at + 1) as u64;
                self.position.is_within_line = end.is_none();
                continue;
            }
            let end = end_of_lines(&bytes);
            if end == 0 && bytes.len() == BATCH_BYTES {
                tracing::warn!(file = %name.display(), "a line of more than 1 MiB is left out");
                self.position.is_within_line = true;
                continue;
            }
            if end == 0 && !is_last {
                self.looked_at = size;
                return Ok(None);
            }
            if end > 0 {
                bytes.truncate(end);
            }
            return Ok(Some(self.chunk(bytes, None)));
        }
    }

    fn chunk(&self, bytes: Vec<u8>, name: Option<String>) -> Chunk {
        let position = &self.position;
        Chunk {
            start: position.offset,
            end: position.offset + bytes.len() as u64,
            head: position.columns.head(),
            bytes,
            name,
            file: (position.device, position.inode, position.generation),
        }
    }

    /// Notes that a chunk is sent under `name`.
    pub(super) fn begin_sending(&mut self, chunk: &Chunk, name: &str) {
        self.position.in_flight = Some(InFlight {
            end: chunk.end,
            name: name.to_owned(),
        });
    }

    /// Notes that what was in flight is taken.
    pub(super) fn finish_sending(&mut self, chunk: &Chunk) {
        self.position.in_flight = None;
        self.position.offset = chunk.end;
        self.position.columns.learn(&chunk.bytes);
    }
}

/// Where the last line ends that goes into a batch; 0 if none does.
fn end_of_lines(bytes: &[u8]) -> usize {
    let nth = memchr::memchr_iter(b'\n', bytes).nth(BATCH_LINES - 1);
    let last = || memchr::memrchr(b'\n', bytes);
    nth.or_else(last).map_or(0, |at| at + 1)
}

/// Opens what is at `path`; `None` if nothing is there.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file that was found, and where.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) metadata: Metadata,
}
