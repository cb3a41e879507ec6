//! The segment that grows with every commit, and the judge that has seen all of it: what new
//! requests come to, as one commit. Not when, and not whether it is stored; nor the encoding of
//! what takes a while, for which nobody waits who judges.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::attribute::{are_keys_resolved, resolve_keys};
use engine::{Batch, Effects};
use shared::Timestamp;

use super::lateness::{LATENESS_MS, Lateness};
use crate::pipeline::encode::sort_by_client;
use crate::pipeline::judge::{Judge, SnapshotPace, Told};
use crate::store::{ApplicationState, Commit, EncodedSegment};

/// Rows at which a growing segment is closed. Larger ones take less room; every commit writes
/// the whole segment again.
pub(super) const OPEN_ROWS: usize = 1_024;

/// Rows of a segment, at most.
pub(super) const SEGMENT_ROWS: usize = 16_384;

/// The least time until the engine's state is kept again.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(1);

/// What is known of the application; true only as long as nobody else writes into it.
pub(super) struct Growing {
    pub(super) known: ApplicationState,
    pub(super) judge: Judge,
    /// The segment that grows.
    open: Arc<Batch>,
    number: u64,
    snapshots: SnapshotPace,
    judged_until: Timestamp,
    pub(super) lateness: Lateness,
    /// How far which log is committed.
    pub(super) committed: Option<(u64, u64)>,
}

/// A segment with rows that are not stored, and which takes a while to encode.
pub(super) struct Grown {
    number: u64,
    batch: Arc<Batch>,
    /// How many of its rows are.
    before: usize,
}

impl Grown {
    pub(super) fn encode(&self) -> EncodedSegment {
        EncodedSegment::grown(self.number, &self.batch, self.before)
    }
}

impl Growing {
    /// What `judge` knows of the application as the last commit left it.
    pub(super) fn new(known: ApplicationState, judge: Judge, now: Timestamp) -> Self {
        Self {
            judge,
            open: Arc::new(new_batch(1)),
            number: known.next_segment,
            snapshots: SnapshotPace::new(SNAPSHOT_PAUSE),
            judged_until: known.judged_until.unwrap_or(Timestamp(i64::MIN / 2)),
            lateness: Lateness::new(now),
            committed: None,
            known,
        }
    }

    /// Whether there is nothing to do at `now` if nothing came.
    pub(super) fn is_idle(&self, told: &Told, now: Timestamp) -> bool {
        let waited_for = now.plus(-self.lateness.ms());
        self.judge.knows(told) && waited_for < self.judged_until.plus(LATENESS_MS)
    }

    /// Whether it says of the application what the store says.
    pub(super) fn is_of(&self, found: &ApplicationState) -> bool {
        self.known.judgement == found.judgement
            && self.known.position == found.position
            && self.known.late == found.late
    }

    /// Judges `batches` and puts together what is committed, but for what is to be encoded.
    pub(super) fn take_in(
        &mut self,
        batches: &[Arc<Batch>],
        told: &Told,
        now: Timestamp,
    ) -> (Commit, Vec<Grown>) {
        let logged = self.tell_of(told);
        let position = self.known.position.unwrap_or(self.number);
        let mut commit = Commit::new(self.known.judgement, position);
        commit.segments.extend(logged);
        let mut grown = Vec::new();
        // How many rows of the open segment are stored.
        let mut before = self.open.requests.len();
        for batch in batches {
            if batch.resolution_ms != self.open.resolution_ms {
                grown.extend(self.end_rows(&mut before));
                self.close();
                before = 0;
                self.open = Arc::new(new_batch(batch.resolution_ms));
            }
            let mut rows = 0..0;
            while rows.end < batch.requests.len() {
                let room = SEGMENT_ROWS.saturating_sub(self.open.requests.len());
                rows = rows.end..(rows.end + room).min(batch.requests.len());
                Arc::make_mut(&mut self.open).append_rows(batch, rows.clone());
                if self.open.requests.len() >= SEGMENT_ROWS {
                    grown.extend(self.end_rows(&mut before));
                    self.close();
                    before = 0;
                }
            }
        }
        grown.extend(self.end_rows(&mut before));
        commit.position = self.known.position.unwrap_or(position);
        let judged_until = self.lateness.watermark(batches, now).max(self.judged_until);
        self.judge.advance(judged_until.0);
        self.judged_until = judged_until;
        self.judge.tell_sessions();
        commit.judged_until = Some(judged_until);
        commit.effects = self.judge.take_effects();
        self.lateness.learn(commit.effects.late, batches, now);
        self.known.late += commit.effects.late;
        let is_kept = self.snapshots.is_due();
        if self.open.requests.len() >= OPEN_ROWS || is_kept {
            self.close();
        }
        if is_kept {
            let started = Instant::now();
            commit.snapshot = Some(self.judge.snapshot(commit.position));
            self.snapshots.kept(started.elapsed());
        }
        (commit, grown)
    }

    /// What would follow if nothing more came until `now`, and up to which moment what came is in
    /// that.
    pub(super) fn preview(&self, now: Timestamp) -> (Effects, Timestamp) {
        if self.lateness.leaves_out(self.judge.held_back(), now) {
            let until = Timestamp(self.judge.judged_until());
            return (self.judge.preview_judged(), until);
        }
        (self.judge.preview(now), Timestamp(i64::MAX))
    }

    /// Judges the rows of the open segment that are new since `before`, if there are any.
    fn end_rows(&mut self, before: &mut usize) -> Option<Grown> {
        let rows = self.open.requests.len();
        if rows == *before {
            return None;
        }
        if *before == 0 && rows >= OPEN_ROWS {
            // Closed at once, so in the order that takes the least room.
            let open = Arc::make_mut(&mut self.open);
            open.requests = sort_by_client(&open.requests);
        }
        let first_row = u32::try_from(*before).expect("a segment has some thousand rows");
        let judged = self.judged(&self.open);
        self.judge.take_in(self.number, first_row, judged);
        self.known.position = Some(self.number);
        Some(Grown {
            number: self.number,
            batch: Arc::clone(&self.open),
            before: std::mem::replace(before, rows),
        })
    }

    /// The batch as the judge takes it, its keys as the shown judgement has them.
    fn judged(&self, open: &Arc<Batch>) -> Arc<Batch> {
        let settings = &self.known.judged_by;
        if are_keys_resolved(settings, open) {
            return Arc::clone(open);
        }
        let mut judged = Batch::clone(open);
        resolve_keys(settings, &mut judged);
        Arc::new(judged)
    }

    /// What it is told comes between two segments: the one that grew ends.
    fn tell_of(&mut self, told: &Told) -> Vec<EncodedSegment> {
        let number = self.number + u64::from(!self.open.requests.is_empty());
        let logged = self.judge.tell_of(number, told);
        if let Some(last) = logged.last() {
            self.open = Arc::new(new_batch(self.open.resolution_ms));
            self.known.position = Some(last.number);
            self.number = last.number + 1;
        }
        logged
    }

    /// Ends the segment that grew, if there is one; the next request begins another.
    fn close(&mut self) {
        if self.open.requests.is_empty() {
            return;
        }
        self.open = Arc::new(new_batch(self.open.resolution_ms));
        self.snapshots.judged(1);
        self.number += 1;
    }
}

pub(super) fn new_batch(resolution_ms: u32) -> Batch {
    Batch {
        resolution_ms,
        ..Batch::default()
    }
}
