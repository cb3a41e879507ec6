//! Gathers messages for a moment and hands them on, until they are taken.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::waiting::{Receiver, Waiting};
use crate::auth::Caller;
use crate::ingest::health::Received;
use crate::ingest::reject::{RejectReason, Rejects};
use crate::ingest::syslog::{Frame, Gathered};
use crate::pipeline::{Intake, IntakeError, Sent};

/// What the sender and the protocol are called.
const SYSLOG: &str = "syslog";

/// How long messages are gathered.
const GATHER: Duration = Duration::from_millis(200);

/// How many are gathered.
const MAX_MESSAGES: usize = 2_000;

/// How many bytes are gathered.
const MAX_BYTES: usize = 1024 * 1024;

/// How long to wait after a failure, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

pub(super) struct Writer {
    intake: Intake,
    caller: Caller,
    application: String,
    stop: CancellationToken,
}

/// A batch in the making.
#[derive(Default)]
struct Batch {
    gathered: Gathered,
    rejects: Rejects,
    /// Who sent it, if it is one.
    from: Option<IpAddr>,
    is_of_many: bool,
}

impl Batch {
    fn push(&mut self, waiting: &Waiting) {
        match &waiting.frame {
            Frame::Message(message) => self.gathered.push(message),
            Frame::TooLong(begin) => self.rejects.record(RejectReason::TooLong, begin),
        }
        let from = waiting.from.to_canonical();
        self.is_of_many |= self.from.is_some_and(|other| other != from);
        self.from = Some(from);
    }

    fn is_full(&self) -> bool {
        self.gathered.len() >= MAX_MESSAGES || self.gathered.size() >= MAX_BYTES
    }
}

impl Writer {
    pub(super) fn new(
        intake: Intake,
        caller: Caller,
        application: String,
        stop: CancellationToken,
    ) -> Self {
        Self {
            intake,
            caller,
            application,
            stop,
        }
    }

    /// Until whoever reads has ended, and everything is handed on.
    pub(super) async fn run(self, mut receiver: Receiver) {
        while let Some(first) = receiver.messages.recv().await {
            let mut batch = Batch::default();
            // Their room is theirs until they are taken.
            let mut held = vec![first];
            batch.push(&held[0]);
            let until = Instant::now() + GATHER;
            while !batch.is_full() {
                let more = tokio::time::timeout_at(until, receiver.messages.recv());
                let Ok(Some(more)) = more.await else {
                    break;
                };
                batch.push(&more);
                held.push(more);
            }
            batch.rejects.merge(receiver.take_dropped());
            self.hand_on(batch).await;
        }
    }

    /// Tries until it is taken. Once the server stops, once more.
    async fn hand_on(&self, batch: Batch) {
        let count = batch.gathered.len();
        let mut sent = Sent {
            sender: SYSLOG.to_owned(),
            address: batch.from.filter(|_| !batch.is_of_many),
            protocol: Some(SYSLOG),
            name: None,
            lost: batch.rejects,
            bytes: batch.gathered.into_lines().into(),
            encoding: None,
            arrived: self.intake.now(),
        };
        let mut pause = RETRY.0;
        loop {
            let is_last = self.stop.is_cancelled();
            let error = match self.take(&sent, count).await {
                Ok(()) => return,
                Err(error) => error,
            };
            let application = &self.application;
            if is_last {
                tracing::error!(%error, application, count, "messages are lost");
                return;
            }
            tracing::warn!(%error, application, "messages wait");
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(RETRY.1);
            // A time that was still to come may have.
            sent.arrived = self.intake.now();
        }
    }

    /// Messages that never could be taken are rejected, so that others are not kept waiting.
    async fn take(&self, sent: &Sent, count: usize) -> Result<(), IntakeError> {
        let named = Some(&*self.application);
        let inlet = self.intake.find(&self.caller, named).await?;
        let error = match self.intake.take_lines(&inlet, sent.clone()).await {
            Err(error) if error.is_of_batch() => error,
            taken => return taken.map(drop),
        };
        tracing::error!(%error, application = self.application, count, "messages are rejected");
        let mut rejects = sent.lost.clone();
        rejects.record_unseen(RejectReason::NotAccessLog, count as u64);
        let received = Received {
            sender: &sent.sender,
            address: sent.address,
            format: SYSLOG,
            accepted: 0,
            rejects: &rejects,
            bytes: sent.bytes.len() as u64,
            at: sent.arrived,
        };
        self.intake.counters().record(inlet.key(), &received);
        Ok(())
    }
}
