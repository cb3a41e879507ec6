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

/// Rows that are held back for what may be older, at most: what is held back is judged with every
/// preview.
const HELD_ROWS: usize = 65_536;

/// How long they are waited for now.
#[derive(Debug)]
pub(super) struct Lateness {
    /// How much older than the newest request one may be.
    ms: i64,
    /// When requests came too late last, or were last not.
    late_at: Timestamp,
    /// The newest moment that was known with each batch whose rows are not all judged, and how
    /// many it had.
    held: VecDeque<(i64, usize)>,
}

impl Lateness {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            ms: LATENESS_MS,
            late_at: now,
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
            self.held
                .extend(newest.map(|newest| (newest, batch.requests.len())));
        }
        let mut watermark = newest.unwrap_or(now.0) - self.ms;
        // Where very much comes, less time is waited for more.
        let mut held: usize = self.held.iter().map(|(_, rows)| rows).sum();
        while let Some(&(at, rows)) = self.held.front()
            && (at < watermark || held > HELD_ROWS && self.held.len() > 1)
        {
            watermark = watermark.max(at);
            held -= rows;
            self.held.pop_front();
        }
        Timestamp(watermark)
    }

    /// Waits longer from now on if `late` of `batches` came too late.
    pub(super) fn learn(&mut self, late: u64, batches: &[Arc<Batch>], now: Timestamp) {
        let times = batches.iter().flat_map(|batch| &batch.requests);
        let oldest = times.map(|request| request.at).min();
        if let Some(oldest) = oldest.filter(|_| late > 0) {
            let missed = now.0 - oldest;
            self.ms = (missed + missed / 4).clamp(self.ms, MAX_LATENESS_MS);
            self.late_at = now;
        } else if now.since(self.late_at) > RELAX_MS {
            self.ms = (self.ms / 2).max(LATENESS_MS);
            self.late_at = now;
        }
    }
}
