//! Which file it is and how far it was sent, as it is written down.

use std::fs::{File, Metadata};
use std::hash::Hasher;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use super::columns::Columns;

/// How much of a file's beginning tells it from others.
const FINGERPRINT_BYTES: usize = 1_024;

/// A file, and how far it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The device that the file is on, and its number there.
    pub device: u64,
    /// See above.
    pub inode: u64,
    /// How often it was begun anew while it kept its number.
    #[serde(default)]
    pub generation: u32,
    /// How it begins.
    pub fingerprint: Fingerprint,
    /// Up to where it was taken.
    pub offset: u64,
    /// Whether the line there is left out up to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_within_line: bool,
    /// What holds there.
    #[serde(default, skip_serializing_if = "Columns::is_empty")]
    pub(super) columns: Columns,
    /// What was sent from there, and is not known to be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<InFlight>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// Where it ends.
    pub end: u64,
    /// What it is called.
    pub name: String,
}

/// The first bytes of a file: how many, and their hash. As a file grows more of them are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    bytes: usize,
    hash: u64,
}

impl Fingerprint {
    pub(super) fn of(head: &[u8]) -> Self {
        let head = &head[..head.len().min(FINGERPRINT_BYTES)];
        let mut hasher = SipHasher13::new_with_keys(0, 5);
        hasher.write(head);
        Self {
            bytes: head.len(),
            hash: hasher.finish(),
        }
    }

    /// Whether a file that begins with `head` is the same.
    pub(super) fn is_of(self, head: &[u8]) -> bool {
        let same = head.get(..self.bytes);
        self.is_empty() || same.is_some_and(|head| Self::of(head) == self)
    }

    /// Whether it tells nothing.
    pub(super) fn is_empty(self) -> bool {
        self.bytes == 0
    }
}

impl Position {
    /// At the beginning of a file.
    pub(super) fn begin(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            ..Self::default()
        }
    }

    /// Whether it has that number; another file may have it later.
    pub(super) fn has_number_of(&self, metadata: &Metadata) -> bool {
        self.device == metadata.dev() && self.inode == metadata.ino()
    }

    /// How many first bytes it is known by.
    pub(super) fn fingerprint_bytes(&self) -> usize {
        self.fingerprint.bytes
    }

    /// Up to where bytes are needed for what is in flight to be sent again.
    pub(super) fn end(&self) -> u64 {
        let in_flight = self.in_flight.as_ref();
        in_flight.map_or(self.offset, |sent| sent.end)
    }
}

/// The first bytes of `file`.
pub(super) fn read_head(file: &File) -> io::Result<Vec<u8>> {
    read_range(file, 0, FINGERPRINT_BYTES)
}

/// At most `length` bytes from `offset` on; fewer where the file ends.
pub(super) fn read_range(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
