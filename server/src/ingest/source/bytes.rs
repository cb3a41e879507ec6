//! Packed bytes to plain ones. What a file is packed with is found from its first bytes, not
//! from its name.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::SourceError;

/// How much is read at once.
const BUFFER_BYTES: usize = 128 * 1024;

/// Counts what passes through.
pub(super) struct Metered<R> {
    inner: R,
    meter: Arc<AtomicU64>,
}

impl<R> Metered<R> {
    pub(super) fn new(inner: R, meter: Arc<AtomicU64>) -> Self {
        Self { inner, meter }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The plain bytes of `packed`, which the user calls `name`.
pub(super) fn unpack(
    name: &str,
    mut packed: impl Read + Send + 'static,
) -> Result<Box<dyn Read + Send>, SourceError> {
    let unreadable = |source| SourceError::Unreadable {
        name: name.to_owned(),
        source,
    };
    let mut magic = Vec::with_capacity(6);
    packed
        .by_ref()
        .take(6)
        .read_to_end(&mut magic)
        .map_err(unreadable)?;
    let unknown = |packer, command| {
        Err(SourceError::UnknownPacker {
            name: name.to_owned(),
            packer,
            hint: format!("{command} {name} | botscope import -"),
        })
    };
    let begins = magic.clone();
    let whole = BufReader::with_capacity(BUFFER_BYTES, io::Cursor::new(magic).chain(packed));
    match begins.as_slice() {
        [0x1f, 0x8b, ..] => Ok(Box::new(flate2::bufread::MultiGzDecoder::new(whole))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Box::new(
            zstd::Decoder::with_buffer(whole).map_err(unreadable)?,
        )),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => unknown("bzip2", "bzcat"),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => unknown("xz", "xzcat"),
        [b'P', b'K', 3, 4, ..] => unknown("zip", "unzip -p"),
        _ => Ok(Box::new(whole)),
    }
}
