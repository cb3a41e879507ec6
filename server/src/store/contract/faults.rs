//! A database that goes away while it is used: what was acknowledged is there, once, and what is
//! kept in memory says nothing else. Only PostgreSQL can go away.

use shared::{AttackId, SessionId};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use super::fixture::*;
use crate::store::{CommitMark, Search, StoreError};

/// How often connections are cut while segments are committed.
const CUTS: u64 = 12;

/// Ends all connections of the server, whatever they do.
async fn cut(owner: &mut PgConnection) {
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(owner)
    .await
    .unwrap();
}

async fn owner(test: &TestStore) -> PgConnection {
    let Place::Url(url) = &test.place else {
        unreachable!("it was opened on PostgreSQL")
    };
    let options: PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_lose_and_double_nothing() {
    let test = TestStore::open(On::Postgres).await;
    let mut owner = owner(&test).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.warm_index().await.unwrap();
    let cutting = tokio::spawn(async move {
        for cuts in 0..CUTS {
            cut(&mut owner).await;
            // At ever other places of what is written meanwhile.
            let pause_ms = 150 + cuts * 37 % 100;
            tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
        }
    });
    let (mut seq, mut commits) = (0, 0);
    while !cutting.is_finished() {
        let commit = commit(&shop, commits, commits, commits + 1_000);
        let committed = tenant.commit(commit).await.unwrap();
        assert_eq!(committed.seq, seq + 2, "one attack and one application");
        seq = committed.seq;
        commits += 1;
    }
    cutting.await.unwrap();

    let state = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.position, Some(commits - 1));
    let found = &tenant.list_applications().await.unwrap()[0];
    assert_eq!(
        (found.requests, found.sessions, found.attacks),
        (10 * commits, commits, commits)
    );
    let searched = tenant.count_sessions(&Search::default()).await.unwrap();
    assert_eq!(searched.sessions, commits);
    for number in 0..commits {
        let attack = tenant.find_attack(AttackId(number)).await.unwrap();
        let session = tenant
            .find_session(SessionId(number + 1_000))
            .await
            .unwrap();
        assert!(attack.is_some() && session.is_some(), "{number}");
    }
}

#[tokio::test]
async fn reads_go_on_over_new_connections() {
    let test = TestStore::open(On::Postgres).await;
    let mut owner = owner(&test).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    for _ in 0..5 {
        cut(&mut owner).await;
        assert_eq!(tenant.list_applications().await.unwrap().len(), 1);
        assert!(tenant.find_attack(AttackId(1)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn whoever_lost_the_store_to_another_does_not_write() {
    let test = TestStore::open(On::Postgres).await;
    let mut owner = owner(&test).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    // Its connection breaks, and before it comes back another process has the store.
    let mut other = self::owner(&test).await;
    while !try_lock(&mut other).await {
        cut(&mut owner).await;
        other = self::owner(&test).await;
    }
    let refused = tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused:?}");
}

async fn try_lock(connection: &mut PgConnection) -> bool {
    let lock = "SELECT pg_try_advisory_lock(1651471475, 1668247653)";
    let (got,): (bool,) = sqlx::query_as(lock).fetch_one(connection).await.unwrap();
    got
}

#[tokio::test]
async fn partitions_that_another_process_dropped_are_made_again() {
    let test = TestStore::open(On::Postgres).await;
    let mut owner = owner(&test).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    // It has the store for a moment, and its retention leaves nothing in the month.
    cut(&mut owner).await;
    sqlx::raw_sql("DROP TABLE session_2023_11")
        .execute(&mut owner)
        .await
        .unwrap();
    tenant.commit(commit(&shop, 1, 2, 6)).await.unwrap();
    let session = tenant.find_session(SessionId(6)).await.unwrap();
    assert!(session.is_some());
}

on_both!(a_commit_whose_end_nobody_saw_is_not_taken_for_done_by_what_others_wrote);

async fn a_commit_whose_end_nobody_saw_is_not_taken_for_done_by_what_others_wrote(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let first = tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    // It was written and rolled back again, which nobody saw; then others came.
    let mut unsettled = Some(first);
    for _ in 0..4 {
        tenant
            .remove_before(shop.judgement, minute(-600))
            .await
            .unwrap();
    }
    // Its state has several parts, so that most of it is stored before.
    let (second, mark) = (commit(&shop, 1, 2, 6), CommitMark::random().unwrap());
    let written = tenant
        .try_commit(&second, mark, &mut unsettled)
        .await
        .unwrap();
    assert!(tenant.find_attack(AttackId(2)).await.unwrap().is_some());
    // This time its end is not seen either, but it was.
    let found = tenant
        .try_commit(&second, mark, &mut unsettled)
        .await
        .unwrap();
    assert_eq!(found, written);
    assert_eq!(tenant.list_applications().await.unwrap()[0].requests, 20);
}
