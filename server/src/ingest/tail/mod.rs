//! Log files that grow, followed through rotation and truncation, and sent in batches to a
//! [`Destination`], each line once. Not decoding, and not where the batches go.
//!
//! What makes a line arrive once: a batch is a range of a file. The range and its name are
//! written down before it is sent, so that whatever ends in between, the same bytes are sent
//! again under the same name, and whoever gets them knows that name.
//!
//! ```text
//! follow   one path: the file there, and those that were there before and are not read to their end
//! file     one open file: ranges of whole lines from where we stopped
//! search   a file that is called something else now
//! state    where we stopped, on the disk
//! remote   a Botscope that is reached by HTTP
//! run      all of it, until told to stop
//! ```

mod columns;
mod destination;
mod file;
mod follow;
mod position;
mod remote;
mod run;
mod search;
mod state;
#[cfg(test)]
mod tests;

pub use destination::{Answer, Delivery, Destination, Received, Rejected};
pub use file::Chunk;
pub use follow::{FollowError, Follower};
pub use position::{InFlight, Position};
pub use remote::{InvalidAddress, Remote, ServerAddress};
pub use run::{Pauses, Tail, TailError};
pub use state::{StateError, StateFile};

/// How many bytes of a file one batch has.
pub const BATCH_BYTES: usize = 1024 * 1024;

/// How many lines one batch has.
pub const BATCH_LINES: usize = 5_000;
