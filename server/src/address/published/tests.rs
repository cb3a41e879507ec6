//! Lists fetched from a server of this machine, kept, and worked from.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::Address;
use shared::{Timestamp, Verification};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::address::{open, open_origins};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A server that answers every path as `answer` says, and how often it was asked.
async fn serve(answer: fn(&str) -> String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let _gone = stream.write_all(answer(&path).as_bytes()).await;
        }
    });
    (address, asked)
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn mirror(address: SocketAddr) -> Fetcher {
    Fetcher::new(Some(format!("http://{address}/lists/").parse().unwrap()))
}

fn list(name: &str) -> &'static List {
    LISTS.iter().find(|list| list.name == name).unwrap()
}

fn address(text: &str) -> Address {
    Address::from(text.parse::<IpAddr>().unwrap())
}

#[tokio::test]
async fn a_list_is_fetched_kept_and_worked_from() {
    let (server, _) = serve(|path| match path {
        "/lists/googlebot" => ok(r#"{"prefixes": [{"ipv4Prefix": "192.0.2.0/28"}]}"#),
        "/lists/aws" => ok("198.51.100.0/24\n"),
        "/lists/tor" => {
            "HTTP/1.1 302 Found\r\nlocation: /moved\r\ncontent-length: 0\r\n\r\n".into()
        }
        "/moved" => ok("198.51.100.7\n"),
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into(),
    })
    .await;
    let data = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::open(data.path());
    assert_eq!(due(&shelf, NOW).len(), LISTS.len());
    let lists = ["googlebot", "aws", "tor", "bingbot"].map(list);
    let done = refresh(&mut shelf, &mirror(server), &lists, NOW).await;
    assert_eq!((done.fetched, done.changed, done.failed), (3, 3, 1));
    // All of it is read again from the disk.
    let shelf = Shelf::open(data.path());
    let error = shelf.last_try(list("bingbot")).unwrap().error.clone();
    assert_eq!(error.as_deref(), Some("the answer was 404 Not Found"));
    assert_eq!(due(&shelf, NOW).len(), LISTS.len() - 4);
    assert_eq!(
        due(&shelf, NOW.plus(3 * Timestamp::HOUR)).len(),
        LISTS.len() - 3
    );
    assert_eq!(
        due(&shelf, NOW.plus(25 * Timestamp::HOUR)).len(),
        LISTS.len()
    );
    let book = open(data.path(), &[]).unwrap();
    assert_eq!(book.source(address("198.51.100.1")), Some("aws"));
    assert_eq!(book.source(address("198.51.100.7")), Some("tor"));
    let verify = |crawler, ip| book.verify(crawler, &[address(ip)], NOW);
    assert_eq!(verify("Googlebot", "192.0.2.1"), Verification::Verified);
    assert_eq!(verify("GoogleOther", "9.9.9.9"), Verification::Spoofed);
    assert_eq!(verify("Bingbot", "9.9.9.9"), Verification::Unverified);
    let standing = book
        .lists()
        .iter()
        .find(|it| it.name == "googlebot")
        .unwrap();
    assert_eq!((standing.networks, standing.fetched_at), (1, Some(NOW)));
    // Judging needs no places.
    let origins = open_origins(data.path()).unwrap();
    assert_eq!(origins.origins(), book.origins());
    assert_eq!(origins.source(address("198.51.100.1")), None);
}

#[tokio::test]
async fn what_cannot_be_had_leaves_the_last_copy_as_it_is() {
    let (server, _) = serve(|_| ok("192.0.2.0/28\n")).await;
    let data = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::open(data.path());
    let lists = [list("bingbot")];
    refresh(&mut shelf, &mirror(server), &lists, NOW).await;
    for answer in [
        (|_: &str| ok("<html>Sign in</html>")) as fn(&str) -> String,
        |_| ok("0.0.0.0/0\n"),
        |_| "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".into(),
        |_| "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".into(),
        |_| "HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n".into(),
        |_| "nonsense".into(),
    ] {
        let (server, _) = serve(answer).await;
        let later = NOW.plus(Timestamp::DAY);
        let done = refresh(&mut shelf, &mirror(server), &lists, later).await;
        assert_eq!((done.fetched, done.failed), (0, 1));
        let shelf = Shelf::open(data.path());
        assert_eq!(shelf.kept(list("bingbot")).unwrap().fetched_at, NOW);
        assert!(shelf.last_try(list("bingbot")).unwrap().error.is_some());
    }
}

#[tokio::test]
async fn redirects_end() {
    let (server, asked) =
        serve(|_| "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n".into())
            .await;
    let data = tempfile::tempdir().unwrap();
    let mut shelf = Shelf::open(data.path());
    refresh(&mut shelf, &mirror(server), &[list("bingbot")], NOW).await;
    assert_eq!(asked.load(Ordering::Relaxed), 6);
}

#[test]
fn damaged_copies_are_as_if_they_were_not_there() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("published");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in [
        ("bingbot.txt", "192.0.2.0/28\n"),
        (
            "googlebot.txt",
            "# fetched 2026-09-21T00:00:00Z\nnonsense\n",
        ),
        ("tries.json", "{"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let shelf = Shelf::open(data.path());
    assert!(shelf.kept(list("bingbot")).is_none() && shelf.kept(list("googlebot")).is_none());
    assert_eq!(due(&shelf, NOW).len(), LISTS.len());
}
