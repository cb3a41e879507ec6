//! What surrounds the routes: whom the server answers, with which headers, and what happens
//! when something goes wrong.

use std::sync::{Arc, mpsc};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use shared::ErrorCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::{TestApp, request};
use crate::auth::Caller;
use crate::http::guard::MAX_BODY_BYTES;
use crate::http::site::Site;
use crate::http::state::AppState;
use crate::http::{Options, ServeError, router, serve};
use crate::store::Store;

#[tokio::test]
async fn an_unknown_route_below_api_is_a_problem_and_any_other_is_the_console() {
    let app = TestApp::new().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/attacks",
    ] {
        let answer = app.send(request("GET", path)).await;
        answer.problem(path, ErrorCode::NotFound);
    }
    for path in ["/", "/attacks", "/sessions/12", "/apis"] {
        let answer = app.send(request("GET", path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(
            answer.headers["content-type"], "text/html; charset=utf-8",
            "{path}"
        );
        let answer = app.send(request("POST", path)).await;
        answer.problem(path, ErrorCode::MethodNotAllowed);
    }
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let app = TestApp::new().await;
    for host in ["evil.example", "evil.example:8080", "", "192.0.2.1:8080"] {
        let request = Request::builder()
            .uri("/api/v1/overview")
            .header("host", host);
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        answer.problem(host, ErrorCode::Forbidden);
    }
    let without = Request::builder().uri("/").body(Body::empty()).unwrap();
    app.send(without)
        .await
        .problem("no host", ErrorCode::Forbidden);
    let twice = Request::builder()
        .uri("/")
        .header("host", "localhost")
        .header("host", "localhost");
    app.send(twice.body(Body::empty()).unwrap())
        .await
        .problem("two hosts", ErrorCode::Forbidden);
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let app = TestApp::new().await;
    let long = format!("/api/v1/attacks?q={}", "x".repeat(20_000));
    app.send(request("GET", &long))
        .await
        .problem("long address", ErrorCode::InvalidRequest);
    let mut large = request("GET", "/api/v1/attacks");
    large.headers_mut().insert(
        "content-length",
        (MAX_BODY_BYTES + 1).to_string().parse().unwrap(),
    );
    app.send(large)
        .await
        .problem("large body", ErrorCode::PayloadTooLarge);
}

#[tokio::test]
async fn every_answer_tells_the_browser_what_it_may_do() {
    let app = TestApp::new().await;
    for path in ["/", "/api/v1/overview", "/api/v1/nothing", "/api/docs"] {
        let answer = app.send(request("GET", path)).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' "),
            "{path}"
        );
        assert!(!policy.contains("unsafe-inline"), "{path}");
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(
            answer.headers["cross-origin-opener-policy"], "same-origin",
            "{path}"
        );
        assert_eq!(
            answer.headers["cross-origin-resource-policy"], "same-origin",
            "{path}"
        );
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
    let answer = app.get("/overview").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_takes_it() {
    let app = TestApp::new().await;
    let mut packed = request("GET", "/api/v1/openapi.json");
    packed
        .headers_mut()
        .insert("accept-encoding", "gzip".parse().unwrap());
    let packed = app.send(packed).await;
    assert_eq!(packed.headers["content-encoding"], "gzip");
    let plain = app.get("/openapi.json").await;
    assert!(!plain.headers.contains_key("content-encoding"));
    assert!(packed.body.len() * 4 < plain.body.len());
}

#[tokio::test]
async fn the_servers_own_failures_are_answered_without_their_cause() {
    let app = TestApp::new().await;
    // Whoever holds the last handle on the store closed it: every read fails.
    app.store.clone().close().await.unwrap();
    let problem = app.problem("/overview", ErrorCode::Internal).await;
    assert!(problem.detail.contains("request_id"), "{}", problem.detail);
    assert!(
        !problem.detail.to_lowercase().contains("pool"),
        "{}",
        problem.detail
    );
}

#[tokio::test]
async fn a_panic_is_answered_like_any_failure() {
    let panics = axum::Router::new().route(
        "/",
        axum::routing::get(async || -> StatusCode { panic!("secret") }),
    );
    let router = crate::http::router::surround(panics);
    let app = TestApp {
        router,
        ..TestApp::empty(Caller::local()).await
    };
    let answer = app.send(request("GET", "/")).await;
    let problem = answer.problem("panic", ErrorCode::Internal);
    assert!(!problem.detail.contains("secret"));
}

#[tokio::test]
async fn other_machines_are_not_served_unless_that_was_said() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let result = serve(store.clone(), listen.parse().unwrap(), Options::default()).await;
        let error = result.unwrap_err();
        assert!(matches!(error, ServeError::NoPublicUrl(_)), "{listen}");
        assert!(error.to_string().contains("--public-url"), "{error}");
    }
}

#[tokio::test]
async fn a_server_answers_over_the_network_and_stops_when_told() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let (tell, told) = mpsc::channel();
    let options = Options {
        ready: Some(Box::new(move |ready| tell.send(ready.address).unwrap())),
        ..Options::default()
    };
    let stop = options.stop.clone();
    let server = tokio::spawn(serve(store, "127.0.0.1:0".parse().unwrap(), options));
    let address = loop {
        if let Ok(address) = told.try_recv() {
            break address;
        }
        tokio::task::yield_now().await;
    };
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET /sign-in HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 15];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200 OK");
    // The connection is kept for another request, and ends with the server.
    stop.cancel();
    server.await.unwrap().unwrap();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_description_of_the_api_names_the_address_that_people_use() {
    let app = TestApp::new().await;
    let site = Site {
        public_url: Some("https://botscope.example".parse().unwrap()),
        ..Site::clone(&app.state.site)
    };
    let state = AppState {
        site: Arc::new(site),
        ..app.state.clone()
    };
    let mut asked = request("GET", "/api/docs");
    let host = "botscope.example".parse().unwrap();
    asked.headers_mut().insert("host", host);
    let page = router::build(state).oneshot(asked).await.unwrap();
    let page = to_bytes(page.into_body(), usize::MAX).await.unwrap();
    let page = String::from_utf8_lossy(&page);
    assert!(page.contains("https://botscope.example/api/v1/attacks"));
    assert!(!page.contains("http://botscope.example"));
}
