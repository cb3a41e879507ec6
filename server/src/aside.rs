//! Work that goes on on a thread of its own while something else is done or waited for.

use std::future::Future;
use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Begins `work`, which takes a while, where nobody else waits for it. A panic in it goes on where
/// its end is awaited.
pub(crate) fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> {
    let working = spawn_blocking(work);
    async {
        match working.await {
            Ok(done) => done,
            Err(error) => resume_unwind(error.into_panic()),
        }
    }
}
