use engine::{Address, Request};

use super::growing::{SEGMENT_ROWS, new_batch};
use super::*;
use crate::auth::Caller;
use crate::store::{Period, Store, TraceSubject};

const START: Timestamp = Timestamp(1_772_600_000_000);

/// Requests so many milliseconds apart, each from the address and of the path with its number.
fn requests(count: u32, from: i64, apart: i64, address: fn(u32) -> u32, path: &str) -> Batch {
    let mut batch = new_batch(1);
    for number in 0..count {
        let request = Request {
            at: START.0 + from + i64::from(number) * apart,
            address: Address(0xffff << 32 | u128::from(address(number))),
            method: batch.texts.intern("GET"),
            path: batch.texts.intern(&format!("{path}{number}")),
            user_agent: batch.texts.intern("curl/8.5"),
            status: 404,
            ..Request::default()
        };
        batch.requests.push(request);
    }
    batch
}

#[tokio::test]
async fn an_attack_that_goes_on_keeps_its_heatmaps_however_much_a_commit_takes() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let tenant = store.tenant(&Caller::local());
    let state = tenant.find_or_create_application("shop").await.unwrap();
    let clock = || START.plus(Timestamp::HOUR);
    let stop = CancellationToken::new();
    let (live, running) = Live::start(
        tenant.clone(),
        &state,
        Lanes::default(),
        clock,
        stop.clone(),
    );
    let missing = async || {
        let period = Period {
            from: START,
            until: START.plus(Timestamp::DAY),
        };
        let attacks = tenant.list_attack_slices(state.id, None, period).await;
        let attacks = attacks.unwrap();
        let without = attacks.iter().filter(|attack| attack.slices.is_empty());
        (attacks.len(), without.count())
    };

    let scanner = requests(400, 0, 500, |_| 7, "/.git/config?");
    live.append(scanner).await.unwrap();
    assert_eq!(missing().await, (1, 0));
    let many = requests(
        SEGMENT_ROWS as u32,
        200_000,
        1,
        |number| 100 + number,
        "/a/",
    );
    live.append(many).await.unwrap();
    assert_eq!(missing().await, (1, 0));

    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn whom_an_erasure_that_failed_took_out_does_not_come_back_with_the_next_commit() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let tenant = store.tenant(&Caller::local());
    let state = tenant.find_or_create_application("shop").await.unwrap();
    let clock = || START.plus(Timestamp::MINUTE);
    let stop = CancellationToken::new();
    let lanes = Lanes::default();
    let (live, running) = Live::start(tenant.clone(), &state, lanes.clone(), clock, stop.clone());
    live.append(requests(20, 0, 500, |_| 7, "/a/"))
        .await
        .unwrap();
    // As far as an erasure comes before the store fails.
    let lane = lanes.enter(state.id).await;
    let subject = TraceSubject::Address("0.0.0.7".parse::<std::net::IpAddr>().unwrap());
    let part = tenant.erase_requests(state.judgement, &subject, None).await;
    assert_eq!(part.unwrap().rewritten, 1);
    drop(lane);

    live.append(requests(20, 20_000, 500, |_| 8, "/b/"))
        .await
        .unwrap();
    let (found, _) = tenant.find_traces(&subject, None).await.unwrap();
    assert_eq!(found.total, shared::Traces::default());
    let others = TraceSubject::Address("0.0.0.8".parse::<std::net::IpAddr>().unwrap());
    let (found, _) = tenant.find_traces(&others, None).await.unwrap();
    assert_eq!(found.total.requests, 20);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_log_that_is_read_again_is_committed_once_however_long_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).await.unwrap();
    let tenant = store.tenant(&Caller::local());
    tenant.find_or_create_application("shop").await.unwrap();
    let clock = || START.plus(Timestamp::HOUR);
    // More than one commit takes.
    let batches = 18;
    let rows = 4_096;
    for _start in 0..2 {
        let state = tenant.find_application_state("shop").await.unwrap();
        let (live, running) = Live::start(
            tenant.clone(),
            &state.unwrap(),
            Lanes::default(),
            clock,
            CancellationToken::new(),
        );
        for number in 0..batches {
            let from = i64::from(number * rows);
            let place = Place {
                log: 1,
                position: u64::from(number) + 1,
                batch: None,
            };
            let batch = requests(rows, from, 1, |number| number % 500, "/");
            let settled = Box::new(|result: Result<(), LiveError>| result.unwrap());
            live.push(batch, Some(place), settled, Box::new(|| {}));
        }
        drop(live);
        running.await.unwrap();
        let found = &tenant.list_applications().await.unwrap()[0];
        assert_eq!(found.requests, u64::from(batches * rows));
    }
}
