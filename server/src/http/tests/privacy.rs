//! What of people is kept and who sees it, through the API: the settings, and addresses that are
//! shown only in part wherever they stand.

use http::StatusCode;
use serde_json::{Value, json};
use shared::{
    AuditEntry, Erasure, ErrorCode, FoundTraces, JobState, Page, Permissions, Privacy, Role, Traces,
};

use super::table::{fill, method_name, seeded_id};
use super::{TestApp, write_request};
use crate::auth::Caller;
use crate::http::openapi::BASE;
use crate::http::router::routes;
use crate::ingest::normalize::{SecretKey, hash_token};
use crate::store::{Commit, EncodedSegment, PageRequest, TraceSubject};

/// A server at which whoever asks may do what an administrator may, and sees no whole address.
async fn masked() -> TestApp {
    let caller = Caller::new(Caller::DEFAULT_TENANT, Role::Administrator.permissions());
    let app = TestApp::with_caller(caller).await;
    let privacy = Privacy {
        masks_addresses_for: vec![Role::Administrator],
        ..Privacy::default()
    };
    let tenant = app.store.tenant(&Caller::local());
    tenant.set_privacy(&privacy, super::NOW).await.unwrap();
    app
}

/// The first whole address in a text that is no documentation.
fn find_address(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut runs = text.split(|c| !is_part(c));
    runs.find(|run| {
        let v6 = run.parse::<std::net::Ipv6Addr>();
        // Masked ones end in zeros, before the length of their network.
        let is_v6 = v6.is_ok_and(|it| u128::from(it) << 48 != 0);
        let v4 = run.parse::<std::net::Ipv4Addr>();
        is_v6 || v4.is_ok_and(|it| it.octets()[3] != 0)
    })
}

#[tokio::test]
async fn no_route_tells_a_whole_address_to_who_sees_them_in_part() {
    let app = masked().await;
    let mut seen = String::new();
    for route in routes() {
        let is_read = method_name(&route.method) == "GET";
        if !is_read || !Role::Administrator.permissions().contains(route.permission) {
            continue;
        }
        let path = fill(route.path, &seeded_id(&app, route.path));
        let everything = match route.path {
            "/attacks" | "/sessions" => "?q=%3E2000-01-01",
            _ => "",
        };
        let answer = app.get(&format!("{path}{everything}")).await;
        if matches!(route.path, "/lists/deny.txt" | "/tenant/export") {
            answer.problem(&path, ErrorCode::Forbidden);
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let text = answer.text();
        assert_eq!(find_address(&text), None, "{path}: {text}");
        seen.push_str(&text);
    }
    // They were there.
    assert!(seen.contains("192.0.2.x") && seen.contains("192.0.2.0/24"));
}

#[tokio::test]
async fn nobody_asks_for_what_they_are_not_shown() {
    let app = masked().await;
    let session = super::seed::GUESSING_SESSION;
    for (path, field) in [
        ("/attacks?q=ip:192.0.2.7", "q"),
        ("/attacks/counts?q=ip:192.0.2.0-192.0.2.127", "q"),
        ("/sessions?q=ip:192.0.2.0/25", "q"),
        ("/sessions/values?key=ip", "key"),
        ("/lists/entries?object=192.0.2.7", "object"),
        ("/lists/lookup?object=192.0.2.7", "object"),
        ("/audit?text=192.0.2.7", "text"),
        (&format!("/sessions/{session}/requests?ip=192.0.2.7"), "ip"),
        (
            &format!("/sessions/{session}/requests.csv?not_ip=192.0.2.7"),
            "not_ip",
        ),
    ] {
        let problem = app.problem(path, ErrorCode::InvalidRequest).await;
        assert_eq!(problem.errors[0].field, field, "{path}");
    }
    for path in [
        "/attacks?q=ip:192.0.2.0/24",
        "/sessions?q=ip:192.0.",
        "/lists/entries?object=192.0.2.0/24",
    ] {
        assert_eq!(app.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn whoever_may_more_sees_whole_addresses() {
    let app = TestApp::with_caller(Caller::new(Caller::DEFAULT_TENANT, Permissions::ALL)).await;
    let body = json!({
        "hashes_session_keys": false,
        "hashed_fields": [" X-Customer ", "email", "email"],
        "masks_addresses_for": ["read_only", "analyst"],
    });
    let answer = app.write("PUT", "/privacy", &body).await;
    let saved: Privacy = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(saved.hashed_fields, ["X-Customer", "email"]);
    assert_eq!(saved.masks_addresses_for, [Role::Analyst, Role::ReadOnly]);
    assert_eq!(app.json::<Privacy>("/privacy").await, saved);
    let attacks = app.get("/attacks?q=%3E2000-01-01").await.text();
    assert!(attacks.contains("\"192.0.2.7\""), "{attacks}");
    let entry = app
        .json::<Page<AuditEntry>>("/audit?limit=1")
        .await
        .items
        .remove(0);
    assert_eq!(entry.action, "privacy.update");
    assert_eq!(
        entry.changes[1].after.as_deref(),
        Some("Analyst, Read-only")
    );

    // An analyst of the same tenant, with a token or signed in.
    let analyst = app.asked_by(Caller::new(
        Caller::DEFAULT_TENANT,
        Role::Analyst.permissions(),
    ));
    let path = format!("{BASE}/attacks?q=%3E2000-01-01");
    let (_, text) = super::table::ask(&analyst, super::request("GET", &path)).await;
    assert!(
        text.contains("\"192.0.2.x\"") && !text.contains("\"192.0.2.7\""),
        "{text}"
    );
}

#[tokio::test]
async fn wrong_settings_are_refused() {
    let app = TestApp::new().await;
    let body = |field: &str, value: Value| {
        let mut body = json!({
            "hashes_session_keys": false, "hashed_fields": [], "masks_addresses_for": [],
        });
        body[field] = value;
        body
    };
    for (field, value) in [
        ("hashed_fields", json!(vec!["x"; 101])),
        ("hashed_fields", json!([""])),
        ("hashed_fields", json!(["x".repeat(65)])),
        ("hashed_fields", json!(["a\nb"])),
        ("masks_addresses_for", json!(["enforcer"])),
    ] {
        let answer = app
            .send(write_request("PUT", "/privacy", &body(field, value)))
            .await;
        let problem = answer.problem(field, ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, field);
    }
}

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
    for packed in [[192, 0, 2, 7], [7, 2, 0, 192]] {
        let is_left = memchr::memmem::find(&snapshot.state, &packed).is_some();
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

#[tokio::test]
async fn an_export_has_everything_of_the_tenant_and_no_secret() {
    let app = TestApp::new().await;
    let owner = app.asked_by(Caller::local());
    let path = format!("{BASE}/tenant/export");
    let (status, text) = super::table::ask(&owner, super::request("GET", &path)).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "about.json",
        "applications.ndjson",
        "/requests/00000000.ndjson",
        "/settings.json",
        "sessions/000001.ndjson",
        "attacks/000001.ndjson",
        "lists/deny-active-000001.ndjson",
        "tokens.ndjson",
        "audit/000001.ndjson",
        "\"ip\":\"192.0.2.7\"",
        "guesses passwords",
        "nightly export",
    ] {
        assert!(text.contains(part), "{part} is not in it");
    }
    let hash = super::tokens::secret()
        .hash()
        .0
        .map(|byte| format!("{byte:02x}"))
        .concat();
    assert!(!text.contains("botscope_") && !text.contains(&hash));
}
