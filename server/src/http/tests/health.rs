//! What whoever runs the server asks it, and how it stops.

use std::sync::mpsc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use shared::{ErrorCode, Permissions, Role, TenantId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, TestApp, request};
use crate::auth::{Caller, Permission};
use crate::http::route::Peer;
use crate::http::{Options, serve};
use crate::store::Store;

/// As what checks a machine asks: it knows its address only.
fn probe(path: &str) -> Request<Body> {
    let request = Request::builder().uri(path).header("host", "10.1.2.3:8080");
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn who_checks_the_machine_needs_neither_a_credential_nor_its_name() {
    let app = TestApp::empty(Caller::local()).await.without_caller();
    let alive = app.send(probe("/healthz")).await;
    assert_eq!((alive.status.as_u16(), alive.text().as_str()), (200, "ok"));
    let ready = app.send(probe("/readyz")).await;
    assert_eq!(
        (ready.status.as_u16(), ready.text().as_str()),
        (200, "ready")
    );
    assert_eq!(ready.headers["cache-control"], "no-store");
    app.send(probe("/metrics"))
        .await
        .problem("another host", ErrorCode::Forbidden);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_not_ready_but_alive() {
    let app = TestApp::empty(Caller::local()).await;
    app.store.clone().close().await.unwrap();
    let ready = app.send(probe("/readyz")).await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.text(), "store_unreachable");
    assert_eq!(app.send(probe("/healthz")).await.status, 200);
}

#[tokio::test]
async fn who_is_about_to_stop_is_not_ready() {
    let app = TestApp::empty(Caller::local()).await;
    app.state.health.draining.cancel();
    let ready = app.send(probe("/readyz")).await;
    assert_eq!(
        (ready.status.as_u16(), ready.text().as_str()),
        (503, "draining")
    );
}

#[tokio::test]
async fn metrics_are_for_who_may_read_them() {
    let app = TestApp::new().await;
    let asked_by = async |permissions| {
        let router = app.asked_by(Caller::new(TenantId(1), permissions));
        let asked = request("GET", "/metrics");
        let response = tower::ServiceExt::oneshot(router, asked).await.unwrap();
        response.status().as_u16()
    };
    assert_eq!(asked_by(Role::Administrator.permissions()).await, 403);
    assert_eq!(asked_by(Role::Monitor.permissions()).await, 200);
    let only = Permissions::of(&[Permission::MetricsRead]);
    assert_eq!(asked_by(only).await, 200);
    let app = app.without_caller();
    let without = app.send(request("GET", "/metrics")).await;
    without.problem("no token", ErrorCode::Unauthorized);
    let from = async |app: &TestApp, peer: &str| {
        let mut asked = request("GET", "/metrics");
        asked.extensions_mut().insert(Peer(peer.parse().unwrap()));
        app.send(asked).await.status.as_u16()
    };
    assert_eq!(from(&app, "127.0.0.1").await, 200, "this machine");
    assert_eq!(from(&app, "192.0.2.1").await, 401, "another");
    let mut state = app.state.clone();
    let mut site = crate::http::site::Site::clone(&state.site);
    site.public_url = Some("https://botscope.example".parse().unwrap());
    state.site = std::sync::Arc::new(site);
    let app = TestApp {
        router: crate::http::router::build(state),
        ..app
    };
    assert_eq!(from(&app, "127.0.0.1").await, 401, "a proxy, perhaps");
}

#[tokio::test]
async fn metrics_say_what_was_answered_and_nothing_that_was_sent() {
    let app = TestApp::new().await;
    app.get("/attacks/counts?q=%2Fsecretword").await;
    app.get("/nothing-like-that").await;
    app.send(request("BREW", "/api/v1/attacks")).await;
    let metrics = app.send(request("GET", "/metrics")).await;
    assert_eq!(metrics.status, 200);
    let kind = &metrics.headers["content-type"];
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let text = metrics.text();
    for expected in [
        "botscope_http_requests_total{route=\"/api/v1/attacks/counts\",method=\"GET\",status=\"200\"}",
        "botscope_http_requests_total{route=\"console\",method=\"GET\",status=\"404\"}",
        "botscope_http_requests_total{route=\"/api/v1/attacks\",method=\"other\",status=\"405\"}",
        "\nbotscope_applications ",
        "botscope_jobs_ended_total{state=\"done\"}",
        "botscope_store_connections{state=\"idle\"}",
    ] {
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
    for absent in ["secretword", "nothing-like-that", "BREW", "shop"] {
        assert!(!text.contains(absent), "{absent}:\n{text}");
    }
}

#[tokio::test]
async fn a_request_keeps_the_name_that_it_came_with() {
    let app = TestApp::empty(Caller::local()).await;
    let named = async |name: &str| -> Answer {
        let mut asked = request("GET", "/api/v1/nothing");
        let name = name.parse().unwrap();
        asked.headers_mut().insert("x-request-id", name);
        app.send(asked).await
    };
    let answer = named("4bf92f35-77b3-4da6").await;
    assert_eq!(answer.headers["x-request-id"], "4bf92f35-77b3-4da6");
    answer.problem("the body says it too", ErrorCode::NotFound);
    let answer = named("<script>").await;
    assert_ne!(answer.headers["x-request-id"], "<script>");
    answer.problem("one that was made", ErrorCode::NotFound);
}

#[tokio::test]
async fn a_server_that_stops_says_so_before_it_takes_nothing_more() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let (tell, told) = mpsc::channel();
    let options = Options {
        ready: Some(Box::new(move |ready| tell.send(ready.address).unwrap())),
        // Until it is hurried.
        grace: Duration::from_secs(3_600),
        ..Options::default()
    };
    let (stop, hurry) = (options.stop.clone(), options.hurry.clone());
    let server = tokio::spawn(serve(store, "127.0.0.1:0".parse().unwrap(), options));
    let address = loop {
        if let Ok(address) = told.try_recv() {
            break address;
        }
        tokio::task::yield_now().await;
    };
    let ask = async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    assert!(ask().await.starts_with("HTTP/1.1 200 OK"));
    stop.cancel();
    let answer = loop {
        let answer = ask().await;
        if !answer.starts_with("HTTP/1.1 200") {
            break answer;
        }
    };
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.ends_with("draining"), "{answer}");
    hurry.cancel();
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own_if_that_is_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    // A port that is free now.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let (tell, told) = mpsc::channel();
    let options = Options {
        ready: Some(Box::new(move |_| tell.send(()).unwrap())),
        metrics_listen: Some(address),
        ..Options::default()
    };
    let stop = options.stop.clone();
    let server = tokio::spawn(serve(store, "127.0.0.1:0".parse().unwrap(), options));
    while told.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "GET /metrics HTTP/1.1\r\nhost: prometheus\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("process_start_time_seconds"), "{answer}");
    stop.cancel();
    server.await.unwrap().unwrap();
}
