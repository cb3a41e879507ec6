//! What arrives at one application, counted. Bounded: a few minutes of steps, the last lags, one
//! example of each reason, and the senders heard of last.

use std::collections::VecDeque;

use shared::{
    ApplicationId, IngestApplication, IngestBacklog, IngestLag, IngestReject, IngestSlowed,
    IngestSource, IngestStep, Timestamp,
};

use super::Received;
use super::example::without_secrets;
use crate::ingest::reject::RejectReason;

/// How long a step is, in seconds.
pub const STEP_S: u32 = 5;

const STEP_MS: i64 = STEP_S as i64 * 1_000;

/// Steps that are kept: five minutes.
const STEPS: usize = 60;

/// Steps that the rate is measured over, besides the one that is not over: half a minute.
const RATE_STEPS: usize = 6;

/// Senders that are told apart.
const MAX_SOURCES: usize = 32;

/// The longest name of a sender or a format, in characters.
const MAX_NAME: usize = 100;

/// Lags that are kept, and for how long.
const MAX_LAGS: usize = 512;
const LAG_MS: i64 = 5 * Timestamp::MINUTE;

/// For how long a sender that was told to wait counts as slowed down.
const SLOWED_MS: i64 = 30_000;

/// What arrives at one application.
#[derive(Debug)]
pub(super) struct Arriving {
    accepted: u64,
    rejected: u64,
    bytes: u64,
    last_at: Timestamp,
    /// Of the last steps, the newest last; its number counts from 1970.
    steps: VecDeque<IngestStep>,
    newest_step: i64,
    lags: VecDeque<(Timestamp, u32)>,
    backlog: IngestBacklog,
    slowed: Option<(Timestamp, u64)>,
    rejects: Vec<(RejectReason, IngestReject)>,
    sources: Vec<IngestSource>,
    other_sources: u64,
}

impl Arriving {
    pub(super) fn new(at: Timestamp) -> Self {
        Self {
            accepted: 0,
            rejected: 0,
            bytes: 0,
            last_at: at,
            steps: VecDeque::new(),
            newest_step: step_of(at),
            lags: VecDeque::new(),
            backlog: IngestBacklog::default(),
            slowed: None,
            rejects: Vec::new(),
            sources: Vec::new(),
            other_sources: 0,
        }
    }

    pub(super) fn last_at(&self) -> Timestamp {
        self.last_at
    }

    pub(super) fn record(&mut self, received: &Received<'_>) {
        let rejected = received.rejects.total();
        self.accepted += received.accepted;
        self.rejected += rejected;
        self.bytes += received.bytes;
        self.last_at = received.at;
        if let Some(step) = self.step_at(received.at) {
            step.accepted = add_small(step.accepted, received.accepted);
            step.rejected = add_small(step.rejected, rejected);
        }
        self.record_rejects(received);
        self.record_source(received, rejected);
    }

    pub(super) fn seen(&mut self, lag_ms: u64, at: Timestamp) {
        if self.lags.len() == MAX_LAGS {
            self.lags.pop_front();
        }
        let lag_ms = u32::try_from(lag_ms).unwrap_or(u32::MAX);
        self.lags.push_back((at, lag_ms));
    }

    pub(super) fn slowed(&mut self, at: Timestamp) {
        let times = self.slowed.map_or(0, |(_, times)| times);
        self.slowed = Some((at, times + 1));
        self.last_at = at;
    }

    pub(super) fn waiting(&mut self, backlog: IngestBacklog) {
        self.backlog = backlog;
    }

    pub(super) fn backlog(&self) -> IngestBacklog {
        self.backlog
    }

    pub(super) fn show(
        &self,
        application_id: ApplicationId,
        application: String,
        now: Timestamp,
    ) -> IngestApplication {
        let steps = self.steps_until(step_of(now).max(self.newest_step));
        let whole = steps.iter().rev().skip(1).take(RATE_STEPS);
        let recent: u64 = whole.map(|step| u64::from(step.accepted)).sum();
        let mut rejects: Vec<_> = self.rejects.iter().map(|(_, it)| it.clone()).collect();
        rejects.sort_by_key(|it| std::cmp::Reverse(it.count));
        let mut sources = self.sources.clone();
        sources.sort_by_key(|it| std::cmp::Reverse(it.last_at));
        IngestApplication {
            application_id,
            application,
            accepted: self.accepted,
            rejected: self.rejected,
            bytes: self.bytes,
            last_at: self.last_at,
            per_second: recent as f64 / (RATE_STEPS as f64 * f64::from(STEP_S)),
            steps,
            lag: self.lag(now),
            backlog: self.backlog,
            slowed: self.slowed.map(|(last_at, times)| IngestSlowed {
                last_at,
                times,
                now: now.since(last_at) < SLOWED_MS,
            }),
            rejects,
            sources,
            other_sources: self.other_sources,
        }
    }

    /// The step of a moment; `None` if it is not kept any more. A clock that was set back by more
    /// than is kept begins anew.
    fn step_at(&mut self, at: Timestamp) -> Option<&mut IngestStep> {
        let step = step_of(at);
        let ahead = step - self.newest_step;
        if self.steps.is_empty() || ahead.unsigned_abs() >= STEPS as u64 {
            self.steps.clear();
            self.steps.push_back(IngestStep::default());
            self.newest_step = step;
        } else {
            for _ in 0..ahead {
                if self.steps.len() == STEPS {
                    self.steps.pop_front();
                }
                self.steps.push_back(IngestStep::default());
                self.newest_step += 1;
            }
        }
        let behind = usize::try_from(self.newest_step - step).ok()?;
        let index = self.steps.len().checked_sub(behind + 1)?;
        self.steps.get_mut(index)
    }

    /// All that are kept as seen at step `last`.
    fn steps_until(&self, last: i64) -> Vec<IngestStep> {
        let first = last - STEPS as i64 + 1;
        let oldest = self.newest_step - self.steps.len() as i64 + 1;
        let known = |step: i64| {
            let index = usize::try_from(step - oldest).ok()?;
            self.steps.get(index).copied()
        };
        (first..=last)
            .map(|step| known(step).unwrap_or_default())
            .collect()
    }

    fn lag(&self, now: Timestamp) -> Option<IngestLag> {
        let recent = self.lags.iter().filter(|(at, _)| now.since(*at) < LAG_MS);
        let mut lags: Vec<u32> = recent.map(|(_, lag_ms)| *lag_ms).collect();
        lags.sort_unstable();
        let last = lags.len().checked_sub(1)?;
        let at = |percent: usize| lags[(lags.len() * percent / 100).min(last)];
        Some(IngestLag {
            median_ms: at(50),
            p99_ms: at(99),
        })
    }

    fn record_rejects(&mut self, received: &Received<'_>) {
        for (reason, count, example) in received.rejects.by_reason() {
            let known = self.rejects.iter_mut().find(|(it, _)| *it == reason);
            let reject = match known {
                Some((_, reject)) => reject,
                None => {
                    let reject = IngestReject {
                        reason: reason.as_str().to_owned(),
                        label: reason.to_string(),
                        count: 0,
                        last_at: received.at,
                        example: String::new(),
                    };
                    self.rejects.push((reason, reject));
                    let (_, reject) = self.rejects.last_mut().expect("one was just added");
                    reject
                }
            };
            reject.count += count;
            reject.last_at = received.at;
            reject.example = without_secrets(example);
        }
    }

    fn record_source(&mut self, received: &Received<'_>, rejected: u64) {
        let address = received.address.map(|it| it.to_canonical().to_string());
        let (sender, format) = (bounded(received.sender), bounded(received.format));
        // Who asked whether it may send has not said yet what it sends.
        let has_asked_only = received.accepted + rejected == 0;
        let is_it = |known: &IngestSource| {
            let is_of_format =
                has_asked_only || known.accepted + known.rejected == 0 || known.format == format;
            known.sender == sender && known.address == address && is_of_format
        };
        let index = match self.sources.iter().position(is_it) {
            Some(index) => index,
            None => {
                if self.sources.len() == MAX_SOURCES {
                    let oldest = self.sources.iter().enumerate();
                    let oldest = oldest.min_by_key(|(_, known)| known.last_at);
                    self.sources.swap_remove(oldest.map_or(0, |(at, _)| at));
                    self.other_sources += 1;
                }
                self.sources.push(IngestSource {
                    sender,
                    address,
                    format: String::new(),
                    accepted: 0,
                    rejected: 0,
                    bytes: 0,
                    first_at: received.at,
                    last_at: received.at,
                });
                self.sources.len() - 1
            }
        };
        let source = &mut self.sources[index];
        if source.accepted + source.rejected == 0 {
            source.format = format;
        }
        source.accepted += received.accepted;
        source.rejected += rejected;
        source.bytes += received.bytes;
        source.last_at = received.at;
    }
}

fn step_of(at: Timestamp) -> i64 {
    at.0.div_euclid(STEP_MS)
}

fn add_small(sum: u32, more: u64) -> u32 {
    sum.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
}

fn bounded(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}
