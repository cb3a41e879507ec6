//! zstd frames in memory, most of them after the length of what is in them. Not what that is.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};

use super::bytes::{Malformed, Reader, put_varint};

/// Compresses `plain` this hard.
pub(crate) fn pack(plain: &[u8], level: i32) -> Vec<u8> {
    compress(plain, level, false)
}

fn compress(plain: &[u8], level: i32, is_checked: bool) -> Vec<u8> {
    thread_local! {
        // Making one takes longer than most frames do.
        static PACKER: RefCell<Compressor<'static>> = RefCell::default();
    }
    PACKER.with_borrow_mut(|packer| {
        let set = packer.set_compression_level(level);
        let set = set.and_then(|()| packer.include_checksum(is_checked));
        let packed = set.and_then(|()| packer.compress(plain));
        packed.expect("compressing into memory cannot fail")
    })
}

/// Reads what [`pack`] wrote, of which `length` bytes come at most.
pub(crate) fn unpack(frame: &[u8], length: usize) -> Result<Vec<u8>, Malformed> {
    with_unpacker(|unpacker| unpacker.decompress(frame, length))
}

/// The same where just as much comes as there is room.
pub(crate) fn unpack_into(frame: &[u8], room: &mut [u8]) -> Result<(), Malformed> {
    let length = with_unpacker(|unpacker| unpacker.decompress_to_buffer(frame, room))?;
    if length == room.len() {
        Ok(())
    } else {
        Err(Malformed)
    }
}

fn with_unpacker<T>(
    unpack: impl FnOnce(&mut Decompressor<'static>) -> io::Result<T>,
) -> Result<T, Malformed> {
    thread_local! {
        // So does making one of these.
        static UNPACKER: RefCell<Decompressor<'static>> = RefCell::default();
    }
    UNPACKER.with_borrow_mut(|unpacker| unpack(unpacker).map_err(|_| Malformed))
}

/// Appends the length of `plain` and its frame.
pub(crate) fn put(out: &mut Vec<u8>, plain: &[u8], level: i32) {
    put_varint(out, plain.len() as u64);
    out.extend_from_slice(&pack(plain, level));
}

/// The same with a checksum: damage anywhere in the frame is noticed.
pub(crate) fn put_checked(out: &mut Vec<u8>, plain: &[u8], level: i32) {
    put_varint(out, plain.len() as u64);
    out.extend_from_slice(&compress(plain, level, true));
}

/// Reads what [`put`] wrote, up to the end. What is said to be longer than `limit` is malformed:
/// guards against what a damaged length asks for.
pub(crate) fn take(reader: Reader<'_>, limit: u64) -> Result<Vec<u8>, Malformed> {
    let (length, frame) = split(reader, limit)?;
    unpack(frame, length)
}

/// The length of what is in the frame that comes next, and the frame, not unpacked.
pub(crate) fn split(mut reader: Reader<'_>, limit: u64) -> Result<(usize, &[u8]), Malformed> {
    let length = reader.varint()?;
    if length > limit {
        return Err(Malformed);
    }
    Ok((length as usize, reader.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_than_the_limit_is_not_unpacked() {
        let mut bytes = Vec::new();
        put(&mut bytes, b"nine byte", 3);
        assert_eq!(take(Reader(&bytes), 9).as_deref(), Ok(&b"nine byte"[..]));
        assert_eq!(take(Reader(&bytes), 8), Err(Malformed));
    }

    #[test]
    fn a_damaged_frame_does_not_spoil_the_next() {
        let frame = pack(b"whole", 3);
        assert_eq!(unpack(&frame[..frame.len() - 1], 5), Err(Malformed));
        assert_eq!(unpack(&frame, 4), Err(Malformed));
        assert_eq!(unpack(&frame, 5).as_deref(), Ok(&b"whole"[..]));
    }
}
