//! One path: the file that is there, and those that were there before and are not read to their
//! end. Driven step by step: [`Follower::look`] sees what changed, [`Follower::next`] gives what
//! there is to send.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::file::{Change, Chunk, Tracked, open};
use super::position::Position;
use super::search::{find, find_between, find_copy};

/// How long a file that lost its name must not grow until no more is expected: servers are told
/// to open the new one a while after the old one was renamed.
const GRACE: Duration = Duration::from_secs(60);

/// How many files of one path are read, at most: those that were rotated while nothing could be
/// sent.
const MAX_FILES: usize = 256;

/// What the first bytes of packed files are.
const PACKED: [&[u8]; 4] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ"];

/// Why a path cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// Reading failed.
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, #[source] io::Error),
    /// It is a directory, a pipe or the like.
    #[error("{0} is no file that can be followed")]
    NoFile(String),
    /// It does not grow.
    #[error("{0} is packed, and what is packed does not grow; import it: botscope import {0}")]
    Packed(String),
}

/// A path that is followed.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    /// The oldest first. The last is the one that has the path's name, or had it last.
    files: VecDeque<Tracked>,
}

impl Follower {
    /// Follows `path` from where `known` says, the oldest first; what is known of nothing is
    /// read from its beginning, or only what comes from now on if `is_from_end`.
    ///
    /// # Errors
    /// If what is there cannot be read. If nothing is there, it is waited for.
    pub fn open(
        path: &Path,
        known: Vec<Position>,
        is_from_end: bool,
        now: Instant,
    ) -> Result<Self, FollowError> {
        let mut follower = Self {
            path: path.to_owned(),
            files: VecDeque::new(),
        };
        let is_new = known.is_empty();
        let opened = follower
            .resume(known)
            .and_then(|()| follower.find_current(now));
        opened.map_err(|error| follower.unreadable(error))?;
        follower.check_kind()?;
        if let Some(file) = follower.files.back_mut().filter(|_| is_new && is_from_end) {
            let skipped = file.skip_to_end();
            skipped.map_err(|error| FollowError::Unreadable(path.display().to_string(), error))?;
        }
        Ok(follower)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where we are in each file that is not read to its end, the oldest first.
    pub fn positions(&self) -> impl Iterator<Item = &Position> {
        self.files.iter().map(|file| &file.position)
    }

    /// Bytes that are there and not sent yet.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        let rest = |file: &Tracked| {
            file.size()
                .unwrap_or(0)
                .saturating_sub(file.position.offset)
        };
        self.files.iter().map(rest).sum()
    }

    /// Looks whether the path leads to another file now, or to one that was emptied.
    ///
    /// # Errors
    /// If what is there cannot be read.
    pub fn look(&mut self, now: Instant) -> Result<(), FollowError> {
        let looked = self.find_current(now).and_then(|()| self.check_current());
        looked
            .and_then(|()| self.retire(now))
            .map_err(|error| self.unreadable(error))
    }

    /// What is to be sent next, if there is something.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn next(&mut self, now: Instant) -> Result<Option<Chunk>, FollowError> {
        let last = self.files.len().saturating_sub(1);
        for (number, file) in self.files.iter_mut().enumerate() {
            let is_last = number < last && is_over(file, now);
            match file.next(is_last, &self.path) {
                Ok(None) => {}
                Ok(Some(chunk)) => return Ok(Some(chunk)),
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        Ok(None)
    }

    /// Notes that `chunk` is about to be sent under `name`.
    pub fn begin_sending(&mut self, chunk: &mut Chunk, name: String) {
        if let Some(file) = self.find_file(chunk) {
            file.begin_sending(chunk, &name);
        }
        chunk.name = Some(name);
    }

    /// Notes that `chunk` was taken.
    pub fn finish_sending(&mut self, chunk: &Chunk) {
        if let Some(file) = self.find_file(chunk) {
            file.finish_sending(chunk);
        }
    }

    /// The file that `chunk` is of. What was emptied since goes on in its copy.
    fn find_file(&mut self, chunk: &Chunk) -> Option<&mut Tracked> {
        let is_named = |file: &Tracked| {
            let sent = file.position.in_flight.as_ref();
            sent.is_some_and(|sent| Some(&sent.name) == chunk.name.as_ref())
        };
        let is_same = |file: &Tracked| {
            let Position {
                device,
                inode,
                generation,
                ..
            } = file.position;
            (device, inode, generation) == chunk.file
        };
        let named = self.files.iter().position(is_named);
        let found = named.or_else(|| self.files.iter().position(is_same))?;
        self.files.get_mut(found)
    }

    /// Finds the files of an earlier run again.
    fn resume(&mut self, known: Vec<Position>) -> io::Result<()> {
        let mut last = None;
        for position in known {
            let Some(found) = find(&self.path, &position) else {
                tracing::warn!(
                    file = %self.path.display(),
                    offset = position.offset,
                    "the file that was read last is gone; what was written to it after that offset \
                     cannot be sent"
                );
                continue;
            };
            let position = moved(position, &found.metadata);
            self.files.push_back(Tracked::new(found.file, position));
            last = Some((found.path, found.metadata));
        }
        if let Some((last, metadata)) = last {
            for found in find_between(&self.path, &last, &metadata) {
                if self.files.iter().any(|file| file.is(&found.metadata)) {
                    continue;
                }
                self.files.push_back(Tracked::begin(found.file)?);
            }
        }
        Ok(())
    }

    /// Takes up the file that has the name, if it is another.
    fn find_current(&mut self, now: Instant) -> io::Result<()> {
        let metadata = match fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            // Renamed and not begun anew, or not there yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if let Some(at) = self.files.iter().position(|file| file.is(&metadata)) {
            if at + 1 < self.files.len()
                && let Some(again) = self.files.remove(at)
            {
                // It got its name back.
                self.files.push_back(again);
            }
            return Ok(());
        }
        if !metadata.is_file() {
            return Err(io::Error::other("no file"));
        }
        let Some(file) = open(&self.path)? else {
            return Ok(());
        };
        let begun = Tracked::begin(file)?;
        if let Some(last) = self.files.back_mut() {
            last.quiet = Some((now, last.size()?));
        }
        self.files.push_back(begun);
        if self.files.len() > MAX_FILES {
            tracing::warn!(file = %self.path.display(), "more was rotated than can be read; the oldest is left out");
            self.files.pop_front();
        }
        Ok(())
    }

    /// Begins anew where the file was emptied; the rest of what it held is read from a copy.
    fn check_current(&mut self) -> io::Result<()> {
        let Some(file) = self.files.back_mut() else {
            return Ok(());
        };
        if file.check()? == Change::None {
            return Ok(());
        }
        let stood = file.restart()?;
        let Some(copy) = find_copy(&self.path, &stood) else {
            return Ok(());
        };
        if copy.metadata.len() > stood.offset {
            let position = moved(stood, &copy.metadata);
            let at = self.files.len() - 1;
            self.files.insert(at, Tracked::new(copy.file, position));
        }
        Ok(())
    }

    /// Lets go of files that lost their name and are read to their end.
    fn retire(&mut self, now: Instant) -> io::Result<()> {
        let last = self.files.len().saturating_sub(1);
        for file in self.files.iter_mut().take(last) {
            let size = file.size()?;
            if file.quiet.is_none_or(|(_, quiet_at)| quiet_at != size) {
                file.quiet = Some((now, size));
            }
        }
        while self.files.len() > 1 && is_over(&self.files[0], now) && self.files[0].is_at_end()? {
            self.files.pop_front();
        }
        Ok(())
    }

    fn check_kind(&self) -> Result<(), FollowError> {
        let Some(file) = self.files.back() else {
            return Ok(());
        };
        let head = file.head().map_err(|error| self.unreadable(error))?;
        if PACKED.iter().any(|packed| head.starts_with(packed)) {
            return Err(FollowError::Packed(self.path.display().to_string()));
        }
        Ok(())
    }

    fn unreadable(&self, error: io::Error) -> FollowError {
        let path = self.path.display().to_string();
        match fs::metadata(&self.path) {
            Ok(metadata) if !metadata.is_file() => FollowError::NoFile(path),
            _ => FollowError::Unreadable(path, error),
        }
    }
}

/// Whether nothing more is expected of a file that lost its name.
fn is_over(file: &Tracked, now: Instant) -> bool {
    let since = file.quiet.map(|(since, _)| since);
    since.is_some_and(|since| now.saturating_duration_since(since) >= GRACE)
}

/// The same place in a file with that number, which may be a copy.
fn moved(position: Position, metadata: &fs::Metadata) -> Position {
    if position.has_number_of(metadata) {
        return position;
    }
    Position {
        device: Position::begin(metadata).device,
        inode: Position::begin(metadata).inode,
        generation: 0,
        ..position
    }
}
