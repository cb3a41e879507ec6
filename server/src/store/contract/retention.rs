//! Retention: old sessions and requests go, requests of attacks stay.

use shared::{AttackId, SessionId};

use super::fixture::*;

async fn requests_of_attacks_outlive_the_rest(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let mut quiet = commit(&shop, 1, 2, 6);
    quiet.effects = Default::default();
    tenant.commit(quiet).await.unwrap();
    tenant.commit(commit(&shop, 2, 3, 7)).await.unwrap();
    let sessions = || async { tenant.list_applications().await.unwrap()[0].sessions };
    assert_eq!(sessions().await, 2);
    // Segment 0 ends at minute 4, its session at 59; segment 2 begins at minute 120.
    tenant
        .remove_before(shop.judgement, minute(100))
        .await
        .unwrap();

    assert_eq!(tenant.find_session(SessionId(5)).await.unwrap(), None);
    assert!(tenant.find_session(SessionId(7)).await.unwrap().is_some());
    let hits = tenant.list_hits(AttackId(1), ALL).await.unwrap().unwrap();
    let rows: Vec<u32> = hits.items.iter().map(|hit| hit.request.id().row).collect();
    assert_eq!(rows, [0, 2, 4]);
    assert_eq!(hits.items[0].session, None);
    let request = &hits.items[1].request;
    assert_eq!(request.text(request.request().path), "/login");
    assert_eq!(
        tenant
            .find_attack_sessions(AttackId(1))
            .await
            .unwrap()
            .stored,
        0
    );

    let left = tenant
        .list_segments(shop.judgement, None, 10)
        .await
        .unwrap();
    let numbers: Vec<u64> = left.iter().map(|segment| segment.number).collect();
    assert_eq!(numbers, [0, 2]);
    let first = &left[0].batch;
    assert_eq!(first.text(first.requests[1].path), "/article/1");
    assert_eq!(first.text(first.requests[7].path), "");
    let state = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.next_segment, 3);
    test.store.compact().await.unwrap();
}

async fn requests_that_a_restart_needs_stay(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let mut later = commit(&shop, 1, 2, 6);
    later.snapshot = None;
    later.effects = Default::default();
    tenant.commit(later).await.unwrap();
    tenant
        .remove_before(shop.judgement, minute(100_000))
        .await
        .unwrap();
    let left = tenant
        .list_segments(shop.judgement, Some(0), 10)
        .await
        .unwrap();
    assert_eq!(left[0].batch.requests.len(), 10);
    assert_eq!(
        left[0].batch.text(left[0].batch.requests[9].host),
        "shop.example"
    );
}

on_both!(
    requests_of_attacks_outlive_the_rest,
    requests_that_a_restart_needs_stay
);
