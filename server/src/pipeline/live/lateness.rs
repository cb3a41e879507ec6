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

/// Rows that are held back for what may be older, at most.
const HELD_ROWS: usize = 65_536;

/// The same in a flood, in which those are of less than a second: they would show too late.
const FLOOD_ROWS: usize = 16_384;

/// Either is doubled each time that some came too late all the same, up to this.
const MOST_ROWS: usize = 262_144;

/// Where more rows are held back, all of the last moment, they are not worth to be judged twice.
const MANY_ROWS: usize = 16_384;

/// That moment, in milliseconds.
const MOMENT_MS: i64 = 1_000;

/// How long they are waited for now.
#[derive(Debug)]
pub(super) struct Lateness {
    /// How much older than the newest request one may be.
    ms: i64,
    /// When requests came too late last, or were last not.
    late_at: Timestamp,
    /// How often the rows that are held back at most were doubled.
    doubled: u32,
    /// Since when rows are counted, how many came since, and how many in a second before.
    counted: (Timestamp, usize),
    per_second: f64,
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
            doubled: 0,
            counted: (now, 0),
            per_second: 0.0,
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
        self.count(batches, now);
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
        let most = self.most();
        let mut held: usize = self.held.iter().map(|it| it.rows).sum();
        while let Some(first) = self.held.front()
            && (first.newest < watermark || held > most && self.held.len() > 1)
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
        let first = self.held.front();
        rows > MANY_ROWS && first.is_some_and(|first| now.since(first.came_at) < MOMENT_MS)
    }

    /// How many rows are held back at most.
    fn most(&self) -> usize {
        let is_flood = self.per_second >= HELD_ROWS as f64;
        let most = if is_flood { FLOOD_ROWS } else { HELD_ROWS };
        (most << self.doubled).min(MOST_ROWS)
    }

    fn count(&mut self, batches: &[Arc<Batch>], now: Timestamp) {
        let (since, counted) = &mut self.counted;
        *counted += batches
            .iter()
            .map(|batch| batch.requests.len())
            .sum::<usize>();
        let took = now.since(*since);
        if took >= MOMENT_MS {
            self.per_second = *counted as f64 * 1_000.0 / took as f64;
            self.counted = (now, 0);
        }
    }

    /// Waits longer from now on if `late` of `batches` came too late.
    pub(super) fn learn(&mut self, late: u64, batches: &[Arc<Batch>], now: Timestamp) {
        let times = batches.iter().flat_map(|batch| &batch.requests);
        let oldest = times.map(|request| request.at).min();
        if let Some(oldest) = oldest.filter(|_| late > 0) {
            let missed = now.0 - oldest;
            self.ms = (missed + missed / 4).clamp(self.ms, MAX_LATENESS_MS);
            self.doubled = (self.doubled + 1).min((MOST_ROWS / FLOOD_ROWS).ilog2());
            self.late_at = now;
        } else if now.since(self.late_at) > RELAX_MS {
            self.ms = (self.ms / 2).max(LATENESS_MS);
            self.doubled = self.doubled.saturating_sub(1);
            self.late_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::Request;

    use super::*;

    /// So many batches of 1,000 requests, all of `at`.
    fn batches(count: usize, at: Timestamp) -> Vec<Arc<Batch>> {
        let request = Request {
            at: at.0,
            ..Request::default()
        };
        let batch = Batch {
            requests: vec![request; 1_000],
            ..Batch::default()
        };
        std::iter::repeat_n(Arc::new(batch), count).collect()
    }

    /// How old the oldest moment is that is waited for, in milliseconds, after ten seconds with so
    /// many batches every tenth of a second, of which some came too late `late` times.
    fn waits(per_step: usize, late: u32) -> i64 {
        let mut now = Timestamp(1_772_600_000_000);
        let mut lateness = Lateness::new(now);
        for _ in 0..late {
            lateness.learn(1, &batches(1, now), now);
        }
        let mut waited = 0;
        for _ in 0..100 {
            now = now.plus(100);
            waited = now.since(lateness.watermark(&batches(per_step, now), now));
        }
        waited
    }

    #[test]
    fn a_minute_is_waited_for_where_little_comes_and_less_where_much_does() {
        assert_eq!(waits(0, 0), LATENESS_MS);
        assert_eq!(waits(1, 0), 6_500);
        // A flood: what is held back is of a moment.
        assert_eq!(waits(10, 0), 100);
    }

    #[test]
    fn more_is_held_back_once_some_came_too_late_up_to_a_bound() {
        assert_eq!(waits(10, 1), 300);
        assert_eq!(waits(10, 2), 600);
        assert_eq!(waits(10, 100), 2_600);
        assert_eq!(waits(5, 100), 5_200);
    }
}
