//! An archive in the form that `tar` reads (POSIX ustar), compressed by zstd while it is made.
//! Plain files only.

use std::io::{self, Write};

use shared::Timestamp;

const BLOCK: usize = 512;
/// The fastest: whoever exports waits for the network.
const LEVEL: i32 = 1;

/// An archive that is not finished.
pub(super) struct Archive(zstd::stream::write::Encoder<'static, Vec<u8>>);

impl Archive {
    pub(super) fn new() -> io::Result<Self> {
        zstd::stream::write::Encoder::new(Vec::new(), LEVEL).map(Self)
    }

    /// Adds a file. Names are short and plain.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8], at: Timestamp) -> io::Result<()> {
        self.0.write_all(&head(name, bytes.len(), at))?;
        self.0.write_all(bytes)?;
        let rest = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        self.0.write_all(&[0; BLOCK][..rest])
    }

    /// What is compressed so far, once.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.0.get_mut())
    }

    /// The rest.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        self.0.write_all(&[0; 2 * BLOCK])?;
        self.0.finish()
    }
}

fn head(name: &str, size: usize, at: Timestamp) -> [u8; BLOCK] {
    let mut head = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        head[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, &name[..name.len().min(100)]);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(
        136,
        &format!("{:011o}", (at.0 / 1_000).clamp(0, 0o77_777_777_777)),
    );
    // Of the sum itself its place counts as spaces.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    head[148..156].copy_from_slice(sum.as_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_name_size_and_its_own_sum() {
        let head = head("a/b.json", 1_000, Timestamp(1_700_000_000_000));
        assert!(head.starts_with(b"a/b.json\0"));
        assert_eq!(&head[124..136], b"00000001750\0");
        let mut blank = head;
        blank[148..156].fill(b' ');
        let sum: u32 = blank.iter().map(|byte| u32::from(*byte)).sum();
        assert_eq!(head[148..154], *format!("{sum:06o}").as_bytes());
    }

    #[test]
    fn files_follow_one_another_in_whole_blocks() {
        let mut archive = Archive::new().unwrap();
        archive.add("one", &[b'x'; 600], Timestamp(0)).unwrap();
        let mut bytes = archive.take();
        archive.add("two", b"yes", Timestamp(0)).unwrap();
        bytes.extend(archive.take());
        bytes.extend(archive.finish().unwrap());
        let plain = zstd::decode_all(&bytes[..]).unwrap();
        assert_eq!(plain.len(), (1 + 2 + 1 + 1 + 2) * BLOCK);
        assert!(plain[3 * BLOCK..].starts_with(b"two\0"));
        assert!(plain[4 * BLOCK..].starts_with(b"yes\0"));
    }
}
