//! What every format has in common once its fields are found: texts cleaned and bounded,
//! hosts lower-cased, targets split, secrets replaced, everything interned into a batch.
//! Not the finding of fields; `decode` does that.

mod address;
mod row;
mod secrets;
mod target;
mod text;

pub use address::{decode_address, find_forwarded_source};
pub use row::{Fact, Normalizer, Row};
pub use secrets::{
    Protection, SESSION_NAMES, SecretKey, hash_token, is_secret_name, is_session_name, is_token,
};
pub use text::Escapes;

/// The longest method kept, in bytes. Longer than that is no method.
pub const MAX_METHOD: usize = 32;
/// The longest host kept, in bytes (the limit of DNS).
pub const MAX_HOST: usize = 255;
/// The longest path kept, in bytes.
pub const MAX_PATH: usize = 4_096;
/// The longest query kept, in bytes.
pub const MAX_QUERY: usize = 4_096;
/// The longest protocol kept, in bytes.
pub const MAX_PROTOCOL: usize = 16;
/// The longest user agent kept, in bytes.
pub const MAX_USER_AGENT: usize = 1_024;
/// The longest referer kept, in bytes.
pub const MAX_REFERER: usize = 2_048;
/// The longest user name kept, in bytes.
pub const MAX_USER: usize = 256;
/// The longest block of further headers kept, in bytes.
pub const MAX_HEADERS: usize = 4_096;
/// The longest user or role kept beside the log's own user, in bytes.
pub const MAX_FACT: usize = 128;
