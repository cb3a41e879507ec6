//! What is committed is there, also after a restart; a preview goes with the next commit.

use engine::{AttackRequests, HeatmapNormals};
use shared::{AttackId, BotType, DetectorKind, SessionId};

use super::fixture::*;
use crate::auth::Caller;
use crate::store::{ChangeKind, Commit, EngineState, Period, StoreError};

async fn what_was_committed_is_read_back(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();

    let found = &tenant.list_applications().await.unwrap()[0];
    assert_eq!((found.requests, found.sessions, found.attacks), (10, 1, 1));
    assert_eq!(found.hosts, ["shop.example"]);
    assert_eq!(found.first_request_at, Some(minute(0)));
    assert_eq!(found.last_request_at, Some(minute(4)));
    assert_eq!((found.learning.actors, found.learning.percent), (12, 40));
    let alone = tenant.find_application(shop.id).await.unwrap();
    assert_eq!(alone.as_ref(), Some(found));

    let attack = tenant.find_attack(AttackId(1)).await.unwrap().unwrap();
    assert_eq!(attack.record, effects(1, 5, 0, 0).attacks[0]);
    assert_eq!(attack.application, "shop");
    assert_eq!(attack.endpoints[0].0.template, "/login");
    assert_eq!(attack.user_agents[0].0.text, "curl/8.0");
    let sessions = tenant.find_attack_sessions(AttackId(1)).await.unwrap();
    assert_eq!((sessions.stored, sessions.newest[0].hits), (1, 3));

    let session = tenant.find_session(SessionId(5)).await.unwrap().unwrap();
    assert_eq!(session.client, client(0));
    let ends = (session.started_at, session.ended_at);
    assert_eq!(ends, (minute(0), minute(59)));
    let counts = (session.requests, session.errors, session.hits);
    assert_eq!(counts, (5, 2, 3));
    assert_eq!((session.bytes, session.address), (1234, address(0)));
    assert_eq!(session.attacks[0].id, AttackId(1));
    assert_eq!(session.top_endpoints.len(), 2);
    assert_eq!(session.segments, [0]);

    let hits = tenant.list_hits(AttackId(1), ALL).await.unwrap().unwrap();
    let rows: Vec<u32> = hits.items.iter().map(|hit| hit.request.id().row).collect();
    assert_eq!(rows, [0, 2, 4]);
    let first = &hits.items[0];
    assert_eq!(first.session, Some(SessionId(5)));
    assert_eq!(first.request.text(first.request.request().path), "/login");

    let all = requests_of(&tenant, &session).await;
    let rows: Vec<u32> = all.iter().map(|row| row.request.id().row).collect();
    assert_eq!(rows, [0, 1, 2, 3, 4]);
    assert!(all[2].attacks[0].crossed_bar);
    assert!(all[1].attacks[0].detectors.is_empty());
    assert!(all[3].attacks.is_empty());
}

async fn a_store_opened_again_has_everything(on: On) {
    let test = TestStore::open(on).await;
    let shop = test.tenant().find_or_create_application("shop").await;
    let shop = shop.unwrap();
    assert_eq!((shop.position, shop.next_segment), (None, 0));
    test.tenant().commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let TestStore { store, place } = test;
    store.close().await.unwrap();

    let store = place.open().await.unwrap();
    let tenant = store.tenant(&Caller::local());
    let again = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((again.position, again.next_segment), (Some(0), 1));
    assert_eq!(again.judgement, shop.judgement);
    let sources = tenant.list_sources(shop.id).await.unwrap();
    assert_eq!(sources, commit(&shop, 0, 1, 5).sources);
    let snapshot = tenant.find_snapshot(shop.judgement).await.unwrap();
    assert_eq!(snapshot, commit(&shop, 0, 1, 5).snapshot);
    let log = tenant
        .list_segments(shop.judgement, None, 10)
        .await
        .unwrap();
    assert_eq!((log.len(), log[0].batch.requests.len()), (1, 10));
    let rest = tenant.list_segments(shop.judgement, Some(0), 10).await;
    assert!(rest.unwrap().is_empty());
}

/// A state of so many parts, of a megabyte each.
fn state_of(parts: u8) -> EngineState {
    let part = |number| vec![number; 1 << 20];
    EngineState::from_parts((0..parts).map(part).collect())
}

async fn a_state_in_many_parts_takes_the_place_of_another(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    for (number, parts) in [(0, 5), (1, 1), (2, 7), (3, 2)] {
        let mut commit = commit(&shop, number, number + 1, number + 5);
        let snapshot = commit.snapshot.as_mut().unwrap();
        snapshot.state = state_of(parts);
        let kept = commit.snapshot.clone();
        tenant.commit(commit).await.unwrap();
        let found = tenant.find_snapshot(shop.judgement).await.unwrap();
        assert!(found == kept, "{parts} parts");
    }
}

async fn a_state_counts_once_its_commit_does(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let kept = commit(&shop, 0, 1, 5).snapshot;
    let of_many = |parts| {
        let mut commit = commit(&shop, 1, 2, 6);
        commit.snapshot.as_mut().unwrap().state = state_of(parts);
        commit
    };
    // Most of its state is stored by then.
    let fail = async |parts| {
        let mut fails = of_many(parts);
        fails.segments[0].added -= 1;
        tenant.commit(fails).await.unwrap_err();
        let found = tenant.find_snapshot(shop.judgement).await.unwrap();
        assert!(found == kept);
    };
    fail(6).await;
    fail(6).await;
    for removed in [5, 0] {
        let unfinished = tenant.remove_unfinished_snapshots(shop.judgement);
        assert_eq!(unfinished.await.unwrap(), removed);
    }
    fail(4).await;
    let now = of_many(1);
    let kept = now.snapshot.clone();
    tenant.commit(now).await.unwrap();
    let found = tenant.find_snapshot(shop.judgement).await.unwrap();
    assert!(found == kept);
    // Another of the same position says the same.
    let again = Commit {
        snapshot: of_many(3).snapshot,
        ..Commit::new(shop.judgement, 1)
    };
    tenant.commit(again).await.unwrap();
    let found = tenant.find_snapshot(shop.judgement).await.unwrap();
    assert!(found == kept);
}

async fn only_one_process_has_a_store_open(on: On) {
    let test = TestStore::open(on).await;
    let error = test.place.open().await.unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    let me = format!("in use by process {}", std::process::id());
    let said = match on {
        On::Sqlite => error.to_string().ends_with(&me),
        On::Postgres => error
            .to_string()
            .contains("in use by a process on this machine"),
    };
    assert!(said, "{error}");
}

async fn records_are_absolute_and_of_two_the_last_counts(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let mut first = commit(&shop, 0, 1, 5);
    let mut later = first.effects.attacks[0].clone();
    later.hits = 99;
    first.effects.attacks.push(later);
    tenant.commit(first).await.unwrap();
    let hits = || async {
        let row = tenant.find_attack(AttackId(1)).await.unwrap().unwrap();
        row.record.hits
    };
    assert_eq!(hits().await, 99);

    let mut second = Commit::new(shop.judgement, 0);
    let mut grown = session(5, 0, 0);
    grown.ended_at = minute(61);
    grown.requests = 6;
    second.effects.sessions = vec![grown];
    second.effects.attacks = vec![attack(1, BotType::Scraping, 0, 61, 4)];
    tenant.commit(second).await.unwrap();
    assert_eq!(hits().await, 4);
    let session = tenant.find_session(SessionId(5)).await.unwrap().unwrap();
    assert_eq!((session.ended_at, session.requests), (minute(61), 6));
    let found = tenant.list_applications().await.unwrap();
    assert_eq!((found[0].sessions, found[0].attacks), (1, 1));
}

async fn a_preview_is_shown_until_the_next_commit(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let counts = || async {
        let found = tenant.list_applications().await.unwrap();
        (found[0].sessions, found[0].attacks)
    };
    let hits = |attack| {
        let tenant = &tenant;
        async move {
            let hits = tenant.list_hits(AttackId(attack), ALL).await.unwrap();
            hits.map_or(0, |hits| hits.items.len())
        }
    };
    for _ in 0..2 {
        let mut preview = effects(2, 6, 1, 0);
        // Another row of the attack that is really there.
        preview.attack_requests.push(AttackRequests {
            attack: AttackId(1),
            segment: 0,
            rows: vec![(3, fed(DetectorKind::RequestRate))],
        });
        let mut commit = Commit::new(shop.judgement, 0);
        commit.preview = Some(preview);
        tenant.commit(commit).await.unwrap();
        assert_eq!(counts().await, (2, 2));
        assert_eq!((hits(1).await, hits(2).await), (4, 3));
        let window = Period::ALWAYS;
        let slices = tenant
            .list_attack_slices(shop.id, None, window)
            .await
            .unwrap();
        assert_eq!(slices.len(), 2);
    }
    tenant.commit(Commit::new(shop.judgement, 0)).await.unwrap();
    assert_eq!(counts().await, (1, 1));
    assert_eq!((hits(1).await, hits(2).await), (3, 0));
    let slices = tenant
        .list_attack_slices(shop.id, None, Period::ALWAYS)
        .await;
    assert_eq!(slices.unwrap()[0].slices, [slice(0, 59, 5)]);
    let crawlers = tenant.list_crawler_slices(shop.id, Period::ALWAYS).await;
    assert_eq!(crawlers.unwrap()[0].slices, [slice(0, 59, 7)]);
}

async fn a_commit_that_fails_leaves_nothing_behind(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    // Segment 0 is there already.
    let again = tenant.commit(commit(&shop, 0, 2, 6)).await;
    assert!(
        matches!(again, Err(StoreError::Conflict { .. })),
        "{again:?}"
    );
    assert_eq!(tenant.find_attack(AttackId(2)).await.unwrap(), None);
    tenant.commit(commit(&shop, 1, 2, 6)).await.unwrap();
    let backwards = tenant.commit(Commit::new(shop.judgement, 0)).await;
    assert!(matches!(backwards, Err(StoreError::Conflict { .. })));
}

async fn a_commit_given_up_halfway_is_there_whole_or_not_at_all(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    for patience in 0..40 {
        let given_up = async {
            for _ in 0..patience {
                tokio::task::yield_now().await;
            }
        };
        let done = tokio::select! {
            biased;
            done = tenant.commit(commit(&shop, 0, 1, 5)) => done.is_ok(),
            () = given_up => false,
        };
        if done {
            break;
        }
    }
    // Waits its turn behind whatever is still on its way.
    tenant.find_or_create_application("next").await.unwrap();
    let stored = tenant.list_segments(shop.judgement, None, 10).await;
    let attack = tenant.find_attack(AttackId(1)).await.unwrap();
    assert_eq!(stored.unwrap().is_empty(), attack.is_none());
}

async fn the_changes_feed_counts_without_gaps(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let last = tenant.commit(commit(&shop, 1, 2, 6)).await.unwrap();
    assert_eq!(last.seq, 4);
    let changes = tenant.list_changes(0, 10).await.unwrap();
    let seqs: Vec<u64> = changes.iter().map(|change| change.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
    let change = changes[2];
    assert_eq!((change.kind, change.reference), (ChangeKind::Attack, 2));
    assert_eq!(tenant.list_changes(3, 10).await.unwrap()[..], changes[3..]);
}

async fn rare_endpoints_are_marked_once_the_usual_ones_are_known(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let session = tenant.find_session(SessionId(5)).await.unwrap().unwrap();
    let requests = requests_of(&tenant, &session).await;
    assert!(requests.iter().all(|row| row.unusual.is_empty()));
    let mut learned = Commit::new(shop.judgement, 0);
    learned.effects.usual = Some(engine::UsualEndpoints {
        sessions: 300,
        at_least: 2,
        endpoints: vec![requests[0].endpoint.key],
        from: Vec::new(),
    });
    tenant.commit(learned).await.unwrap();
    let requests = requests_of(&tenant, &session).await;
    assert!(requests[0].unusual.is_empty());
    assert_eq!(
        requests[1].unusual[0].reason,
        shared::UnusualReason::RareEndpoint
    );
}

async fn normals_are_the_defaults_until_learned(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let normals = tenant.find_normals(shop.id).await.unwrap();
    assert_eq!(normals, HeatmapNormals::default());
    let mut commit = commit(&shop, 0, 1, 5);
    commit.effects.normals = Some(HeatmapNormals {
        rps: 3.5,
        ..normals
    });
    tenant.commit(commit).await.unwrap();
    assert_eq!(tenant.find_normals(shop.id).await.unwrap().rps, 3.5);
}

async fn a_damaged_value_is_an_error_that_names_it(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let mut damaged = commit(&shop, 0, 1, 5);
    damaged.segments[0].bytes.truncate(20);
    tenant.commit(damaged).await.unwrap();
    let error = tenant.list_hits(AttackId(1), ALL).await.unwrap_err();
    assert_eq!(error.to_string(), "segment.bytes of 0 cannot be read");
}

on_both!(
    what_was_committed_is_read_back,
    a_store_opened_again_has_everything,
    a_state_in_many_parts_takes_the_place_of_another,
    a_state_counts_once_its_commit_does,
    only_one_process_has_a_store_open,
    records_are_absolute_and_of_two_the_last_counts,
    a_preview_is_shown_until_the_next_commit,
    a_commit_that_fails_leaves_nothing_behind,
    a_commit_given_up_halfway_is_there_whole_or_not_at_all,
    the_changes_feed_counts_without_gaps,
    rare_endpoints_are_marked_once_the_usual_ones_are_known,
    normals_are_the_defaults_until_learned,
    a_damaged_value_is_an_error_that_names_it
);
