//! Takes connections, so many at a time: more wait until one ends. Not what is said on them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long to wait after a failure: out of file descriptors, most likely, so that trying again at
/// once would not help.
const RETRY: Duration = Duration::from_millis(100);

/// Takes connections until `stop`, and has `run` run each. Returns those that are still open.
pub(crate) async fn take<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    at_most: usize,
    stop: &CancellationToken,
    run: impl Fn(TcpStream, SocketAddr) -> F,
) -> TaskTracker {
    let open = TaskTracker::new();
    let places = Arc::new(Semaphore::new(at_most));
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = async { (place.await, listener.accept().await) } => next,
        };
        match accepted {
            Ok((stream, from)) => {
                let running = run(stream, from);
                open.spawn(async move {
                    running.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    open.close();
    open
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn more_connections_than_there_are_places_wait_for_one_to_end() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        // Each is greeted, and ends when it is ended.
        let greet = |mut stream: TcpStream, _| async move {
            let _gone = stream.write_all(b"x").await;
            let _ended = stream.read(&mut [0]).await;
        };
        let taking = take(listener, 1, &stop, greet);
        let asking = async {
            let mut first = TcpStream::connect(address).await?;
            first.read_exact(&mut [0]).await?;
            let mut second = TcpStream::connect(address).await?;
            assert_eq!(
                second.try_read(&mut [0]).unwrap_err().kind(),
                io::ErrorKind::WouldBlock
            );
            drop(first);
            second.read_exact(&mut [0]).await?;
            stop.cancel();
            Ok::<_, io::Error>(second)
        };
        let (open, second) = tokio::join!(taking, asking);
        assert_eq!(open.len(), 1);
        drop(second?);
        open.wait().await;
        Ok(())
    }
}
