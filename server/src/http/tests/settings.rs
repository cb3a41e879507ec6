//! Settings of an application, and the jobs that judge it again.

use engine::{Address, Batch, Request};
use serde_json::{Value, json};
use shared::{
    ApplicationId, ErrorCode, Job, JobState, KeyCandidates, KeyPurpose, Page, SessionDetail,
    SessionRequest, SessionSummary, SettingsDetail, SettingsPreview, SettingsSaved,
};

use super::{NOW, TestApp, on_both};
use crate::auth::Caller;
use crate::pipeline::Jobs;
use crate::store::{Commit, EncodedSegment};

on_both!(
    saved_settings_judge_again_and_undone_ones_go_back,
    a_second_change_takes_the_place_of_the_first,
    a_removed_application_is_judged_again_once_it_is_back,
    what_an_interruption_left_is_done_at_the_next_start,
    a_job_that_fails_says_so_and_leaves_what_was_shown,
    nonsense_is_refused_and_changes_nothing,
    candidates_are_offered_and_a_preview_counts,
);

/// Three visitors behind one address and user agent, told apart by a cookie; one of them is
/// signed in.
async fn visitors(app: &TestApp) -> ApplicationId {
    let mut batch = Batch::default();
    for number in 0..60i64 {
        let visitor = number % 6;
        let mut facts = format!("cookie:trail=~{visitor}");
        if visitor == 0 {
            facts.push_str("\nfield:account=ann\nfield:role=admin");
        }
        let request = Request {
            at: NOW.0 - 3_600_000 + number * 1_000,
            address: Address(0xffff << 32 | 0xc000_0201),
            method: batch.texts.intern("GET"),
            path: batch.texts.intern("/a"),
            user_agent: batch.texts.intern("Mozilla/5.0 (X11)"),
            facts: batch.texts.intern(&facts),
            status: 200,
            ..Request::default()
        };
        batch.requests.push(request);
    }
    let tenant = app.store.tenant(&Caller::local());
    let state = tenant.find_or_create_application("visitors").await.unwrap();
    let mut commit = Commit::new(state.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &batch)];
    tenant.commit(commit).await.unwrap();
    state.id
}

async fn put(app: &TestApp, id: ApplicationId, settings: &Value) -> SettingsSaved {
    let path = format!("/applications/{id}/settings");
    let answer = app.write("PUT", &path, settings).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// The job, once it has ended.
async fn ended(app: &TestApp, job: &Job) -> Job {
    loop {
        let job: Job = app.json(&format!("/jobs/{}", job.id)).await;
        if !job.state.is_active() {
            return job;
        }
        tokio::task::yield_now().await;
    }
}

async fn sessions(app: &TestApp) -> Vec<SessionSummary> {
    let page: Page<SessionSummary> = app.json("/sessions?q=app:visitors").await;
    page.items
}

async fn saved_settings_judge_again_and_undone_ones_go_back() {
    let app = TestApp::new().await;
    let id = visitors(&app).await;
    let before: SettingsDetail = app.json(&format!("/applications/{id}/settings")).await;
    assert_eq!((before.settings, before.job), (Default::default(), None));

    let settings = json!({
        "session_key": ["cookie:trail", "auto"],
        "user": ["field:account"],
        "role": ["auto"],
    });
    let saved = put(&app, id, &settings).await;
    let job = ended(&app, &saved.job.unwrap()).await;
    assert_eq!(
        (job.state, job.percent, job.reason),
        (JobState::Done, 100, None)
    );
    assert_eq!(job.ended_at, Some(NOW));
    let found = sessions(&app).await;
    assert_eq!(found.len(), 6);
    let ann = found.iter().find(|session| session.user.is_some()).unwrap();
    assert_eq!(
        (ann.user.as_deref(), ann.role.as_deref()),
        (Some("ann"), Some("admin"))
    );
    let detail: SessionDetail = app.json(&format!("/sessions/{}", ann.id)).await;
    assert_eq!(detail.grouped_by, "session key cookie:trail");
    let requests: Page<SessionRequest> = app.json(&format!("/sessions/{}/requests", ann.id)).await;
    assert_eq!(requests.items.len(), 10);
    assert_eq!(requests.items[0].grouped_by, "session key cookie:trail");
    assert_eq!(requests.items[0].role.as_deref(), Some("admin"));

    // Saved again, nothing is left to do.
    assert_eq!(put(&app, id, &settings).await.job, None);
    let undone = put(&app, id, &serde_json::to_value(&saved.former).unwrap()).await;
    let job = ended(&app, &undone.job.unwrap()).await;
    assert_eq!(job.state, JobState::Done);
    let found = sessions(&app).await;
    assert_eq!((found.len(), found[0].user.as_deref()), (1, None));
    let detail: SessionDetail = app.json(&format!("/sessions/{}", found[0].id)).await;
    assert_eq!(detail.grouped_by, "IP + user agent");
    let after: SettingsDetail = app.json(&format!("/applications/{id}/settings")).await;
    assert_eq!(after.job, Some(job));
}

async fn a_second_change_takes_the_place_of_the_first() {
    let app = TestApp::new().await;
    let id = visitors(&app).await;
    let keyed = |source: &str| json!({"session_key": [source], "user": [], "role": []});
    let first = put(&app, id, &keyed("cookie:trail")).await.job.unwrap();
    let second = put(&app, id, &keyed("field:account")).await.job.unwrap();
    let third = put(&app, id, &keyed("cookie:trail")).await.job.unwrap();
    assert!(first.id < second.id && second.id < third.id);
    let third = ended(&app, &third).await;
    assert_eq!(third.state, JobState::Done);
    for job in [first, second] {
        let job = ended(&app, &job).await;
        assert!(
            matches!(job.state, JobState::Superseded | JobState::Done),
            "{job:?}"
        );
    }
    assert_eq!(sessions(&app).await.len(), 6);
    let jobs: Page<Job> = app.json("/jobs").await;
    assert_eq!(jobs.items[0], third);
}

async fn a_removed_application_is_judged_again_once_it_is_back() {
    let app = TestApp::new().await;
    let id = visitors(&app).await;
    let settings = json!({"session_key": ["cookie:trail"], "user": [], "role": []});
    let job = put(&app, id, &settings).await.job.unwrap();
    let path = format!("/applications/{id}?confirm=visitors");
    let removed = app.write("DELETE", &path, &Value::Null).await;
    assert_eq!(removed.status, 204);
    assert!(!ended(&app, &job).await.state.is_active());
    let path = format!("/applications/{id}/restore");
    let restored = app.write("POST", &path, &Value::Null).await;
    assert_eq!(restored.status, 200);
    let jobs: Page<Job> = app.json("/jobs").await;
    assert_eq!(ended(&app, &jobs.items[0]).await.state, JobState::Done);
    assert_eq!(sessions(&app).await.len(), 6);
}

async fn what_an_interruption_left_is_done_at_the_next_start() {
    let app = TestApp::new().await;
    let id = visitors(&app).await;
    let tenant = app.store.tenant(&Caller::local());
    let settings = shared::ApplicationSettings {
        session_key: vec!["cookie:trail".parse().unwrap()],
        ..Default::default()
    };
    // As if the process had ended in the middle: set, begun, and not shown.
    tenant.set_settings(id, &settings, NOW).await.unwrap();
    let state = tenant.find_application_state("visitors").await.unwrap();
    let half = tenant
        .create_judgement(state.unwrap().judgement)
        .await
        .unwrap();
    tenant.commit(Commit::new(half, 0)).await.unwrap();

    let restarted = Jobs::default();
    restarted.resume(&tenant, || NOW).await.unwrap();
    restarted.wait().await;
    let jobs = restarted.list(&tenant);
    assert_eq!((jobs.len(), jobs[0].state), (1, JobState::Done));
    assert_eq!(sessions(&app).await.len(), 6);
    let again = Jobs::default();
    again.resume(&tenant, || NOW).await.unwrap();
    assert_eq!(again.list(&tenant), []);
}

async fn a_job_that_fails_says_so_and_leaves_what_was_shown() {
    let app = TestApp::new().await;
    let id = visitors(&app).await;
    let tenant = app.store.tenant(&Caller::local());
    let shown = tenant.find_judgement(id).await.unwrap().unwrap();
    // A segment that cannot be read.
    let mut commit = Commit::new(shown, 1);
    let mut damaged = EncodedSegment::new(1, &Batch::default());
    (damaged.rows, damaged.added, damaged.bytes) = (1, 1, vec![9; 3]);
    commit.segments = vec![damaged];
    tenant.commit(commit).await.unwrap();
    let settings = json!({"session_key": ["cookie:trail"], "user": [], "role": []});
    let job = put(&app, id, &settings).await.job.unwrap();
    let job = ended(&app, &job).await;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.reason.unwrap().contains("log"));
    assert_eq!(tenant.find_judgement(id).await.unwrap(), Some(shown));
}

async fn nonsense_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let id = app.application;
    let path = format!("/applications/{id}/settings");
    let long = format!("field:{}", "x".repeat(5_000));
    let many: Vec<String> = (0..9).map(|number| format!("field:f{number}")).collect();
    for (body, what) in [
        (json!({}), "missing field"),
        (
            json!({"session_key": ["sid"], "user": [], "role": []}),
            "no source",
        ),
        (
            json!({"session_key": ["cookie:a b"], "user": [], "role": []}),
            "needs a name",
        ),
        (
            json!({"session_key": [long], "user": [], "role": []}),
            "needs a name",
        ),
        (
            json!({"session_key": ["field:🦀"], "user": [], "role": []}),
            "needs a name",
        ),
        (
            json!({"session_key": ["field:a.b.c.d.e.f"], "user": [], "role": []}),
            "needs a name",
        ),
        (
            json!({"session_key": [7], "user": [], "role": []}),
            "invalid type",
        ),
        (
            json!({"session_key": [], "user": many, "role": []}),
            "at most 8",
        ),
        (
            json!({"session_key": [], "user": [], "role": ["auto", "auto"]}),
            "named twice",
        ),
        (
            json!({"session_key": [], "user": [], "role": [], "x": 1}),
            "unknown field",
        ),
    ] {
        let answer = app.write("PUT", &path, &body).await;
        let problem = answer.problem(&body.to_string(), ErrorCode::InvalidRequest);
        let fault = &problem.errors[0].message;
        assert!(fault.contains(what), "{body}: {fault}");
    }
    for query in ["session_key=sid", "user=field:", "role=auto,auto"] {
        let path = format!("{path}/preview?{query}");
        app.problem(&path, ErrorCode::InvalidRequest).await;
    }
    let detail: SettingsDetail = app.json(&path).await;
    assert_eq!(detail.settings, Default::default());
}

async fn candidates_are_offered_and_a_preview_counts() {
    let app = TestApp::new().await;
    let id = visitors(&app).await;
    let path = format!("/applications/{id}/settings");
    let found: KeyCandidates = app.json(&format!("{path}/candidates")).await;
    assert_eq!(found.examined, 60);
    let trail = &found.candidates[0];
    assert_eq!(
        (trail.source.to_string(), trail.purpose),
        ("cookie:trail".to_owned(), KeyPurpose::SessionKey)
    );
    assert_eq!(
        (trail.requests, trail.values, trail.recognised),
        (60, 6, false)
    );
    let preview: SettingsPreview = app
        .json(&format!(
            "{path}/preview?session_key=field:none,cookie:trail&user=field:account"
        ))
        .await;
    assert_eq!(
        (preview.examined, preview.sessions, preview.keyed),
        (60, 6, 60)
    );
    assert_eq!((preview.with_user, preview.with_role), (10, 10));
    assert_eq!(preview.by_source, [0, 60]);
    let keyed = json!({"session_key": ["cookie:trail"], "user": [], "role": []});
    put(&app, id, &keyed).await;
    let as_set: SettingsPreview = app.json(&format!("{path}/preview")).await;
    assert_eq!((as_set.sessions, as_set.keyed), (6, 60));
    let none: SettingsPreview = app.json(&format!("{path}/preview?session_key=none")).await;
    assert_eq!((none.sessions, none.keyed), (1, 0));
}
