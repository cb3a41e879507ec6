//! Finding and erasing somebody, and the record of it: in small steps, none of which is lost.

use std::net::IpAddr;

use shared::{JobState, Traces};

use super::fixture::*;
use crate::store::{AuditRecord, Commit, EncodedSegment, StoreError, TraceSubject};

/// The first client of every segment: 5 of its 10 requests.
fn subject() -> TraceSubject {
    TraceSubject::Address("192.0.2.0".parse::<IpAddr>().unwrap())
}

async fn what_there_is_is_counted_in_parts_that_add_up(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    for name in ["shop", "blog"] {
        let application = tenant.find_or_create_application(name).await.unwrap();
        let mut commit = commit(&application, 0, 1, 5);
        let numbers = 1..700;
        let more = numbers.map(|number| EncodedSegment::new(number, &batch(number, 2, 10)));
        commit.segments.extend(more);
        commit.position = 699;
        tenant.commit(commit).await.unwrap();
    }
    let (mut total, mut parts, mut after) = (Traces::default(), 0, None);
    loop {
        let (part, next) = tenant.find_traces(&subject(), after).await.unwrap();
        assert!(part.total.requests <= 5 * 520, "{parts}: {:?}", part.total);
        total += part.total;
        parts += 1;
        after = next;
        if after.is_none() {
            break;
        }
    }
    let expected = Traces {
        requests: 2 * 700 * 5,
        sessions: 2,
        attacks: 2,
        list_entries: 0,
    };
    assert_eq!((total, parts), (expected, 3));
    let (found, next) = test.stranger().find_traces(&subject(), None).await.unwrap();
    assert_eq!((found.total, next), (Traces::default(), None));
}

async fn requests_are_emptied_step_by_step_and_judging_again_is_due(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let mut all = Commit::new(shop.judgement, 19);
    all.segments = (0..20)
        .map(|number| {
            EncodedSegment::new(number, &batch(number, if number < 18 { 1 } else { 2 }, 10))
        })
        .collect();
    tenant.commit(all).await.unwrap();
    assert_eq!(tenant.count_segments().await.unwrap(), 20);
    let other = TraceSubject::Address("192.0.2.1".parse::<IpAddr>().unwrap());
    let (mut after, mut rewritten, mut looked_at) = (None, 0, 0);
    loop {
        let part = tenant.erase_requests(shop.judgement, &other, after).await;
        let part = part.unwrap();
        assert!(part.segments <= 8);
        rewritten += part.rewritten;
        looked_at += part.segments;
        after = part.last;
        if after.is_none() {
            break;
        }
    }
    // The others do not have the address, and are not written.
    assert_eq!((looked_at, rewritten), (20, 2));
    let batch = tenant
        .find_batch(shop.judgement, 19)
        .await
        .unwrap()
        .unwrap();
    assert!(
        batch.requests[..5]
            .iter()
            .all(|it| it.address == address(0))
    );
    assert!(batch.requests[5..].iter().all(|it| it.address.0 == 0));
    // Until somebody did, nobody takes for granted what they knew before.
    let state = tenant.find_application_state("shop").await.unwrap();
    let state = state.unwrap();
    assert!(state.late > 0 && state.is_due_again());
    let stranger = test.stranger();
    let subject = subject();
    let theirs = stranger.erase_requests(shop.judgement, &subject, None);
    assert_eq!(theirs.await.unwrap().segments, 0);
}

async fn what_lists_and_log_say_goes_however_much_it_is(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    for number in 0..600 {
        let record = AuditRecord::new(
            "list_entry.create",
            if number % 2 == 0 {
                "192.0.2.0"
            } else {
                "192.0.2.1"
            },
        );
        tenant.record(record, minute(number)).await.unwrap();
    }
    tenant.erase_mentions(&subject()).await.unwrap();
    let chain = tenant.verify_audit().await.unwrap();
    assert_eq!((chain.holds, chain.erased, chain.last), (true, 300, 600));
}

async fn an_erasure_is_remembered_until_it_has_ended(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let begun = tenant.begin_erasure(&subject(), minute(0)).await.unwrap();
    assert_eq!((begun.state, begun.before), (JobState::Waiting, None));
    let found = Traces {
        requests: 5,
        ..Traces::default()
    };
    tenant.note_before(begun.id, &found).await.unwrap();
    tenant
        .fail_erasure(begun.id, "the store failed")
        .await
        .unwrap();
    let newest = async || tenant.list_erasures(ALL).await.unwrap().items.remove(0);
    let failed = newest().await;
    assert_eq!(failed.state, JobState::Failed);
    assert_eq!(failed.reason.as_deref(), Some("the store failed"));
    assert!(
        test.stranger()
            .list_open_erasures()
            .await
            .unwrap()
            .is_empty()
    );

    // Whoever asks again for the same goes on with it, and so does the next start.
    let again = tenant.begin_erasure(&subject(), minute(5)).await.unwrap();
    assert_eq!((again.id, again.at), (begun.id, minute(0)));
    assert_eq!(
        (again.before, newest().await.state),
        (Some(found), JobState::Waiting)
    );
    let open = tenant.list_open_erasures().await.unwrap().remove(0);
    assert_eq!(
        (open.id, open.whose, open.is_counted),
        (begun.id, Some(subject()), true)
    );

    // Nothing names whose it was before the files are written again.
    tenant
        .note_after(begun.id, &Traces::default())
        .await
        .unwrap();
    let open = tenant.list_open_erasures().await.unwrap().remove(0);
    assert_eq!((open.id, open.whose), (begun.id, None));
    let is_shredded = tenant.shred().await.unwrap();
    tenant
        .end_erasure(begun.id, is_shredded, minute(9))
        .await
        .unwrap();
    assert!(tenant.list_open_erasures().await.unwrap().is_empty());
    let ended = newest().await;
    assert_eq!(
        (ended.state, ended.percent, ended.ended_at),
        (JobState::Done, 100, Some(minute(9)))
    );
    // Where the files are another server's, the proof says what is left to do.
    match on {
        On::Sqlite => assert_eq!(ended.remains, None),
        On::Postgres => assert!(ended.remains.unwrap().contains("VACUUM FULL")),
    }
    let another = tenant.begin_erasure(&subject(), minute(10)).await.unwrap();
    assert_ne!(another.id, begun.id);
}

async fn a_tenant_that_goes_gets_no_erasure(on: On) {
    let test = TestStore::open(on).await;
    let refused = test.stranger().begin_erasure(&subject(), minute(0)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

on_both!(
    what_there_is_is_counted_in_parts_that_add_up,
    requests_are_emptied_step_by_step_and_judging_again_is_due,
    what_lists_and_log_say_goes_however_much_it_is,
    an_erasure_is_remembered_until_it_has_ended,
    a_tenant_that_goes_gets_no_erasure
);
