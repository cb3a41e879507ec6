//! PostgreSQL stops at once and starts again, while a log is imported and while the API is asked:
//! who asks is told to come back, nothing is lost or doubled, and nobody has to restart this
//! server.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use shared::ErrorCode;

use super::{NOW, TestApp};
use crate::address::AddressBook;
use crate::auth::Caller;
use crate::ingest::decode::SourceConfig;
use crate::ingest::normalize::{Protection, SecretKey};
use crate::ingest::source::Source;
use crate::pipeline::{self, Meter, Options};
use crate::store::TenantStore;
use crate::store::contract::{OwnServer, Place};

/// Requests of the log: four commits and some.
const LINES: i64 = 140_000;

/// Of these, how many are there before the server stops, once and again.
const BEFORE_STOPS: [usize; 2] = [70_000, 110_000];

/// An access log in which some guess passwords and most read.
fn log() -> String {
    let mut log = String::new();
    for line in 0..LINES {
        let at = time::OffsetDateTime::from_unix_timestamp(1_455_000_000 + line).unwrap();
        let (day, clock) = (at.day(), at.time());
        let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
        let (client, request) = match line % 50 {
            0 => (line % 7, "POST /wp-login.php"),
            _ => (10 + line / 50 % 200, "GET /products"),
        };
        writeln!(
            log,
            "198.51.100.{client} - - [{day:02}/Feb/2016:{hour:02}:{minute:02}:{second:02} +0000] \
             \"{request}/{} HTTP/1.1\" 200 900 \"-\" \"python-requests/2.9\"",
            line % 11
        )
        .unwrap();
    }
    log
}

async fn import(tenant: TenantStore, path: PathBuf) {
    let meter = Arc::new(Meter::default());
    let (config, path) = (SourceConfig::default(), path.display().to_string());
    let source = Source::open(&path, &config, meter.bytes.clone()).unwrap();
    let options = Options {
        fields: config.fields,
        protection: Protection::new(SecretKey([7; 16]), &tenant.find_privacy().await.unwrap()),
        now: NOW,
    };
    pipeline::import(&tenant, "shop", vec![source], &options, &meter)
        .await
        .unwrap();
}

async fn imported(tenant: &TenantStore) -> u64 {
    let applications = tenant.list_applications().await.unwrap();
    applications.first().map_or(0, |shop| shop.requests)
}

/// What the API says of everything that was imported, but for when it did.
async fn view(app: &TestApp) -> String {
    let mut view = String::new();
    for path in [
        "/applications",
        "/attacks?q=%3E2000-01-01&limit=200",
        "/sessions?q=%3E2000-01-01&limit=200",
        "/sessions/counts?q=%3E2000-01-01",
        "/attacks/counts?q=%3E2000-01-01",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        view.push_str(&answer.text());
    }
    view
}

/// A pipe that gives the log up to each of [`BEFORE_STOPS`], and waits there until that stop is told
/// of.
fn pipe_log(folder: &Path) -> (PathBuf, Sender<()>) {
    let path = folder.join("access.pipe");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let (stopped, stops) = channel();
    let pipe = path.clone();
    std::thread::spawn(move || {
        let (log, mut pipe) = (log(), File::create(pipe).unwrap());
        for (at, line) in log.split_inclusive('\n').enumerate() {
            if BEFORE_STOPS.contains(&at) {
                stops.recv().unwrap();
            }
            pipe.write_all(line.as_bytes()).unwrap();
        }
    });
    (path, stopped)
}

/// Until so many requests are stored.
async fn until_imported(tenant: &TenantStore, requests: usize) {
    let waiting = async {
        while imported(tenant).await < requests as u64 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    waited.expect("a commit comes before the log waits for the next stop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_server_that_stops_and_starts_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, stopped) = pipe_log(folder.path());
    let mut server = OwnServer::start_new().await;
    let place = Place::Url(server.url());
    let app = TestApp::at(place, Caller::local(), AddressBook::built_in()).await;
    let tenant = app.store.tenant(&Caller::local());
    let denied = json!({"list": "deny", "objects": ["203.0.113.7"]});

    let disturbing = async {
        // While something of what came since the last stop is stored, and something is not yet.
        for stored in [1, BEFORE_STOPS[0] + 1] {
            until_imported(&tenant, stored).await;
            server.stop();
            stopped.send(()).unwrap();
            for _ in 0..2 {
                let answer = app.get("/attacks").await;
                assert_eq!(answer.headers["retry-after"], "5");
                answer.problem("a read", ErrorCode::Unavailable);
                let answer = app.write("POST", "/lists/entries", &denied).await;
                assert_eq!(answer.headers["retry-after"], "5");
                answer.problem("a write", ErrorCode::Unavailable);
            }
            server.start().await;
            assert_eq!(app.get("/attacks").await.status, StatusCode::OK);
        }
    };
    tokio::join!(import(tenant.clone(), pipe), disturbing);
    let listed = app.get("/lists/entries").await.text();
    assert!(!listed.contains("203.0.113.7"), "{listed}");

    let path = folder.path().join("access.log");
    fs::write(&path, log()).unwrap();
    let undisturbed = TestApp::empty(Caller::local()).await;
    let tenant = undisturbed.store.tenant(&Caller::local());
    import(tenant, path).await;
    assert_eq!(view(&app).await, view(&undisturbed).await);

    // A write that comes right after goes through, once.
    server.stop();
    server.start().await;
    let answer = app.write("POST", "/lists/entries", &denied).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let listed = app.get("/lists/entries").await.text();
    assert_eq!(listed.matches("203.0.113.7").count(), 1, "{listed}");

    // Every statement is in its log: none says the password of the role that it works under.
    let log = server.log();
    let mut passwords = log.lines().filter(|line| line.contains(" PASSWORD '"));
    assert!(passwords.clone().count() > 0);
    assert!(passwords.all(|line| line.contains(" PASSWORD 'SCRAM-SHA-256$")));
}
