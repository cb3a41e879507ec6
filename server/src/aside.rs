//! Work that goes on on a thread of its own while something else is done or waited for.

use std::future::{Future, pending};
use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Begins `work`, which takes a while, where nobody else waits for it. A panic in it goes on where
/// its end is awaited; if nobody awaits that, what it made is lost.
pub(crate) fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> {
    let working = spawn_blocking(work);
    async {
        match working
            .await
            .map_err(tokio::task::JoinError::try_into_panic)
        {
            Ok(done) => done,
            Err(Ok(panic)) => resume_unwind(panic),
            // It never began, because everything ends. So does whoever waits here.
            Err(Err(_)) => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;
    use std::sync::mpsc::channel;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn work_begins_before_its_end_is_awaited() {
        let (began, has_begun) = channel();
        let work = aside(move || began.send(7));
        assert_eq!(has_begun.recv(), Ok(7));
        assert!(work.await.is_ok());
    }

    #[tokio::test]
    async fn a_panic_goes_on_where_the_end_is_awaited() {
        let work = aside(|| -> u32 { panic!("made up") });
        let ended = AssertUnwindSafe(work).catch_unwind().await;
        assert_eq!(*ended.unwrap_err().downcast::<&str>().unwrap(), "made up");
    }
}
