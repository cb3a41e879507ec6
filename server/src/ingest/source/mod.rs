//! x
pub const MAX_LINE_BYTES: usize = 262_144;
