//! Knowing a source again: what was read of it is named by the hash of all its bytes up to
//! there, so that a source is the same whatever it is called now and however it is packed, a
//! grown one goes on where it ended, and two that merely begin alike are told apart. Equal
//! lines are never compared.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::io::{self, Read};

use siphasher::sip::SipHasher13;

use super::HEAD_BYTES;

/// How much is hashed at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// How far into a source its first line is looked for.
const MARK_BYTES: usize = 4_096;

/// How far a source was read.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Whether the last of them is not a line break.
    pub is_within_line: bool,
    hasher: SipHasher13,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            bytes: 0,
            is_within_line: false,
            hasher: SipHasher13::new_with_keys(0, 4),
        }
    }
}

impl Progress {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            self.is_within_line = *last != b'\n';
        }
        self.bytes += bytes.len() as u64;
        self.hasher.write(bytes);
    }

    /// The hash of all bytes so far.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.hasher.finish()
    }
}

/// A stretch at the beginning of a source, by length and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// How many bytes.
    pub bytes: u64,
    /// Their hash.
    pub fingerprint: u64,
}

impl Mark {
    /// The first line of a source that begins with `head`.
    pub(super) fn of_first_line(head: &[u8]) -> Self {
        let head = &head[..head.len().min(MARK_BYTES)];
        let end = memchr::memchr(b'\n', head).map_or(head.len(), |at| at + 1);
        let mut progress = Progress::default();
        progress.add(&head[..end]);
        Self {
            bytes: progress.bytes,
            fingerprint: progress.fingerprint(),
        }
    }
}

/// The beginnings of sources that were seen, and whether they were imported up to there.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// By length: the hashes of beginnings of that length.
    marks: BTreeMap<u64, BTreeMap<u64, bool>>,
}

impl Known {
    /// Remembers a beginning. `is_imported` says whether all of it was imported; otherwise it
    /// only says that more of the source was.
    pub fn add(&mut self, mark: Mark, is_imported: bool) {
        let marks = self.marks.entry(mark.bytes).or_default();
        *marks.entry(mark.fingerprint).or_default() |= is_imported;
    }

    /// Whether a beginning is known.
    #[must_use]
    pub fn has(&self, mark: Mark) -> bool {
        self.find(mark.bytes, mark.fingerprint).is_some()
    }

    fn find(&self, bytes: u64, fingerprint: u64) -> Option<bool> {
        self.marks.get(&bytes)?.get(&fingerprint).copied()
    }

    /// Whether a source that begins with `head` may have been seen before.
    pub(super) fn begins(&self, head: &[u8]) -> bool {
        const { assert!(MARK_BYTES <= HEAD_BYTES) };
        let mut progress = Progress::default();
        for bytes in self
            .marks
            .range(1..=head.len() as u64)
            .map(|(bytes, _)| *bytes)
        {
            progress.add(&head[progress.bytes as usize..bytes as usize]);
            if self.find(bytes, progress.fingerprint()).is_some() {
                return true;
            }
        }
        false
    }

    /// How far a source was imported: the longest of its beginnings that is known. It is
    /// read only as far as that can still be.
    pub(super) fn find_resume(&self, mut reader: impl Read) -> Progress {
        let mut progress = Progress::default();
        let mut best = Progress::default();
        let mut buffer = vec![0; CHUNK_BYTES];
        for bytes in self.marks.keys().copied() {
            while progress.bytes < bytes {
                let wanted = buffer.len().min((bytes - progress.bytes) as usize);
                match reader.read(&mut buffer[..wanted]) {
                    Ok(count) if count > 0 => progress.add(&buffer[..count]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // It ends before that, or is damaged there.
                    Ok(_) | Err(_) => return best,
                }
            }
            if self.find(bytes, progress.fingerprint()) == Some(true) {
                best = progress.clone();
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(bytes: &[u8]) -> Mark {
        let mut progress = Progress::default();
        progress.add(bytes);
        Mark {
            bytes: progress.bytes,
            fingerprint: progress.fingerprint(),
        }
    }

    /// What an import of `bytes` leaves behind.
    fn known(bytes: &[u8]) -> Known {
        let mut known = Known::default();
        known.add(Mark::of_first_line(bytes), false);
        known.add(mark(bytes), true);
        known
    }

    #[test]
    fn a_grown_source_goes_on_where_it_ended() {
        let known = known(b"a\nb\n");
        assert!(known.begins(b"a\nb\nc\n"));
        assert_eq!(known.find_resume(&b"a\nb\nc\n"[..]).bytes, 4);
        assert_eq!(known.find_resume(&b"a\nb\n"[..]).bytes, 4);
    }

    #[test]
    fn sources_that_begin_alike_are_told_apart() {
        let known = known(b"a\nb\n");
        assert_eq!(known.find_resume(&b"a\nx\nc\n"[..]).bytes, 0);
        assert_eq!(known.find_resume(&b"a\n"[..]).bytes, 0);
        assert!(!known.begins(b"x\nb\n"));
    }

    #[test]
    fn the_first_line_alone_is_a_source_of_its_own() {
        let mut known = known(b"a\nb\n");
        known.add(mark(b"a\n"), true);
        assert_eq!(known.find_resume(&b"a\nx\n"[..]).bytes, 2);
    }

    #[test]
    fn a_source_that_ended_within_a_line_is_known_when_it_grew() {
        let known = known(b"a");
        assert!(known.begins(b"abc\nd\n"));
        let resume = known.find_resume(&b"abc\nd\n"[..]);
        assert_eq!((resume.bytes, resume.is_within_line), (1, true));
    }

    #[test]
    fn nothing_known_knows_nothing() {
        assert!(!Known::default().begins(b"a\n"));
        assert!(!known(b"").begins(b"a\n"));
    }
}
