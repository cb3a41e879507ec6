//! Sources of requests: opening what the user named, unpacking it, splitting it into lines,
//! and knowing again what was read before. Not decoding.

mod application;
mod bytes;
mod lines;
mod resume;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::decode::{Sample, SourceConfig, sniff};

pub use application::{DEFAULT_APPLICATION, application_name};
pub use lines::{LineReader, NextLine};
pub use resume::{Known, Mark, Progress};

/// The longest line that is read, in bytes. A longer one is rejected and takes no memory.
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// How much of a source's beginning is looked at before anything is imported.
const HEAD_BYTES: usize = 64 * 1024;

/// How the user names the standard input.
pub const STDIN: &str = "-";

/// Why a source cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Reading it failed.
    #[error("{name} cannot be read: {source}")]
    Unreadable {
        /// What the user called it.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// A directory.
    #[error("{0} is a directory; name the log files in it, for example {0}/*.log")]
    Directory(String),
    /// Packed in a way that is not known.
    #[error("{name} is compressed with {packer}, which cannot be read; unpack it first: {hint}")]
    UnknownPacker {
        /// What the user called it.
        name: String,
        /// The program that packed it.
        packer: &'static str,
        /// A command that helps.
        hint: String,
    },
}

/// A source that was opened and looked at.
pub struct Source {
    /// What the user called it, without directories.
    pub name: String,
    /// The application its name suggests.
    pub application: String,
    /// What its first lines say.
    pub sample: Sample,
    /// How many bytes it has as it lies there, compressed or not; 0 if that is not known.
    pub size: u64,
    /// The end of its first line.
    pub mark: Mark,
    head: Vec<u8>,
    origin: Origin,
    /// Compressed bytes read so far, over all sources of a command; for the progress bar.
    meter: Arc<AtomicU64>,
}

enum Origin {
    Path(PathBuf),
    /// Standard input, kept in a file because a part of it must be read twice.
    Spooled(File),
    /// The rest of standard input after the head, until it is handed out.
    Stream(Option<Box<dyn Read + Send>>),
}

impl Source {
    /// Opens what the user calls `argument` and looks at its beginning.
    ///
    /// # Errors
    /// If there is nothing that can be read.
    pub fn open(
        argument: &str,
        config: &SourceConfig,
        meter: Arc<AtomicU64>,
    ) -> Result<Self, SourceError> {
        let unreadable = |source| SourceError::Unreadable {
            name: argument.to_owned(),
            source,
        };
        let mut reader: Box<dyn Read + Send>;
        let mut size = 0;
        if argument == STDIN {
            reader = unpack(argument, io::stdin(), &meter)?;
        } else {
            let path = Path::new(argument);
            let file = File::open(path).map_err(unreadable)?;
            let metadata = file.metadata().map_err(unreadable)?;
            if metadata.is_dir() {
                return Err(SourceError::Directory(argument.to_owned()));
            }
            size = metadata.len();
            // Looking at the beginning is not progress.
            reader = unpack(argument, file, &Arc::default())?;
        }
        let mut head = Vec::new();
        // A failure here comes again when the source is read, after what was readable.
        let _cut = reader
            .by_ref()
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head);
        let is_stream = argument == STDIN || size == 0;
        Ok(Self {
            name: Path::new(argument).file_name().map_or_else(
                || argument.to_owned(),
                |name| name.to_string_lossy().into_owned(),
            ),
            application: application_name(argument),
            sample: sniff(&head, config.format, &config.fields),
            size,
            mark: Mark::of_first_line(&head),
            origin: if is_stream {
                Origin::Stream(Some(reader))
            } else {
                Origin::Path(PathBuf::from(argument))
            },
            head,
            meter,
        })
    }

    /// Its lines from where an earlier import stopped.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub fn read_lines(&mut self, known: &Known) -> io::Result<LineReader> {
        if !known.begins(&self.head) {
            let reader = self.reopen()?;
            return Ok(LineReader::new(reader, Progress::default()));
        }
        if matches!(self.origin, Origin::Stream(_)) {
            let mut spooled = tempfile::tempfile()?;
            io::copy(&mut self.reopen()?, &mut spooled)?;
            self.origin = Origin::Spooled(spooled);
        }
        let resume = known.find_resume(self.reopen()?);
        let mut reader = self.reopen()?;
        // `reopen` begins at the front again.
        io::copy(&mut reader.by_ref().take(resume.bytes), &mut io::sink())?;
        Ok(LineReader::new(reader, resume))
    }

    /// Everything from the beginning.
    fn reopen(&mut self) -> io::Result<Box<dyn Read + Send>> {
        match &mut self.origin {
            Origin::Path(path) => {
                let file = File::open(path)?;
                unpack(&self.name, file, &self.meter).map_err(io::Error::other)
            }
            Origin::Spooled(file) => {
                file.seek(SeekFrom::Start(0))?;
                Ok(Box::new(file.try_clone()?))
            }
            Origin::Stream(stream) => {
                let stream = stream
                    .take()
                    .ok_or_else(|| io::Error::other("a stream can be read only once"))?;
                Ok(Box::new(io::Cursor::new(self.head.clone()).chain(stream)))
            }
        }
    }
}

fn unpack(
    name: &str,
    packed: impl Read + Send + 'static,
    meter: &Arc<AtomicU64>,
) -> Result<Box<dyn Read + Send>, SourceError> {
    bytes::unpack(name, bytes::Metered::new(packed, meter.clone()))
}

#[cfg(test)]
mod tests;
