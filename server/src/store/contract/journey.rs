//! Sessions that continue each other over UTC midnight.

use engine::SessionRecord;
use shared::{SessionId, Timestamp};

use super::fixture::*;
use crate::store::{AdjacentSessions, Commit, SessionRow, TenantStore};

/// Minutes from the beginning of the fixture's time to its first UTC midnight.
const MIDNIGHT: i64 = 106;

/// A session of client `last` between two minutes.
fn lasting(id: u64, last: u8, from: i64, until: i64) -> SessionRecord {
    SessionRecord {
        started_at: minute(from),
        ended_at: minute(until),
        ..session(id, last, 0)
    }
}

async fn stored(on: On, sessions: Vec<SessionRecord>) -> (TestStore, TenantStore) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let mut commit = Commit::new(shop.judgement, 0);
    (commit.effects.endpoints, commit.effects.user_agents) = texts();
    commit.effects.sessions = sessions;
    tenant.commit(commit).await.unwrap();
    (test, tenant)
}

async fn find(tenant: &TenantStore, id: u64) -> SessionRow {
    tenant.find_session(SessionId(id)).await.unwrap().unwrap()
}

async fn adjacent(tenant: &TenantStore, id: u64) -> (Option<u64>, Option<u64>) {
    let session = find(tenant, id).await;
    let AdjacentSessions { before, after } = tenant.find_adjacent_sessions(&session).await.unwrap();
    (before.map(|row| row.id.0), after.map(|row| row.id.0))
}

async fn a_session_goes_on_after_midnight_within_the_usual_gap(on: On) {
    assert_eq!(minute(MIDNIGHT).day() + 1, minute(MIDNIGHT + 1).day());
    let (_test, tenant) = stored(
        on,
        vec![
            lasting(1, 0, 90, 100),
            // Another client meanwhile.
            lasting(2, 1, 95, 105),
            lasting(3, 0, 110, 300),
            lasting(4, 0, 340, 350),
        ],
    )
    .await;
    assert_eq!(adjacent(&tenant, 1).await, (None, Some(3)));
    assert_eq!(adjacent(&tenant, 3).await, (Some(1), None));
    assert_eq!(adjacent(&tenant, 2).await, (None, None));
    assert_eq!(adjacent(&tenant, 4).await, (None, None));
}

async fn a_longer_silence_over_midnight_is_the_end(on: On) {
    let (_test, tenant) = stored(on, vec![lasting(1, 0, 80, 90), lasting(2, 0, 121, 130)]).await;
    assert_eq!(adjacent(&tenant, 1).await, (None, None));
    assert_eq!(adjacent(&tenant, 2).await, (None, None));
}

async fn a_session_key_goes_on_whenever_it_comes_the_next_day(on: On) {
    let day = Timestamp::DAY / Timestamp::MINUTE;
    let keyed = |id, from, until| SessionRecord {
        keyed: true,
        client: engine::ClientKey(77),
        // Elsewhere each day.
        address: address(id as u8),
        ..lasting(id, 0, from, until)
    };
    let sessions = vec![
        keyed(1, 0, 10),
        keyed(2, 600, 700),
        keyed(3, 700 + day, 800 + day),
        // A day without it.
        keyed(4, 700 + 3 * day, 800 + 3 * day),
    ];
    let (_test, tenant) = stored(on, sessions).await;
    assert_eq!(adjacent(&tenant, 2).await, (Some(1), Some(3)));
    let of = async |id| -> Vec<u64> {
        let journey = tenant.list_journey(&find(&tenant, id).await).await.unwrap();
        journey.iter().map(|row| row.id.0).collect()
    };
    for id in [1, 2, 3] {
        assert_eq!(of(id).await, [1, 2, 3]);
    }
    assert_eq!(of(4).await, [4]);
}

on_both!(
    a_session_goes_on_after_midnight_within_the_usual_gap,
    a_longer_silence_over_midnight_is_the_end,
    a_session_key_goes_on_whenever_it_comes_the_next_day
);
