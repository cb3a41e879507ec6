//! zstd frames in memory. Not what is in them, and not how long they may become: whoever stores one
//! says so beside it.

use std::cell::RefCell;

use zstd::bulk::Decompressor;

use super::bytes::Malformed;

/// Compresses `plain` this hard.
pub(crate) fn pack(plain: &[u8], level: i32) -> Vec<u8> {
    zstd::bulk::compress(plain, level).expect("compressing into memory cannot fail")
}

/// Reads what [`pack`] wrote, of which `length` bytes come at most.
pub(crate) fn unpack(frame: &[u8], length: usize) -> Result<Vec<u8>, Malformed> {
    thread_local! {
        // Making one takes longer than most frames do.
        static UNPACKER: RefCell<Decompressor<'static>> = RefCell::default();
    }
    UNPACKER.with_borrow_mut(|unpacker| unpacker.decompress(frame, length).map_err(|_| Malformed))
}
