//! Finding and erasing somebody through the API: nothing is left, the proof says so, and neither a
//! restart nor whoever writes meanwhile keeps it from ending.

use http::StatusCode;
use serde_json::{Value, json};
use shared::{Erasure, ErrorCode, FoundTraces, JobState, Page, Traces};

use super::TestApp;
use crate::auth::Caller;
use crate::ingest::normalize::{SecretKey, hash_token};
use crate::store::{Commit, EncodedSegment, PageRequest, TraceSubject};

/// Waits until the newest erasure has ended.
async fn ended(app: &TestApp) -> Erasure {
    loop {
        let mut newest: Page<Erasure> = app.json("/privacy/erasures?limit=1").await;
        let newest = newest.items.remove(0);
        if newest.ended_at.is_some() {
            return newest;
        }
        tokio::task::yield_now().await;
    }
}

/// The database as it lies on the disk.
async fn file(app: &TestApp) -> Vec<u8> {
    app.store.compact().await.unwrap();
    let mut bytes = Vec::new();
    for name in ["botscope.db", "botscope.db-wal"] {
        bytes.extend(std::fs::read(app.directory().join(name)).unwrap_or_default());
    }
    bytes
}

fn is_in(bytes: &[u8], text: &str) -> bool {
    let mut found = memchr::memmem::find_iter(bytes, text.as_bytes());
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    found.any(|at| !bytes.get(at + text.len()).is_some_and(goes_on))
}

#[tokio::test]
async fn of_an_erased_address_nothing_is_left_and_the_proof_says_so() {
    let app = TestApp::new().await;
    let traces = async |address: &str| {
        let path = format!("/privacy/traces?address={address}");
        app.json::<FoundTraces>(&path).await
    };
    let before = traces("192.0.2.7").await;
    assert!(before.total.requests > 0 && before.total.sessions > 0 && before.total.attacks > 0);
    assert_eq!(
        (
            before.total.list_entries,
            &*before.applications[0].application
        ),
        (1, "shop")
    );
    let another = traces("192.0.2.9").await.total.requests;
    let kept = file(&app).await;
    assert!(is_in(&kept, "192.0.2.7") && memchr::memmem::find(&kept, &[192, 0, 2, 7]).is_some());

    let body = json!({"address": "192.0.2.7"});
    let answer = app.write("POST", "/privacy/erasures", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let erasure = ended(&app).await;
    assert_eq!(
        (erasure.before, erasure.after),
        (Some(before.total), Some(Traces::default()))
    );
    assert_eq!((erasure.state, erasure.percent), (JobState::Done, 100));
    assert!(erasure.subject.len() == 64 && erasure.by == "local");
    assert_eq!(traces("192.0.2.7").await.total, Traces::default());
    assert_eq!(traces("192.0.2.9").await.total.requests, another);

    let left = file(&app).await;
    assert!(!is_in(&left, "192.0.2.7"), "as text");
    assert!(
        memchr::memmem::find(&left, &[192, 0, 2, 7]).is_none(),
        "packed"
    );
    let tenant = app.store.tenant(&Caller::local());
    let shop = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    let snapshot = tenant.find_snapshot(shop.judgement).await.unwrap().unwrap();
    let state = snapshot.state.unpack().unwrap();
    for packed in [[192, 0, 2, 7], [7, 2, 0, 192]] {
        let is_left = memchr::memmem::find(&state, &packed).is_some();
        assert!(!is_left, "in what the engine remembers");
    }
    // The log says that something was, and by whom, but not about whom; and its chain holds.
    let chain: shared::AuditChain = app.json("/audit/chain").await;
    assert!(chain.holds && chain.erased > 0, "{chain:?}");
    let log = app.get("/audit").await.text();
    assert!(
        !log.contains("192.0.2.7\"") && log.contains("list_entry.create"),
        "{log}"
    );
}

#[tokio::test]
async fn an_erasure_is_accepted_at_once_whoever_writes_and_says_how_far_it_is() {
    let app = TestApp::new().await;
    let lane = app.state.demo.lanes().enter(app.application).await;
    let body = json!({"address": "192.0.2.7"});
    let answer = app.write("POST", "/privacy/erasures", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let begun: Erasure = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((begun.state, begun.before), (JobState::Waiting, None));
    let stands = async || {
        let mut page: Page<Erasure> = app.json("/privacy/erasures").await;
        assert_eq!(page.items.len(), 1);
        page.items.remove(0)
    };
    // Counted, and waiting for whoever writes.
    while stands().await.before.is_none() {
        tokio::task::yield_now().await;
    }
    let erasure = stands().await;
    assert_eq!(
        (erasure.state, erasure.after, erasure.ended_at),
        (JobState::Running, None, None)
    );
    assert!(erasure.percent < 100);
    // Asking again is asking for the same.
    let again = app.write("POST", "/privacy/erasures", &body).await;
    let again: Erasure = serde_json::from_slice(&again.body).unwrap();
    assert_eq!(again.id, begun.id);
    drop(lane);
    assert_eq!(ended(&app).await.after, Some(Traces::default()));
}

#[tokio::test]
async fn what_a_restart_cuts_off_is_finished_by_the_next_start() {
    let app = TestApp::new().await;
    let tenant = app.store.tenant(&Caller::local());
    let subject = TraceSubject::Address(std::net::IpAddr::from([192, 0, 2, 7]));
    // The first process ends in the middle of an application.
    let begun = tenant.begin_erasure(&subject, super::NOW).await.unwrap();
    let shop = tenant.find_application_state("shop").await.unwrap();
    let shop = shop.unwrap();
    let part = tenant.erase_requests(shop.judgement, &subject, None).await;
    assert!(part.unwrap().rewritten > 0);
    app.jobs
        .resume_erasures(&tenant, || super::NOW)
        .await
        .unwrap();
    let erasure = ended(&app).await;
    assert_eq!(erasure.id, begun.id);
    assert_eq!(erasure.after, Some(Traces::default()));
    let shown = tenant.find_application_state("shop").await.unwrap();
    let shown = shown.unwrap();
    assert!(shown.judgement != shop.judgement && !shown.is_due_again());

    // The first process ends between the last request and the file.
    let begun = tenant.begin_erasure(&subject, super::NOW).await.unwrap();
    tenant
        .note_after(begun.id, &Traces::default())
        .await
        .unwrap();
    app.jobs
        .resume_erasures(&tenant, || super::NOW)
        .await
        .unwrap();
    while !tenant.list_open_erasures().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_erasure_that_fails_says_what_to_do_and_goes_on_when_asked_for_again() {
    let app = TestApp::new().await;
    app.store
        .run("UPDATE segment SET bytes = CAST(SUBSTR(bytes, 1, 20) AS BLOB)")
        .await
        .unwrap();
    let body = json!({"address": "192.0.2.7"});
    app.write("POST", "/privacy/erasures", &body).await;
    let failed = loop {
        let mut page: Page<Erasure> = app.json("/privacy/erasures").await;
        let newest = page.items.remove(0);
        if newest.state == JobState::Failed {
            break newest;
        }
        tokio::task::yield_now().await;
    };
    let reason = failed.reason.unwrap();
    assert!(reason.contains("ask for the same again"), "{reason}");
    app.store.run("DELETE FROM segment").await.unwrap();
    app.write("POST", "/privacy/erasures", &body).await;
    assert_eq!(ended(&app).await.id, failed.id);
}

#[tokio::test]
async fn an_application_that_is_being_deleted_does_not_come_back_with_them() {
    let app = TestApp::new().await;
    let path = format!("/applications/{}", app.application);
    app.write("DELETE", &format!("{path}?confirm=shop"), &Value::Null)
        .await;
    let tenant = app.store.tenant(&Caller::local());
    assert_eq!(tenant.list_hidden().await.unwrap(), [app.application]);
    let body = json!({"address": "192.0.2.7"});
    app.write("POST", "/privacy/erasures", &body).await;
    ended(&app).await;
    let path = format!("{path}/restore");
    let restored = app.write("POST", &path, &Value::Null).await;
    assert_eq!(restored.status, StatusCode::NOT_FOUND);
    let left = file(&app).await;
    assert!(memchr::memmem::find(&left, &[192, 0, 2, 7]).is_none());
}

#[tokio::test]
async fn a_tenant_is_removed_only_when_nothing_goes_on_in_it() {
    let app = TestApp::new().await;
    let by = app.store.tenant(&Caller::local());
    let made = app.store.tenants().create("Acme", &by, super::NOW).await;
    let made = made.unwrap().id;
    let theirs = app.store.tenant(&Caller::local_in(made));
    let crm = theirs.find_or_create_application("crm").await.unwrap();
    let mut commit = Commit::new(crm.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &of_users(["alice", "bob"]))];
    theirs.commit(commit).await.unwrap();
    let lane = app.state.demo.lanes().enter(crm.id).await;
    let subject = TraceSubject::User {
        name: "alice".to_owned(),
        hashed: "~1".to_owned(),
    };
    let erasure = app.jobs.erase(&theirs, subject, || super::NOW).await;
    let erasure = erasure.unwrap();
    let is_at_it = async || {
        let page = theirs.list_erasures(PageRequest {
            cursor: None,
            limit: 1,
        });
        page.await
            .unwrap()
            .items
            .pop()
            .is_some_and(|it| it.before.is_some())
    };
    while !is_at_it().await {
        tokio::task::yield_now().await;
    }
    // It waits for the lane for ever, unless it is told to stop.
    let path = format!("/tenants/{made}");
    let answer = app.write("DELETE", &path, &json!({"name": "Acme"})).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    while !app.store.tenants().list_hidden().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let stands = app.jobs.with_progress(erasure);
    assert_eq!(stands.state, JobState::Waiting, "nobody is at it");
    drop(lane);
    for (table, rows) in app.store.count_rows_of(made).await.unwrap() {
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn a_user_who_was_hashed_is_found_and_erased_by_name() {
    let app = TestApp::new().await;
    let tenant = app.store.tenant(&Caller::local());
    let crm = tenant.find_or_create_application("crm").await.unwrap();
    let key = SecretKey::of_tenant(&[0; 16], Caller::DEFAULT_TENANT);
    let hashed = hash_token(b"alice", &key);
    let mut commit = Commit::new(crm.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &of_users(["alice", &hashed]))];
    tenant.commit(commit).await.unwrap();
    let found: FoundTraces = app.json("/privacy/traces?user=alice").await;
    // As they were stored before and after hashing was switched on.
    assert_eq!(found.total.requests, 10);
    let found: FoundTraces = app.json(&format!("/privacy/traces?user={hashed}")).await;
    assert_eq!(found.total.requests, 5);
    app.write("POST", "/privacy/erasures", &json!({"user": "alice"}))
        .await;
    let erasure = ended(&app).await;
    assert_eq!(erasure.before.unwrap().requests, 10);
    assert!(!is_in(&file(&app).await, &hashed));
}

/// Requests of two users, by turns.
fn of_users(users: [&str; 2]) -> engine::Batch {
    let mut batch = engine::Batch::default();
    for minute in 0..10 {
        let user = users[minute % 2];
        let request = engine::Request {
            at: super::NOW.plus(-3_600_000 + minute as i64 * 60_000).0,
            address: engine::Address(0xffff << 32 | 0xc633_6400 | minute as u128),
            method: batch.texts.intern("GET"),
            host: batch.texts.intern("crm.example"),
            path: batch.texts.intern(&format!("/people/{user}/files")),
            user: batch.texts.intern(user),
            status: 200,
            ..engine::Request::default()
        };
        batch.requests.push(request);
    }
    batch
}

#[tokio::test]
async fn an_erased_user_is_gone_and_others_requests_keep_their_numbers() {
    let app = TestApp::new().await;
    let tenant = app.store.tenant(&Caller::local());
    let crm = tenant.find_or_create_application("crm").await.unwrap();
    let mut commit = Commit::new(crm.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &of_users(["alice", "Alice"]))];
    tenant.commit(commit).await.unwrap();
    let found: FoundTraces = app.json("/privacy/traces?user=alice").await;
    assert_eq!(
        (found.total.requests, &*found.applications[0].application),
        (5, "crm")
    );
    let others = async || {
        let batch = tenant.find_batch(crm.judgement, 0).await.unwrap().unwrap();
        let rows = batch.requests.iter().enumerate();
        let others = rows.filter(|(_, request)| batch.text(request.user) == "Alice");
        others
            .map(|(row, request)| (row, request.at, request.address))
            .collect::<Vec<_>>()
    };
    let before = others().await;
    assert_eq!(before.len(), 5);
    app.write("POST", "/privacy/erasures", &json!({"user": "alice"}))
        .await;
    let erasure = ended(&app).await;
    assert_eq!(
        (erasure.before.unwrap().requests, erasure.after),
        (5, Some(Traces::default()))
    );
    assert_eq!(others().await, before);
    let batch = tenant.find_batch(crm.judgement, 0).await.unwrap().unwrap();
    assert!(!format!("{:?}", batch.texts).contains("/alice/"));
    // Whoever is left is judged, and nobody else.
    let sessions: Page<shared::SessionSummary> =
        app.json("/sessions?q=app:crm+%3E2000-01-01").await;
    let users = sessions.items.iter().map(|session| session.user.as_deref());
    assert!(users.clone().count() > 0 && users.clone().all(|user| user == Some("Alice")));
    assert!(!is_in(&file(&app).await, "alice"));
}

#[tokio::test]
async fn only_one_person_is_looked_for() {
    let app = TestApp::new().await;
    for (body, field) in [
        (json!({}), "address"),
        (json!({"address": "192.0.2.0/24"}), "address"),
        (json!({"address": "192.0.2.7", "user": "ann"}), "user"),
        (json!({"user": ""}), "user"),
        (json!({"user": "x".repeat(257)}), "user"),
    ] {
        let answer = app.write("POST", "/privacy/erasures", &body).await;
        let problem = answer.problem(&body.to_string(), ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field);
    }
}
