//! Bytes to lines, in bounded memory, with the position and the hash of everything consumed.

use std::io::{self, Read};

use super::MAX_LINE_BYTES;
use super::resume::Progress;

/// How much is read at once.
const CHUNK_BYTES: usize = 128 * 1024;

/// How much of a line that is too long is kept as an example.
const EXAMPLE_BYTES: usize = 256;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum NextLine<'a> {
    /// A line, without its line break.
    Line(&'a [u8]),
    /// The beginning of a line longer than [`MAX_LINE_BYTES`].
    TooLong(&'a [u8]),
    /// The last line, without a line break: whole, or still being written.
    Unfinished(&'a [u8]),
    /// Nothing.
    End,
}

/// Reads lines. What was looked at counts as read only when [`LineReader::consume`] is called.
pub struct LineReader {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where the next line begins in `buffer`, and how far it was searched for a line break.
    start: usize,
    searched: usize,
    /// How much `consume` takes.
    ahead: usize,
    progress: Progress,
    /// Where to stop skipping the rest of a line whose beginning was read by an earlier import.
    skip_rest: bool,
    is_at_end: bool,
    failure: Option<io::Error>,
}

impl LineReader {
    /// Reads from `reader`, which stands at `progress`.
    pub(super) fn new(reader: Box<dyn Read + Send>, progress: Progress) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            ahead: 0,
            skip_rest: progress.is_within_line,
            progress,
            is_at_end: false,
            failure: None,
        }
    }

    /// The next line. The same again, unless it was consumed.
    pub fn look(&mut self) -> NextLine<'_> {
        if self.skip_rest {
            self.skip_rest = false;
            self.discard_line();
        }
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.searched..]) {
                let end = self.searched + at;
                if end - self.start > MAX_LINE_BYTES {
                    return self.take_too_long();
                }
                self.ahead = end + 1 - self.start;
                let line = &self.buffer[self.start..end];
                return NextLine::Line(line.strip_suffix(b"\r").unwrap_or(line));
            }
            self.searched = self.buffer.len();
            if self.buffer.len() - self.start > MAX_LINE_BYTES {
                return self.take_too_long();
            }
            if !self.fill() {
                break;
            }
        }
        self.ahead = self.buffer.len() - self.start;
        if self.ahead == 0 {
            return NextLine::End;
        }
        NextLine::Unfinished(&self.buffer[self.start..])
    }

    /// Counts the line that was looked at as read.
    pub fn consume(&mut self) {
        let end = self.start + self.ahead;
        self.progress.add(&self.buffer[self.start..end]);
        self.start = end;
        self.searched = end;
        self.ahead = 0;
    }

    /// How far was read.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What kept the source from being read to its end, if anything did.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Whether the source ended where it should not.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Consumes the line that begins here and keeps its first bytes.
    fn take_too_long(&mut self) -> NextLine<'_> {
        let begin = self.buffer[self.start..self.start + EXAMPLE_BYTES].to_vec();
        self.discard_line();
        // In front of what follows, as if it stood in the source; already consumed.
        self.buffer.splice(..self.start, begin);
        self.start = EXAMPLE_BYTES;
        self.searched = self.start;
        NextLine::TooLong(&self.buffer[..EXAMPLE_BYTES])
    }

    /// Consumes everything up to and with the next line break.
    fn discard_line(&mut self) {
        loop {
            let found = memchr::memchr(b'\n', &self.buffer[self.start..]);
            self.ahead = found.map_or(self.buffer.len() - self.start, |at| at + 1);
            self.consume();
            if found.is_some() || !self.fill() {
                return;
            }
        }
    }

    /// Reads more. Returns whether there was more.
    fn fill(&mut self) -> bool {
        if self.is_at_end {
            return false;
        }
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK_BYTES, 0);
        let count = loop {
            match self.reader.read(&mut self.buffer[length..]) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    break 0;
                }
            }
        };
        self.buffer.truncate(length + count);
        self.is_at_end = count == 0;
        count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives out a few bytes at a time.
    struct Trickle(io::Cursor<Vec<u8>>, usize);

    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(self.1);
            self.0.read(&mut buffer[..length])
        }
    }

    fn reader(bytes: &[u8], step: usize) -> LineReader {
        let bytes = Trickle(io::Cursor::new(bytes.to_vec()), step);
        LineReader::new(Box::new(bytes), Progress::default())
    }

    /// Every line, and how it ended: `\n`, `…` (too long) or `$` (unfinished).
    fn read_all(reader: &mut LineReader) -> Vec<(String, char)> {
        let mut lines = Vec::new();
        loop {
            let (line, end) = match reader.look() {
                NextLine::Line(line) => (line, '\n'),
                NextLine::TooLong(line) => (line, '…'),
                NextLine::Unfinished(line) => (line, '$'),
                NextLine::End => return lines,
            };
            lines.push((String::from_utf8_lossy(line).into_owned(), end));
            reader.consume();
        }
    }

    #[test]
    fn lines_end_with_either_line_break_or_the_source() {
        let lines = read_all(&mut reader(b"a\r\nb\n\nc", 1));
        let expected = [("a", '\n'), ("b", '\n'), ("", '\n'), ("c", '$')];
        assert_eq!(lines, expected.map(|(line, end)| (line.to_owned(), end)));
    }

    #[test]
    fn a_line_of_any_length_takes_bounded_memory_and_the_next_one_is_read() {
        let long = vec![b'x'; 5 * 1024 * 1024];
        let mut reader = reader(&[b"a\n", long.as_slice(), b"\nb\n"].concat(), 100_000);
        let lines = read_all(&mut reader);
        assert_eq!(lines[1], ("x".repeat(EXAMPLE_BYTES), '…'));
        assert_eq!(lines[2], ("b".to_owned(), '\n'));
        assert_eq!(lines.len(), 3);
        assert!(reader.buffer.capacity() < 4 * MAX_LINE_BYTES);
        assert_eq!(reader.progress().bytes, 5 * 1024 * 1024 + 5);
    }

    #[test]
    fn a_line_that_is_too_long_may_be_the_last() {
        let long = vec![b'x'; MAX_LINE_BYTES + 10];
        let lines = read_all(&mut reader(&long, 100_000));
        assert_eq!(lines, [("x".repeat(EXAMPLE_BYTES), '…')]);
    }

    proptest! {
        #[test]
        fn everything_is_consumed_whatever_the_steps(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200),
            step in 1usize..50,
        ) {
            let mut small = reader(&bytes, step);
            let mut large = reader(&bytes, 10_000);
            prop_assert_eq!(read_all(&mut small), read_all(&mut large));
            prop_assert_eq!(small.progress().bytes, bytes.len() as u64);
            prop_assert_eq!(small.progress().fingerprint(), large.progress().fingerprint());
        }
    }
}
