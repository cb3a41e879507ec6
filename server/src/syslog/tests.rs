//! Real sockets, and a store behind them.

use std::io;

use shared::Timestamp;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::*;
use crate::ingest::health::IngestCounters;
use crate::pipeline::{IntakeOptions, Lanes};
use crate::store::contract::{On, Place};

const NOW: Timestamp = Timestamp(1_772_600_000_000);

fn message(number: usize) -> String {
    format!(
        "<190>Mar  4 04:53:20 web-1 nginx: 203.0.113.9 - - [04/Mar/2026:04:53:{:02} +0000] \
         \"GET /{number} HTTP/1.1\" 200 5 \"-\" \"curl/8\"",
        number % 20
    )
}

#[tokio::test]
async fn messages_by_udp_and_tcp_are_stored_when_the_server_has_stopped() -> io::Result<()> {
    let database = Place::new(On::Sqlite).await;
    let store = database
        .open_knowing(crate::address::AddressBook::built_in())
        .await
        .unwrap();
    let data = tempfile::tempdir()?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let counters = IngestCounters::new(NOW);
    let options = IntakeOptions {
        counters: counters.clone(),
        ..IntakeOptions::default()
    };
    let opened = Intake::open(
        store.clone(),
        data.path(),
        Lanes::default(),
        || NOW,
        options,
        stop.clone(),
    );
    let intake = opened.await.unwrap();
    let listen: Listen = "udp+tcp://127.0.0.1:0=shop".parse().unwrap();
    let listening = Listening::bind(&listen).await?;
    let address = listening.address()?;
    listening.start(Caller::DEFAULT_TENANT, intake.clone(), &stop, &tasks);
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
    let caller = Caller::with_token(
        Caller::DEFAULT_TENANT,
        "syslog",
        Role::IngestOnly.permissions(),
        None,
        None,
    );
    let inlet = intake.find(&caller, Some("shop")).await.unwrap();
    let key = (inlet.tenant_id(), inlet.id());
    while counters.accepted(key) < 40 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    tasks.wait().await;
    intake.wait().await;
    let shown = counters.show(key.0, NOW, |_| Some("shop".to_owned()));
    assert_eq!((shown[0].accepted, shown[0].rejected), (40, 1));
    assert_eq!(shown[0].sources[0].address.as_deref(), Some("127.0.0.1"));
    let tenant = store.tenant(&Caller::local());
    let applications = tenant.list_applications().await.unwrap();
    assert_eq!(applications[0].requests, 40);
    Ok(())
}
