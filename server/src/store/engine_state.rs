//! The engine's state as it is stored: in parts, each a zstd frame after the length of what is in it.
//! Packed while it is written, and stored part by part, because whole it takes several times the
//! room. Not what is in it.

use std::io::{self, Write};
use std::num::NonZero;
use std::thread;

use super::bytes::{Malformed, Reader};
use super::frame;

/// How hard it is compressed: under load it is written often, and who judges waits for it.
const LEVEL: i32 = 1;

/// None is larger; guards against what a corrupt length asks for.
const MAX_BYTES: u64 = 1 << 30;

/// Bytes of a part before it is packed.
const PART: usize = 1 << 20;

/// The engine's state, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineState(Vec<Vec<u8>>);

impl EngineState {
    /// Packs what `write` writes.
    #[must_use]
    pub fn pack(write: impl FnOnce(&mut dyn Write)) -> Self {
        let mut packer = Packer::default();
        write(&mut packer);
        packer.end_part();
        Self(packer.parts)
    }

    /// What was packed; damage anywhere in it is noticed. Whoever judges waits for this too, so that
    /// parts are unpacked side by side.
    pub(crate) fn unpack(&self) -> Result<Vec<u8>, Malformed> {
        let (mut frames, mut all) = (Vec::with_capacity(self.0.len()), 0);
        for part in &self.0 {
            let (length, frame) = frame::split(Reader(part), MAX_BYTES - all as u64)?;
            all += length;
            frames.push((frame, length));
        }
        let mut state = vec![0; all];
        let mut rest = state.as_mut_slice();
        let sides = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            let mut unpacking = Vec::new();
            for frames in frames.chunks(frames.len().div_ceil(sides).max(1)) {
                let length = frames.iter().map(|(_, length)| length).sum();
                let room = rest.split_off_mut(..length).ok_or(Malformed)?;
                unpacking.push(scope.spawn(move || unpack_all(frames, room)));
            }
            unpacking.into_iter().try_for_each(|side| {
                side.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })?;
        Ok(state)
    }

    /// As it is stored.
    pub(crate) fn parts(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// What was stored, whatever it is.
    pub(crate) fn from_parts(parts: Vec<Vec<u8>>) -> Self {
        Self(parts)
    }
}

/// Unpacks frames, each of a known length, one after another into a room.
fn unpack_all(frames: &[(&[u8], usize)], mut room: &mut [u8]) -> Result<(), Malformed> {
    for (bytes, length) in frames {
        let own = room.split_off_mut(..*length).ok_or(Malformed)?;
        frame::unpack_into(bytes, own)?;
    }
    Ok(())
}

/// Packs each part once it is whole.
#[derive(Default)]
struct Packer {
    parts: Vec<Vec<u8>>,
    /// Written and not packed.
    plain: Vec<u8>,
}

impl Packer {
    fn end_part(&mut self) {
        if self.plain.is_empty() {
            return;
        }
        let mut part = Vec::new();
        frame::put_checked(&mut part, &self.plain, LEVEL);
        part.shrink_to_fit();
        self.parts.push(part);
        self.plain.clear();
    }
}

impl Write for Packer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.plain.extend_from_slice(bytes);
        if self.plain.len() >= PART {
            self.end_part();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_in_pieces_is_unpacked_whole_and_damage_is_noticed() {
        let numbers = 0..PART as u32;
        let bytes: Vec<u8> = numbers.flat_map(|n| (n / 7).to_le_bytes()).collect();
        let packed = EngineState::pack(|out| {
            for piece in bytes.chunks(1_001) {
                out.write_all(piece).unwrap();
            }
        });
        let stored: usize = packed.parts().iter().map(Vec::len).sum();
        assert!(stored < bytes.len() / 3);
        assert_eq!(packed.parts().len(), 4);
        assert_eq!(packed.unpack().as_ref(), Ok(&bytes));
        let mut cut = packed.parts().to_vec();
        cut[1].pop();
        assert_eq!(EngineState::from_parts(cut).unpack(), Err(Malformed));
        for place in [20, 500, 900] {
            let mut changed = packed.parts().to_vec();
            changed[2][place] ^= 4;
            assert_eq!(EngineState::from_parts(changed).unpack(), Err(Malformed));
        }
        let huge = vec![[vec![0xff; 9], vec![1]].concat()];
        assert_eq!(EngineState::from_parts(huge).unpack(), Err(Malformed));
    }
}
