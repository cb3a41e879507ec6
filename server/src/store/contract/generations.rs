//! Judging again: the old verdicts stay visible until the new ones replace them at once.

use shared::AttackId;

use super::fixture::*;
use crate::store::{ChangeKind, Commit, TenantStore};

async fn attacks(tenant: &TenantStore) -> Vec<bool> {
    let mut there = Vec::new();
    for id in [1, 2] {
        there.push(tenant.find_attack(AttackId(id)).await.unwrap().is_some());
    }
    there
}

async fn a_new_judgement_replaces_the_old_one_at_once(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let next = tenant.create_judgement(shop.judgement).await.unwrap();
    let mut again = Commit::new(next, 0);
    again.effects = effects(2, 5, 0, 0);
    tenant.commit(again).await.unwrap();
    assert_eq!(attacks(&tenant).await, [true, false]);

    tenant.show_judgement(next).await.unwrap();
    assert_eq!(attacks(&tenant).await, [false, true]);
    // Whoever looks at an attack of it is told to ask again.
    let changes = tenant.list_changes(0, 99).await.unwrap();
    let told = (ChangeKind::Judgement, shop.id.0);
    let last = changes.last().map(|change| (change.kind, change.reference));
    assert_eq!(last, Some(told));
    let state = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((state.judgement, state.next_segment), (next, 1));
    assert_eq!(tenant.find_judgement(shop.id).await.unwrap(), Some(next));

    let mut steps = 0;
    while tenant.remove_old_judgements(next).await.unwrap() {
        steps += 1;
    }
    assert!(steps > 5, "{steps}");
    assert_eq!(attacks(&tenant).await, [false, true]);
    assert_eq!(tenant.find_snapshot(shop.judgement).await.unwrap(), None);
    assert!(tenant.commit(Commit::new(shop.judgement, 5)).await.is_err());
    let hits = tenant.list_hits(AttackId(2), ALL).await.unwrap().unwrap();
    assert_eq!(hits.items.len(), 3);
    let found = tenant.list_applications().await.unwrap();
    assert_eq!((found[0].sessions, found[0].attacks), (1, 1));
}

async fn what_is_judged_of_one_application_stays_when_another_is_tidied(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let blog = tenant.find_or_create_application("blog").await.unwrap();
    let next = tenant.create_judgement(shop.judgement).await.unwrap();
    while tenant.remove_old_judgements(blog.judgement).await.unwrap() {}
    tenant.commit(Commit::new(next, 0)).await.unwrap();
    while tenant.remove_old_judgements(shop.judgement).await.unwrap() {}
    assert!(tenant.commit(Commit::new(next, 0)).await.is_err());
}

on_both!(
    a_new_judgement_replaces_the_old_one_at_once,
    what_is_judged_of_one_application_stays_when_another_is_tidied
);
