//! Retention: old sessions and requests go, requests of attacks stay.

use shared::{AttackId, Retention, SessionId};

use super::fixture::*;
use crate::store::{Commit, Expired, Period, Search};

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
    // Of its state most is stored, which says nothing.
    let mut fails = commit(&shop, 2, 3, 7);
    fails.segments[0].added -= 1;
    tenant.commit(fails).await.unwrap_err();
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

async fn attacks_lose_their_detail_and_later_go(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    for (segment, attack) in [(0, 1), (1, 2), (2, 3)] {
        let commit = commit(&shop, segment, attack, 4 + attack);
        tenant.commit(commit).await.unwrap();
    }
    let before = |minutes| Expired {
        from: None,
        until: minute(minutes),
    };
    let judgement = shop.judgement;
    // The first ends at minute 59, the second at 119.
    let removed = tenant.remove_attack_detail(judgement, before(100)).await;
    assert_eq!(removed.unwrap(), 1);
    let again = tenant.remove_attack_detail(judgement, before(100)).await;
    assert_eq!(again.unwrap(), 0);
    let first = tenant.find_attack(AttackId(1)).await.unwrap().unwrap();
    assert!(first.record.detectors.is_empty());
    assert_eq!(first.record.hits, 3);
    let hits = tenant.list_hits(AttackId(1), ALL).await.unwrap().unwrap();
    assert!(hits.items.is_empty());
    let period = Period {
        from: minute(0),
        until: minute(500),
    };
    let slices = tenant.list_attack_slices(shop.id, None, period).await;
    let slices = slices.unwrap();
    let with = slices.iter().filter(|attack| !attack.slices.is_empty());
    let with: Vec<AttackId> = with.map(|attack| attack.id).collect();
    assert_eq!(with.len(), 2);
    assert!(!with.contains(&AttackId(1)));
    let second = tenant.find_attack(AttackId(2)).await.unwrap().unwrap();
    assert_eq!(second.record.detectors.len(), 1);

    let removed = tenant.remove_attacks(judgement, before(100)).await;
    assert_eq!(removed.unwrap(), 1);
    // One that is stored later and ended earlier goes too: nothing is passed over for good.
    tenant.commit(commit(&shop, 3, 4, 9)).await.unwrap();
    let mut early = commit(&shop, 4, 5, 10);
    early.effects = effects(5, 10, 0, 0);
    tenant.commit(early).await.unwrap();
    let removed = tenant.remove_attack_detail(judgement, before(100)).await;
    assert_eq!(removed.unwrap(), 1);
    let removed = tenant.remove_attacks(judgement, before(100)).await;
    assert_eq!(removed.unwrap(), 1);
    assert_eq!(
        tenant.remove_attacks(judgement, before(100)).await.unwrap(),
        0
    );
    assert_eq!(tenant.find_attack(AttackId(1)).await.unwrap(), None);
    assert!(tenant.find_attack(AttackId(2)).await.unwrap().is_some());
    // Its requests are nobody's any more.
    tenant.remove_before(judgement, minute(50)).await.unwrap();
    let left = tenant.list_segments(judgement, None, 10).await.unwrap();
    let numbers: Vec<u64> = left.iter().map(|segment| segment.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

async fn what_is_older_than_live_traffic_is_kept(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let retained = async || tenant.list_retained().await.unwrap()[0].live_since;
    assert_eq!(retained().await, None, "all of it was imported");
    let mut live = commit(&shop, 1, 2, 6);
    live.judged_until = Some(minute(100));
    tenant.commit(live).await.unwrap();
    assert_eq!(retained().await, Some(minute(60)));
    tenant.commit(commit(&shop, 2, 3, 7)).await.unwrap();
    assert_eq!(retained().await, Some(minute(60)));

    let expired = Expired {
        from: retained().await,
        until: minute(120),
    };
    let judgement = shop.judgement;
    assert_eq!(tenant.remove_sessions(judgement, expired).await.unwrap(), 1);
    assert_eq!(tenant.remove_sessions(judgement, expired).await.unwrap(), 0);
    assert!(tenant.find_session(SessionId(5)).await.unwrap().is_some());
    assert_eq!(tenant.find_session(SessionId(6)).await.unwrap(), None);
    assert!(tenant.find_session(SessionId(7)).await.unwrap().is_some());
    let thick = tenant.find_thick_segment(judgement, expired, None).await;
    assert_eq!(thick.unwrap(), Some(1));
    assert!(tenant.thin_segment(judgement, 1).await.unwrap());
    assert!(
        !tenant.thin_segment(judgement, 1).await.unwrap(),
        "it is thin"
    );
    let next = tenant.find_thick_segment(judgement, expired, Some(1)).await;
    assert_eq!(next.unwrap(), None);
}

async fn what_was_imported_is_kept_however_old_the_first_live_request_is(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let imported = tenant.list_applications().await.unwrap()[0].last_request_at;
    // Somebody sends what happened long before.
    let mut live = commit(&shop, 1, 2, 6);
    live.segments[0].min_at = minute(-10_000).0;
    live.judged_until = Some(minute(100));
    tenant.commit(live).await.unwrap();
    let since = tenant.list_retained().await.unwrap()[0].live_since;
    assert_eq!(since, imported.map(|at| at.plus(1)));
}

async fn attacks_whose_requests_are_gone_outlive_another_judgement(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let late_crawler = || ("Bingbot".to_owned(), slice(101, 105, 7));
    for (segment, attack) in [(0, 1), (1, 2), (2, 3)] {
        let mut commit = commit(&shop, segment, attack, 4 + attack);
        if segment == 1 {
            commit.effects.crawler_slices = vec![late_crawler()];
        }
        tenant.commit(commit).await.unwrap();
    }
    tenant
        .remove_before(shop.judgement, minute(100))
        .await
        .unwrap();
    let next = tenant.create_judgement(shop.judgement).await.unwrap();
    // As if what is left of the first looked like something else, and the last one like itself.
    let mut again = Commit::new(next, 2);
    again.effects = effects(9, 8, 0, 0);
    // In one row with what is not known any more.
    again.effects.crawler_slices.push(late_crawler());
    again.effects.endpoints.clear();
    again.effects.user_agents.clear();
    tenant.commit(again).await.unwrap();
    let mut again = Commit::new(next, 2);
    again.effects = effects(3, 7, 0, 2);
    again.effects.endpoints.clear();
    tenant.commit(again).await.unwrap();
    tenant.show_judgement(next).await.unwrap();
    while tenant.remove_old_judgements(next).await.unwrap() {}

    let there = async |id| tenant.find_attack(AttackId(id)).await.unwrap();
    let first = there(1).await.expect("it is carried over");
    assert!(there(2).await.is_some(), "begun before, and over");
    assert!(there(3).await.is_some(), "judged again");
    assert!(there(9).await.is_none(), "of what is left nothing is said");
    assert_eq!(first.endpoints[0].0.template, "/login");
    assert_eq!(first.user_agents[0].0.text, "curl/8.0");
    let hits = tenant.list_hits(AttackId(1), ALL).await.unwrap().unwrap();
    assert_eq!(hits.items.len(), 3);
    assert_eq!(tenant.find_session(SessionId(8)).await.unwrap(), None);
    let counted = tenant.count_attacks(&Search::default(), minute(0)).await;
    assert_eq!(counted.unwrap().attacks, 3);
    let crawlers = tenant.list_crawler_slices(shop.id, Period::ALWAYS).await;
    let crawlers = crawlers.unwrap().into_iter();
    let slices: Vec<_> = crawlers
        .map(|crawler| (crawler.name, crawler.slices))
        .collect();
    let googlebot = vec![slice(0, 59, 7), slice(120, 179, 7)];
    let all = [
        ("Bingbot".to_owned(), vec![late_crawler().1]),
        ("Googlebot".to_owned(), googlebot),
    ];
    assert_eq!(slices, all);
}

async fn what_a_tenant_sets_holds_for_it_alone(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shorter = Retention {
        session_days: 2,
        ..Retention::default()
    };
    tenant.set_retention(&shorter, minute(0)).await.unwrap();
    assert_eq!(tenant.find_retention().await.unwrap(), shorter);
    let stranger = test.stranger().find_retention().await.unwrap();
    assert_eq!(stranger, Retention::default());
    let log = tenant.list_audit(&Default::default(), ALL).await.unwrap();
    let entry = &log.items[0];
    assert_eq!(entry.action, "retention.update");
    assert_eq!(entry.changes.len(), 1);
    // Later than it is logged, so that it is gone.
    tenant
        .remove_old_history(minute(0), minute(1))
        .await
        .unwrap();
    let log = tenant.list_audit(&Default::default(), ALL).await.unwrap();
    assert!(log.items.is_empty());
    assert!(tenant.verify_audit().await.unwrap().holds);
}

on_both!(
    requests_of_attacks_outlive_the_rest,
    requests_that_a_restart_needs_stay,
    attacks_lose_their_detail_and_later_go,
    what_is_older_than_live_traffic_is_kept,
    what_was_imported_is_kept_however_old_the_first_live_request_is,
    attacks_whose_requests_are_gone_outlive_another_judgement,
    what_a_tenant_sets_holds_for_it_alone
);
