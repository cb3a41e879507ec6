//! What the engine is told. Every input is logged by the caller before it is applied.

use std::sync::Arc;

use shared::NetworkSet;

use crate::attribute::Attributed;
use crate::origins::{OriginCheck, Origins};
use crate::request::Batch;

/// One input.
#[derive(Debug, Clone)]
pub enum Input {
    /// Admitted requests, stored as segment `segment` (row `i` is `batch.requests[i]`). They
    /// are held back until [`Input::Advance`] says that nothing older will come.
    Requests {
        /// The segment's number.
        segment: u64,
        /// The first row that is new; a segment that grows brings the rows before it again.
        first_row: u32,
        /// The requests.
        batch: Arc<Batch>,
    },
    /// The same, where somebody else than the engine worked out what the requests are.
    Attributed(Attributed),
    /// From here on no attack is raised of who is at these addresses, whatever was said before;
    /// those that are open go on. What they do is measured all the same, so that judging goes on
    /// when they are no longer excepted.
    Exceptions(NetworkSet),
    /// From here on this is what the makers of crawlers publish as theirs, whatever was said
    /// before.
    Origins(Origins),
    /// Addresses of who claims to be a crawler, looked up; beside those before.
    OriginChecks(Vec<OriginCheck>),
    /// Nothing older than this moment (ms since 1970 UTC) is to be expected; whole minutes
    /// before it are judged, and of a minute with very many requests what is before it.
    Advance(i64),
}
