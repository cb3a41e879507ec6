//! Botscope's judgement: a pure, deterministic state machine over event time. Requests in,
//! sessions and attacks out. No clock, no input or output, no randomness, no iteration over
//! hash maps.

pub mod attribute;
mod effects;
mod input;
mod request;
mod slice;

pub use effects::*;
pub use input::*;
pub use request::*;
pub use slice::*;
