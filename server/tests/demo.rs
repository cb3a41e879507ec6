//! Demo traffic with the real binary, killed at random moments: what is stored in the end is the
//! generator's log, each line once, and the verdicts are those of judging it all again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use server::auth::Caller;
use server::ingest::demo::{DEFAULT_SEED, Traffic};
use server::pipeline::{DEMO_NAME, Meter, judge_again};
use server::store::{Search, Store, TenantStore};
use shared::Timestamp;

fn demo(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_botscope"));
    command
        .args(["demo", "--history-only", "--hours", "3", "--data"])
        .arg(data)
        .stdout(Stdio::null());
    command
}

/// Lets it run for as long as `until`, then gives it no chance to tidy up.
fn run_and_kill(data: &Path, until: Duration) {
    let mut child = demo(data).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while began.elapsed() < until && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let _done = child.kill();
    child.wait().unwrap();
}

/// When each stored request came and what it asked for, in order.
async fn stored(tenant: &TenantStore) -> Vec<(i64, String)> {
    let state = tenant.find_application_state(DEMO_NAME).await.unwrap();
    let segments = tenant.list_segments(state.unwrap().judgement, None, u32::MAX);
    let mut requests = Vec::new();
    for segment in segments.await.unwrap() {
        for request in &segment.batch.requests {
            let path = segment.batch.text(request.path).to_owned();
            requests.push((request.at, path));
        }
    }
    requests.sort();
    requests
}

/// What the generator wrote between two moments, both included.
fn written(from: i64, until: i64) -> Vec<(i64, String)> {
    let mut traffic = Traffic::new(DEFAULT_SEED, 100, Timestamp(from));
    let lines = std::iter::from_fn(|| traffic.next_before(Timestamp(until + 1)));
    let mut requests: Vec<_> = lines
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(&line.text).unwrap();
            let target = value["request_uri"].as_str().unwrap();
            let path = target.split('?').next().unwrap().to_owned();
            (line.at, path)
        })
        .collect();
    requests.sort();
    requests
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_neither_loses_nor_doubles_a_request() {
    let directory = tempfile::tempdir().unwrap();
    for ms in [150, 400, 900, 250, 700] {
        run_and_kill(directory.path(), Duration::from_millis(ms));
    }
    assert!(demo(directory.path()).status().unwrap().success());
    let store = Store::open(directory.path()).await.unwrap();
    let tenant = store.tenant(&Caller::local());
    let found = stored(&tenant).await;
    let (first, last) = (found[0].0, found[found.len() - 1].0);
    assert!(last - first > 2 * Timestamp::HOUR, "{first} to {last}");
    assert_eq!(found, written(first, last));

    let counts = || async {
        let search = Search::default();
        let counts = tenant.count_attacks(&search, Timestamp(0)).await.unwrap();
        (counts.attacks, counts.hits, counts.by_type)
    };
    let live = counts().await;
    let now = Timestamp(last + 1_000);
    judge_again(&tenant, DEMO_NAME, now, &Meter::default(), &|| false)
        .await
        .unwrap();
    assert_eq!(live, counts().await);
}

#[test]
fn it_takes_traffic_beside_its_own() {
    let data = tempfile::tempdir().unwrap();
    let botscope = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_botscope"));
        command.args(arguments).arg("--data").arg(data.path());
        command
    };
    let made = botscope(&["tokens", "add", "sender", "--role", "ingest_only"]).output();
    let made = String::from_utf8(made.unwrap().stdout).unwrap();
    let token = made
        .split_whitespace()
        .find(|it| it.starts_with("botscope_"));
    let mut demo = botscope(&["demo", "--hours", "1", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(demo.stdout.take().unwrap()).lines();
    let address = { said }.find_map(|line| {
        let line = line.unwrap();
        let (_, address) = line.split_once(" is at http://")?;
        Some(address.to_owned())
    });
    let address = address.unwrap();
    let body = r#"{"time":1772323200,"ip":"192.0.2.7","method":"GET","path":"/a","status":200}"#;
    let mut connection = TcpStream::connect(&address).unwrap();
    write!(
        connection,
        "POST /api/v1/ingest/shop HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        token.unwrap(),
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(answer.contains(r#"{"accepted":1,"#), "{answer}");
}
