//! The tenant wall: whatever another tenant asks for is not found, and what it writes goes
//! nowhere.

use shared::{AttackId, SessionId};

use super::fixture::*;
use crate::store::{
    AdjacentSessions, AttackSort, AttackTotals, Commit, Period, Search, StoreError,
};

async fn nothing_of_a_tenant_is_found_by_another(on: On) {
    let test = TestStore::open(on).await;
    let (owner, stranger) = (test.tenant(), test.stranger());
    let shop = owner.find_or_create_application("shop").await.unwrap();
    owner.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let session = owner.find_session(SessionId(5)).await.unwrap().unwrap();

    assert!(stranger.list_applications().await.unwrap().is_empty());
    assert_eq!(stranger.find_application(shop.id).await.unwrap(), None);
    assert_eq!(stranger.find_application_state("shop").await.unwrap(), None);
    assert!(stranger.list_sources(shop.id).await.unwrap().is_empty());
    assert_eq!(stranger.find_newest_attack_at().await.unwrap(), None);
    assert_eq!(stranger.find_judgement(shop.id).await.unwrap(), None);
    assert_eq!(stranger.find_snapshot(shop.judgement).await.unwrap(), None);
    let log = stranger.list_segments(shop.judgement, None, 10).await;
    assert!(log.unwrap().is_empty());
    assert!(stranger.list_changes(0, 10).await.unwrap().is_empty());

    let filter = Search::default();
    let attacks = stranger
        .list_attacks(&filter, AttackSort::Date, true, ALL)
        .await;
    assert!(attacks.unwrap().items.is_empty());
    let totals = stranger.count_attacks(&filter, minute(0)).await.unwrap();
    let none = AttackTotals::default();
    assert_eq!((totals.attacks, totals.hits), (none.attacks, none.hits));
    assert_eq!(stranger.find_attack(AttackId(1)).await.unwrap(), None);
    assert_eq!(
        stranger
            .find_attack_sessions(AttackId(1))
            .await
            .unwrap()
            .stored,
        0
    );
    assert!(
        stranger
            .list_hits(AttackId(1), ALL)
            .await
            .unwrap()
            .is_none()
    );
    let slices = stranger
        .list_attack_slices(shop.id, None, Period::ALWAYS)
        .await;
    assert!(slices.unwrap().is_empty());
    let slices = stranger.list_crawler_slices(shop.id, Period::ALWAYS).await;
    assert!(slices.unwrap().is_empty());
    let normals = stranger.find_normals(shop.id).await.unwrap();
    assert_eq!(normals, engine::HeatmapNormals::default());

    let sessions = stranger.list_sessions(&Search::default(), ALL).await;
    assert!(sessions.unwrap().items.is_empty());
    assert_eq!(stranger.find_session(SessionId(5)).await.unwrap(), None);
    // Even a row that belongs to the owner opens nothing, whether in memory or not.
    assert_eq!(requests_of(&owner, &session).await.len(), 5);
    assert!(requests_of(&stranger, &session).await.is_empty());
    let sessions = std::slice::from_ref(&session);
    let index = owner.find_request_index(sessions).await.unwrap();
    let requests = stranger.list_session_requests(sessions, &index, &[0]);
    // The segment is in memory by now.
    assert!(requests.await.unwrap().is_empty());
    let adjacent = stranger.find_adjacent_sessions(&session).await.unwrap();
    assert_eq!(adjacent, AdjacentSessions::default());
    assert_eq!(stranger.list_journey(&session).await.unwrap().len(), 1);
}

async fn another_tenant_changes_nothing(on: On) {
    let test = TestStore::open(on).await;
    let (owner, stranger) = (test.tenant(), test.stranger());
    let shop = owner.find_or_create_application("shop").await.unwrap();
    owner.commit(commit(&shop, 0, 1, 5)).await.unwrap();

    let refused = stranger.commit(Commit::new(shop.judgement, 7)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let refused = stranger.create_judgement(shop.judgement).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let refused = stranger.show_judgement(shop.judgement).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    owner.create_judgement(shop.judgement).await.unwrap();
    let removed = stranger.remove_old_judgements(shop.judgement).await;
    assert!(!removed.unwrap());
    stranger
        .remove_before(shop.judgement, minute(100_000))
        .await
        .unwrap();

    let found = &owner.list_applications().await.unwrap()[0];
    assert_eq!((found.requests, found.sessions, found.attacks), (10, 1, 1));
    assert_eq!(
        owner
            .list_hits(AttackId(1), ALL)
            .await
            .unwrap()
            .unwrap()
            .items
            .len(),
        3
    );
}

async fn tenants_name_their_applications_as_they_like(on: On) {
    let test = TestStore::open(on).await;
    let (owner, stranger) = (test.tenant(), test.stranger());
    let ours = owner.find_or_create_application("shop").await.unwrap();
    let theirs = stranger.find_or_create_application("shop").await.unwrap();
    assert_ne!((ours.id, ours.judgement), (theirs.id, theirs.judgement));
    owner.commit(commit(&ours, 0, 1, 5)).await.unwrap();
    stranger.commit(commit(&theirs, 0, 1, 5)).await.unwrap();
    assert_eq!(owner.list_changes(0, 10).await.unwrap().len(), 2);
    assert_eq!(stranger.list_changes(0, 10).await.unwrap()[0].seq, 1);
    let found = stranger.find_attack(AttackId(1)).await.unwrap().unwrap();
    assert_eq!(found.application_id, theirs.id);
    let mut log = stranger.list_segments(ours.judgement, None, 10).await;
    assert!(log.unwrap().is_empty());
    log = stranger.list_segments(theirs.judgement, None, 10).await;
    assert_eq!(log.unwrap().len(), 1);
}

on_both!(
    nothing_of_a_tenant_is_found_by_another,
    another_tenant_changes_nothing,
    tenants_name_their_applications_as_they_like
);
