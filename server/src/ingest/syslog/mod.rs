//! Messages of syslog: where one ends in a stream, and several as lines of a log. What is around
//! a message (RFC 3164, RFC 5424) is taken away where lines are decoded. Pure: who listens is in
//! `crate::syslog`.

mod framing;
mod gather;

pub use framing::{Frame, Framer};
pub use gather::Gathered;

/// The longest message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
