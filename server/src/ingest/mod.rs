//! From bytes to batches of requests: opening sources, splitting lines, decoding formats,
//! normalising fields. Knows nothing of sessions, judgement or storage.

pub mod admit;
pub mod body;
pub mod decode;
pub mod demo;
#[cfg(test)]
mod fuzz;
pub mod health;
pub mod import;
pub mod normalize;
pub mod reject;
pub mod source;
pub mod syslog;
pub mod tail;
