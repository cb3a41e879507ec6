//! The stages of an import and what joins them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use engine::attribute::Attribution;
use shared::{KeySource, Timestamp};
use tokio::sync::mpsc;

use super::encode::{Checkpoint, Encoded, Encoder, Part};
use super::judge::{Judge, SnapshotPace, Told};
use super::rejudge::{conclude, judge_again};
use super::{Meter, Options, PipelineError, Summary, fill_commit};
use crate::ingest::decode::{FieldMap, MAX_KEPT};
use crate::ingest::import::{Decoded, Outcome, decode_source};
use crate::ingest::normalize::Protection;
use crate::ingest::source::{Known, Mark, Source};
use crate::store::{
    ApplicationState, Commit, EncodedSegment, JudgementKey, SourceProgress, StoreError, TenantStore,
};

/// The least time until the engine's state is kept again.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(30);

/// Batches that may wait between two stages: more would only take memory, the slowest stage says
/// how long it takes.
const WAITING: usize = 1;

type Decoding = JoinHandle<Result<Vec<(String, Outcome)>, PipelineError>>;

/// Imports what is new in `sources`, in this order, into the application called `application`.
///
/// # Errors
/// If a source vanishes or the store fails. What was committed until then stays, of a source that
/// vanished as if nothing more had come; importing again goes on from there.
pub async fn import(
    tenant: &TenantStore,
    application: &str,
    sources: Vec<Source>,
    options: &Options,
    meter: &Arc<Meter>,
) -> Result<Summary, PipelineError> {
    let state = tenant.find_or_create_application(application).await?;
    // What an interrupted import may have left.
    while tenant.remove_old_judgements(state.judgement).await? {}
    tenant.remove_unfinished_snapshots(state.judgement).await?;
    let known = known_sources(&tenant.list_sources(state.id).await?);
    let told = Told::find(tenant, state.id, options.now).await?;
    let mut judge = if state.is_due_again() {
        None
    } else {
        Judge::restore(tenant, &state).await?
    };
    let kept: Vec<KeySource> = sources
        .iter()
        .flat_map(|source| source.sample.kept.clone())
        .collect();
    let (fields, _) = keep_sources(tenant, &state, &kept, &options.fields).await?;
    let logged = judge
        .as_mut()
        .map(|judge| judge.tell_of(state.next_segment, &told));
    let logged = logged.unwrap_or_default();
    let (decoded, parts) = sync_channel(WAITING);
    let (encoded, segments) = sync_channel(WAITING);
    let (committed, mut commits) = mpsc::channel(1);
    let decoding = spawn_decoding(
        sources,
        known,
        fields,
        options.protection.clone(),
        meter,
        decoded,
    );
    let encoder = Encoder {
        next: state.next_segment + logged.len() as u64,
        settings: state.settings.clone(),
        attribution: Attribution::default(),
    };
    let encoding = thread::spawn(move || encode_all(encoder, parts, encoded));
    let mut stage = JudgeStage::new(judge, state.judgement, state.position, options.now);
    stage.log(logged);
    let judging = thread::spawn(move || stage.run(segments, committed));
    let mut result = Ok(());
    while let Some(commit) = commits.recv().await {
        result = tenant.commit(commit).await.map(|_| ());
        if result.is_err() {
            break;
        }
    }
    // A stage whose successor is gone stops by itself.
    drop(commits);
    let outcomes = finish(decoding);
    finish(encoding);
    let is_due_again = finish(judging);
    result?;
    let sources = outcomes?;
    if is_due_again {
        judge_again(tenant, application, options.now, meter, &|| false).await?;
    }
    Ok(Summary {
        sources,
        judged_again: is_due_again,
    })
}

/// The fields with those kept that the settings name or that may name sessions, users and
/// roles, and these. What was kept once is kept from then on, as far as there is room.
pub(super) async fn keep_sources(
    tenant: &TenantStore,
    state: &ApplicationState,
    found: &[KeySource],
    fields: &FieldMap,
) -> Result<(FieldMap, Vec<KeySource>), StoreError> {
    let mut kept = state.kept.clone();
    for source in found {
        if kept.len() < MAX_KEPT && !kept.contains(source) {
            kept.push(source.clone());
        }
    }
    if kept != state.kept {
        tenant.set_kept_sources(state.judgement, &kept).await?;
    }
    let named = state
        .settings
        .lists()
        .into_iter()
        .flat_map(|(_, list)| list);
    let all: Vec<KeySource> = kept.iter().chain(named).cloned().collect();
    Ok((fields.clone().keeping(&all), kept))
}

fn known_sources(stored: &[SourceProgress]) -> Known {
    let mut known = Known::default();
    for source in stored {
        let mark = Mark {
            bytes: source.prefix_bytes,
            fingerprint: source.fingerprint,
        };
        known.add(mark, source.bytes == source.prefix_bytes);
    }
    known
}

/// What a stage ended with; a panic in it goes on here.
fn finish<T>(stage: JoinHandle<T>) -> T {
    stage
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn spawn_decoding(
    sources: Vec<Source>,
    mut known: Known,
    fields: FieldMap,
    by: Protection,
    meter: &Arc<Meter>,
    decoded: SyncSender<Part>,
) -> Decoding {
    let meter = meter.clone();
    thread::spawn(move || {
        let mut outcomes = Vec::new();
        for (index, mut source) in sources.into_iter().enumerate() {
            let name: Arc<str> = source.name.as_str().into();
            let is_known = known.has(source.mark);
            let mut marks = Vec::new();
            let sink = |part: Decoded| {
                marks.push((part.begin, part.end));
                meter.add_requests(part.batch.requests.len());
                let part = Part {
                    index,
                    name: name.clone(),
                    is_known,
                    decoded: part,
                };
                decoded.send(part).is_ok()
            };
            let outcome =
                decode_source(&mut source, &known, &fields, &by, sink).map_err(|error| {
                    PipelineError::Source {
                        name: source.name.clone(),
                        source: error,
                    }
                })?;
            // The same file named twice in one command.
            for (begin, end) in marks {
                known.add(begin, false);
                known.add(end, true);
            }
            outcomes.push((source.name, outcome));
        }
        Ok(outcomes)
    })
}

fn encode_all(mut encoder: Encoder, parts: Receiver<Part>, encoded: SyncSender<Encoded>) {
    for part in parts {
        if encoded.send(encoder.encode(part)).is_err() {
            return;
        }
    }
}

/// Judges segments and puts together what is committed at once.
struct JudgeStage {
    /// `None` once requests came too late: all is judged again at the end.
    judge: Option<Judge>,
    judgement: JudgementKey,
    /// The last segment so far.
    position: Option<u64>,
    snapshots: SnapshotPace,
    next: Commit,
    sources: Vec<Checkpoint>,
    /// What would follow until then is said in the end.
    now: Timestamp,
}

impl JudgeStage {
    fn new(
        judge: Option<Judge>,
        judgement: JudgementKey,
        position: Option<u64>,
        now: Timestamp,
    ) -> Self {
        Self {
            now,
            judge,
            judgement,
            position,
            snapshots: SnapshotPace::new(SNAPSHOT_PAUSE),
            next: Commit::new(judgement, 0),
            sources: Vec::new(),
        }
    }

    /// Stores what the judge was told before the first segment.
    fn log(&mut self, logged: Vec<EncodedSegment>) {
        if let Some(last) = logged.last() {
            self.position = Some(last.number);
        }
        self.next.segments.extend(logged);
    }

    /// Returns whether all is to be judged again: there are requests, and not each was judged in
    /// its time.
    fn run(mut self, segments: Receiver<Encoded>, committed: mpsc::Sender<Commit>) -> bool {
        for encoded in segments {
            self.add(encoded);
            let segments = &self.next.segments;
            let rows = segments.iter().map(|segment| segment.rows as usize);
            if fill_commit(segments.len(), rows.sum()) {
                self.send(&committed);
            }
            if committed.is_closed() {
                break;
            }
        }
        self.send(&committed);
        match (self.judge, self.position) {
            (Some(judge), Some(position)) if !committed.is_closed() => {
                let mut last = Commit::new(self.judgement, position);
                conclude(&judge, &mut last, self.now);
                _ = committed.blocking_send(last);
                false
            }
            (None, Some(_)) => true,
            _ => false,
        }
    }

    /// Sends what came since the last one to be committed. Nobody takes it once a commit failed.
    fn send(&mut self, committed: &mpsc::Sender<Commit>) {
        if let Some(commit) = self.take_commit() {
            _ = committed.blocking_send(commit);
        }
    }

    fn add(&mut self, encoded: Encoded) {
        if let Some((segment, attributed)) = encoded.segment {
            self.position = Some(segment.number);
            if let Some(judge) = &mut self.judge {
                judge.apply_attributed(attributed);
            }
            self.next.segments.push(segment);
        }
        // Of each source only how far it was read last.
        match self.sources.last_mut() {
            Some(last) if last.index == encoded.source.index => last.end = encoded.source.end,
            _ => self.sources.push(encoded.source),
        }
    }

    /// What came since the last one; `None` if nothing did.
    fn take_commit(&mut self) -> Option<Commit> {
        let position = self.position?;
        if self.next.segments.is_empty() && self.sources.is_empty() {
            return None;
        }
        let mut commit = std::mem::replace(&mut self.next, Commit::new(self.judgement, position));
        commit.position = position;
        commit.sources = merge(std::mem::take(&mut self.sources));
        if let Some(judge) = &mut self.judge {
            let is_late = judge.late() > 0;
            commit.effects = judge.take_effects();
            self.snapshots.judged(commit.segments.len() as u64);
            if is_late {
                self.judge = None;
            } else if self.snapshots.is_due() {
                let started = Instant::now();
                commit.snapshot = Some(judge.snapshot(position));
                self.snapshots.kept(started.elapsed());
            }
        }
        Some(commit)
    }
}

/// Each beginning of a source once. One that was imported whole says more than one that was
/// not.
fn merge(checkpoints: Vec<Checkpoint>) -> Vec<SourceProgress> {
    let mut merged: Vec<SourceProgress> = Vec::new();
    let all = checkpoints
        .into_iter()
        .flat_map(|checkpoint| checkpoint.begin.into_iter().chain([checkpoint.end]));
    for source in all {
        let same = merged.iter_mut().find(|known| {
            known.fingerprint == source.fingerprint && known.prefix_bytes == source.prefix_bytes
        });
        match same {
            Some(known) if known.bytes < source.bytes => *known = source,
            Some(_) => {}
            None => merged.push(source),
        }
    }
    merged
}
