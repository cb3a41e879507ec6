//! How long things are kept, over the API, and what the night does about it.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::{AttackId, ErrorCode, JobState, Removed, Retention, RetentionState, Timestamp};

use super::{NOW, TestApp};
use crate::auth::Caller;

fn body(change: impl FnOnce(&mut Retention)) -> Value {
    let mut retention = Retention::default();
    change(&mut retention);
    json!(retention)
}

#[tokio::test]
async fn it_is_set_within_what_is_longest_and_logged() {
    let app = TestApp::new().await;
    let state: RetentionState = app.json("/retention").await;
    assert_eq!(state.retention, Retention::LONGEST);
    assert!(state.next_at > NOW && state.next_at.since(NOW) <= Timestamp::DAY);
    for (field, wrong) in [
        ("session_days", body(|it| it.session_days = 8)),
        ("audit_days", body(|it| it.audit_days = 0)),
        ("detail_days", body(|it| it.attack_days = 7)),
    ] {
        let answer = app.write("PUT", "/retention", &wrong).await;
        let problem = answer.problem(field, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field);
    }
    let shorter = body(|it| it.session_days = 3);
    let answer = app.write("PUT", "/retention", &shorter).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let state: RetentionState = app.json("/retention").await;
    assert_eq!(state.retention.session_days, 3);
    let log = app.get("/audit?action=retention").await.text();
    assert!(log.contains("session_days"), "{log}");
}

#[tokio::test]
async fn imported_history_stays_until_it_is_said_that_it_does_not() {
    let app = TestApp::new().await;
    let tenant = app.store.tenant(&Caller::local());
    // A year after the last seeded request.
    let clock = || NOW.plus(365 * Timestamp::DAY);
    let before = app.get("/sessions?q=%3E2000-01-01").await.text();
    let run = app.jobs.keep_to_retention(&tenant, clock).await;
    assert_eq!(
        (run.state, run.removed),
        (JobState::Done, Removed::default())
    );
    assert_eq!(app.get("/sessions?q=%3E2000-01-01").await.text(), before);

    let all = body(|it| it.includes_imported = true);
    app.write("PUT", "/retention", &all).await;
    let run = app.jobs.keep_to_retention(&tenant, clock).await;
    assert_eq!((run.state, run.percent), (JobState::Done, 100));
    assert!(run.removed.sessions > 0 && run.removed.attacks > 0);
    let state: RetentionState = app.json("/retention").await;
    assert_eq!(state.last, Some(run));
    let sessions = app.get("/sessions?q=%3E2000-01-01").await.text();
    assert!(sessions.contains("\"items\":[]"), "{sessions}");
    let attacks = app.get("/attacks?q=%3E2000-01-01").await.text();
    assert!(attacks.contains("\"items\":[]"), "{attacks}");
}

#[tokio::test]
async fn an_attack_without_its_detail_is_still_shown() {
    let app = TestApp::new().await;
    let tenant = app.store.tenant(&Caller::local());
    let page: shared::Page<Value> = app.json("/attacks?q=%3E2000-01-01").await;
    let id = page.items[0]["id"].as_str().unwrap().to_owned();
    app.write("PUT", "/retention", &body(|it| it.includes_imported = true))
        .await;
    let clock = || NOW.plus(60 * Timestamp::DAY);
    let run = app.jobs.keep_to_retention(&tenant, clock).await;
    assert!(run.removed.details > 0 && run.removed.attacks == 0);
    let attack: Value = app.json(&format!("/attacks/{id}")).await;
    assert_eq!(attack["detectors"], json!([]));
    app.problem(&format!("/attacks/{id}/heatmaps"), ErrorCode::Expired)
        .await;
    let hits: shared::Page<Value> = app.json(&format!("/attacks/{id}/hits")).await;
    assert!(hits.items.is_empty());
    let explained = app.get(&format!("/attacks/{id}/explain")).await;
    assert!(explained.status.is_success() || explained.status == 410);
    let found = tenant.find_attack(id.parse::<AttackId>().unwrap()).await;
    assert!(found.unwrap().is_some());
}
