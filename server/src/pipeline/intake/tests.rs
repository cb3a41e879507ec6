use std::sync::atomic::{AtomicBool, Ordering};

use engine::{Address, Request};
use futures::FutureExt;
use shared::TenantId;
use tempfile::TempDir;

use super::take::encode;
use super::*;
use crate::ingest::admit::{BatchId, LogId, Receipt, Record};
use crate::ingest::reject::{RejectReason, Rejects};
use crate::store::contract::{On, Place as Database, on_both};
use crate::store::{AuditFilter, PageRequest};

const NOW: Timestamp = Timestamp(1_772_600_000_000);

/// A server's store and data directory, and the intake while it runs.
struct Site {
    database: Database,
    data: TempDir,
}

struct Running {
    store: Store,
    intake: Intake,
    stop: CancellationToken,
}

impl Site {
    async fn new(on: On) -> Self {
        Self {
            database: Database::new(on).await,
            data: tempfile::tempdir().unwrap(),
        }
    }

    async fn start(&self) -> Running {
        self.start_waiting(Duration::from_secs(60)).await
    }

    /// The same where senders wait so long for room.
    async fn start_waiting(&self, patience: Duration) -> Running {
        self.start_by(|| NOW, patience).await
    }

    /// The same by another clock.
    async fn start_by(&self, clock: fn() -> Timestamp, patience: Duration) -> Running {
        let book = crate::address::AddressBook::built_in();
        let store = self.database.open_knowing(book).await.unwrap();
        let stop = CancellationToken::new();
        let options = IntakeOptions {
            pending_bytes: 64 * 1024,
            patience,
            ..IntakeOptions::default()
        };
        let intake = Intake::open(
            store.clone(),
            self.data.path(),
            Lanes::default(),
            clock,
            options,
            stop.clone(),
        );
        let intake = intake.await.unwrap();
        Running {
            store,
            intake,
            stop,
        }
    }

    /// What a crash before anything of `records` was committed leaves.
    async fn crash_with(&self, records: Vec<Record>) -> LogId {
        let directory = self.data.path().join(DIRECTORY);
        let (log, thread) = AdmissionLog::open(&directory, |_| {}).unwrap();
        for record in records {
            log.append(record, ()).await.unwrap();
        }
        let id = log.id();
        drop(log);
        thread.join().unwrap();
        id
    }
}

impl Running {
    async fn inlet(&self, name: &str) -> Arc<Inlet> {
        self.intake
            .find(&Caller::local(), Some(name))
            .await
            .unwrap()
    }

    /// Sends a batch like a client does.
    async fn send(
        &self,
        name: &str,
        batch: Batch,
        called: Option<BatchId>,
    ) -> Result<Receipt, IntakeError> {
        let inlet = self.inlet(name).await;
        let turn = match called {
            None => None,
            Some(called) => match inlet.recognise(called).await {
                Repeat::Known(receipt) => return Ok(receipt),
                Repeat::New(turn) => Some(turn),
            },
        };
        self.admit(&inlet, batch, turn).await
    }

    /// What is left to do once the inlet is found.
    async fn admit(
        &self,
        inlet: &Arc<Inlet>,
        batch: Batch,
        turn: Option<BatchTurn>,
    ) -> Result<Receipt, IntakeError> {
        let receipt = Receipt {
            accepted: u32::try_from(batch.requests.len()).unwrap(),
            rejected: 1,
        };
        let room = self.intake.reserve(inlet, 1_000).await?;
        let payload = encode(&batch);
        let admitted = self.intake.admit(batch, payload, receipt, turn, NOW, room);
        admitted.await.map(|()| receipt)
    }

    /// Ends as a server does that was asked to; says how many requests are stored then.
    async fn stop(self, name: &str) -> u64 {
        self.stop.cancel();
        self.intake.wait().await;
        let tenant = self.store.tenant(&Caller::local());
        let applications = tenant.list_applications().await.unwrap();
        let found = applications.iter().find(|it| it.name == name);
        let requests = found.map_or(0, |application| application.requests);
        drop((tenant, self.intake));
        self.store.close().await.unwrap();
        requests
    }
}

/// So many requests of one address, a second apart.
fn batch(count: u32, from: i64) -> Batch {
    let mut batch = Batch {
        resolution_ms: 1,
        ..Batch::default()
    };
    for number in 0..count {
        let request = Request {
            at: NOW.0 - 60_000 + from + i64::from(number),
            address: Address(0xffff << 32 | 7),
            method: batch.texts.intern("GET"),
            path: batch.texts.intern(&format!("/{number}")),
            user_agent: batch.texts.intern("curl/8.5"),
            status: 200,
            ..Request::default()
        };
        batch.requests.push(request);
    }
    batch
}

fn record(application: ApplicationId, count: u32, called: Option<BatchId>) -> Record {
    Record {
        tenant: Caller::DEFAULT_TENANT,
        application,
        batch: called,
        receipt: Receipt {
            accepted: count,
            rejected: 0,
        },
        payload: encode(&batch(count, 0)),
    }
}

const A: BatchId = BatchId([1; 16]);

async fn what_is_admitted_is_stored_once_and_a_batch_sent_again_is_recognised(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    running.send("shop", batch(3, 0), None).await.unwrap();
    let first = running.send("shop", batch(5, 10), Some(A)).await.unwrap();
    let again = running.send("shop", batch(5, 10), Some(A)).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(running.stop("shop").await, 8);

    let running = site.start().await;
    let again = running.send("shop", batch(5, 10), Some(A)).await.unwrap();
    assert_eq!(first, again, "after a restart");
    running.send("shop", batch(1, 20), None).await.unwrap();
    assert_eq!(running.stop("shop").await, 9);
    let running = site.start().await;
    assert_eq!(running.stop("shop").await, 9);
}

async fn what_was_admitted_before_a_crash_is_stored_after_it_and_not_twice(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    let id = running.inlet("shop").await.id();
    assert_eq!(running.stop("shop").await, 0);
    let log = site
        .crash_with(vec![record(id, 3, None), record(id, 2, Some(A))])
        .await;
    let running = site.start().await;
    assert_eq!(running.intake.0.log.id(), log, "the log keeps its name");
    assert_eq!(running.stop("shop").await, 5);
    // As if the crash had come after the commit and before the log was tidied.
    site.crash_with(vec![record(id, 1, None)]).await;
    let running = site.start().await;
    let again = running.send("shop", batch(2, 0), Some(A)).await.unwrap();
    assert_eq!(again.accepted, 2, "known from before the crash");
    assert_eq!(running.stop("shop").await, 6);
}

async fn records_that_are_committed_are_passed_over_when_the_log_is_read_again(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    let id = running.inlet("shop").await.id();
    running.stop("shop").await;
    site.crash_with(vec![record(id, 3, None), record(id, 2, None)])
        .await;
    let kept = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| {
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    };
    let log = site.data.path().join(DIRECTORY);
    copy(&log, kept.path());
    assert_eq!(site.start().await.stop("shop").await, 5);
    // The very log again, as after a crash in between.
    std::fs::remove_dir_all(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    copy(kept.path(), &log);
    assert_eq!(site.start().await.stop("shop").await, 5);
}

async fn what_is_left_of_a_removed_application_is_let_go(on: On) {
    let site = Site::new(on).await;
    site.crash_with(vec![record(ApplicationId(99), 3, None)])
        .await;
    assert_eq!(site.start().await.stop("shop").await, 0);
    let log = site.data.path().join(DIRECTORY);
    let files = std::fs::read_dir(log).unwrap();
    let bytes = files.map(|file| file.unwrap().metadata().unwrap().len());
    assert_eq!(bytes.sum::<u64>(), 16, "one empty log");
}

async fn a_token_for_one_application_reaches_no_other(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    let (shop, other) = (running.inlet("shop").await, running.inlet("other").await);
    let may = shared::Role::IngestOnly.permissions();
    let token =
        |application| Caller::with_token(Caller::DEFAULT_TENANT, "t", may, None, application);
    let only = token(Some(shop.id()));
    let found = running.intake.find(&only, None).await.unwrap();
    assert_eq!(found.id(), shop.id());
    let by_id = shop.id().to_string();
    assert!(running.intake.find(&only, Some(&by_id)).await.is_ok());
    for named in ["other", "new", &other.id().to_string()] {
        let found = running.intake.find(&only, Some(named)).await;
        assert!(matches!(found, Err(IntakeError::NoApplication)), "{named}");
    }
    let any = token(None);
    let unnamed = running.intake.find(&any, None).await;
    assert!(matches!(unnamed, Err(IntakeError::Unnamed(_))));
    assert!(running.intake.find(&any, Some("new")).await.is_ok());
    let tenant = running.store.tenant(&Caller::local());
    let all = PageRequest {
        cursor: None,
        limit: 10,
    };
    let logged = tenant.list_audit(&AuditFilter::default(), all).await;
    let logged = logged.unwrap().items.into_iter();
    let made: Vec<_> = logged.map(|it| (it.action, it.object)).collect();
    let of = |name: &str| ("application.create".to_owned(), name.to_owned());
    assert_eq!(made, [of("new"), of("other"), of("shop")]);
    let foreign = Caller::with_token(TenantId(77), "t", may, None, Some(shop.id()));
    let found = running.intake.find(&foreign, None).await;
    assert!(
        matches!(found, Err(IntakeError::NoApplication)),
        "another tenant's"
    );
    drop(tenant);
    running.stop("shop").await;
}

async fn a_batch_from_before_a_crash_is_recognised_before_it_is_committed(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    let id = running.inlet("shop").await.id();
    running.stop("shop").await;
    site.crash_with(vec![record(id, 2, Some(A))]).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    let known = inlet.recognise(A).await;
    assert!(matches!(known, Repeat::Known(receipt) if receipt.accepted == 2));
    assert_eq!(running.stop("shop").await, 2);
}

async fn a_batch_is_taken_once_though_its_sender_did_not_wait_for_the_answer(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    let Repeat::New(turn) = inlet.recognise(A).await else {
        panic!("nobody sent it");
    };
    let room = running.intake.reserve(&inlet, 1_000).await.unwrap();
    let receipt = Receipt {
        accepted: 4,
        rejected: 0,
    };
    let (sent, payload) = (batch(4, 0), encode(&batch(4, 0)));
    let admitting = running
        .intake
        .admit(sent, payload, receipt, Some(turn), NOW, room);
    let mut admitting = Box::pin(admitting);
    let _gone = (&mut admitting).now_or_never();
    drop(admitting);
    let again = running.send("shop", batch(4, 0), Some(A)).await.unwrap();
    assert_eq!(again, receipt);
    assert_eq!(running.stop("shop").await, 4);
}

async fn what_is_sent_to_an_application_that_was_removed_is_let_go(on: On) {
    let site = Site::new(on).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    let key = inlet.key();
    let counters = running.intake.counters();
    counters.slowed(key, NOW);
    let tenant = running.store.tenant(&Caller::local());
    assert!(tenant.hide_application(inlet.id(), NOW).await.unwrap());
    let names = inlet.names(&[]).await;
    assert!(matches!(names, Err(IntakeError::NoApplication)));
    // Its writer learns of it with this.
    running.admit(&inlet, batch(3, 0), None).await.unwrap();
    while running.intake.inlets().contains_key(&key) {
        tokio::task::yield_now().await;
    }
    assert_eq!(running.intake.0.log.unsettled(), 0);
    let shown = counters.show(key.0, NOW, |_| Some("shop".to_owned()));
    assert!(shown.is_empty(), "{shown:?}");
    // Whoever found it before has an inlet without a writer.
    running.admit(&inlet, batch(3, 0), None).await.unwrap();
    assert_eq!(running.intake.0.log.unsettled(), 0);
    running.send("shop", batch(2, 0), None).await.unwrap();
    drop((tenant, inlet));
    assert_eq!(running.stop("shop").await, 2, "it is begun anew");
}

on_both!(
    what_is_sent_to_an_application_that_was_removed_is_let_go,
    a_batch_is_taken_once_though_its_sender_did_not_wait_for_the_answer,
    a_batch_from_before_a_crash_is_recognised_before_it_is_committed,
    what_is_admitted_is_stored_once_and_a_batch_sent_again_is_recognised,
    what_was_admitted_before_a_crash_is_stored_after_it_and_not_twice,
    records_that_are_committed_are_passed_over_when_the_log_is_read_again,
    what_is_left_of_a_removed_application_is_let_go,
    a_token_for_one_application_reaches_no_other,
);

#[tokio::test]
async fn who_sends_more_than_may_wait_is_asked_to_come_again() {
    let site = Site::new(On::Sqlite).await;
    let running = site.start_waiting(Duration::ZERO).await;
    let inlet = running.inlet("shop").await;
    let large = running.intake.reserve(&inlet, 40 * 1024).await;
    assert!(matches!(large, Err(IntakeError::TooLarge)));
    let first = running.intake.reserve(&inlet, 30 * 1024).await.unwrap();
    let busy = running.intake.reserve(&inlet, 18 * 1024 + 1).await;
    assert!(matches!(busy, Err(IntakeError::Busy(_))), "{busy:?}");
    let second = running.intake.reserve(&inlet, 18 * 1024).await.unwrap();
    assert_eq!(running.intake.pending(), (48 * 1024, 64 * 1024));
    let other = running.inlet("other").await;
    let full = running.intake.reserve(&other, 16 * 1024 + 1).await;
    assert!(matches!(full, Err(IntakeError::Full(_))), "{full:?}");
    let third = running.intake.reserve(&other, 16 * 1024).await.unwrap();
    let shown = running
        .intake
        .counters()
        .show(inlet.key().0, NOW, |_| Some(String::new()));
    let slowed = shown.iter().filter_map(|it| it.slowed.as_ref());
    assert_eq!(slowed.map(|it| it.times).collect::<Vec<_>>(), [1, 1]);
    drop(third);
    drop((first, second));
    assert_eq!(running.intake.pending().0, 0);
    running.stop("shop").await;
}

#[tokio::test]
async fn who_waits_gets_the_room_that_another_leaves() {
    let site = Site::new(On::Sqlite).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    let first = running.intake.reserve(&inlet, 30 * 1024).await.unwrap();
    let second = running.intake.reserve(&inlet, 18 * 1024).await.unwrap();
    let waits = running.intake.reserve(&inlet, 10 * 1024);
    let (waited, ()) = tokio::join!(waits, async { drop(first) });
    drop((waited.unwrap(), second));
    running.stop("shop").await;
}

#[tokio::test]
async fn nobody_writes_after_a_writer_that_failed_before_the_server_is_started_again() {
    static IS_BROKEN: AtomicBool = AtomicBool::new(false);
    let clock = || {
        assert!(!IS_BROKEN.load(Ordering::Relaxed), "the clock is broken");
        NOW
    };
    let site = Site::new(On::Sqlite).await;
    let running = site.start_by(clock, Duration::from_secs(60)).await;
    let inlet = running.inlet("shop").await;
    IS_BROKEN.store(true, Ordering::Relaxed);
    running.admit(&inlet, batch(3, 0), None).await.unwrap();
    while !inlet.live().is_closed() {
        tokio::task::yield_now().await;
    }
    IS_BROKEN.store(false, Ordering::Relaxed);
    let sent = running.intake.find(&Caller::local(), Some("shop")).await;
    assert!(matches!(sent, Err(IntakeError::Failed)), "{sent:?}");
    // Whoever found it before.
    running.admit(&inlet, batch(2, 10), None).await.unwrap();
    drop(inlet);
    assert_eq!(running.stop("shop").await, 0);
    assert_eq!(site.start().await.stop("shop").await, 5);
}

/// Lines of a log, as a sender sends them.
fn lines(bytes: &'static str, lost: Rejects) -> Sent {
    Sent {
        sender: "nginx".to_owned(),
        address: None,
        protocol: None,
        name: None,
        lost,
        bytes: bytes.into(),
        encoding: None,
        arrived: NOW,
    }
}

const LINE: &str =
    r#"{"time":"2026-03-04T04:53:20Z","ip":"192.0.2.7","method":"GET","path":"/","status":200}"#;

#[tokio::test]
async fn what_is_taken_is_taken_whether_its_sender_waits_or_not() {
    let site = Site::new(On::Sqlite).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    let mut taking = Box::pin(
        running
            .intake
            .take_lines(&inlet, lines(LINE, Rejects::default())),
    );
    assert!((&mut taking).now_or_never().is_none());
    drop(taking);
    let counters = running.intake.counters();
    let name = |_| Some("shop".to_owned());
    while counters.show(inlet.key().0, NOW, name).is_empty() {
        tokio::task::yield_now().await;
    }
    drop(inlet);
    assert_eq!(running.stop("shop").await, 1);
}

#[tokio::test]
async fn a_batch_has_the_room_that_it_takes_in_memory_until_it_is_committed() {
    let site = Site::new(On::Sqlite).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    // Nobody commits meanwhile.
    let lane = running.intake.0.lanes.enter(inlet.id()).await;
    let mut lost = Rejects::default();
    lost.record_unseen(RejectReason::Dropped, 2);
    let taken = running.intake.take_lines(&inlet, lines(LINE, lost)).await;
    assert_eq!(taken.unwrap().accepted, 1);
    assert!(LINE.len() < size_of::<Request>());
    assert!(running.intake.pending().0 > size_of::<Request>());
    drop(lane);
    let shown = running
        .intake
        .counters()
        .show(inlet.key().0, NOW, |_| Some(String::new()));
    assert_eq!((shown[0].accepted, shown[0].rejected), (1, 2));
    while running.intake.pending().0 > 0 {
        tokio::task::yield_now().await;
    }
    running.stop("shop").await;
}

#[tokio::test]
async fn a_body_that_leads_to_a_fault_is_refused_and_what_follows_is_taken() {
    let site = Site::new(On::Sqlite).await;
    let running = site.start().await;
    let inlet = running.inlet("shop").await;
    let room = running.intake.reserve(&inlet, 100).await.unwrap();
    let sent = lines(LINE, Rejects::default());
    let taken = running
        .intake
        .take(room, sent, |_, _, _| panic!("a decoder"));
    let fault: Result<(_, Option<()>), _> = taken.await;
    let fault = fault.unwrap_err();
    assert!(
        matches!(fault, IntakeError::Fault(_)) && fault.is_of_batch(),
        "{fault}"
    );
    assert_eq!(running.intake.pending().0, 0);
    let sent = lines(LINE, Rejects::default());
    running.intake.take_lines(&inlet, sent).await.unwrap();
    drop(inlet);
    assert_eq!(running.stop("shop").await, 1);
}
