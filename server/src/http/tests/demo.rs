//! Demo traffic and the removal of applications over the API, and what is told of it.

use engine::{Batch, Request};
use serde_json::{Value, json};
use shared::{Application, Changes, ErrorCode, Page, TenantId};

use super::TestApp;
use crate::auth::Caller;
use crate::store::{Commit, EncodedSegment};

async fn names(app: &TestApp) -> Vec<String> {
    let page: Page<Application> = app.json("/applications").await;
    page.items.into_iter().map(|item| item.name).collect()
}

#[tokio::test]
async fn a_real_application_is_removed_only_by_its_name_and_comes_back() {
    let app = TestApp::new().await;
    let path = format!("/applications/{}", app.application);
    for query in ["", "?confirm=", "?confirm=shopp", "?confirm=SHOP"] {
        let answer = app
            .write("DELETE", &format!("{path}{query}"), &Value::Null)
            .await;
        let problem = answer.problem(query, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "confirm", "{query}");
    }
    let removed = app
        .write("DELETE", &format!("{path}?confirm=shop"), &Value::Null)
        .await;
    assert_eq!(removed.status, 204);
    assert!(!names(&app).await.contains(&"shop".to_owned()));
    app.problem(&path, ErrorCode::NotFound).await;
    let again = app
        .write("DELETE", &format!("{path}?confirm=shop"), &Value::Null)
        .await;
    again.problem("again", ErrorCode::NotFound);
    let restore = format!("{path}/restore");
    for _ in 0..2 {
        let restored = app.write("POST", &restore, &Value::Null).await;
        assert_eq!(restored.status, 200, "{}", restored.text());
    }
    assert!(names(&app).await.contains(&"shop".to_owned()));
}

#[tokio::test]
async fn demo_traffic_is_labelled_and_removed_without_further_questions() {
    let app = TestApp::empty(Caller::local()).await;
    let started = app.write("POST", "/demo", &json!({ "seed": 9 })).await;
    assert_eq!(started.status, 201, "{}", started.text());
    let demo: Application = serde_json::from_slice(&started.body).unwrap();
    assert_eq!((demo.name.as_str(), demo.demo_seed), ("Demo shop", Some(9)));
    // It goes on; it is not started twice.
    let again = app.write("POST", "/demo", &json!({ "seed": 9 })).await;
    assert_eq!(again.status, 201, "{}", again.text());
    let other = app.write("POST", "/demo", &json!({})).await;
    let problem = other.problem("another seed", ErrorCode::Conflict);
    assert!(problem.detail.contains("seed 9"), "{problem:?}");
    let path = format!("/applications/{}", demo.id);
    let removed = app.write("DELETE", &path, &Value::Null).await;
    assert_eq!(removed.status, 204, "{}", removed.text());
    assert_eq!(names(&app).await, [] as [&str; 0]);
    let restored = app
        .write("POST", &format!("{path}/restore"), &Value::Null)
        .await;
    assert_eq!(restored.status, 200, "{}", restored.text());
    assert_eq!(names(&app).await, ["Demo shop"]);
    app.write("DELETE", &path, &Value::Null).await;
}

#[tokio::test]
async fn bad_wishes_for_demo_traffic_are_refused() {
    let app = TestApp::empty(Caller::local()).await;
    for body in [
        json!({ "seed": -1 }),
        json!({ "seed": 4_294_967_296u64 }),
        json!({ "seed": "7" }),
        json!({ "sed": 7 }),
        json!("7"),
    ] {
        let answer = app.write("POST", "/demo", &body).await;
        answer.problem(&body.to_string(), ErrorCode::InvalidRequest);
    }
    assert_eq!(names(&app).await, [] as [&str; 0]);
}

#[tokio::test]
async fn demo_traffic_is_not_mixed_with_real_traffic() {
    let app = TestApp::empty(Caller::local()).await;
    let tenant = app.store.tenant(&Caller::local());
    let real = tenant
        .find_or_create_application("Demo shop")
        .await
        .unwrap();
    let mut batch = Batch::default();
    batch.requests.push(Request::default());
    let mut commit = Commit::new(real.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &batch)];
    tenant.commit(commit).await.unwrap();
    let answer = app.write("POST", "/demo", &json!({})).await;
    answer.problem("real", ErrorCode::Conflict);
}

#[tokio::test]
async fn another_tenant_neither_removes_nor_restores() {
    let app = TestApp::with_caller(Caller::new(TenantId(2), shared::Permissions::ALL)).await;
    let path = format!("/applications/{}", app.application);
    for (method, path) in [
        ("DELETE", format!("{path}?confirm=shop")),
        ("POST", format!("{path}/restore")),
    ] {
        let answer = app.write(method, &path, &Value::Null).await;
        answer.problem(&path, ErrorCode::NotFound);
    }
    let owner = app.store.tenant(&Caller::local());
    assert!(!owner.list_applications().await.unwrap().is_empty());
}

#[tokio::test]
async fn changes_are_told_once_and_what_was_missed_is_said() {
    let app = TestApp::new().await;
    let now: Changes = app.json("/changes").await;
    assert!(now.seq > 0 && now.applications.is_empty() && !now.missed);
    let same: Changes = app.json(&format!("/changes?after={}", now.seq)).await;
    assert_eq!(same, now);
    let path = format!("/applications/{}?confirm=shop", app.application);
    app.write("DELETE", &path, &Value::Null).await;
    let after: Changes = app.json(&format!("/changes?after={}", now.seq)).await;
    assert_eq!(after.applications, [app.application]);
    assert_eq!(after.judged, [app.application]);
    assert!(after.seq > now.seq && !after.missed);
    let whole: Changes = app.json("/changes?after=0").await;
    assert!(!whole.attacks.is_empty());
    // Of another store, or of before this one was made anew.
    let ahead: Changes = app.json(&format!("/changes?after={}", u64::MAX)).await;
    assert!(ahead.missed);
}
