//! The log of what was admitted: requests that a sender was told are safe, until the store has
//! what they led to. Appended to by one thread, many records at once and then one `fsync`. Not
//! the requests themselves, which are bytes here, and not who works on them.
//!
//! ```text
//! DIRECTORY/00000000000000000017.log   "BSADMIT1" · the log's name (8 bytes) · records
//! ```
//!
//! A file is named by the position of its first record, and removed when every record in it is
//! settled. A start never appends to a file that is there: what a
//! crash cut off at its end was never acknowledged.

mod file;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};

use file::LogFile;
pub use record::{BatchId, Receipt, Record};

/// Where a server's log lies in its data directory.
pub const DIRECTORY: &str = "admitted";

/// Bytes at which a file ends and another begins.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Positions that are left out by [`leave_gap`]: more than are admitted while a backup is made.
const GAP: u64 = 1 << 32;

/// Bytes that are written before one `fsync`, at most.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// Names one log. Positions of different logs say nothing of one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(pub u64);

/// A record with its place in the log. Positions rise by one.
#[derive(Debug)]
pub struct Admitted<T> {
    /// The log.
    pub log: LogId,
    /// Its place.
    pub position: u64,
    /// What was admitted.
    pub record: Record,
    /// What came with it; `None` for one that was read again.
    pub attached: Option<T>,
}

/// Why something was not admitted. Nothing of it is there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdmitError {
    /// The disk refuses, most likely because it is full.
    #[error("the log cannot be written: {0}")]
    Disk(Arc<io::Error>),
    /// The log is closed.
    #[error("the server is stopping")]
    Closed,
}

/// The log of a process. With each record something may be attached that is not written and is
/// handed on with it.
#[derive(Debug)]
pub struct AdmissionLog<T> {
    id: LogId,
    sender: mpsc::UnboundedSender<Message<T>>,
    files: Arc<Mutex<Files>>,
}

enum Message<T> {
    Append(Waiting<T>),
    /// Nothing is left to settle in the file that is written to.
    Tidy,
}

struct Waiting<T> {
    record: Record,
    attached: T,
    /// Told its position once it is durable.
    done: oneshot::Sender<Result<u64, AdmitError>>,
}

/// What is called with each record, in the order of their positions.
type Sink<T> = Box<dyn FnMut(Admitted<T>) + Send>;

/// The files by the position of their first record, with how many are not settled in each. Into
/// the last one is written; it stays.
#[derive(Debug, Default)]
struct Files {
    unsettled: BTreeMap<u64, (PathBuf, u64)>,
}

impl<T: Send + 'static> AdmissionLog<T> {
    /// Opens the log in `directory`, which is made if it is not there, and hands each record
    /// that is in it to `sink`, in order; later what is appended, each once it is durable and
    /// before [`AdmissionLog::append`] returns. The thread ends when the log is dropped.
    ///
    /// # Errors
    /// If the directory cannot be read or written. Damage within a file is an error in the
    /// process's log, and what follows it in that file is left out.
    pub fn open(
        directory: &Path,
        sink: impl FnMut(Admitted<T>) + Send + 'static,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let mut sink: Sink<T> = Box::new(sink);
        std::fs::create_dir_all(directory)?;
        let (found, next, mut files) = replay(directory, &mut sink)?;
        let id = match found {
            Some(id) => id,
            None => LogId(getrandom::u64().map_err(io::Error::other)?),
        };
        let file = LogFile::create(directory, id.0, next)?;
        files.begin(next, file.path());
        let files = Arc::new(Mutex::new(files));
        let (sender, receiver) = mpsc::unbounded_channel();
        let writing = Writing {
            id,
            directory: directory.to_owned(),
            file: Some(file),
            next,
            files: Arc::clone(&files),
            sink,
        };
        let thread = thread::Builder::new().name("admit".to_owned());
        let thread = thread.spawn(move || writing.run(receiver))?;
        Ok((Self { id, sender, files }, thread))
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> LogId {
        self.id
    }

    /// Appends `record`; returns its position when it is durable.
    ///
    /// # Errors
    /// If it was not written. It may be sent again.
    pub async fn append(&self, record: Record, attached: T) -> Result<u64, AdmitError> {
        let (done, written) = oneshot::channel();
        let waiting = Waiting {
            record,
            attached,
            done,
        };
        self.sender
            .send(Message::Append(waiting))
            .map_err(|_| AdmitError::Closed)?;
        written.await.map_err(|_| AdmitError::Closed)?
    }

    /// The record at `position` is not needed any more.
    pub fn settle(&self, position: u64) {
        if lock(&self.files).settle(position) {
            // A log that is closed is tidied when it is opened again.
            let _closed = self.sender.send(Message::Tidy);
        }
    }

    /// How many records are not settled.
    #[cfg(test)]
    pub(crate) fn unsettled(&self) -> u64 {
        lock(&self.files)
            .unsettled
            .values()
            .map(|(_, left)| left)
            .sum()
    }
}

/// Has the log in `directory` go on far behind what is in it. For a log that is older than the
/// database beside it, as in a backup: positions that the one has and the other has not are not
/// given again, to what would then be taken for committed.
///
/// # Errors
/// If it cannot be read or written.
pub fn leave_gap(directory: &Path) -> io::Result<()> {
    let mut nobody: Sink<()> = Box::new(|_| {});
    let (id, next, _) = replay(directory, &mut nobody)?;
    if let Some(id) = id {
        LogFile::create(directory, id.0, next + GAP)?;
    }
    Ok(())
}

/// Hands each record in `directory` to `sink`. Returns the log's name, the position of the next
/// record, and what is left to settle.
fn replay<T>(directory: &Path, sink: &mut Sink<T>) -> io::Result<(Option<LogId>, u64, Files)> {
    let found = file::list(directory)?;
    let mut files = Files::default();
    let (mut id, mut next) = (None, 1);
    for (index, (first, path)) in found.iter().enumerate() {
        next = next.max(*first);
        files.begin(*first, path);
        let Some(file) = file::read(path)? else {
            continue;
        };
        if *id.get_or_insert(file.id) != file.id {
            let text = format!("{} belongs to another log", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        if file.is_damaged && index + 1 < found.len() {
            tracing::error!(path = %path.display(), "a log of admitted requests is damaged");
        }
        files.add(file.records.len() as u64);
        for (position, record) in file.records {
            next = next.max(position + 1);
            sink(Admitted {
                log: LogId(file.id),
                position,
                record,
                attached: None,
            });
        }
    }
    Ok((id.map(LogId), next, files))
}

fn lock(files: &Mutex<Files>) -> MutexGuard<'_, Files> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    /// Records from `first` on go into the file at `path`. Others without anything to settle are
    /// removed.
    fn begin(&mut self, first: u64, path: &Path) {
        let settled = self.unsettled.extract_if(.., |_, (_, left)| *left == 0);
        for (_, (settled, _)) in settled {
            if settled != path {
                remove(&settled);
            }
        }
        self.unsettled.insert(first, (path.to_owned(), 0));
    }

    /// So many records are in the newest file besides those that were.
    fn add(&mut self, count: u64) {
        if let Some(mut newest) = self.unsettled.last_entry() {
            newest.get_mut().1 += count;
        }
    }

    /// Returns whether nothing is left to settle in the newest file.
    fn settle(&mut self, position: u64) -> bool {
        let newest = self.unsettled.last_key_value().map(|(first, _)| *first);
        let file = self.unsettled.range_mut(..=position).next_back();
        let Some((&first, (path, left))) = file else {
            return false;
        };
        *left = left.saturating_sub(1);
        let is_settled = *left == 0;
        if is_settled && Some(first) != newest {
            remove(path);
            self.unsettled.remove(&first);
            return false;
        }
        is_settled
    }

    /// Whether something is to settle in the newest file.
    fn is_newest_needed(&self) -> bool {
        let newest = self.unsettled.last_key_value();
        newest.is_some_and(|(_, (_, left))| *left > 0)
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        // It is read again after a restart, and each record known to be settled.
        tracing::warn!(%error, path = %path.display(), "a log that is done with stays");
    }
}

/// What the thread works with.
struct Writing<T> {
    id: LogId,
    directory: PathBuf,
    /// `None` after a failure, until another can be made.
    file: Option<LogFile>,
    next: u64,
    files: Arc<Mutex<Files>>,
    sink: Sink<T>,
}

impl<T> Writing<T> {
    fn run(mut self, mut receiver: mpsc::UnboundedReceiver<Message<T>>) {
        let mut bytes = Vec::new();
        while let Some(message) = receiver.blocking_recv() {
            bytes.clear();
            let mut group = Vec::new();
            self.gather(message, &mut group, &mut bytes);
            // Whoever came while the last group was written goes with this one.
            while bytes.len() < GROUP_BYTES
                && let Ok(message) = receiver.try_recv()
            {
                self.gather(message, &mut group, &mut bytes);
            }
            if group.is_empty() {
                self.tidy();
                continue;
            }
            match self.append(&bytes, group.len() as u64) {
                Ok(()) => self.hand_over(group),
                Err(error) => {
                    tracing::error!(%error, "admitted requests cannot be written");
                    let error = AdmitError::Disk(Arc::new(error));
                    for waiting in group {
                        let _gone = waiting.done.send(Err(error.clone()));
                    }
                }
            }
        }
    }

    fn gather(&self, message: Message<T>, group: &mut Vec<Waiting<T>>, bytes: &mut Vec<u8>) {
        if let Message::Append(waiting) = message {
            waiting.record.write(self.next + group.len() as u64, bytes);
            group.push(waiting);
        }
    }

    /// Begins another file if nothing in this one is needed: what was settled is nobody's any
    /// more, and may be what somebody had erased.
    fn tidy(&mut self) {
        let is_used = self.file.as_ref().is_some_and(|file| !file.is_empty());
        if !is_used || lock(&self.files).is_newest_needed() {
            return;
        }
        if let Err(error) = self.begin_file() {
            tracing::warn!(%error, "no other log of admitted requests can be begun");
        }
    }

    fn begin_file(&mut self) -> io::Result<()> {
        let file = LogFile::create(&self.directory, self.id.0, self.next)?;
        lock(&self.files).begin(self.next, file.path());
        self.file = Some(file);
        Ok(())
    }

    /// Writes `bytes` durably, or leaves the log as it was.
    fn append(&mut self, bytes: &[u8], count: u64) -> io::Result<()> {
        let full = |file: &LogFile| file.size() >= FILE_BYTES;
        if self.file.as_ref().is_none_or(full) {
            self.begin_file()?;
        }
        let file = self.file.as_mut().expect("one was just begun");
        if let Err(error) = file.append(bytes) {
            // What the disk has of it is unknown, so that nothing is added behind it.
            self.file = None;
            return Err(error);
        }
        lock(&self.files).add(count);
        Ok(())
    }

    fn hand_over(&mut self, group: Vec<Waiting<T>>) {
        for waiting in group {
            let position = self.next;
            self.next += 1;
            (self.sink)(Admitted {
                log: self.id,
                position,
                record: waiting.record,
                attached: Some(waiting.attached),
            });
            // Whoever waited may have gone; it is admitted all the same.
            let _gone = waiting.done.send(Ok(position));
        }
    }
}
