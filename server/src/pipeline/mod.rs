//! One application's requests on their way into the store: decode → encode → judge → commit.
//! An import is a thread each, joined by bounded channels; what comes live goes through one
//! writer, four times a second. Whenever the process ends, what is committed is whole, and the
//! next import or writer goes on from there to the same end.

mod demo;
mod encode;
mod erase;
mod examine;
mod intake;
mod jobs;
mod judge;
mod lanes;
mod live;
mod rejudge;
mod removal;
mod reproduce;
mod retention;
mod run;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ingest::decode::FieldMap;
use crate::ingest::import::Outcome;
use crate::ingest::normalize::Protection;
use crate::store::StoreError;

pub use demo::{DEMO_NAME, Demo, DemoError, DemoOptions};
pub use examine::{Candidates, preview_settings};
pub use intake::{
    BatchTurn, Inlet, Intake, IntakeError, IntakeOptions, MAX_APPLICATIONS, Names, OpenError,
    Repeat, Room, Sent,
};
pub use jobs::Jobs;
pub use lanes::{Lane, Lanes};
pub use live::{Live, LiveError};
pub use rejudge::{Again, judge_again};
pub use removal::{finish_removals, finish_tenant_removals, remove_application, remove_tenant};
pub use reproduce::{Reproduced, Reproductions, Turn, reproduce};
pub use retention::next_retention;
pub use run::import;

/// Requests that one commit holds, more or less, and segments at most: of large requests a segment
/// has few.
const COMMIT_ROWS: usize = 32_768;
const COMMIT_SEGMENTS: usize = 8;

/// Whether so many segments with so many requests are enough for a commit.
fn fill_commit(segments: usize, rows: usize) -> bool {
    segments >= COMMIT_SEGMENTS || rows >= COMMIT_ROWS
}

/// How much older than the newest request one may be and still be judged in its place.
const LATENESS_MS: i64 = 30 * shared::Timestamp::MINUTE;

/// How much is done, in percent; never all: what is left when all was looked at takes a moment.
fn percent(done: u64, total: u64) -> u8 {
    let percent = (done * 100).checked_div(total);
    percent.map_or(0, |percent| percent.min(99) as u8)
}

/// What an import is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which JSON field is which.
    pub fields: FieldMap,
    /// What becomes hashes, and with which key.
    pub protection: Protection,
    /// The present, up to which silence counts.
    pub now: shared::Timestamp,
}

/// What is going on, for whoever watches.
#[derive(Debug, Default)]
pub struct Meter {
    /// Bytes read, as they lie on the disk.
    pub bytes: Arc<AtomicU64>,
    /// Requests decoded.
    pub requests: AtomicU64,
    /// Segments to judge again, and how many of them are.
    pub again: (AtomicU64, AtomicU64),
}

impl Meter {
    fn add_requests(&self, count: usize) {
        self.requests.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// What an import did to one application.
#[derive(Debug, Default)]
pub struct Summary {
    /// The sources by name, in the order in which they were read.
    pub sources: Vec<(String, Outcome)>,
    /// Whether older requests came after newer ones, so that all was judged again.
    pub judged_again: bool,
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A source that could be opened before cannot be read any more.
    #[error("{name} cannot be read: {source}")]
    Source {
        /// The source.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
