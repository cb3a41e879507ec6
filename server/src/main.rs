//! The botscope binary.
fn main() {}
