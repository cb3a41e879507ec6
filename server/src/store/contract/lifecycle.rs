//! What is committed is there, also after a restart; a preview goes with the next commit.

use shared::{AttackId, SessionId};

use super::fixture::*;

#[tokio::test]
async fn what_was_committed_is_read_back() {
    let test = TestStore::open().await;
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

    let all = tenant.list_session_requests(&session, &|_| true, ALL);
    let all = all.await.unwrap();
    let rows: Vec<u32> = all.items.iter().map(|row| row.request.id().row).collect();
    assert_eq!(rows, [0, 1, 2, 3, 4]);
    assert!(all.items[2].attacks[0].crossed_bar);
    assert!(all.items[1].attacks[0].detectors.is_empty());
    assert!(all.items[3].attacks.is_empty());
}
