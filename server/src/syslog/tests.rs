//! Real sockets, and a store behind them.

use std::io;

use shared::Timestamp;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::*;
use crate::address::AddressBook;
use crate::ingest::health::IngestCounters;
use crate::ingest::syslog::Frame;
use crate::pipeline::{IntakeOptions, Lanes};
use crate::store::Store;
use crate::store::contract::{On, Place};

const NOW: Timestamp = Timestamp(1_772_600_000_000);

/// A server that takes traffic.
struct Site {
    store: Store,
    intake: Intake,
    stop: CancellationToken,
    tasks: TaskTracker,
    _kept: (Place, TempDir),
}

impl Site {
    /// One where so many bytes may wait.
    async fn start(pending_bytes: usize) -> Self {
        let database = Place::new(On::Sqlite).await;
        let book = AddressBook::built_in();
        let store = database.open_knowing(book).await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let options = IntakeOptions {
            pending_bytes,
            counters: IngestCounters::new(NOW),
            ..IntakeOptions::default()
        };
        let lanes = Lanes::default();
        let path = data.path();
        let intake = Intake::open(store.clone(), path, lanes, || NOW, options, stop.clone());
        Self {
            intake: intake.await.unwrap(),
            store,
            stop,
            tasks: TaskTracker::new(),
            _kept: (database, data),
        }
    }
}

fn message(number: usize) -> String {
    format!(
        "<190>Mar  4 04:53:20 web-1 nginx: 203.0.113.9 - - [04/Mar/2026:04:53:{:02} +0000] \
         \"GET /{number} HTTP/1.1\" 200 5 \"-\" \"curl/8\"",
        number % 20
    )
}

#[tokio::test]
async fn messages_by_udp_and_tcp_are_stored_when_the_server_has_stopped() -> io::Result<()> {
    let site = Site::start(IntakeOptions::default().pending_bytes).await;
    let (intake, stop, tasks) = (&site.intake, &site.stop, &site.tasks);
    let counters = intake.counters();
    let listen: Listen = "udp+tcp://127.0.0.1:0=shop".parse().unwrap();
    let listening = Listening::bind(&listen).await?;
    let address = listening.address()?;
    listening.start(Caller::DEFAULT_TENANT, intake.clone(), stop, tasks);
    tasks.close();

    let udp = UdpSocket::bind("127.0.0.1:0").await?;
    for number in 0..20 {
        udp.send_to(message(number).as_bytes(), address).await?;
    }
    let mut tcp = TcpStream::connect(address).await?;
    for number in 20..30 {
        tcp.write_all(format!("{}\n", message(number)).as_bytes())
            .await?;
        let counted = message(100 + number);
        tcp.write_all(format!("{} {counted}", counted.len()).as_bytes())
            .await?;
    }
    tcp.write_all(b"<13>no access log\n").await?;
    tcp.shutdown().await?;
    // Until it has all arrived; what was gathered is handed on when the server stops.
    let inlet = intake.find(&Caller::local(), Some("shop")).await.unwrap();
    let key = inlet.key();
    let name = |_| Some("shop".to_owned());
    let accepted = || {
        counters
            .show(key.0, NOW, name)
            .first()
            .map(|it| it.accepted)
    };
    while accepted() < Some(40) {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    tasks.wait().await;
    intake.wait().await;
    let shown = counters.show(key.0, NOW, name);
    assert_eq!((shown[0].accepted, shown[0].rejected), (40, 1));
    assert_eq!(shown[0].sources[0].address.as_deref(), Some("127.0.0.1"));
    let tenant = site.store.tenant(&Caller::local());
    let applications = tenant.list_applications().await.unwrap();
    assert_eq!(applications[0].requests, 40);
    Ok(())
}

#[tokio::test]
async fn messages_that_can_never_be_taken_are_rejected_and_keep_nobody_waiting() {
    let site = Site::start(100).await;
    let (sender, receiver) = waiting::channel();
    let caller = Caller::local();
    let shop = "shop".to_owned();
    let writer = Writer::new(site.intake.clone(), caller, shop, site.stop.clone());
    let message = Frame::of_datagram(message(1).as_bytes()).unwrap();
    sender.send_or_drop(message, "192.0.2.1".parse().unwrap());
    drop(sender);
    writer.run(receiver).await;
    let name = |_| Some("shop".to_owned());
    let tenant = Caller::DEFAULT_TENANT;
    let shown = site.intake.counters().show(tenant, NOW, name);
    assert_eq!((shown[0].accepted, shown[0].rejected), (0, 1));
}

#[test]
fn what_arrives_without_end_is_not_read_without_end() {
    let mut reads = 0;
    read_last(|| {
        reads += 1;
        Some(0)
    });
    assert_eq!(reads, LAST_BYTES / OVERHEAD);
    let mut left = 3;
    read_last(|| {
        left -= 1;
        (left > 0).then_some(1)
    });
    assert_eq!(left, 0);
}
