//! Streams of changes: what is told and to whom, how one goes on where another ended, and what
//! ends them.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use shared::{Changes, ErrorCode};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::tokens::{exporter, secret};
use super::{Answer, TestApp, on_both, request, seed};
use crate::auth::Secret;
use crate::http::cookie::Purpose;
use crate::http::live::{BEAT, Pace, Streams};
use crate::http::{cookie, router};

on_both!(
    a_stream_tells_what_happens_and_nothing_of_another_tenant,
    a_stream_goes_on_where_another_ended,
    a_stream_ends_when_its_token_is_revoked,
    a_stream_ends_when_its_login_does,
    a_stream_ends_when_its_tenant_is_suspended,
);

const STREAM: &str = "/api/v1/changes/stream";

/// Looks at the credential every time, and often.
const EAGER: Pace = Pace {
    heartbeat: Duration::from_millis(20),
    trust: Duration::ZERO,
    longest: Duration::from_secs(60),
    look: Duration::from_secs(60),
    breath: Duration::ZERO,
};

/// Sends no sign of life while a test runs.
const CALM: Pace = Pace {
    heartbeat: Duration::from_secs(60),
    ..EAGER
};

/// The server with streams that go on; cancel the token to stop them.
fn streaming(app: &mut TestApp, pace: Pace) -> CancellationToken {
    let stop = CancellationToken::new();
    app.state.streams = Streams::new(stop.clone()).at_pace(pace);
    app.router = router::build(app.state.clone());
    stop
}

async fn open(app: &TestApp, request: Request<Body>) -> Response<Body> {
    let response = app.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response
}

async fn next(response: &mut Response<Body>) -> Option<String> {
    let frame = response.body_mut().frame().await?.unwrap();
    let bytes: Bytes = frame.into_data().unwrap();
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

/// What the next event tells.
async fn changes(response: &mut Response<Body>) -> Changes {
    let text = next(response).await.unwrap();
    let id = text.split("id: ").nth(1).unwrap().split('\n').next();
    let data = text.split("data: ").nth(1).unwrap();
    let data = data.strip_suffix("\n\n").unwrap();
    let changes: Changes = serde_json::from_str(data).unwrap();
    assert_eq!(id, Some(&*changes.seq.to_string()));
    changes
}

/// Whether it ends without telling anything more.
async fn ends_silently(mut response: Response<Body>) {
    while let Some(text) = next(&mut response).await {
        assert_eq!(text, BEAT);
    }
}

async fn deny(app: &TestApp, object: &str) {
    let body = json!({"list": "deny", "objects": [object]});
    let answer = app.write("POST", "/lists/entries", &body).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

fn with(name: &'static str, value: &str) -> Request<Body> {
    let mut asked = request("GET", STREAM);
    asked.headers_mut().insert(name, value.parse().unwrap());
    asked
}

fn with_token() -> Request<Body> {
    with("authorization", &format!("Bearer {}", secret().reveal()))
}

async fn a_stream_tells_what_happens_and_nothing_of_another_tenant() {
    let mut app = TestApp::new().await;
    let stop = streaming(&mut app, CALM);
    let mut own = open(&app, with("accept-encoding", "gzip")).await;
    let headers = own.headers();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["x-accel-buffering"], "no");
    assert!(!headers.contains_key("content-encoding"));
    let before = changes(&mut own).await;
    assert!(before.attacks.is_empty() && !before.missed);

    let eves = app.asked_by(seed::eve());
    let mut eves = eves.oneshot(request("GET", STREAM)).await.unwrap();
    assert_eq!(changes(&mut eves).await.seq, 0);
    assert_eq!(app.state.streams.feeds(), 2);

    // Each hears of their own only, whatever happens first.
    let other = seed::fill_other(&app.store).await;
    deny(&app, "203.0.113.9").await;
    let heard = changes(&mut own).await;
    assert!(heard.lists && heard.seq > before.seq, "{heard:?}");
    assert!(heard.attacks.is_empty() && heard.applications.is_empty());
    let mut heard = changes(&mut eves).await;
    while !heard.lists {
        let more = changes(&mut eves).await;
        heard.attacks.extend(more.attacks);
        heard.applications.extend(more.applications);
        heard.lists |= more.lists;
    }
    assert!(heard.attacks.contains(&seed::OTHER_ATTACK));
    assert!(heard.applications.contains(&other.application));

    // Nobody holds a place or looks for who is gone.
    stop.cancel();
    ends_silently(own).await;
    ends_silently(eves).await;
    assert_eq!(app.state.streams.count(), 0);
}

async fn a_stream_goes_on_where_another_ended() {
    let mut app = TestApp::new().await;
    streaming(&mut app, CALM);
    let mut first = open(&app, request("GET", STREAM)).await;
    let heard = changes(&mut first).await;
    drop(first);
    deny(&app, "203.0.113.9").await;
    deny(&app, "203.0.113.10").await;
    let mut again = open(&app, with("last-event-id", &heard.seq.to_string())).await;
    let missed = changes(&mut again).await;
    assert!(missed.lists && !missed.missed, "{missed:?}");
    deny(&app, "203.0.113.11").await;
    assert!(changes(&mut again).await.seq > missed.seq);
    // What a page knew when it was opened, and what it heard since.
    let mut both = request("GET", &format!("{STREAM}?after={}", heard.seq));
    let newest = missed.seq.to_string().parse().unwrap();
    both.headers_mut().insert("last-event-id", newest);
    let mut both = open(&app, both).await;
    assert!(changes(&mut both).await.seq > missed.seq);
    // Another store's number.
    let mut lost = open(&app, with("last-event-id", "99999999")).await;
    assert!(changes(&mut lost).await.missed);
}

async fn a_stream_ends_when_its_token_is_revoked() {
    let mut app = TestApp::new().await;
    streaming(&mut app, CALM);
    let mut stream = open(&app, with_token()).await;
    changes(&mut stream).await;
    let path = format!("/tokens/{}", exporter().id);
    app.write("DELETE", &path, &Value::Null).await;
    // What happens after it is not told any more.
    deny(&app, "203.0.113.9").await;
    assert_eq!(next(&mut stream).await, None);
}

/// A stream of Ann's, with her second login.
async fn anns(app: &TestApp) -> Response<Body> {
    let secret = Secret::of([22; 32]);
    let kept = cookie::keep(&app.state.site, Purpose::Login, &secret, 60);
    let cookie = kept.to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut stream = open(app, with("cookie", &cookie)).await;
    changes(&mut stream).await;
    stream
}

async fn a_stream_ends_when_its_login_does() {
    let mut app = TestApp::new().await;
    streaming(&mut app, EAGER);
    let mut stream = anns(&app).await;
    assert_eq!(next(&mut stream).await.unwrap(), BEAT);
    let path = format!("/me/logins/{}", seed::LOGINS[1]);
    let answer = app
        .write("DELETE", &path, &json!({"password": seed::PASSWORD}))
        .await;
    assert!(answer.status.is_success(), "{}", answer.text());
    ends_silently(stream).await;
    assert_eq!(app.state.streams.count(), 0);
}

async fn a_stream_ends_when_its_tenant_is_suspended() {
    let mut app = TestApp::new().await;
    streaming(&mut app, EAGER);
    let mut stream = open(&app, with_token()).await;
    changes(&mut stream).await;
    app.store
        .run("UPDATE tenant SET suspended_at = 1 WHERE id = 1")
        .await
        .unwrap();
    ends_silently(stream).await;
}

#[tokio::test]
async fn no_more_than_four_are_open_with_one_token_and_who_goes_makes_room() {
    let mut app = TestApp::new().await;
    streaming(&mut app, CALM);
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(open(&app, with_token()).await);
    }
    let refused: Answer = app.send(with_token()).await;
    assert_eq!(refused.headers["retry-after"], "30");
    refused.problem("a fifth", ErrorCode::RateLimited);
    // Others are not kept out by it.
    let others = open(&app, request("GET", STREAM)).await;
    streams.pop();
    streams.push(open(&app, with_token()).await);
    assert_eq!(app.state.streams.count(), 5);
    drop((streams, others));
    assert_eq!(app.state.streams.count(), 0);
}

#[tokio::test]
async fn a_stream_that_was_open_for_long_ends() {
    let mut app = TestApp::new().await;
    let longest = Duration::from_millis(30);
    streaming(&mut app, Pace { longest, ..CALM });
    let mut stream = open(&app, request("GET", STREAM)).await;
    changes(&mut stream).await;
    assert_eq!(next(&mut stream).await, None);
}
