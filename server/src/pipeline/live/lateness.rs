//! How long requests are waited for that are older than others: longer where some came too late,
//! but not for ever, and less where very much comes. Not what is done with those that came too
//! late all the same.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::Batch;
use shared::Timestamp;

/// How much older than the newest request one may be and still be judged in its place, at first.
pub(super) const LATENESS_MS: i64 = Timestamp::MINUTE;

/// The same once some came later: logs that are delivered in parts, or two servers of which one is
/// behind.
const MAX_LATENESS_MS: i64 = 30 * Timestamp::MINUTE;

/// After how long without late requests less is waited again.
const RELAX_MS: i64 = Timestamp::HOUR;

/// How long nothing has to come too late until all is judged again for what did.
const AGAIN_AFTER_MS: i64 = 5 * Timestamp::MINUTE;

/// Rows that are held back for what may be older: so many at first, and at most, once some came too
/// late all the same.
const HELD_ROWS: (usize, usize) = (16_384, 1_048_576);

/// Where more rows than the first are held back, all of the last moment, they are not worth to be
/// judged twice; nor are more than the second while more come.
const MANY_ROWS: (usize, usize) = (16_384, 131_072);

/// That moment, in milliseconds.
const MOMENT_MS: i64 = 1_000;

/// How long they are waited for now.
#[derive(Debug)]
pub(super) struct Lateness {
    /// How much older than the newest request one may be.
    ms: i64,
    /// When requests came too late last, or were last not.
    late_at: Timestamp,
    /// How many rows are held back at most.
    most: usize,
    /// The batches whose rows are not all judged.
    held: VecDeque<Held>,
}

#[derive(Debug)]
struct Held {
    /// The newest moment that was known with it.
    newest: i64,
    rows: usize,
    came_at: Timestamp,
}

impl Lateness {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            ms: LATENESS_MS,
            late_at: now,
            most: HELD_ROWS.0,
            held: VecDeque::new(),
        }
    }

    /// How much older than the newest request one may be, in milliseconds.
    pub(super) fn ms(&self) -> i64 {
        self.ms
    }

    /// Whether nothing came too late for a while.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.late_at) >= AGAIN_AFTER_MS
    }

    /// Before which moment nothing more is waited for.
    pub(super) fn watermark(&mut self, batches: &[Arc<Batch>], now: Timestamp) -> Timestamp {
        // Requests say how late it is, but for those from a clock that is ahead; when none come,
        // the clock here does.
        let mut newest = None;
        for batch in batches {
            let times = batch.requests.iter().map(|request| request.at.min(now.0));
            newest = newest.max(times.max());
            self.held.extend(newest.map(|newest| Held {
                newest,
                rows: batch.requests.len(),
                came_at: now,
            }));
        }
        let mut watermark = newest.unwrap_or(now.0) - self.ms;
        // Where very much comes, less time is waited for more.
        let mut held: usize = self.held.iter().map(|it| it.rows).sum();
        while let Some(first) = self.held.front()
            && (first.newest < watermark || held > self.most && self.held.len() > 1)
        {
            watermark = watermark.max(first.newest);
            held -= first.rows;
            self.held.pop_front();
        }
        Timestamp(watermark)
    }

    /// Whether a preview does without the `rows` that are held back: they are very many, and judged
    /// in a moment.
    pub(super) fn leaves_out(&self, rows: usize, now: Timestamp) -> bool {
        let is_new = |held: Option<&Held>| held.is_some_and(|it| now.since(it.came_at) < MOMENT_MS);
        rows > MANY_ROWS.0 && is_new(self.held.front())
            || rows > MANY_ROWS.1 && is_new(self.held.back())
    }

    /// Waits longer from now on if `late` of `batches` came too late.
    pub(super) fn learn(&mut self, late: u64, batches: &[Arc<Batch>], now: Timestamp) {
        let times = batches.iter().flat_map(|batch| &batch.requests);
        let oldest = times.map(|request| request.at).min();
        if let Some(oldest) = oldest.filter(|_| late > 0) {
            let missed = now.0 - oldest;
            self.ms = (missed + missed / 4).clamp(self.ms, MAX_LATENESS_MS);
            self.most = (self.most * 2).min(HELD_ROWS.1);
            self.late_at = now;
        } else if now.since(self.late_at) > RELAX_MS {
            self.ms = (self.ms / 2).max(LATENESS_MS);
            self.most = (self.most / 2).max(HELD_ROWS.0);
            self.late_at = now;
        }
    }
}
