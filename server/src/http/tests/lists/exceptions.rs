//! What exceptions do to attacks.

use serde_json::json;
use shared::{AttackDetail, AttackSummary, Page};

use super::super::TestApp;
use super::super::seed::{GUESSING, PROBING};

use crate::http::tests::on_both;

on_both!(
    an_exception_hides_the_attacks_of_that_actor_until_it_is_gone,
    an_excepted_bot_is_none_of_the_others_of_a_heatmap,
);

async fn an_exception_hides_the_attacks_of_that_actor_until_it_is_gone() {
    let app = TestApp::new().await;
    let listed = async || {
        let page: Page<AttackSummary> = app.json("/attacks").await;
        page.items
            .iter()
            .map(|attack| attack.id)
            .collect::<Vec<_>>()
    };
    let is_excepted = async || {
        let attack: AttackDetail = app.json(&format!("/attacks/{GUESSING}")).await;
        attack.summary.excepted
    };
    assert_eq!(listed().await, [GUESSING, PROBING]);
    // On another application it says nothing of these.
    let elsewhere =
        json!({"list": "exception", "objects": ["192.0.2.7"], "applications": ["blog"]});
    app.added(elsewhere).await;
    assert_eq!(listed().await, [GUESSING, PROBING]);
    assert!(!is_excepted().await);

    let added = app
        .added(json!({"list": "exception", "objects": ["192.0.2.0/29"], "applications": ["shop"]}))
        .await;
    assert_eq!(listed().await, [PROBING]);
    assert!(is_excepted().await);
    let counts: shared::AttackCounts = app.json("/attacks/counts").await;
    assert_eq!(counts.attacks, 1);
    // What a person denied stays denied.
    assert_eq!(app.objects("").await, ["192.0.2.7"]);

    app.undone(&added).await;
    assert_eq!(listed().await, [GUESSING, PROBING]);
    assert!(!is_excepted().await);
}

async fn an_excepted_bot_is_none_of_the_others_of_a_heatmap() {
    let app = TestApp::new().await;
    let bots = async |id: shared::AttackId| {
        let maps: shared::Heatmaps = app.json(&format!("/attacks/{id}/heatmaps")).await;
        let steps: shared::HeatmapSteps = app.json(&format!("/attacks/{id}/heatmaps/steps")).await;
        assert_eq!(maps.performance.bubbles.len(), steps.bots.len());
        assert_eq!(maps.bots_total, steps.bots_total);
        (maps.performance.bubbles.len(), maps.bots_total)
    };
    assert_eq!(bots(GUESSING).await, (2, 2));
    let added = app
        .added(json!({"list": "exception", "objects": ["192.0.2.9"]}))
        .await;
    assert_eq!(bots(GUESSING).await, (1, 1));
    // Its own page still shows it.
    assert_eq!(bots(PROBING).await, (1, 1));
    app.undone(&added).await;
    assert_eq!(bots(GUESSING).await, (2, 2));
}
