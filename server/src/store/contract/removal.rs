//! Removing an application: hidden at once, brought back whole, gone without a trace.

use shared::{ApplicationId, Timestamp};

use super::fixture::{On, TestStore, commit, on_both};
use crate::store::StoreError;

const NOW: Timestamp = Timestamp(1_455_321_600_000);

async fn a_hidden_application_is_nowhere_and_comes_back_as_it_was(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let before = tenant.list_applications().await.unwrap();
    let rows = tenant.count_rows(shop.judgement).await.unwrap();

    assert!(tenant.hide_application(shop.id, NOW).await.unwrap());
    assert!(
        !tenant
            .hide_application(ApplicationId(7), NOW)
            .await
            .unwrap()
    );
    assert_eq!(tenant.list_applications().await.unwrap(), []);
    assert_eq!(tenant.find_application_state("shop").await.unwrap(), None);
    assert_eq!(tenant.find_newest_attack_at().await.unwrap(), None);
    assert_eq!(tenant.list_hidden().await.unwrap(), [shop.id]);
    // Nobody who still has it in hand can write into it.
    let late = tenant.commit(commit(&shop, 1, 2, 6)).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })));
    // Another tenant neither sees it nor brings it back.
    let other = test.stranger();
    assert!(!other.restore_application(shop.id, NOW).await.unwrap());
    assert!(!other.remove_hidden(shop.id, None).await.unwrap());

    assert!(tenant.restore_application(shop.id, NOW).await.unwrap());
    assert!(!tenant.restore_application(shop.id, NOW).await.unwrap());
    assert_eq!(tenant.list_applications().await.unwrap(), before);
    assert_eq!(tenant.count_rows(shop.judgement).await.unwrap(), rows);
    tenant.commit(commit(&shop, 1, 2, 6)).await.unwrap();
}

async fn nothing_of_a_removed_application_is_left_in_any_table(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let blog = tenant.find_or_create_application("blog").await.unwrap();
    for application in [&shop, &blog] {
        tenant.commit(commit(application, 0, 1, 5)).await.unwrap();
    }
    let kept = tenant.count_rows(blog.judgement).await.unwrap();
    tenant.hide_application(shop.id, NOW).await.unwrap();
    // Not the one that was hidden at another moment.
    let earlier = Some(NOW.plus(-1));
    assert!(!tenant.remove_hidden(shop.id, earlier).await.unwrap());
    assert!(tenant.remove_hidden(shop.id, Some(NOW)).await.unwrap());
    // What has lost a part of itself is not brought back.
    assert!(!tenant.restore_application(shop.id, NOW).await.unwrap());
    while tenant.remove_hidden(shop.id, Some(NOW)).await.unwrap() {}
    for (table, rows) in tenant.count_rows(shop.judgement).await.unwrap() {
        assert_eq!(rows, 0, "{table}");
    }
    assert!(!tenant.restore_application(shop.id, NOW).await.unwrap());
    assert_eq!(tenant.count_rows(blog.judgement).await.unwrap(), kept);

    // Its number is not given again, so nothing cached is mistaken for another's.
    let again = tenant.find_or_create_application("shop").await.unwrap();
    assert_ne!(again.judgement, shop.judgement);
    assert_eq!((again.id, again.position), (shop.id, None));
}

async fn a_hidden_application_makes_room_for_its_name(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.hide_application(shop.id, NOW).await.unwrap();
    let another = tenant.find_or_create_application("shop").await.unwrap();
    let restored = tenant.restore_application(shop.id, NOW).await;
    assert!(matches!(restored, Err(StoreError::Conflict { .. })));
    // Hiding the second one removes the first for good.
    assert!(tenant.hide_application(another.id, NOW).await.unwrap());
    assert!(tenant.restore_application(shop.id, NOW).await.unwrap());
    let found = tenant.find_application_state("shop").await.unwrap();
    assert_eq!(found.unwrap().judgement, another.judgement);
}

on_both!(
    a_hidden_application_is_nowhere_and_comes_back_as_it_was,
    nothing_of_a_removed_application_is_left_in_any_table,
    a_hidden_application_makes_room_for_its_name
);
