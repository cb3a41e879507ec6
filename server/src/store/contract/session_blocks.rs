//! Sessions in blocks: whoever reads, counts or removes them need not know which are rows.

use engine::SessionRecord;
use shared::SessionId;

use super::fixture::*;
use crate::store::{
    ApplicationState, Commit, Cursor, Expired, PageRequest, Search, TenantStore, TraceSubject,
};

/// A commit of these sessions, all that it says.
fn saying(shop: &ApplicationState, sessions: Vec<SessionRecord>) -> Commit {
    let mut commit = Commit::new(shop.judgement, 0);
    commit.effects.sessions = sessions;
    commit
}

/// An application with an attack and a session in rows.
async fn shop(test: &TestStore) -> (TenantStore, ApplicationState) {
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    (tenant, shop)
}

/// How many sessions are in the table of rows, and how many in blocks.
async fn stored(tenant: &TenantStore, shop: &ApplicationState) -> (i64, i64) {
    let counts = tenant.count_rows(shop.judgement).await.unwrap();
    let of = |table| counts.iter().find(|(name, _)| *name == table).unwrap().1;
    (of("session"), of("session_block"))
}

async fn listed(tenant: &TenantStore) -> Vec<u64> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = PageRequest { cursor, limit: 100 };
        let page = tenant
            .list_sessions(&Search::default(), page)
            .await
            .unwrap();
        ids.extend(page.items.iter().map(|session| session.id.0));
        let Some(next) = page.next_cursor else {
            return ids;
        };
        cursor = Some(next.parse::<Cursor>().unwrap());
    }
}

async fn many_sessions_that_are_over_are_stored_in_blocks_and_read_as_others_are(on: On) {
    let test = TestStore::open(on).await;
    let (tenant, shop) = shop(&test).await;
    let told = sessions(1_500, 1_000, 100);
    tenant.commit(saying(&shop, told.clone())).await.unwrap();
    assert_eq!(stored(&tenant, &shop).await, (1, 2));

    for pass in ["as it was committed", "as it is read again"] {
        let ids = listed(&tenant).await;
        let newest_first = told.iter().rev().map(|session| session.id.0).chain([5]);
        assert_eq!(ids, newest_first.collect::<Vec<_>>(), "{pass}");
        let found = tenant
            .find_session(SessionId(1_700))
            .await
            .unwrap()
            .unwrap();
        let session = &told[700];
        assert_eq!(
            (
                found.started_at,
                found.ended_at,
                found.requests,
                found.address
            ),
            (session.started_at, session.ended_at, 701, session.address),
        );
        assert_eq!(found.client, session.client);
        assert_eq!(found.top_endpoints[0].template, "/login");
        assert_eq!(found.user_agent.unwrap().text, "curl/8.0");
        assert_eq!(tenant.find_session(SessionId(9)).await.unwrap(), None);
        assert_eq!(tenant.list_applications().await.unwrap()[0].sessions, 1_501);
        assert!(tenant.is_index_in_step().await);
        tenant.forget_index().await;
    }
    let address = TraceSubject::Address(told[3].address.into());
    let (traces, _) = tenant.find_traces(&address, None).await.unwrap();
    assert_eq!(traces.total.sessions, 1_500 / 200 + 1);
    assert!(
        test.stranger()
            .find_session(SessionId(1_700))
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_session_is_a_row_while_it_goes_on_and_in_a_block_when_it_is_over(on: On) {
    let test = TestStore::open(on).await;
    let (tenant, shop) = shop(&test).await;
    let mut open = sessions(1_100, 1_000, 100);
    for session in &mut open {
        session.is_over = false;
    }
    tenant.commit(saying(&shop, open.clone())).await.unwrap();
    assert_eq!(stored(&tenant, &shop).await, (1_101, 0));
    // Some at a time, so that they are rows that are over before they are enough for a block.
    for part in open.chunks(200) {
        let over = part.iter().map(|session| SessionRecord {
            is_over: true,
            ended_at: session.ended_at.plus(1_000),
            ..session.clone()
        });
        tenant.commit(saying(&shop, over.collect())).await.unwrap();
    }
    assert_eq!(stored(&tenant, &shop).await, (0, 2));
    let found = tenant
        .find_session(SessionId(1_250))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.ended_at, open[250].ended_at.plus(1_000));
    assert_eq!(listed(&tenant).await.len(), 1_101);
    tenant.forget_index().await;
    assert_eq!(listed(&tenant).await.len(), 1_101);
}

async fn what_retention_removes_leaves_blocks_with_the_rest(on: On) {
    let test = TestStore::open(on).await;
    let (tenant, shop) = shop(&test).await;
    let told = sessions(3_000, 1_000, 100);
    tenant.commit(saying(&shop, told)).await.unwrap();
    let expired = Expired {
        from: Some(minute(600)),
        until: minute(2_600),
    };
    let mut removed = 0;
    loop {
        match tenant
            .remove_sessions(shop.judgement, expired)
            .await
            .unwrap()
        {
            0 => break,
            some => removed += some,
        }
    }
    assert_eq!(removed, 2_000);
    assert_eq!(listed(&tenant).await.len(), 1_001);
    assert_eq!(tenant.list_applications().await.unwrap()[0].sessions, 1_001);
    assert!(
        tenant
            .find_session(SessionId(1_499))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        tenant
            .find_session(SessionId(1_500))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        tenant
            .find_session(SessionId(3_500))
            .await
            .unwrap()
            .is_some()
    );
    tenant.forget_index().await;
    assert_eq!(listed(&tenant).await.len(), 1_001);
}

on_both!(
    many_sessions_that_are_over_are_stored_in_blocks_and_read_as_others_are,
    a_session_is_a_row_while_it_goes_on_and_in_a_block_when_it_is_over,
    what_retention_removes_leaves_blocks_with_the_rest,
);
