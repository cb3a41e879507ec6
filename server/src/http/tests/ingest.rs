//! Traffic over HTTP: what is taken and what is said, who may send, and what happens to what is
//! sent again.

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use shared::{Ingested, NewToken, Role};
use std::io::Write;

use super::sign_in::with;
use super::*;
use crate::auth::Secret;

on_both!(
    what_is_sent_is_stored_and_what_cannot_be_read_is_named,
    a_batch_that_is_sent_again_is_answered_as_before_and_stored_once,
    a_token_sends_to_its_application_and_to_no_other,
    fields_are_called_what_the_application_says,
);

/// The secret of a new ingest token, for one application or for all.
async fn token(app: &TestApp, application: Option<ApplicationId>) -> String {
    let new = NewToken {
        name: "sender".to_owned(),
        role: Role::IngestOnly,
        application_id: application,
        duration: None,
    };
    let made = app.write("POST", "/tokens", &json!(new)).await;
    let made: shared::CreatedToken = serde_json::from_slice(&made.body).unwrap();
    made.secret
}

fn post(path: &str, secret: &str, body: impl Into<Body>) -> Request<Body> {
    let mut request = with(
        request("POST", path),
        "authorization",
        &format!("Bearer {secret}"),
    );
    *request.body_mut() = body.into();
    request
}

/// Lines of a log, each a second later; the time is the server's.
fn lines(count: u32) -> String {
    let line = |number| {
        format!(
            "{{\"time\":{},\"ip\":\"203.0.113.9\",\"method\":\"GET\",\"path\":\"/{number}\",\"status\":200}}\n",
            NOW.0 - 60_000 + i64::from(number)
        )
    };
    (0..count).map(line).collect()
}

fn taken(answer: &Answer) -> Ingested {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// How many requests of an application are stored once all that was taken is.
async fn stored(app: &TestApp, name: &str) -> u64 {
    let tenant = app.store.tenant(&Caller::local());
    loop {
        let intake = app.state.intake.as_ref().unwrap();
        if intake.pending().0 == 0 {
            let applications = tenant.list_applications().await.unwrap();
            let found = applications.iter().find(|it| it.name == name);
            return found.map_or(0, |it| it.requests);
        }
        tokio::task::yield_now().await;
    }
}

async fn what_is_sent_is_stored_and_what_cannot_be_read_is_named() {
    let app = TestApp::empty(Caller::local()).await;
    let secret = token(&app, None).await;
    let body = format!("{}nonsense\n", lines(3));
    let answer = app.send(post("/api/v1/ingest/shop", &secret, body)).await;
    let said = taken(&answer);
    assert_eq!((said.accepted, said.rejected), (3, 1));
    assert_eq!((said.errors.len(), said.errors[0].record), (1, 4));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines(5).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let answer = app.send(post("/api/v1/ingest/shop", &secret, packed)).await;
    assert_eq!(taken(&answer).accepted, 5, "whatever its headers say");
    assert_eq!(stored(&app, "shop").await, 8);
    // The counters are told right after.
    let health: shared::IngestHealth = app.json("/ingest/health").await;
    let shop = &health.applications[0];
    assert_eq!((shop.accepted, shop.rejected), (8, 1));
    assert_eq!(shop.sources[0].sender, "token sender");
    assert_eq!(shop.backlog.bytes, 0);
}

async fn a_batch_that_is_sent_again_is_answered_as_before_and_stored_once() {
    let app = TestApp::empty(Caller::local()).await;
    let secret = token(&app, None).await;
    let send = async |path: &str, name: Option<&str>| {
        let mut sent = post(path, &secret, lines(4));
        if let Some(name) = name {
            sent = with(sent, "idempotency-key", name);
        }
        taken(&app.send(sent).await).accepted
    };
    for _ in 0..3 {
        assert_eq!(send("/api/v1/ingest/shop", Some("a")).await, 4);
    }
    assert_eq!(send("/api/v1/ingest/shop", Some("b")).await, 4);
    assert_eq!(stored(&app, "shop").await, 8, "two batches");
    for _ in 0..2 {
        assert_eq!(send("/api/v1/ingest/shop", None).await, 4);
    }
    assert_eq!(stored(&app, "shop").await, 16, "equal ones are two");
    for _ in 0..2 {
        assert_eq!(send("/api/v1/ingest/shop?repeats=drop", None).await, 4);
    }
    assert_eq!(stored(&app, "shop").await, 20, "but for who asks");
    let long = with(
        post("/api/v1/ingest/shop", &secret, ""),
        "x-batch-id",
        &"a".repeat(300),
    );
    app.send(long)
        .await
        .problem("long", ErrorCode::InvalidRequest);
}

async fn a_token_sends_to_its_application_and_to_no_other() {
    let app = TestApp::new().await;
    let secret = token(&app, Some(app.application)).await;
    let app = app.without_caller();
    let answer = app.send(post("/api/v1/ingest", &secret, lines(2))).await;
    assert_eq!(taken(&answer).accepted, 2);
    let path = format!("/api/v1/ingest/{}", app.application);
    assert_eq!(
        taken(&app.send(post(&path, &secret, lines(1))).await).accepted,
        1
    );
    for other in ["blog", "new", "000000000000dead"] {
        let path = format!("/api/v1/ingest/{other}");
        let answer = app.send(post(&path, &secret, lines(1))).await;
        answer.problem(other, ErrorCode::NotFound);
    }
    // Wherever tools put it.
    let basic = BASE64.encode(format!("sender:{secret}").as_bytes());
    let mut sent = post("/api/v1/ingest", "", lines(1));
    sent.headers_mut().remove("authorization");
    let sent = with(sent, "authorization", &format!("Basic {basic}"));
    assert_eq!(taken(&app.send(sent).await).accepted, 1);
    let mut sent = post(&format!("/api/v1/ingest?token={secret}"), "", lines(1));
    sent.headers_mut().remove("authorization");
    assert_eq!(taken(&app.send(sent).await).accepted, 1);
    // It is a token for this and nothing else.
    let asked = with(
        request("GET", "/api/v1/attacks"),
        "authorization",
        &format!("Bearer {secret}"),
    );
    app.send(asked).await.problem("reads", ErrorCode::Forbidden);
    let asked = request("GET", &format!("/api/v1/attacks?token={secret}"));
    app.send(asked)
        .await
        .problem("in the address", ErrorCode::Unauthorized);
}

async fn fields_are_called_what_the_application_says() {
    let app = TestApp::empty(Caller::local()).await;
    let secret = token(&app, None).await;
    let named = json!({"name": "shop"});
    let new = app.write("POST", "/applications", &named).await;
    let shop: shared::Application = serde_json::from_slice(&new.body).unwrap();
    let path = format!("/applications/{}/fields", shop.id);
    let usual: shared::FieldNames = app.json(&path).await;
    assert_eq!(usual.map, "");
    for wrong in ["ip", "nothing=x", &"ip=x,".repeat(500)] {
        let answer = app.write("PUT", &path, &json!({"map": wrong})).await;
        answer.problem(wrong, ErrorCode::InvalidRequest);
    }
    let map = json!({"map": "ip=client.addr,time=at"});
    let answer = app.write("PUT", &path, &map).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let line = json!({
        "at": NOW.to_string(),
        "client": {"addr": "203.0.113.9"},
        "method": "GET",
        "path": "/",
        "status": 200,
        "sid": "a0b1c2d3e4f5a0b1c2d3e4f5",
    });
    for name in ["shop", "blog"] {
        let sent = post(&format!("/api/v1/ingest/{name}"), &secret, line.to_string());
        let accepted = taken(&app.send(sent).await).accepted;
        assert_eq!(accepted, u64::from(name == "shop"), "{name}");
    }
    // What is found in requests does not put an end to it.
    let tenant = app.store.tenant(&Caller::local());
    let state = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.field_map, "ip=client.addr,time=at");
    let kept = [shared::KeySource::Bearer];
    tenant
        .set_kept_sources(state.judgement, &kept)
        .await
        .unwrap();
    let names: shared::FieldNames = app.json(&path).await;
    assert_eq!(names.map, state.field_map);
    let state = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.kept, kept);
}

#[tokio::test]
async fn who_has_no_token_or_another_kind_of_it_sends_nothing() {
    let app = TestApp::new().await.without_caller();
    let wrong = Secret::random().unwrap();
    let answer = app
        .send(post("/api/v1/ingest/shop", wrong.reveal(), lines(1)))
        .await;
    answer.problem("unknown", ErrorCode::Unauthorized);
    let reader = app
        .send(post(
            "/api/v1/ingest/shop",
            tokens::secret().reveal(),
            lines(1),
        ))
        .await;
    reader.problem("another role", ErrorCode::Forbidden);
}

#[tokio::test]
async fn a_body_that_cannot_be_taken_is_refused_and_nothing_of_it_is_there() {
    let app = TestApp::empty(Caller::local()).await;
    let secret = token(&app, None).await;
    let send = async |body: Vec<u8>, encoding: Option<&str>| {
        let mut sent = post("/api/v1/ingest/shop", &secret, body);
        if let Some(encoding) = encoding {
            sent = with(sent, "content-encoding", encoding);
        }
        app.send(sent).await
    };
    let large = vec![b' '; crate::http::ingest::MAX_BODY_BYTES + 1];
    send(large, None)
        .await
        .problem("large", ErrorCode::PayloadTooLarge);
    let odd = send(lines(1).into_bytes(), Some("br2")).await;
    odd.problem("encoding", ErrorCode::UnsupportedMediaType);
    let cut = send(vec![0x1f, 0x8b, 8, 0, 0, 0], Some("gzip")).await;
    cut.problem("damaged", ErrorCode::InvalidRequest);
    let none = send(Vec::new(), None).await;
    assert_eq!(taken(&none), Ingested::default());
    let unnamed = app.send(post("/api/v1/ingest", &secret, lines(1))).await;
    let problem = unnamed.problem("no application", ErrorCode::InvalidRequest);
    assert!(
        problem.detail.contains("/api/v1/ingest/"),
        "{}",
        problem.detail
    );
    assert_eq!(stored(&app, "shop").await, 0);
}

#[tokio::test]
async fn what_speaks_a_protocol_is_answered_in_it() {
    let app = TestApp::new().await;
    let secret = token(&app, Some(app.application)).await;
    let app = app.without_caller();
    let send = async |method: &str, path: &str, body: &str| {
        let mut sent = post(path, &secret, body.to_owned());
        *sent.method_mut() = method.parse().unwrap();
        let answer = app.send(sent).await;
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status.as_u16(), answer.headers, json)
    };
    let record = seed::sent();
    let bulk = format!("{{\"create\":{{}}}}\n{record}\n{{\"delete\":{{\"_id\":\"1\"}}}}\n");
    for path in [
        "/_bulk",
        "/logs/_bulk",
        "/elastic/_bulk",
        "/elastic/logs/_bulk",
    ] {
        let (status, headers, said) = send("POST", path, &bulk).await;
        assert_eq!(
            (status, &said["errors"]),
            (200, &json!(true)),
            "{path}: {said}"
        );
        assert_eq!(said["items"][0]["create"]["status"], 201, "{path}");
        assert_eq!(headers["x-elastic-product"], "Elasticsearch", "{path}");
    }
    let (status, _, said) = send("GET", "/elastic/", "").await;
    assert_eq!(status, 200);
    assert!(said["version"]["number"].is_string(), "{said}");

    let data = BASE64.encode(record.to_string().as_bytes());
    let delivery = json!({"requestId": "r1", "timestamp": 1, "records": [{"data": data}]});
    let (status, _, said) = send("POST", "/api/v1/ingest/firehose", &delivery.to_string()).await;
    assert_eq!((status, &said["requestId"]), (200, &json!("r1")));
    let (status, _, said) = send("POST", "/api/v1/ingest/firehose", "{}").await;
    assert_eq!(status, 400);
    assert!(said["errorMessage"].is_string(), "{said}");

    let log = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"body": {"stringValue": record.to_string()}},
        {"body": {"stringValue": "nonsense"}},
    ]}]}]});
    let mut sent = post("/v1/logs", &secret, log.to_string());
    sent = with(sent, "content-type", "application/json");
    let answer = app.send(sent).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let said: Value = serde_json::from_slice(&answer.body).unwrap();
    let rejected = &said["partialSuccess"]["rejectedLogRecords"];
    assert!(*rejected == json!(1) || *rejected == json!("1"), "{said}");
    let (status, _, said) = send("POST", "/api/v1/ingest", "{\"content\":\"tests\"}").await;
    assert_eq!(
        (status, said),
        (200, json!({"accepted": 0, "rejected": 0, "errors": []}))
    );

    for path in ["/_bulk", "/v1/logs", "/api/v1/ingest/firehose", "/elastic/"] {
        let mut sent = post(path, tokens::secret().reveal(), bulk.clone());
        let answer = app.send(sent).await;
        assert_eq!(answer.status, 403, "{path}: a token that only reads");
        sent = request("POST", path);
        assert_eq!(app.send(sent).await.status, 401, "{path}: none");
    }
}
