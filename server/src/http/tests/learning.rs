//! What was learned of an application, through the API.

use shared::{
    ApplicationId, DetectorKind, ErrorCode, LearnedModel, LearnedNormal, LearningState, Overview,
    Timestamp,
};

use super::{NOW, TestApp, on_both};
use crate::auth::Caller;

on_both!(
    an_application_tells_what_was_learned_of_it,
    before_the_first_lesson_nothing_is_learned_and_nobody_elses_application_is_found,
);

/// What the engine said of the seeded shop with the last of 1,204 lessons.
pub(super) fn learned() -> LearningState {
    let normal = |detector, normal, drift| {
        let spec = engine::spec(detector);
        LearnedNormal {
            detector,
            normal,
            default: spec.default,
            unit: spec.unit.to_owned(),
            direction: spec.direction,
            percent: if normal == spec.default { 0 } else { 40 },
            actors: if normal == spec.default { 0 } else { 1_204 },
            drift,
        }
    };
    LearningState {
        actors: 1_204,
        hours: 30,
        percent: 40,
        last_lesson_at: Some(NOW.plus(-2 * Timestamp::HOUR)),
        sessions: 1_310,
        anomaly_model: Some(LearnedModel {
            number: 2,
            trained_at: NOW.plus(-9 * Timestamp::HOUR),
            actors: 512,
        }),
        normals: vec![
            normal(DetectorKind::RequestRate, 41.5, Some(1.2)),
            normal(DetectorKind::RequestUniqueness, 0.21, Some(0.96)),
            normal(DetectorKind::ExploitProbing, 3.0, None),
        ],
    }
}

async fn an_application_tells_what_was_learned_of_it() {
    let app = TestApp::new().await;
    let overview: Overview = app.json("/overview").await;
    let mut applications = overview.applications.iter();
    let shop = applications.find(|one| one.name == "shop").unwrap();
    let path = format!("/applications/{}/learning", shop.id);
    let learned: LearningState = app.json(&path).await;
    assert_eq!((learned.actors, learned.sessions), (1_204, 1_310));
    assert_eq!(learned.anomaly_model.unwrap().actors, 512);
    let rate = &learned.normals[0];
    assert_eq!(
        (rate.detector, rate.default),
        (DetectorKind::RequestRate, 60.0)
    );
    assert_eq!((rate.normal, rate.drift), (41.5, Some(1.2)));
}

async fn before_the_first_lesson_nothing_is_learned_and_nobody_elses_application_is_found() {
    let app = TestApp::new().await;
    let tenant = app.store.tenant(&Caller::local());
    let id = tenant.find_or_create_application("new").await.unwrap().id;
    let learned: LearningState = app.json(&format!("/applications/{id}/learning")).await;
    assert_eq!(learned, LearningState::default());
    let unknown = ApplicationId(7);
    let path = format!("/applications/{unknown}/learning");
    app.problem(&path, ErrorCode::NotFound).await;
}
