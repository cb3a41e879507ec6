use super::*;
use crate::ingest::reject::RejectReason;

const START: Timestamp = Timestamp(1_772_600_000_000);
const SHOP: IngestKey = (TenantId(1), ApplicationId(7));

fn body(accepted: u64, at: Timestamp, rejects: &Rejects) -> Received<'_> {
    Received {
        sender: "nginx of the shop",
        address: "192.0.2.1".parse().ok(),
        format: "JSON lines",
        accepted,
        rejects,
        bytes: 100 * accepted,
        at,
    }
}

fn show(counters: &IngestCounters, now: Timestamp) -> IngestApplication {
    let mut shown = counters.show(SHOP.0, now, |_| Some("shop".to_owned()));
    shown.remove(0)
}

#[test]
fn what_arrives_is_counted_and_its_rate_is_that_of_whole_steps() {
    let (counters, none) = (IngestCounters::new(START), Rejects::default());
    for second in 0..60 {
        let at = START.plus(second * 1_000);
        counters.record(SHOP, &body(10, at, &none));
    }
    let shown = show(&counters, START.plus(60_000));
    assert_eq!(
        (shown.accepted, shown.rejected, shown.bytes),
        (600, 0, 60_000)
    );
    assert!(
        (shown.per_second - 10.0).abs() < 1e-9,
        "{}",
        shown.per_second
    );
    let sum: u32 = shown.steps.iter().map(|step| step.accepted).sum();
    assert_eq!((shown.steps.len(), sum), (60, 600));
    // Silence shows, and what is older than is kept is gone.
    let later = show(&counters, START.plus(20 * Timestamp::MINUTE));
    assert!(later.steps.iter().all(|step| step.accepted == 0));
    assert!(later.per_second.abs() < 1e-9);
}

#[test]
fn who_asks_before_it_sends_is_one_source() {
    let (counters, none) = (IngestCounters::new(START), Rejects::default());
    let asked = Received {
        format: "unknown",
        ..body(0, START, &none)
    };
    counters.record(SHOP, &asked);
    assert_eq!(show(&counters, START).sources[0].format, "unknown");
    counters.record(SHOP, &body(3, START, &none));
    counters.record(SHOP, &asked);
    let combined = Received {
        format: "common/combined",
        ..body(2, START, &none)
    };
    counters.record(SHOP, &combined);
    let sources = show(&counters, START).sources;
    let mut told: Vec<_> = sources
        .iter()
        .map(|it| (&*it.format, it.accepted))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("JSON lines", 3), ("common/combined", 2)]);
}

#[test]
fn a_clock_that_jumps_breaks_nothing() {
    let (counters, none) = (IngestCounters::new(START), Rejects::default());
    for at in [
        0,
        3_600_000,
        -86_400_000,
        5_000,
        0,
        i64::MAX / 2,
        i64::MIN / 2,
    ] {
        counters.record(SHOP, &body(1, START.plus(at), &none));
    }
    assert_eq!(show(&counters, START).accepted, 7);
}

#[test]
fn rejects_are_told_by_reason_with_the_last_example_and_no_secret_in_it() {
    let counters = IngestCounters::new(START);
    for (number, line) in ["x", "GET /?password=hunter2 \x1b[31m"].iter().enumerate() {
        let mut rejects = Rejects::default();
        rejects.record(RejectReason::NotAccessLog, line.as_bytes());
        rejects.record(RejectReason::Blank, b"");
        rejects.record(RejectReason::NotAccessLog, b"another of the same body");
        counters.record(SHOP, &body(1, START.plus(number as i64), &rejects));
    }
    let shown = show(&counters, START);
    assert_eq!((shown.accepted, shown.rejected), (2, 6));
    let [first, second] = &shown.rejects[..] else {
        panic!("{:?}", shown.rejects);
    };
    assert_eq!((first.reason.as_str(), first.count), ("not_access_log", 4));
    assert_eq!(first.example, r"GET /?password=…\u{1b}[31m");
    assert_eq!((second.label.as_str(), second.count), ("empty line", 2));
}

#[test]
fn senders_are_told_apart_and_only_so_many() {
    let (counters, none) = (IngestCounters::new(START), Rejects::default());
    for number in 0..100_u8 {
        let received = Received {
            address: Some([198, 51, 100, number].into()),
            ..body(1, START.plus(i64::from(number)), &none)
        };
        counters.record(SHOP, &received);
        counters.record(SHOP, &received);
    }
    let shown = show(&counters, START);
    assert_eq!((shown.sources.len(), shown.other_sources), (32, 68));
    let newest = &shown.sources[0];
    assert_eq!(newest.address.as_deref(), Some("198.51.100.99"));
    assert_eq!(newest.accepted, 2);
}

#[test]
fn lag_and_slowed_down_senders_are_of_the_last_minutes() {
    let counters = IngestCounters::new(START);
    for lag_ms in 1..=100 {
        counters.seen(SHOP, lag_ms, START);
    }
    counters.slowed(SHOP, START);
    let shown = show(&counters, START.plus(1_000));
    let lag = shown.lag.unwrap();
    assert_eq!((lag.median_ms, lag.p99_ms), (51, 100));
    assert!(shown.slowed.unwrap().now);
    let later = show(&counters, START.plus(10 * Timestamp::MINUTE));
    assert_eq!(later.lag, None);
    assert!(!later.slowed.unwrap().now);
}

#[test]
fn no_tenant_is_told_of_anothers_traffic_and_not_everything_is_remembered() {
    let (counters, none) = (IngestCounters::new(START), Rejects::default());
    for number in 0..2_000 {
        let of = (TenantId(2), ApplicationId(number));
        let at = START.plus(i64::try_from(number).unwrap());
        counters.record(of, &body(1, at, &none));
    }
    let name = |_| Some("shop".to_owned());
    assert!(counters.show(TenantId(1), START, name).is_empty());
    assert_eq!(counters.show(TenantId(2), START, name).len(), 1_024);
    assert_eq!(
        counters.show(TenantId(2), START, name)[0].application_id,
        ApplicationId(1_999)
    );
    counters.forget((TenantId(2), ApplicationId(1_999)));
    assert_eq!(
        counters.show(TenantId(2), START, name)[0].application_id,
        ApplicationId(1_998)
    );
    // An application that is gone is not shown.
    assert!(counters.show(TenantId(2), START, |_| None).is_empty());
}

#[test]
fn what_waits_is_known_of_who_sent_something() {
    let (counters, none) = (IngestCounters::new(START), Rejects::default());
    let backlog = IngestBacklog {
        bytes: 4_096,
        oldest_at: Some(START),
    };
    counters.waiting(SHOP, backlog);
    assert!(
        counters
            .show(SHOP.0, START, |_| Some(String::new()))
            .is_empty()
    );
    counters.record(SHOP, &body(1, START, &none));
    counters.waiting(SHOP, backlog);
    assert_eq!(show(&counters, START).backlog, backlog);
}
