//! The engine's state as it is stored: its length, then a zstd frame. Compressed while it is
//! written, because whole it takes several times the room. Not what is in it.

use std::io::{self, BufWriter, Write};

use zstd::stream::write::Encoder;

use super::bytes::{Malformed, Reader, put_varint};
use super::frame;

/// How hard it is compressed: under load it is written often.
const LEVEL: i32 = 3;

/// None is larger; guards against what a corrupt length asks for.
const MAX_BYTES: u64 = 1 << 30;

/// So much is handed to the compressor at once.
const CHUNK: usize = 1 << 16;

/// The engine's state, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineState(Vec<u8>);

impl EngineState {
    /// Packs what `write` writes.
    #[must_use]
    pub fn pack(write: impl FnOnce(&mut dyn Write)) -> Self {
        let encoder = Encoder::new(Vec::new(), LEVEL).expect("the level is one");
        let mut counted = Counted {
            to: BufWriter::with_capacity(CHUNK, encoder),
            bytes: 0,
        };
        write(&mut counted);
        let packed = counted
            .to
            .into_inner()
            .map_err(io::IntoInnerError::into_error);
        let packed = packed.and_then(Encoder::finish);
        let packed = packed.expect("compressing into a vector cannot fail");
        let mut out = Vec::with_capacity(packed.len() + 8);
        put_varint(&mut out, counted.bytes);
        out.extend_from_slice(&packed);
        Self(out)
    }

    /// What was packed.
    pub(crate) fn unpack(&self) -> Result<Vec<u8>, Malformed> {
        frame::take(Reader(&self.0), MAX_BYTES)
    }

    /// As it is stored.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What was stored, whatever it is.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Counts what is written.
struct Counted<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_in_parts_is_unpacked_whole_and_damage_is_noticed() {
        let bytes: Vec<u8> = (0..300_000u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        let packed = EngineState::pack(|out| {
            for part in bytes.chunks(1_001) {
                out.write_all(part).unwrap();
            }
        });
        assert!(packed.as_bytes().len() < bytes.len() / 3);
        assert_eq!(packed.unpack().unwrap(), bytes);
        let cut = packed.as_bytes()[..packed.as_bytes().len() / 2].to_vec();
        assert_eq!(EngineState::from_bytes(cut).unpack(), Err(Malformed));
        let huge = [vec![0xff; 9], vec![1]].concat();
        assert_eq!(EngineState::from_bytes(huge).unpack(), Err(Malformed));
    }
}
