//! Requests of sessions and hits of attacks, read from several segments in the order of time.

use engine::{AttackRequests, Batch, DetectorMask, Request};
use shared::{AttackId, BotType, DetectorKind, SessionId};

use super::fixture::*;
use crate::store::{
    Commit, Cursor, EncodedSegment, PageRequest, RequestFilter, SessionRow, TenantStore,
};

/// Requests of client 0 at these minutes, and one of client 1 at each of them.
fn scattered(minutes: &[i64]) -> Batch {
    let mut batch = Batch::default();
    for (minutes, last) in minutes.iter().flat_map(|at| [(at, 0), (at, 1)]) {
        batch.requests.push(Request {
            at: minute(*minutes).0,
            address: address(last),
            user_agent: batch.texts.intern("curl/8.0"),
            ..Request::default()
        });
    }
    batch
}

/// Client 0 has one session over three segments that overlap in time, and an attack whose hits
/// are its even minutes.
async fn three_segments(tenant: &TenantStore) -> SessionRow {
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let minutes = [vec![0, 4, 8], vec![1, 5, 6], vec![7, 3, 2, 100]];
    let mut commit = Commit::new(shop.judgement, 2);
    (commit.effects.endpoints, commit.effects.user_agents) = texts();
    commit.effects.attacks = vec![attack(1, BotType::Scraping, 0, 8, 5)];
    for (number, minutes) in (0u64..).zip(&minutes) {
        let batch = scattered(minutes);
        commit.segments.push(EncodedSegment::new(number, &batch));
        let even = (0u32..).zip(&batch.requests).filter(|(_, request)| {
            let first = request.address == address(0);
            first && (request.at - minute(0).0) / 60_000 % 2 == 0 && request.at < minute(9).0
        });
        let mask = fed(DetectorKind::RequestRate);
        let rows: Vec<(u32, DetectorMask)> = even.map(|(row, _)| (row, mask)).collect();
        commit.effects.attack_requests.push(AttackRequests {
            attack: AttackId(1),
            segment: number,
            rows,
        });
    }
    let mut session = session(5, 0, 0);
    session.ended_at = minute(8);
    session.segments = vec![0, 1, 2].into();
    commit.effects.sessions = vec![session];
    tenant.commit(commit).await.unwrap();
    tenant.find_session(SessionId(5)).await.unwrap().unwrap()
}

fn minutes_of(at: shared::Timestamp) -> i64 {
    at.since(minute(0)) / 60_000
}

async fn requests_of_a_session_come_in_the_order_of_time_from_any_place_on(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let session = three_segments(&tenant).await;
    let sessions = [session];
    let index = tenant.find_request_index(&sessions).await.unwrap();
    let all = index.kept(&RequestFilter::default());
    for (from, until) in [(0, 9), (0, 1), (4, 7), (8, 9), (9, 9)] {
        let rows = tenant.list_session_requests(&sessions, &index, &all[from..until]);
        let rows = rows.await.unwrap();
        let seen: Vec<i64> = rows
            .iter()
            .map(|row| minutes_of(row.request.at()))
            .collect();
        let expected: Vec<i64> = (from as i64..until as i64).collect();
        assert_eq!(seen, expected);
    }
}

async fn an_index_is_made_once_and_anew_after_a_commit(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let sessions = [three_segments(&tenant).await];
    let index = tenant.find_request_index(&sessions).await.unwrap();
    let again = tenant.find_request_index(&sessions).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&index, &again));
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let next = Commit::new(shop.judgement, 3);
    tenant.commit(next).await.unwrap();
    let anew = tenant.find_request_index(&sessions).await.unwrap();
    assert!(!std::sync::Arc::ptr_eq(&index, &anew));
    assert_eq!(index.len(), anew.len());
}

async fn hits_come_in_the_order_of_time(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    three_segments(&tenant).await;
    let mut seen = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = PageRequest { cursor, limit: 2 };
        let page = tenant.list_hits(AttackId(1), page).await.unwrap().unwrap();
        seen.extend(page.items.iter().map(|hit| minutes_of(hit.request.at())));
        match page.next_cursor {
            Some(next) => cursor = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, [0, 2, 4, 6, 8]);
    assert!(tenant.list_hits(AttackId(2), ALL).await.unwrap().is_none());
}

on_both!(
    requests_of_a_session_come_in_the_order_of_time_from_any_place_on,
    an_index_is_made_once_and_anew_after_a_commit,
    hits_come_in_the_order_of_time
);
